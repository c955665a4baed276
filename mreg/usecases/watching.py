"""`mreg watch`: a command that is run whenever a reference picks another version."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mreg.adapters.files import disk_errors
from mreg.adapters.views.patience import patience
from mreg.adapters.watchstate import Done, Watched, watch_state
from mreg.core.events import PRODUCTION
from mreg.core.policy import YankedVersion, check_usable
from mreg.core.refs import Ref, UnknownModel, UnknownRef, parse_ref
from mreg.errors import MregError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mreg.adapters.shell import Shell
    from mreg.adapters.watchstate import WatchState
    from mreg.core.fold import VersionState
    from mreg.usecases.workspace import Workspace

SHORTEST, LONGEST = 0.1, 86400.0
"""Seconds between two looks."""

_MOST_PATIENCE = 16
"""How many intervals lie between two looks at most, while they fail."""


_LONGEST_LOOK = 600.0
"""Seconds until a look is given up: not every server that says nothing makes git fail."""

_RUN_AGAIN = re.compile(r"(?:^|, then |; )run the (?:same )?command again.*")


class BadInterval(UsageError):
    """The time between two looks is none that can be waited."""

    def __init__(self, *, seconds: float) -> None:
        super().__init__(f"cannot look every {seconds:g} s")
        self.seconds = seconds
        self.hint = f"from {SHORTEST:g} to {LONGEST:.0f} seconds"


class NoCommand(UsageError):
    """There is nothing to run."""

    hint = "say what is to be run: --exec 'systemctl reload churn'"

    def __init__(self) -> None:
        super().__init__("the command to run is empty")


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRun:
    """One run of the command.

    Attributes:
        time: When it began.
        selector: The stage, or what else picked the version.
        ref: The version, as `churn@v1.2.0`.
        previous: The version that the command succeeded for last; None where there is none.
        tag: The tag that registered the version.
        exit_code: The command's; 128 and the signal's number where a signal ended it.
    """

    time: datetime
    model: str
    selector: str
    ref: str
    version: str
    previous: str | None
    tag: str
    commit: str
    exit_code: int


@dataclass(frozen=True, slots=True)
class WatchRemark:
    """Something to know that is no run: `text`, and what to do about it."""

    text: str
    hint: str = ""


def watched_ref(text: str) -> Ref:
    """The reference to watch; a model alone is its production version.

    Raises:
        InvalidRef, InvalidName: The text is no reference.
    """
    ref = parse_ref(text)
    return Ref(ref.model, ref.selector or PRODUCTION)


def watch(
    look: Callable[[str], Workspace],
    repository: str,
    text: str,
    command: str,
    *,
    interval: float,
    shell: Shell,
    longest: float = _LONGEST_LOOK,
) -> Iterator[WatchRun | WatchRemark]:
    """Run a command for the version that a reference picks now, and then whenever it picks another one.

    What was run is kept across restarts, for each folder that the command runs in, and only once the command succeeded:
    killed in between, or failed, it is run again, with what is newest then. Where the reference picks nothing, nothing
    is run. A look that fails is told once for each kind of failure, and is repeated after an interval that doubles up
    to sixteen times.

    Args:
        look: Opens the repository, for a reference, as it is now.
        repository: What identifies it in the kept state: its URL without credentials, or its git folder.
        text: The reference.
        command: Run by `sh -c` in the current folder; what it is told stands in its environment, as `MREG_…`.
        interval: Seconds between two looks.
        shell: What runs it.
        longest: Seconds after which a look at a repository that is elsewhere has failed.

    Returns:
        Without end, each run and each remark when it happens.

    Raises:
        BadInterval, NoCommand, InvalidRef, InvalidName: Nothing was begun.
        AlreadyWatched, DiskFailure: The state.
    """
    if not SHORTEST <= interval <= LONGEST:
        raise BadInterval(seconds=interval)
    if not command.strip():
        raise NoCommand
    ref = watched_ref(text)
    with disk_errors("run the command in", Path()):
        folder = str(Path.cwd())
    watched = Watched(repository=repository, ref=str(ref), command=command, folder=folder)
    with watch_state(watched) as state:
        watcher = _Watch(
            look=look, watched=watched, ref=ref, state=state, shell=shell, done=state.read(), longest=longest
        )
        yield from watcher.run(interval)


@dataclass(slots=True, kw_only=True)
class _Watch:
    look: Callable[[str], Workspace]
    watched: Watched
    ref: Ref
    state: WatchState
    shell: Shell
    done: Done | None
    longest: float
    begun: bool = False

    def run(self, interval: float) -> Iterator[WatchRun | WatchRemark]:
        told: set[type[Exception]] = set()
        patience = 1
        while True:
            try:
                version = self._version()
            except (UnknownModel, UnknownRef, YankedVersion) as nobody:
                patience = 1
                if told != {type(nobody)}:
                    yield WatchRemark(f"{nobody}: nothing to run for", nobody.hint)
                told = {type(nobody)}
            except (MregError, OSError) as error:
                patience = min(2 * patience, _MOST_PATIENCE)
                if type(error) not in told:
                    told.add(type(error))
                    hint = _RUN_AGAIN.sub("", getattr(error, "hint", ""))
                    yield WatchRemark(f"{error}; looking again, ever less often", hint)
            else:
                patience, told = 1, set()
                yield from self._reconcile(version)
            time.sleep(patience * interval)

    def _version(self) -> VersionState:
        with patience(self.longest, self.watched.repository):
            _, _, version = self.look(str(self.ref)).version(str(self.ref))
        check_usable(version)
        return version

    def _reconcile(self, version: VersionState) -> Iterator[WatchRun | WatchRemark]:
        now = Done(str(version.version), version.registered.oid)
        begun, self.begun = self.begun, True
        if now == self.done:
            if not begun:
                yield WatchRemark(
                    f"{self.ref.model}@v{now.version} was run for already; waiting for another version",
                    f"to run it once more, remove {self.state.file}, and start the watch again",
                )
            return
        with self.shell.undisturbed():
            run = self._run(version)
            if run.exit_code == 0:
                self.done = now
                yield from self._keep(now)
            yield run
            if run.exit_code:
                yield WatchRemark(
                    f"the command failed for {run.ref} with exit code {run.exit_code}; it will be run again"
                )

    def _run(self, version: VersionState) -> WatchRun:
        began = datetime.now(UTC)
        event, model, selector = version.registered, self.ref.model, self.ref.selector or PRODUCTION
        ref, previous = f"{model}@v{version.version}", self.done.version if self.done else None
        variables = {
            "MREG_MODEL": model,
            "MREG_STAGE": selector,
            "MREG_VERSION": str(version.version),
            "MREG_PREVIOUS": previous or "",
            "MREG_REF": ref,
            "MREG_TAG": event.tag,
            "MREG_COMMIT": event.commit,
        }
        return WatchRun(
            time=began,
            model=model,
            selector=selector,
            ref=ref,
            version=str(version.version),
            previous=previous,
            tag=event.tag,
            commit=event.commit,
            exit_code=self.shell.run(self.watched.command, variables),
        )

    def _keep(self, done: Done) -> Iterator[WatchRemark]:
        try:
            self.state.write(done)
        except MregError as error:  # the watch goes on: it knows, as long as it lives
            yield WatchRemark(f"{error}; a restart will run the command again", error.hint)

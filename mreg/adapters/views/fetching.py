"""Running git for a view: where the other repository is, whose turn it is, and what a killed process left."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mreg.adapters.git import Git, GitFailed
from mreg.adapters.git.process import Runner
from mreg.adapters.git.remote import RemoteFailed, fetch, list_refs
from mreg.adapters.git.transaction import lock_file
from mreg.adapters.views.patience import observe, time_left
from mreg.errors import MregError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mreg.adapters.views.address import Address

REMOTE = "origin"
FILES_ALONE = "dumb http transport"

# How long to wait for a git that outlived a killed mreg, in seconds, and how often to look.
_PATIENCE, _STEP = 10.0, 0.05
_PID_DIGITS = 20

STALL = 120
"""Seconds without a byte after which a connection by HTTP or SSH is given up, where the user has not said otherwise."""

# What people can configure about it themselves: per URL, too.
_OWN_LIMITS = r"^(http\..*lowspeed(limit|time)|core\.sshcommand)$"
_OWN_HTTP, _OWN_SSH = ("GIT_HTTP_LOW_SPEED_LIMIT", "GIT_HTTP_LOW_SPEED_TIME"), ("GIT_SSH_COMMAND", "GIT_SSH")


class ViewGit(Git):
    """The git of a view. Objects that the view lacks, git fetches where it needs them."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Open it.

        Raises:
            NotARepository: It is damaged.
        """
        super().__init__(folder)
        self._environment.update(environment)

    def start(self, *args: str, keep_open: Sequence[int] = (), env: Mapping[str, str] | None = None) -> Any:
        process = super().start(*args, keep_open=keep_open, env=env)
        observe(process)
        return process


def environment(address: Address, *, wanted: str, stall: int = STALL) -> dict[str, str]:
    """The configuration that git needs to reach the other repository, as variables.

    The URL is in no file, because it may contain a password, and in no argument, because `ps` shows them to everybody.

    Args:
        address: The other repository.
        wanted: A filter: what git fetches by default.
        stall: Seconds without a byte after which a connection by HTTP or SSH is given up.
    """
    limits, ssh = _limits(stall) if address.folder is None else ({}, {})
    values = {
        f"remote.{REMOTE}.url": address.url,
        f"remote.{REMOTE}.promisor": "true",
        f"remote.{REMOTE}.partialCloneFilter": wanted,
        "protocol.version": "2",  # in which a server is asked for some refs, and for any object
        **limits,
    }
    return _configured({"GIT_CONFIG_COUNT": os.environ.get("GIT_CONFIG_COUNT", ""), **ssh}, values)


def _limits(stall: int) -> tuple[dict[str, str], dict[str, str]]:
    """Configuration and variables that have git give up a server which accepts and does not answer.

    Source: git-config(1), ssh_config(5)
    """
    own = Runner(Path("/")).run("config", "--name-only", "--get-regexp", _OWN_LIMITS, allowed=range(256)).text.lower()
    limits, variables = {}, {}
    if "lowspeed" not in own and not any(name in os.environ for name in _OWN_HTTP):
        limits = {"http.lowSpeedLimit": "1", "http.lowSpeedTime": str(stall)}
    if "sshcommand" not in own and not any(name in os.environ for name in _OWN_SSH):
        alive = f"-o ServerAliveInterval={max(1, stall // 4)} -o ServerAliveCountMax=4"
        variables = {"GIT_SSH_COMMAND": f"ssh -o ConnectTimeout={stall} {alive}"}
    return limits, variables


def _configured(variables: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """The variables, with some configuration added to what they hold already."""
    first = int(variables["GIT_CONFIG_COUNT"] or 0)
    added = {"GIT_CONFIG_COUNT": str(first + len(values))}
    for number, (key, value) in enumerate(values.items(), first):
        added |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return {**variables, **added}


class Fetcher(Runner):
    """Fetches into one view, while no other process does."""

    def __init__(self, folder: Path, variables: Mapping[str, str], *, address: Address, lock: int) -> None:
        super().__init__(folder, variables)
        self._address, self._lock = address, lock

    def start(self, *args: str, keep_open: Sequence[int] = (), env: Mapping[str, str] | None = None) -> Any:
        process = super().start(*args, keep_open=keep_open, env=env)
        # Where we are killed, git goes on: whoever comes next waits for it. The lock itself is not passed on, since a
        # helper that keeps passwords would hold it for as long as it lives.
        os.pwrite(self._lock, str(process.pid).ljust(_PID_DIGITS).encode(), 0)
        observe(process)
        return process

    def only_looking(self, closed: Path) -> Fetcher:
        """The same with a store for objects that nothing can be written to."""
        return self._with({**self._environment, "GIT_OBJECT_DIRECTORY": str(closed)})

    def fetch_objects(self, oids: Sequence[str], *, folders_below: bool = False) -> None:
        """Bring objects: of a commit or folder, not what is in it.

        Args:
            oids: Which.
            folders_below: Also all folders that are in them, at any depth.

        Raises:
            RemoteFailed: As for `fetch`.
        """
        # Told which commits are here, a server believes that their files are, too.
        silent = self._with(_configured(self._environment, {"fetch.negotiationAlgorithm": "noop"}))
        silent.fetch_listed(oids, options=("--filter=blob:none" if folders_below else "--filter=tree:0",))

    def fetch_listed(self, oids: Iterable[str], *, options: Sequence[str]) -> None:
        """Bring objects, so many that they are more than a command line takes.

        Raises:
            RemoteFailed: As for `fetch`.
        """
        lean = ("fetch", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--quiet", *options, "--stdin")
        with self._naming_it():
            try:
                self.run(*lean, REMOTE, stdin="".join(f"{oid}\n" for oid in oids).encode())
            except GitFailed as error:
                raise RemoteFailed(remote=REMOTE, doing="fetch from", output=error.output) from error

    def _with(self, variables: Mapping[str, str]) -> Fetcher:
        return Fetcher(self.folder, variables, address=self._address, lock=self._lock)

    def fetch(self, *refspecs: str, options: Sequence[str]) -> None:
        """Bring what the refspecs name.

        Raises:
            RemoteFailed: It could not be done; the text names the repository as it may be shown.
        """
        with self._naming_it():
            done = fetch(self, REMOTE, refspecs, options=("--refmap=", *options), allowed=(0, 1))
            # Without a word, it is that there was nothing to fetch.
            if done.code and any(line for line in done.stderr.splitlines() if not line.startswith("warning:")):
                raise RemoteFailed(remote=REMOTE, doing="fetch from", output=done.stderr)

    def refs(self) -> dict[str, str]:
        """All refs of the other repository.

        Raises:
            RemoteFailed: As for `fetch`.
        """
        with self._naming_it():
            return list_refs(self, REMOTE)

    @contextmanager
    def _naming_it(self) -> Iterator[None]:
        try:
            yield
        except RemoteFailed as error:
            output = error.output.replace(self._address.url, self._address.shown)
            failed = RemoteFailed(remote=self._address.shown, doing=error.doing, output=output)
            failed.hint = _hint(failed)
            raise failed from error


def _hint(failed: RemoteFailed) -> str:
    """The advice for a failed fetch, for somebody who named a URL and publishes nothing."""
    if FILES_ALONE in failed.output:
        return "clone the repository: there is a web server that hands out files, and no git"
    if "Operation too slow" in failed.output or "not responding" in failed.output:  # of our own limits
        return "check the network, and that the server is up; then run the same command again"
    if "git remote -v" in failed.hint:
        return "check the repository's URL"
    return "run the same command again" if "published" in failed.hint else failed.hint


@contextmanager
def turn(folder: Path, variables: Mapping[str, str], *, address: Address, lock: Path) -> Iterator[Fetcher]:
    """Wait for the turn to fetch into a view, and mend what a killed process left there."""
    with lock_file(lock, seconds=time_left()) as descriptor:
        if left := os.pread(descriptor, _PID_DIGITS, 0).strip():
            _wait_for(int(left))
            _remove_leftovers(folder)
        try:
            yield Fetcher(folder, variables, address=address, lock=descriptor)
        except MregError:  # which git's end has told us
            os.ftruncate(descriptor, 0)
            raise
        os.ftruncate(descriptor, 0)


def _wait_for(process: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            os.kill(process, 0)
        except OSError:  # it has ended, or the number is somebody else's by now
            return
        time.sleep(_STEP)


def _remove_leftovers(folder: Path) -> None:
    """Lock files of a fetch that was killed, and what it had received so far."""
    packs = folder / "objects" / "pack"
    refs = (folder / "refs").rglob("*.lock")  # git allows no such name for a ref
    for file in (*folder.glob("*.lock"), *refs, *packs.glob("tmp_*"), *packs.glob("*.keep")):
        with suppress(OSError):
            file.unlink()

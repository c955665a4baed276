"""DVC itself, opened quietly: it prints nothing, sends nothing, needs no environment set, and fails in its own words.

DVC's analytics and update checks belong to its command line and are never reached from here.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from mreg.core.urls import without_credentials
from mreg.errors import MregError, SystemFailure

LOCK_PATIENCE = 120.0
"""Seconds. DVC gives up on its lock after 3, which one `dvc add` of a large file outlasts."""
_PAUSE = 0.02

T = TypeVar("T")

_LOGGERS = ("dvc", "dvc_data", "dvc_objects")
_BARS = ("dvc.progress", "dvc_data.callbacks")  # a bar is shown where this logger would report errors
_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class DvcFailure(SystemFailure):
    """DVC failed; the text is DVC's own, with passwords in URLs left out."""

    hint = "the same step by hand, with dvc and --verbose, says more; `dvc doctor` tells of DVC's own state"

    def __init__(self, *, doing: str, text: str) -> None:
        super().__init__(f"DVC cannot {doing}: {text}")
        self.doing, self.text = doing, text
        if "is git-ignored" in text:  # DVC's own file, by a rule such as `models/`
            self.hint = "take the rule out of .gitignore: `git check-ignore -v FILE` names it"


class DvcBusy(SystemFailure):
    """Another process kept DVC's lock for longer than anyone should wait."""

    def __init__(self, *, root: Path, seconds: float) -> None:
        super().__init__(f"another DVC process has held the lock of {root} for {seconds:.0f} s")
        self.root, self.seconds = str(root), seconds
        self.hint = "wait until it has finished, then run the command again"


@contextmanager
def open_repo(
    root: Path, *, git_root: Path | None = None, rev: str | None = None
) -> Iterator[tuple[Any, Sequence[str]]]:
    """A `dvc.repo.Repo` at `root`, and the warnings and errors that DVC logs while it is open.

    Args:
        rev: Read the DVC files of this commit instead of the work tree's; needs `git_root`.

    Raises:
        DvcFailure: It cannot be opened, e.g. because its configuration is broken.
    """
    with quiet() as complaints:
        with dvc_errors(f"open {root}"):
            repo = _at_revision(root, git_root, rev) if git_root and rev else _in_work_tree(root)
        with repo:
            yield repo, complaints


@contextmanager
def dvc_errors(doing: str) -> Iterator[None]:
    """For calls into DVC only: whatever they raise becomes a DvcFailure, "DVC cannot {doing}: …"."""
    try:
        yield
    except MregError:
        raise
    except Exception as error:
        raise DvcFailure(doing=doing, text=describe(error)) from error


def describe(error: BaseException) -> str:
    """The error and its causes in one line that is fit for a terminal and a log."""
    texts: list[str] = []
    cause: BaseException | None = error
    while cause:
        text = str(cause) or type(cause).__name__
        if not any(text in known for known in texts):
            texts.append(text)
        cause = cause.__cause__
    return clean(": ".join(texts))


def clean(text: str) -> str:
    return " ".join(_ESCAPES.sub("", without_credentials(text)).split())


def patiently(root: Path, action: Callable[[], T], *, patience: float = LOCK_PATIENCE) -> T:
    """Run something that takes DVC's lock or opens its databases, again and again while another process has them.

    Raises:
        DvcBusy: For longer than `patience` seconds.
    """
    from sqlite3 import OperationalError

    from dvc.lock import LockError

    deadline = time.monotonic() + patience
    while True:
        try:
            return action()
        except (LockError, OperationalError) as error:
            if isinstance(error, OperationalError) and "locked" not in str(error):
                raise
            if time.monotonic() > deadline:
                raise DvcBusy(root=root, seconds=patience) from error
            time.sleep(_PAUSE)


@contextmanager
def locked(repo: Any) -> Iterator[None]:
    """Hold DVC's lock on the repository.

    DVC keeps a table of who reads and writes what, and rewrites it in place: half of it is what a kill leaves, and what
    DVC refuses to read for ever after. It says nothing about the living, so it is removed.
    """
    from dvc.repo import lock_repo
    from dvc.rwlock import RWLOCK_FILE

    with lock_repo(repo):
        table = Path(repo.tmp_dir, RWLOCK_FILE)
        with suppress(FileNotFoundError):
            try:
                json.loads(table.read_bytes())
            except ValueError:
                table.unlink()
        yield


@contextmanager
def quiet() -> Iterator[list[str]]:
    """Keep DVC's log, progress bars and spinners off the terminal; yields the warnings and errors it logs meanwhile."""
    _import_dvc()
    from dvc.ui import ui

    complaints = _Complaints()
    with ExitStack() as restore:
        for name in _LOGGERS:
            logger = logging.getLogger(name)
            restore.callback(_restore, logger, logger.level, logger.handlers, logger.propagate)
            logger.handlers, logger.propagate = [complaints], False
            logger.setLevel(logging.WARNING)
        for name in _BARS:
            logger = logging.getLogger(name)
            restore.callback(logger.setLevel, logger.level)
            logger.setLevel(logging.CRITICAL)
        restore.callback(setattr, ui.error_console, "quiet", ui.error_console.quiet)
        ui.error_console.quiet = True
        yield complaints.texts


def _import_dvc() -> None:
    """Importing DVC wraps the standard streams to strip colours; they are ours, so they are put back."""
    streams = sys.stdout, sys.stderr
    import dvc.repo  # noqa: F401 - for what importing it does

    sys.stdout, sys.stderr = streams


def _in_work_tree(root: Path) -> Any:
    from dvc.repo import Repo

    # What DVC writes is staged with the registration that it belongs to, not before.
    return Repo(str(root), config={"core": {"autostage": False}})


def _at_revision(root: Path, git_root: Path, rev: str) -> Any:
    from dvc.fs import GitFileSystem
    from dvc.repo import Repo
    from dvc.scm import SCM

    scm = SCM(str(git_root))
    relative = root.relative_to(git_root).as_posix()
    return Repo("/" if relative == "." else f"/{relative}", fs=GitFileSystem(scm=scm, rev=rev), scm=scm)


def _restore(logger: logging.Logger, level: int, handlers: list[logging.Handler], propagate: bool) -> None:
    logger.handlers, logger.propagate = handlers, propagate
    logger.setLevel(level)


class _Complaints(logging.Handler):
    """Keeps what DVC logs instead of raising: a failed copy into its cache, for one."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        text = clean(record.getMessage())
        self.texts.append(f"{text}: {describe(error)}" if error else text)

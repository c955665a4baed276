"""Changing refs: all or nothing, one mreg at a time per clone, and completed after a crash.

Three things guard a change. A file lock (`flock`) lets the mreg processes of one clone take turns. Compare-and-swap in
git's own transaction catches everybody else. A journal, written before and removed after, lets the next process finish
what a killed one had begun: git renames one lock file per ref, so a kill in between leaves some refs new, some old, and
lock files that nobody owns.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO, TYPE_CHECKING

from mreg.adapters.git.process import GitFailed, writing
from mreg.adapters.git.repository import Git
from mreg.errors import MregError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

# A lock file that a dead process left was made within moments after its journal; any other is somebody's who is alive.
_ABANDONED_WITHIN = 10.0
# Seconds to wait for a lock of another git.
_PATIENCE = 0.5


@dataclass(frozen=True, slots=True)
class RefUpdate:
    """One ref to change: to `new`, provided that it holds `old` now. None: it is to go, or must not exist."""

    ref: str
    new: str | None
    old: str | None


class RefRace(Exception):
    """A ref did not hold what the transaction was built on: look again, and decide again."""


class Transaction:
    """The right to change this clone's refs; given by `exclusive`."""

    def __init__(self, git: Git, lock: int) -> None:
        self._git, self._lock = git, lock
        self._journal = git.private_dir / "journal"

    def commit(self, updates: Sequence[RefUpdate], *, reflog: str, index: bytes = b"") -> None:
        """Make all the updates or none.

        Args:
            updates: The refs to change.
            reflog: What the reflogs say about it.
            index: Entries for the work tree's index, as `git update-index -z --index-info` reads them. They are
                written when git has locked the refs and found them as they should be, and before it changes them: a
                refusal leaves the index as it was, and after a kill, running the command again completes it.

        Raises:
            RefRace: A ref holds something else by now; none was changed.
            GitFailed: Git could not write; none was changed.
        """
        self._write_journal(updates)
        try:
            self._patiently(self._git, updates, reflog, index)
        except RefRace:
            self._journal.unlink(missing_ok=True)
            raise
        except GitFailed as error:
            # The journal stays only where git left something: else a lock in our way would later pass for our own.
            killed = error.code < 0
            if not killed and all(self._git.resolve(update.ref) == update.old for update in updates):
                self._journal.unlink(missing_ok=True)
            raise
        self._journal.unlink(missing_ok=True)

    def _patiently(self, git: Git, updates: Sequence[RefUpdate], reflog: str, index: bytes = b"") -> None:
        # An editor's `git status`, say, holds the index for some milliseconds. Waiting for it with the refs locked
        # would stop a `git commit` that holds the index and waits for a ref.
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                return self._update_refs(git, updates, reflog, index)
            except GitFailed as error:
                if ".lock': File exists" not in error.output or time.monotonic() > deadline:
                    raise
            time.sleep(_PATIENCE / 10)

    def _update_refs(self, git: Git, updates: Sequence[RefUpdate], reflog: str, index: bytes) -> None:
        request = "\n".join(["start", *(_line(update) for update in updates), "prepare", ""]).encode()
        process = git.start("update-ref", "-m", reflog, "--stdin", keep_open=(self._lock,))
        said: list[bytes] = []
        listener = Thread(target=lambda: said.append(process.stderr.read()))  # a hook may say more than a pipe holds
        listener.start()
        with process:
            try:
                _write(process.stdin, request)
                prepared = b"prepare: ok\n" in iter(process.stdout.readline, b"")
                if prepared:
                    if index:
                        git.run("update-index", "-z", "--index-info", stdin=index, keep_open=(self._lock,))
                    _write(process.stdin, b"commit\n")
            finally:  # git changes nothing where its input ends before `commit`
                with suppress(BrokenPipeError):
                    process.stdin.close()
                listener.join()
        if process.returncode:
            failure = GitFailed(
                command="update-ref", code=process.returncode, output=b"".join(said).decode("utf-8", "replace")
            )
            if not prepared and any(git.resolve(update.ref) != update.old for update in updates):
                raise RefRace from failure  # before that, git compares and changes nothing
            raise failure

    def recover(self) -> None:
        """Finish or forget what a killed process had begun.

        This process holds the lock, and git children of a killed one hold it too until they end: so nobody is at work
        on what the journal names.
        """
        try:
            began = self._journal.stat().st_mtime
            record = json.loads(self._journal.read_text())
            updates = [RefUpdate(*entry) for entry in record["updates"]]
            locks, folder = [Path(path) for path in record["locks"]], Path(record["folder"])
        except FileNotFoundError:
            return
        except (ValueError, KeyError, TypeError):  # it was killed while writing the journal: nothing had begun
            self._journal.unlink(missing_ok=True)
            return
        for lock in locks:
            _remove_abandoned(lock, began)
        self._finish(folder, updates)
        self._journal.unlink(missing_ok=True)

    def _finish(self, folder: Path, updates: Sequence[RefUpdate]) -> None:
        try:
            git = Git(folder)  # where it began: each work tree has a HEAD of its own
        except MregError:
            return
        if git.common_dir != self._git.common_dir:
            return
        values = [git.resolve(update.ref) for update in updates]
        # Where nothing has its new value, nothing was begun: what has lost its old one, somebody else moved.
        begun = any(update.old != update.new == value for update, value in zip(updates, values, strict=True))
        pending = [update for update, value in zip(updates, values, strict=True) if value == update.old]
        if begun and pending:
            with suppress(RefRace):  # whoever moved it since then knows better
                self._patiently(git, pending, "mreg: finish an interrupted change")

    def _write_journal(self, updates: Sequence[RefUpdate]) -> None:
        git = self._git
        locks = [git.common_dir / f"{update.ref}.lock" for update in updates if update.ref != "HEAD"]
        locks += [git.git_dir / "HEAD.lock", git.git_dir / "index.lock"]
        record = {
            "folder": str(git.git_dir if git.bare else git.root),
            "updates": [(update.ref, update.new, update.old) for update in updates],
            "locks": [str(lock) for lock in locks],
        }
        with writing(self._journal), self._journal.open("w") as file:
            json.dump(record, file)
            file.flush()
            os.fsync(file.fileno())


def _write(stream: IO[bytes], data: bytes) -> None:
    with suppress(BrokenPipeError):  # git has ended: its exit code and its words tell why
        stream.write(data)
        stream.flush()


def _line(update: RefUpdate) -> str:
    if update.old is None:
        return f"create {update.ref} {update.new}"
    if update.new is None:
        return f"delete {update.ref} {update.old}"
    return f"update {update.ref} {update.new} {update.old}"


def _remove_abandoned(lock: Path, began: float) -> None:
    try:
        if began <= lock.stat().st_mtime <= began + _ABANDONED_WITHIN:
            lock.unlink()
    except FileNotFoundError:
        pass


def is_unfinished(git: Git) -> bool:
    """Whether a change of refs was begun that is neither done nor undone."""
    return (git.private_dir / "journal").exists()


@contextmanager
def exclusive(git: Git) -> Iterator[Transaction]:
    """Wait for this clone's turn to change refs, finish what a killed process left, and hand over the right.

    Keep it short: decide and write inside, hash and copy outside.
    """
    with lock_file(git.private_dir / "lock") as descriptor:
        transaction = Transaction(git, descriptor)
        transaction.recover()
        yield transaction


def finish_interrupted(git: Git) -> None:
    """Finish what a killed process left, before anything is decided on what the refs say."""
    with exclusive(git):
        pass


@contextmanager
def lock_file(
    path: Path, *, failing: AbstractContextManager[None] | None = None, seconds: float | None = None
) -> Iterator[int]:
    """Hold an exclusive lock on a file, made if need be. It ends with the process, and with every child that keeps the
    descriptor open: a killed process leaves no stale lock.

    Args:
        path: The file.
        failing: Tells what the disk refuses; None tells it of a file in a git folder.
        seconds: How long to wait for it; None is as long as it takes.

    Raises:
        CannotWrite: The file cannot be made.
        TimeoutError: Somebody else has it for longer.
    """
    with failing or writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        _lock(descriptor, seconds)
        yield descriptor
    finally:
        os.close(descriptor)


def _lock(descriptor: int, seconds: float | None) -> None:
    deadline = None if seconds is None else time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if deadline is None else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if deadline is not None and time.monotonic() >= deadline:
                raise TimeoutError from None
        else:
            return
        time.sleep(_PATIENCE / 10)

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
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mreg.adapters.git.process import GitFailed, writing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mreg.adapters.git.repository import Git

# A lock file that a dead process left was made within moments after its journal; any other is somebody's who is alive.
_ABANDONED_WITHIN = 10.0


@dataclass(frozen=True, slots=True)
class RefUpdate:
    """One ref to change: to `new`, provided that it holds `old` now. `old` None: it must not exist."""

    ref: str
    new: str
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
                written first, so that a kill leaves a repository in which running the command again completes it.

        Raises:
            RefRace: A ref holds something else by now; none was changed.
            GitFailed: Git could not write; none was changed.
        """
        self._write_journal(updates)
        try:
            if index:
                self._git.run("update-index", "-z", "--index-info", stdin=index, keep_open=(self._lock,))
            self._update_refs(updates, reflog)
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

    def _update_refs(self, updates: Sequence[RefUpdate], reflog: str) -> None:
        # With `start` and `commit` spelled out, git changes nothing when this process dies before the last line.
        lines = ["start", *(_line(update) for update in updates), "prepare", "commit", ""]
        command = ("update-ref", "-m", reflog, "--stdin")
        done = self._git.run(
            *command, stdin="\n".join(lines).encode(), allowed=range(-64, 256), keep_open=(self._lock,)
        )
        if done.code:
            failure = GitFailed(command="update-ref", code=done.code, output=done.stderr)
            prepared = b"prepare: ok" in done.stdout  # before that, git compares and changes nothing
            if not prepared and any(self._git.resolve(update.ref) != update.old for update in updates):
                raise RefRace from failure
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
            locks = [Path(path) for path in record["locks"]]
        except FileNotFoundError:
            return
        except (ValueError, KeyError, TypeError):  # it was killed while writing the journal: nothing had begun
            self._journal.unlink(missing_ok=True)
            return
        for lock in locks:
            _remove_abandoned(lock, began)
        pending = [update for update in updates if self._git.resolve(update.ref) == update.old]
        if 0 < len(pending) < len(updates):
            with suppress(RefRace):  # whoever moved it since then knows better
                self._update_refs(pending, "mreg: finish an interrupted change")
        self._journal.unlink(missing_ok=True)

    def _write_journal(self, updates: Sequence[RefUpdate]) -> None:
        locks = [self._git.common_dir / f"{update.ref}.lock" for update in updates]
        locks += [self._git.git_dir / "HEAD.lock", self._git.git_dir / "index.lock"]
        record = {"updates": [(u.ref, u.new, u.old) for u in updates], "locks": [str(lock) for lock in locks]}
        with writing(self._journal), self._journal.open("w") as file:
            json.dump(record, file)
            file.flush()
            os.fsync(file.fileno())


def _line(update: RefUpdate) -> str:
    if update.old is None:
        return f"create {update.ref} {update.new}"
    return f"update {update.ref} {update.new} {update.old}"


def _remove_abandoned(lock: Path, began: float) -> None:
    try:
        if began <= lock.stat().st_mtime <= began + _ABANDONED_WITHIN:
            lock.unlink()
    except FileNotFoundError:
        pass


@contextmanager
def exclusive(git: Git) -> Iterator[Transaction]:
    """Wait for this clone's turn to change refs, finish what a killed process left, and hand over the right.

    Keep it short: decide and write inside, hash and copy outside.
    """
    with lock_file(git.private_dir / "lock") as descriptor:
        transaction = Transaction(git, descriptor)
        transaction.recover()
        yield transaction


@contextmanager
def lock_file(path: Path) -> Iterator[int]:
    """Hold an exclusive lock on a file, made if need be. It ends with the process, and with every child that keeps the
    descriptor open: a killed process leaves no stale lock."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)

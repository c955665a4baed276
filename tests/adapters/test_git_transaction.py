"""Changing refs: all or none, never over somebody else's change, and completed after a crash."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mreg.adapters.git import Git, GitFailed, RefRace, RefUpdate
from mreg.adapters.git.transaction import exclusive
from tests.gitrepos import git, new_repository, private_files, write, write_hook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TAG, HEAD, NOTES = "refs/tags/churn@v1.0.0", "refs/mreg/churn@head", "refs/notes/mreg"


def _object(repository: Path, name: str) -> str:
    """Some object to point a ref at."""
    return git(repository, "commit-tree", "-m", name, "HEAD^{tree}")


def _three(repository: Path) -> list[RefUpdate]:
    """A new tag, a head that moves, and a new note: what one event changes."""
    first, second = _object(repository, "first"), _object(repository, "second")
    git(repository, "update-ref", HEAD, first)
    return [RefUpdate(TAG, second, None), RefUpdate(HEAD, second, first), RefUpdate(NOTES, second, None)]


def _replaced(repository: Path) -> list[RefUpdate]:
    """A tag that goes, another in its place, and a head that moves: what an event changes that is written anew."""
    tag, head, _ = _three(repository)
    git(repository, "update-ref", "refs/tags/churn@v0.9.0", tag.new or "")
    return [RefUpdate("refs/tags/churn@v0.9.0", None, tag.new), tag, head]


def _apply(repository: Path, update: RefUpdate) -> None:
    git(repository, "update-ref", *(("-d", update.ref) if update.new is None else (update.ref, update.new)))


def _commit(repository: Path, updates: Sequence[RefUpdate], *, index: bytes = b"") -> None:
    with exclusive(Git(repository)) as transaction:
        transaction.commit(updates, reflog="mreg: test", index=index)


def _values(repository: Path, updates: Sequence[RefUpdate]) -> list[str | None]:
    return [Git(repository).resolve(update.ref) for update in updates]


def _old(updates: Sequence[RefUpdate]) -> list[str | None]:
    return [update.old for update in updates]


def _new(updates: Sequence[RefUpdate]) -> list[str | None]:
    return [update.new for update in updates]


def _left_behind(repository: Path) -> list[str]:
    """The journal, temporary folders and lock files of git."""
    return private_files(repository) + [str(path) for path in (repository / ".git").rglob("*.lock")]


def _lock(repository: Path, ref: str) -> Path:
    return write(repository / ".git" / f"{ref}.lock", "")


class TestAllOrNone:
    def test_all(self, repository: Path) -> None:
        updates = _three(repository)
        _commit(repository, updates)
        assert _values(repository, updates) == _new(updates)
        assert _left_behind(repository) == []

    def test_all_where_refs_are_packed(self, repository: Path) -> None:
        updates = _three(repository)
        git(repository, "pack-refs", "--all")
        _commit(repository, updates)
        assert _values(repository, updates) == _new(updates)

    def test_the_branch_that_is_checked_out(self, repository: Path) -> None:
        old = git(repository, "rev-parse", "HEAD")
        new = git(repository, "commit-tree", "-m", "next", "-p", old, "HEAD^{tree}")
        _commit(repository, [RefUpdate("refs/heads/main", new, old), RefUpdate(TAG, new, None)])
        assert git(repository, "log", "-g", "--format=%H %gs", "-1", "HEAD") == f"{new} mreg: test"
        assert git(repository, "status", "--porcelain") == ""

    def test_no_update_at_all(self, repository: Path) -> None:
        _commit(repository, [])
        assert _left_behind(repository) == []

    def test_a_tag_that_exists(self, repository: Path) -> None:
        updates = _three(repository)
        git(repository, "update-ref", TAG, "HEAD")
        with pytest.raises(RefRace):
            _commit(repository, updates)
        assert _values(repository, updates) == [git(repository, "rev-parse", "HEAD"), *_old(updates)[1:]]
        assert _left_behind(repository) == []

    @pytest.mark.parametrize("value", ["HEAD", ""], ids=["moved", "deleted"])
    def test_a_head_that_is_not_what_it_was(self, repository: Path, value: str) -> None:
        updates = _three(repository)
        git(repository, "update-ref", *([HEAD, value] if value else ["-d", HEAD]))
        with pytest.raises(RefRace):
            _commit(repository, updates)
        assert _values(repository, updates)[0] is _values(repository, updates)[2] is None
        assert _left_behind(repository) == []

    def test_the_same_change_a_second_time(self, repository: Path) -> None:
        updates = _three(repository)
        _commit(repository, updates)
        with pytest.raises(RefRace):
            _commit(repository, updates)
        assert _values(repository, updates) == _new(updates)
        assert _left_behind(repository) == []

    def test_trying_again_after_a_lost_race(self, repository: Path) -> None:
        tag, head, notes = _three(repository)
        theirs = _object(repository, "theirs")
        with exclusive(Git(repository)) as transaction:
            git(repository, "update-ref", HEAD, theirs)
            with pytest.raises(RefRace):
                transaction.commit([tag, head, notes], reflog="first try")
            again = [tag, RefUpdate(HEAD, head.new, theirs), notes]
            transaction.commit(again, reflog="second try")
        assert _values(repository, again) == _new(again)

    def test_a_hook_that_refuses(self, repository: Path) -> None:
        updates = _three(repository)
        write_hook(repository, "reference-transaction", 'echo "not on Fridays" >&2; test "$1" != prepared')
        with pytest.raises(GitFailed, match="not on Fridays") as caught:
            _commit(repository, updates)
        assert caught.value.command == "update-ref"
        assert _values(repository, updates) == _old(updates)
        assert _left_behind(repository) == []

    def test_a_name_that_another_ref_makes_impossible(self, repository: Path) -> None:
        updates = _three(repository)
        git(repository, "update-ref", f"{TAG}/below", "HEAD")
        with pytest.raises(GitFailed, match="cannot create"):
            _commit(repository, updates)
        assert _values(repository, updates) == _old(updates)
        assert _left_behind(repository) == []

    def test_an_object_that_does_not_exist(self, repository: Path) -> None:
        updates = [*_three(repository), RefUpdate("refs/tags/churn@v2.0.0", "1" * 40, None)]
        with pytest.raises(GitFailed):
            _commit(repository, updates)
        assert _values(repository, updates) == _old(updates)

    def test_sha256(self, tmp_path: Path) -> None:
        repository = new_repository(tmp_path / "wide", object_format="sha256")
        updates = _three(repository)
        _commit(repository, updates)
        assert _values(repository, updates) == _new(updates)
        with pytest.raises(RefRace):
            _commit(repository, updates)

    def test_a_thousand_refs(self, repository: Path) -> None:
        new = _object(repository, "many")
        updates = [RefUpdate(f"refs/tags/m@v1.0.{number}", new, None) for number in range(1000)]
        _commit(repository, updates)
        assert git(repository, "for-each-ref", "--format=%(objectname)", "refs/tags").split("\n") == [new] * 1000


class TestLocksOfOtherPrograms:
    """Somebody's `git commit` in another window: its lock stays, and so does everything else."""

    @pytest.mark.parametrize("ref", [TAG, HEAD])
    def test_of_a_ref(self, repository: Path, ref: str) -> None:
        updates = _three(repository)
        lock = _lock(repository, ref)
        for _ in range(2):
            with pytest.raises(GitFailed, match=r"(?s)Unable to create .*\.lock': File exists"):
                _commit(repository, updates)
        assert lock.exists()
        assert _values(repository, updates) == _old(updates)
        lock.unlink()
        _commit(repository, updates)
        assert _values(repository, updates) == _new(updates)

    def test_of_the_index(self, repository: Path) -> None:
        updates = _three(repository)
        lock = _lock(repository, "index")
        entry = f"100644 {git(repository, 'rev-parse', 'HEAD:train.py')} 0\tcopy.py\0".encode()
        for _ in range(2):
            with pytest.raises(GitFailed, match=r"(?s)index\.lock': File exists"):
                _commit(repository, updates, index=entry)
        assert lock.exists()
        assert _values(repository, updates) == _old(updates)
        lock.unlink()
        _commit(repository, updates, index=entry)
        assert git(repository, "diff", "--cached", "--name-only") == "copy.py"


class TestAfterACrash:
    @staticmethod
    def _crash(repository: Path, updates: Sequence[RefUpdate], *, done: int, locks: int) -> None:
        """As a kill leaves it: the journal, some refs renamed into place, the others still locked."""
        with exclusive(Git(repository)) as transaction:
            transaction._write_journal(updates)
        for update in updates[:done]:
            _apply(repository, update)
        for update in updates[done : done + locks]:
            _lock(repository, update.ref)
        _lock(repository, "HEAD")
        _lock(repository, "index")

    @pytest.mark.parametrize(("done", "locks"), [(1, 2), (1, 0), (2, 1), (2, 0)])
    def test_what_was_begun_is_finished(self, repository: Path, done: int, locks: int) -> None:
        updates = _three(repository)
        self._crash(repository, updates, done=done, locks=locks)
        with exclusive(Git(repository)):
            assert _values(repository, updates) == _new(updates)
        assert _left_behind(repository) == []

    @pytest.mark.parametrize("done", [0, 1, 2])
    def test_also_where_a_ref_goes(self, repository: Path, done: int) -> None:
        updates = _replaced(repository)
        self._crash(repository, updates, done=done, locks=0)
        with exclusive(Git(repository)):
            assert _values(repository, updates) == (_new(updates) if done else _old(updates))
        if not done:
            _commit(repository, updates)
        assert _values(repository, updates) == _new(updates)
        assert _left_behind(repository) == []

    @pytest.mark.parametrize("locks", [0, 1, 3])
    def test_what_was_not_begun_is_forgotten(self, repository: Path, locks: int) -> None:
        updates = _three(repository)
        self._crash(repository, updates, done=0, locks=locks)
        with exclusive(Git(repository)):
            assert _values(repository, updates) == _old(updates)
        assert _left_behind(repository) == []
        _commit(repository, updates)
        assert _values(repository, updates) == _new(updates)

    def test_what_was_done_stays_done(self, repository: Path) -> None:
        updates = _three(repository)
        self._crash(repository, updates, done=3, locks=0)
        later = _object(repository, "later")
        git(repository, "update-ref", HEAD, later)
        with exclusive(Git(repository)):
            pass
        assert _values(repository, updates) == [updates[0].new, later, updates[2].new]
        assert _left_behind(repository) == []

    def test_what_somebody_else_moved_meanwhile_stays_moved(self, repository: Path) -> None:
        updates = _three(repository)
        self._crash(repository, updates, done=1, locks=0)
        theirs = _object(repository, "theirs")
        git(repository, "update-ref", HEAD, theirs)
        with exclusive(Git(repository)):
            pass
        assert _values(repository, updates) == [updates[0].new, theirs, updates[2].new]

    def test_a_branch_that_the_change_left_as_it_was(self, repository: Path) -> None:
        head = git(repository, "rev-parse", "HEAD")
        updates = [RefUpdate("refs/heads/main", head, head), *_three(repository)]
        self._crash(repository, updates, done=2, locks=2)
        with exclusive(Git(repository)):
            pass
        assert _values(repository, updates) == _new(updates)

    @pytest.mark.parametrize("seconds", [-3600, -1, 60, 3600])
    def test_a_lock_of_another_time_is_somebody_elses(self, repository: Path, seconds: int) -> None:
        self._crash(repository, _three(repository), done=0, locks=0)
        began = (repository / ".git" / "mreg" / "journal").stat().st_mtime
        lock = repository / ".git" / "index.lock"
        os.utime(lock, (began + seconds, began + seconds))
        with exclusive(Git(repository)):
            pass
        assert _left_behind(repository) == [str(lock)]

    @pytest.mark.parametrize(
        "journal",
        [
            b"",
            b"{",
            b'{"updates": [["refs/tags/x", "1',
            b'{"updates": [["refs/tags/x"]], "locks": []}',
            b'{"updates": []}',
            b"[]",
            b"null",
            b"\xff\xfe",
            b"\0" * 100,
        ],
    )
    def test_a_half_written_journal_says_that_nothing_was_begun(self, repository: Path, journal: bytes) -> None:
        updates = _three(repository)
        write(repository / ".git" / "mreg" / "journal", journal)
        _commit(repository, updates)
        assert _values(repository, updates) == _new(updates)
        assert _left_behind(repository) == []

    def test_a_journal_written_in_a_linked_worktree(self, repository: Path, tmp_path: Path) -> None:
        linked = tmp_path / "linked"
        git(repository, "worktree", "add", "--quiet", "-b", "other", str(linked))
        updates = _three(repository)
        with exclusive(Git(linked)) as transaction:
            transaction._write_journal(updates)
        lock = write(Git(linked).git_dir / "index.lock", "")
        _apply(repository, updates[0])
        with exclusive(Git(repository)):
            pass
        assert _values(repository, updates) == _new(updates)
        assert not lock.exists()

    @pytest.mark.parametrize("killed", ["both", "git"])
    def test_a_real_kill_with_all_locks_taken(self, repository: Path, tmp_path: Path, killed: str) -> None:
        updates = _three(repository)
        victims = f"$PPID $(cat {tmp_path / 'pid'})" if killed == "both" else "$PPID"
        hook = write_hook(repository, "reference-transaction", f'test "$1" = prepared && kill -9 {victims}')
        script = write(tmp_path / "script.py", _COMMIT_SCRIPT)
        arguments = [str(repository), json.dumps([(u.ref, u.new, u.old) for u in updates]), str(tmp_path / "pid")]
        done = subprocess.run([sys.executable, script, *arguments], capture_output=True, check=False)
        assert done.returncode == (-9 if killed == "both" else 1), done.stderr
        hook.unlink()
        assert len(list((repository / ".git" / "refs").rglob("*.lock"))) == 3
        _commit(repository, updates)
        assert _values(repository, updates) == _new(updates)
        assert _left_behind(repository) == []


_COMMIT_SCRIPT = """
import json, os, sys
from pathlib import Path
from mreg.adapters.git import Git, RefUpdate
from mreg.adapters.git.transaction import exclusive

repository, updates, pid = sys.argv[1:]
Path(pid).write_text(str(os.getpid()))
with exclusive(Git(Path(repository))) as transaction:
    transaction.commit([RefUpdate(*update) for update in json.loads(updates)], reflog="killed")
"""

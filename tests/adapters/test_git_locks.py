"""The lock of one clone, between real processes."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from mreg.adapters.git import Git, RefUpdate
from mreg.adapters.git.transaction import exclusive, lock_file
from tests.gitrepos import git, write_hook

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path


def _start(script: str, *args: Path | str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", script, *map(str, args)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _is_held(lock: Path) -> bool:
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


_COUNT = """
import sys
from pathlib import Path
from mreg.adapters.git.transaction import lock_file

lock, counter = map(Path, sys.argv[1:])
sys.stdin.readline()
for _ in range(200):
    with lock_file(lock):
        counter.write_text(str(int(counter.read_text()) + 1))
"""


def test_processes_take_turns(tmp_path: Path) -> None:
    """Reading and writing a number without a lock loses most of what several processes add to it."""
    lock, counter = tmp_path / "private" / "lock", tmp_path / "counter"
    counter.write_text("0")
    processes = [_start(_COUNT, lock, counter) for _ in range(3)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
    for process in processes:
        with process:
            pass
        assert process.returncode == 0
    assert counter.read_text() == "600"


_HOLD = """
import sys
from pathlib import Path
from mreg.adapters.git.transaction import lock_file

with lock_file(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_killed_holder_frees_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with _start(_HOLD, lock) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert _is_held(lock)
        process.kill()
        process.wait()
        with lock_file(lock):
            assert _is_held(lock)
    assert not _is_held(lock)


def test_it_is_free_after_an_error(repository: Path) -> None:
    def fail_inside(context: AbstractContextManager[Any]) -> None:
        with context:
            assert _is_held(repository / ".git" / "mreg" / "lock")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_inside(exclusive(Git(repository)))
    assert not _is_held(repository / ".git" / "mreg" / "lock")


def test_programs_that_do_not_write_refs_do_not_inherit_it(repository: Path) -> None:
    """A signing agent that git starts may live for days."""
    found = Git(repository)
    with exclusive(found):
        process = found.start("cat-file", "--batch")
    assert not _is_held(found.private_dir / "lock")
    with process:
        pass


_COMMIT = """
import sys
from pathlib import Path
from mreg.adapters.git import Git, RefUpdate
from mreg.adapters.git.transaction import exclusive

repository, new = sys.argv[1:]
with exclusive(Git(Path(repository))) as transaction:
    updates = [RefUpdate(f"refs/tags/churn@v1.0.{number}", new, None) for number in range(3)]
    transaction.commit(updates, reflog="test")
"""


@pytest.fixture
def gates(tmp_path: Path) -> tuple[Path, Path]:
    """Two pipes by which a hook says that it runs, and waits until it may end."""
    running, go = tmp_path / "running", tmp_path / "go"
    for pipe in (running, go):
        os.mkfifo(pipe)
    return running, go


def test_a_git_that_still_runs_keeps_it(repository: Path, gates: tuple[Path, Path]) -> None:
    running, go = gates
    script = f'test "$1" = prepared || exit 0; echo prepared >{running}; read line <{go}'
    hook = write_hook(repository, "reference-transaction", script)
    head = git(repository, "rev-parse", "HEAD")
    with _start(_COMMIT, repository, head) as process:
        assert running.read_text() == "prepared\n"
        process.kill()
    assert process.returncode == -9
    assert _is_held(repository / ".git" / "mreg" / "lock")
    go.write_text("go\n")

    hook.unlink()
    with exclusive(Git(repository)) as transaction:
        tags = git(repository, "tag", "--list").split()
        assert len(tags) in {0, 3}
        transaction.commit([RefUpdate("refs/tags/churn@v2.0.0", head, None)], reflog="next")
    assert not list((repository / ".git").rglob("*.lock"))


_TAG = """
import sys
from pathlib import Path
from mreg.adapters.git import Git, RefRace, RefUpdate
from mreg.adapters.git.transaction import exclusive

repository, name = sys.argv[1:]
git = Git(Path(repository))
sys.stdin.readline()
for number in range(15):
    with exclusive(git) as transaction:
        old = git.resolve("refs/mreg/churn@head")
        new = git.run("commit-tree", "-m", f"{name} {number}", *(["-p", old] if old else []), "HEAD^{tree}").text
        transaction.commit([RefUpdate(f"refs/tags/{name}.{number}", new, None),
                            RefUpdate("refs/mreg/churn@head", new, old)], reflog="test")
"""


def test_no_change_of_several_processes_is_lost(repository: Path) -> None:
    processes = [_start(_TAG, repository, name) for name in ("a", "b", "c")]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
    for process in processes:
        with process:
            pass
        assert process.returncode == 0
    assert len(git(repository, "tag", "--list").split()) == 45
    assert git(repository, "rev-list", "--count", "refs/mreg/churn@head") == "45"

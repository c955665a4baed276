"""States that a kill leaves once in a thousand times, made by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mreg.adapters.git import Git, RefUpdate
from mreg.adapters.git.transaction import exclusive
from mreg.adapters.scratch import scratch_folder
from mreg.registry import Registry
from tests.gitrepos import git, private_files, write
from tests.torture.registries import check_whole, left_behind, status

if TYPE_CHECKING:
    from collections.abc import Callable


def _begin(root: Path, updates: list[RefUpdate], *, done: int) -> None:
    """Leave a change of refs as a kill does: in the journal, with the first few refs moved."""
    with exclusive(Git(root)) as transaction:
        transaction._write_journal(updates)
    for update in updates[:done]:
        assert update.new is not None
        git(root, "update-ref", update.ref, update.new)


def _next_commit(root: Path) -> str:
    return git(root, "commit-tree", "-m", "next", "-p", "HEAD", "HEAD^{tree}")


class TestTheChangeOfRefs:
    def test_a_branch_that_only_somebody_else_moved(self, repository: Path) -> None:
        """A kill before the first ref, and then a commit: the tag must not appear on a commit that no branch has."""
        old, new = git(repository, "rev-parse", "HEAD"), _next_commit(repository)
        _begin(repository, [RefUpdate("refs/heads/main", new, old), RefUpdate("refs/tags/m@v1.0.0", new, None)], done=0)
        git(repository, "commit", "--quiet", "--allow-empty", "--message", "theirs")
        with exclusive(Git(repository)):
            pass
        assert git(repository, "tag", "--list") == ""
        assert git(repository, "log", "--format=%s", "-1") == "theirs"
        assert private_files(repository) == []

    def test_the_head_of_another_work_tree(self, repository: Path, tmp_path: Path) -> None:
        """Each work tree has a HEAD: it is that of the killed process which moves on, and no other."""
        tree = tmp_path / "tree"
        git(repository, "worktree", "add", "--quiet", "--detach", str(tree))
        old, new = git(tree, "rev-parse", "HEAD"), _next_commit(tree)
        _begin(tree, [RefUpdate("refs/tags/m@v1.0.0", new, None), RefUpdate("HEAD", new, old)], done=1)
        with exclusive(Git(repository)):
            pass
        assert git(tree, "rev-parse", "HEAD") == new
        assert git(repository, "rev-parse", "HEAD") == git(repository, "rev-parse", "main") == old
        assert private_files(repository) == []

    def test_a_work_tree_that_is_gone(self, repository: Path, tmp_path: Path) -> None:
        tree = tmp_path / "tree"
        git(repository, "worktree", "add", "--quiet", "--detach", str(tree))
        old, new = git(tree, "rev-parse", "HEAD"), _next_commit(tree)
        _begin(tree, [RefUpdate("refs/tags/m@v1.0.0", new, None), RefUpdate("HEAD", new, old)], done=1)
        git(repository, "worktree", "remove", str(tree))
        with exclusive(Git(repository)):
            pass
        assert git(repository, "rev-parse", "HEAD") == old
        assert private_files(repository) == []

    @pytest.mark.parametrize("done", [0, 1, 2, 3])
    def test_a_registration(self, fresh_registry: Callable[[], Path], done: int) -> None:
        """However many refs were moved, registering again leads to one commit, one tag, and the head."""
        root = fresh_registry()
        commits = int(git(root, "rev-list", "--count", "HEAD"))
        before = dict(line.split(" ") for line in _refs(root))
        Registry(root).register("fresh", root / "fresh.bin")
        after = dict(line.split(" ") for line in _refs(root))
        order = ("refs/heads/main", "refs/tags/fresh@v1.0.0", "refs/mreg/fresh@head")
        moved = [RefUpdate(ref, after[ref], before.get(ref)) for ref in order]
        for update in moved[done:]:
            git(root, "update-ref", *([update.ref, update.old] if update.old else ["-d", update.ref]))
        with exclusive(Git(root)) as transaction:
            transaction._write_journal(moved)
        again = Registry(root).register("fresh", root / "fresh.bin")
        assert again.repeated is (done > 0)
        assert int(git(root, "rev-list", "--count", "HEAD")) == commits + 1
        assert git(root, "tag", "--list", "fresh@*") == "fresh@v1.0.0"
        assert git(root, "rev-parse", "refs/mreg/fresh@head") == git(root, "rev-parse", "refs/tags/fresh@v1.0.0")
        assert [line for line in status(root) if "fresh" in line] == []
        assert Registry(root).verify(deep=True).faults == ()
        check_whole(root)


def _refs(root: Path) -> list[str]:
    return git(root, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()


class TestFilesOfDvc:
    @pytest.mark.parametrize("torn", [b"", b'{"write": {"/a', b"\xff"])
    def test_half_a_table_of_locks(self, fresh_registry: Callable[[], Path], torn: bytes) -> None:
        root = fresh_registry()
        write(root / ".dvc" / "tmp" / "rwlock", torn)
        assert Registry(root).register("fresh", root / "fresh.bin").event is not None

    def test_a_table_that_names_the_dead(self, fresh_registry: Callable[[], Path]) -> None:
        root = fresh_registry()
        with subprocess.Popen(["true"]) as dead:
            pass
        entry = f'{{"pid": {dead.pid}, "cmd": "mreg register fresh fresh.bin"}}'
        write(root / ".dvc" / "tmp" / "rwlock", f'{{"write": {{"{root / "fresh.bin"}": {entry}}}, "read": {{}}}}')
        assert Registry(root).register("fresh", root / "fresh.bin").event is not None

    def test_a_pointer_that_was_opened_and_not_yet_written(self, fresh_registry: Callable[[], Path]) -> None:
        root = fresh_registry()
        write(root / "fresh.bin.dvc", b"")
        assert Registry(root).register("fresh", root / "fresh.bin").event is not None
        check_whole(root)

    def test_half_an_object(self, fresh_registry: Callable[[], Path]) -> None:
        """DVC reflinks into the cache under the final name: a kill leaves an object there that is empty."""
        root = fresh_registry()
        first = Registry(root).register("fresh", root / "fresh.bin")
        assert first.pointer is not None
        cached = root / ".dvc" / "cache" / "files" / "md5" / first.pointer.hash[:2] / first.pointer.hash[2:]
        cached.unlink()
        write(cached, b"")
        write(root / "fresh.bin", (root / "fresh.bin").read_bytes())
        assert Registry(root).register("fresh", root / "fresh.bin", metrics={"f1": 1}).event is not None
        check_whole(root)

    def test_a_member_that_dvc_had_removed_to_put_a_link_there(self, fresh_registry: Callable[[], Path]) -> None:
        """Without it, the folder would be registered as if it had never been there."""
        root = fresh_registry()
        write(root / ".dvc" / "config.local", "[cache]\n    type = symlink\n")
        script = """
import os, sys
sys.argv = ["mreg", "register", "bundle", "bundle"]
def hook(event, args):
    if event == "os.symlink" and str(args[1]).endswith("words.txt"):
        os.kill(os.getpid(), 9)
sys.addaudithook(hook)
from mreg.cli.app import main
main()
"""
        done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, check=False)
        assert done.returncode == -9, done.stderr
        assert not (root / "bundle" / "vocabulary" / "words.txt").exists()
        registered = Registry(root).register("bundle", root / "bundle")
        assert registered.pointer is not None
        assert registered.pointer.nfiles == 3
        assert left_behind(root) == []


class TestTemporaryFolders:
    def test_of_the_dead_are_removed(self, tmp_path: Path) -> None:
        script = "import os, sys; from pathlib import Path; from mreg.adapters.scratch import scratch_folder\n"
        script += "with scratch_folder(Path(sys.argv[1])) as own: (own / 'new').touch(); os.kill(os.getpid(), 9)"
        done = subprocess.run([sys.executable, "-c", script, tmp_path], capture_output=True, check=False)
        assert done.returncode == -9, done.stderr
        (abandoned,) = tmp_path.iterdir()
        with scratch_folder(tmp_path) as own:
            assert list(tmp_path.iterdir()) == [own]
        assert not abandoned.exists()
        assert list(tmp_path.iterdir()) == []

    def test_without_a_lock_yet_are_removed_too(self, tmp_path: Path) -> None:
        (tmp_path / ".mreg-0123456789abcdef.tmp").mkdir()
        with scratch_folder(tmp_path) as own:
            assert list(tmp_path.iterdir()) == [own]

    def test_of_the_living_stay(self, tmp_path: Path) -> None:
        with scratch_folder(tmp_path) as first, scratch_folder(tmp_path) as second:
            assert sorted(tmp_path.iterdir()) == sorted([first, second])

    def test_files_of_other_names_stay(self, tmp_path: Path) -> None:
        other = write(tmp_path / ".mreg-0123456789abcdef.tmp", "somebody's")
        with scratch_folder(tmp_path):
            pass
        assert other.exists()

    def test_many_processes_at_once_never_lose_theirs(self, tmp_path: Path) -> None:
        script = """
import sys
from pathlib import Path
from mreg.adapters.scratch import scratch_folder
folder = Path(sys.argv[1])
sys.stdin.readline()
for number in range(150):
    with scratch_folder(folder) as own:
        (own / "new").write_text(str(number))
        assert (own / "new").read_text() == str(number)
"""
        command = [sys.executable, "-c", script, str(tmp_path)]
        processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)]
        for process in processes:
            assert process.stdin is not None
            process.stdin.write(b"go\n")
            process.stdin.flush()
        for process in processes:
            assert (process.communicate()[1], process.returncode) == (b"", 0)
        assert list(tmp_path.iterdir()) == []

"""What a machine can refuse: no identity, a full disk, a folder that cannot be written. No traceback, nothing lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mreg.adapters.git import Git, GitFailed, RefUpdate
from mreg.adapters.git.commits import build_commit, build_tag
from mreg.adapters.git.process import CannotWrite
from mreg.adapters.git.repository import NoIdentity
from mreg.adapters.git.transaction import exclusive
from tests.gitrepos import copy_repository, git, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class TestNoIdentity:
    """Nobody has told git who they are."""

    @pytest.fixture(autouse=True, params=["[user]\nuseConfigOnly = true\n", "[user]\nname =\nemail = a@example.com\n"])
    def config(self, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(write(tmp_path / "gitconfig", request.param)))

    def test_tagging(self, repository: Path) -> None:
        with pytest.raises(NoIdentity, match="does not know who you are") as caught:
            Git(repository).identity()
        assert caught.value.exit_code == 3
        assert caught.value.hint.startswith("git config user.name")

    def test_committing(self, repository: Path) -> None:
        write(repository / "card.yaml", "name: churn\n")
        with pytest.raises(GitFailed) as caught:
            build_commit(Git(repository), parent="HEAD", paths=["card.yaml"], message="x")
        assert caught.value.hint.startswith("git config user.name")
        assert git(repository, "status", "--porcelain") == "?? card.yaml"


class TestPrivateFolder:
    """mreg's own files in the git folder cannot be written; root may write anywhere, so these are other reasons."""

    @pytest.fixture
    def git_folder(self, repository: Path) -> Git:
        (repository / ".git" / "mreg").write_text("a file where the folder should be")
        return Git(repository)

    def test_no_lock(self, git_folder: Git) -> None:
        with pytest.raises(CannotWrite, match=r"cannot write .*/\.git/mreg/lock") as caught, exclusive(git_folder):
            pass
        assert caught.value.exit_code == 3

    def test_no_room_for_a_commit(self, git_folder: Git) -> None:
        write(git_folder.root / "card.yaml", "name: churn\n")
        with pytest.raises(CannotWrite, match=r"cannot write .*/\.git/mreg"):
            build_commit(git_folder, parent=git_folder.head() or "", paths=["card.yaml"], message="x")

    @pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")  # noqa: PTH110
    def test_a_journal_that_does_not_fit(self, repository: Path) -> None:
        found = Git(repository)
        update = RefUpdate("refs/tags/churn@v1.0.0", found.head() or "", None)
        journal = found.private_dir / "journal"
        with exclusive(found) as transaction:
            journal.symlink_to("/dev/full")
            with pytest.raises(CannotWrite, match="No space left on device") as caught:
                transaction.commit([update], reflog="x")
        assert caught.value.hint.startswith("free some disk space")
        assert found.resolve(update.ref) is None
        journal.unlink()
        with exclusive(found) as transaction:
            transaction.commit([update], reflog="x")
        assert found.resolve(update.ref) == update.new


# Runs in a file system of its own: each step of an event is tried there, and must fail with words of its own.
_EVENT = """
import os, sys
from pathlib import Path
from mreg.adapters.git import Git, RefUpdate
from mreg.adapters.git.commits import build_commit, build_note, build_tag
from mreg.adapters.git.transaction import exclusive
from mreg.errors import SystemFailure

root = Path("repository").resolve()
git = Git(root)
parent = git.head()
(root / "card.yaml").write_text("name: churn\\n" * 100)

def steps():
    yield lambda: build_commit(git, parent=parent, paths=["card.yaml"], message="x")
    yield lambda: build_tag(git, name="t", commit=parent, message="y" * 9000, tagger=git.identity())
    yield lambda: build_note(git, notes=None, oid=parent, text="z" * 9000)
    yield change

def change():
    with exclusive(git) as transaction:
        transaction.commit([RefUpdate(f"refs/tags/t{n}", parent, None) for n in range(40)], reflog="x")

def attempt(step):
    try:
        step()
    except SystemFailure as error:
        return f"{type(error).__name__} | {error.hint} | {' '.join(str(error).split())}"
    return "done"
"""
_FULL = """
filler = os.open("filler", os.O_WRONLY | os.O_CREAT)
try:
    while True:
        os.write(filler, b"x" * 4096)
except OSError:
    pass
for step in steps():
    print(attempt(step))
print("tags", git.run("tag", "--list").text.split())
os.truncate("filler", 0)
for step in steps():
    print(attempt(step))
print("tags", len(git.run("tag", "--list").text.split()), git.run("fsck", "--no-dangling").text)
"""
_READ_ONLY = """
import subprocess
subprocess.run(["mount", "-o", "remount,ro", "."], check=True)
for step in steps():
    print(attempt(step))
print("tags", [record.name for record in git.tags()])
"""


@pytest.fixture
def on_small_disk(first_repository: Path, tmp_path: Path) -> Callable[[str], list[str]]:
    """Run a script beside a copy of the repository, in a file system of 600 KiB that only the script sees."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = f'mount -t tmpfs -o size=600k none "{disk}" && cd "{disk}" && exec "$@"'
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, "sh"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*command, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("this system does not let us mount a file system")
    source = copy_repository(first_repository, tmp_path / "source")

    def run(script: str) -> list[str]:
        copy = f'import shutil; shutil.copytree("{source}", "repository")\n'
        done = subprocess.run(
            [*command, sys.executable, "-c", copy + _EVENT + script], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run


def test_a_full_disk(on_small_disk: Callable[[str], list[str]]) -> None:
    lines = on_small_disk(_FULL)
    for line in lines[:4]:
        kind, hint, text = line.split(" | ")
        assert kind in {"GitFailed", "CannotWrite"}
        assert hint == "free some disk space, then run the same command again"
        assert "No space left on device" in text
    assert lines[4] == "tags []"
    assert lines[5:] == ["done", "done", "done", "done", "tags 40 "]


def test_a_read_only_disk(on_small_disk: Callable[[str], list[str]]) -> None:
    *steps, tags = on_small_disk(_READ_ONLY)
    assert len(steps) == 4
    for line in steps:
        kind, hint, text = line.split(" | ")
        assert kind in {"GitFailed", "CannotWrite"}
        assert hint == "check that the repository is writable for you"
        assert "Read-only file system" in text
    assert tags == "tags []"


def test_an_object_that_cannot_be_stored(repository: Path) -> None:
    found = Git(repository)
    objects = repository / ".git" / "objects"
    for name in [f"{number:02x}" for number in range(256)]:
        if not (objects / name).exists():
            (objects / name).write_text("a file where a folder should be")
    with pytest.raises(GitFailed, match="git hash-object failed"):
        build_tag(found, name="t", commit=found.head() or "", message="x\n", tagger=found.identity())

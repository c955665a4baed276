"""What lies between two commits, by real git."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mreg.adapters.git import Git, GitFailed
from mreg.adapters.git.changes import commits_between, diffstat, files_in
from mreg.core.compare.code import Between, FileChange
from mreg.core.compare.difference import Difference
from tests.gitrepos import git, new_repository, write

if TYPE_CHECKING:
    from pathlib import Path

LINES = "".join(f"line {number}\n" for number in range(30))


def commit(repository: Path, message: str = "Work", author: str = "") -> str:
    git(repository, "add", "--all")
    by = (f"--author={author}",) if author else ()
    git(repository, "commit", "--quiet", "--allow-empty", "--message", message, *by)
    return git(repository, "rev-parse", "HEAD")


def test_commits_between(repository: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    write(repository / "a", "1")
    subject = "Odd \x1b[31m | `x` \N{SNOWMAN}"
    second = commit(repository, f"{subject}\n\nBody", author="Grace | Hopper <grace@example.com>")
    third = commit(repository, "Third")
    between = commits_between(Git(repository), first, third, limit=5)
    assert (between.ahead, between.behind, between.count) == (2, 0, 2)
    assert [(c.id, c.subject, c.author, c.ours) for c in between.commits] == [
        (third, "Third", "Ada Lovelace", True),
        (second, subject, "Grace | Hopper", True),
    ]
    assert between.commits[0].when.year >= 2026
    back = commits_between(Git(repository), third, first, limit=1)
    assert (back.ahead, back.behind, [(c.id, c.ours) for c in back.commits]) == (0, 2, [(third, False)])
    assert commits_between(Git(repository), first, first, limit=5) == Between()


def test_commits_of_two_branches(repository: Path) -> None:
    one = commit(repository, "One")
    git(repository, "checkout", "--quiet", "-b", "side", "HEAD~1")
    commit(repository, "Two")
    other = commit(repository, "Three")
    between = commits_between(Git(repository), one, other, limit=9)
    assert (between.ahead, between.behind) == (2, 1)
    assert {(c.subject, c.ours) for c in between.commits} == {("One", False), ("Two", True), ("Three", True)}


def test_settings_of_log_change_nothing(repository: Path) -> None:
    for key, value in (("log.showSignature", "true"), ("log.decorate", "full"), ("log.date", "relative")):
        git(repository, "config", key, value)
    git(repository, "config", "diff.renames", "false")
    write(repository / "old.txt", LINES)
    first = commit(repository)
    (repository / "old.txt").rename(repository / "new.txt")
    second = commit(repository, "Move it")
    assert [c.subject for c in commits_between(Git(repository), first, second, limit=9).commits] == ["Move it"]
    assert [file.before for file in diffstat(Git(repository), first, second)] == ["old.txt"]


def test_an_empty_subject(repository: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    git(repository, "commit", "--quiet", "--allow-empty", "--allow-empty-message", "--message", "")
    second = git(repository, "rev-parse", "HEAD")
    assert [c.subject for c in commits_between(Git(repository), first, second, limit=9).commits] == [""]


@pytest.mark.parametrize(("time", "year"), [("99999999999999", 9999), ("-5", 1970), ("0", 1970)])
def test_a_time_that_no_calendar_has(repository: Path, time: str, year: int) -> None:
    first = git(repository, "rev-parse", "HEAD")
    tree = git(repository, "rev-parse", "HEAD^{tree}")
    text = f"tree {tree}\nparent {first}\nauthor A <a> {time} +0000\ncommitter A <a> 0 +0000\n\nOdd\n"
    second = git(repository, "hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=text)
    (commit,) = commits_between(Git(repository), first, second, limit=1).commits
    assert (commit.subject, commit.when.year) == ("Odd", year)


def test_what_became_of_files(repository: Path) -> None:
    for name in ("kept.py", "src/moved.py", "gone.py"):
        write(repository / name, LINES)
    write(repository / "-odd\tname\n.py", "1\n")
    first = commit(repository)
    (repository / "gone.py").unlink()
    (repository / "lib").mkdir()
    (repository / "src/moved.py").rename(repository / "lib/moved.py")
    write(repository / "lib/moved.py", f"{LINES}more\n")
    write(repository / "kept.py", LINES.replace("line 3\n", ""))
    write(repository / "-odd\tname\n.py", "2\n")
    write(repository / "picture.png", b"\x89PNG\0\1")
    second = commit(repository)
    files = {file.path: file for file in diffstat(Git(repository), first, second)}
    assert files == {
        file.path: file
        for file in (
            FileChange(path="kept.py", change=Difference.CHANGED, deleted=1),
            FileChange(path="lib/moved.py", change=Difference.MOVED, before="src/moved.py", added=1),
            FileChange(path="gone.py", change=Difference.REMOVED, deleted=30),
            FileChange(path="picture.png", change=Difference.ADDED, added=None, deleted=None),
            FileChange(path="-odd\tname\n.py", change=Difference.CHANGED, added=1, deleted=1),
        )
    }


def test_only_some_files(repository: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    for name in ("src/a.py", "src/b.py", "*.py", "c.py"):
        write(repository / name, "1\n")
    second = commit(repository)
    changed = Git(repository)
    assert [file.path for file in diffstat(changed, first, second, ["src"])] == ["src/a.py", "src/b.py"]
    # A name is no pattern.
    assert [file.path for file in diffstat(changed, first, second, ["*.py"])] == ["*.py"]
    assert [file.path for file in diffstat(changed, first, second, ["nothing"])] == []


def test_a_commit_that_is_not_here(repository: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    with pytest.raises(GitFailed):
        commits_between(Git(repository), first, "0" * 40, limit=1)
    with pytest.raises(GitFailed):
        diffstat(Git(repository), first, "0" * 40)


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_files_in_folders(tmp_path: Path, object_format: str) -> None:
    repository = new_repository(tmp_path / object_format, object_format=object_format)
    for name in ("requirements.txt", "sub/Dockerfile", "sub/deeper/x", "snow\N{SNOWMAN}.txt"):
        write(repository / name, name)
    head = commit(repository)
    with Git(repository).blobs() as blobs:
        assert files_in(blobs, head, ["", "sub", "missing", "train.py", "../sub", "a\nb"]) == {
            path: git(repository, "rev-parse", f"HEAD:{path}")
            for path in ("requirements.txt", "snow\N{SNOWMAN}.txt", "train.py", "sub/Dockerfile")
        }

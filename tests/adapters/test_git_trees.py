"""Folders of commits, read as objects."""

from __future__ import annotations

import os
from time import process_time
from typing import TYPE_CHECKING

import pytest

from mreg.adapters.git import Git
from mreg.adapters.git.trees import TreeReader
from tests.adapters.histories import commit
from tests.gitrepos import git, new_repository, run_git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = {"dvc.lock": "1", "a/dvc.lock": "2", "a/b/dvc.lock": "2", "a/b/other": "3", "dvc.lock.txt": "4"}


def is_lock(path: str) -> bool:
    return path.rpartition("/")[2] == "dvc.lock"


def files(repository: Path, root: str, wanted: Callable[[str], bool] = is_lock) -> dict[str, str]:
    with Git(repository).blobs() as blobs:
        return TreeReader(blobs).files(root, wanted)


def named(repository: Path, *roots: str) -> list[dict[str, str]]:
    with Git(repository).blobs() as blobs:
        return [dict(found) for found in TreeReader(blobs).named(roots, is_lock)]


def listed(repository: Path, revision: str) -> dict[str, str]:
    """What git itself lists."""
    lines = git(repository, "ls-tree", "-r", "-z", revision).split("\0")
    entries = [line.partition("\t") for line in lines if line]
    return {path: head.split()[2] for head, _, path in entries if head.split()[1] == "blob"}


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_the_files_that_are_wanted(tmp_path: Path, object_format: str) -> None:
    repository = new_repository(tmp_path / "r", object_format=object_format)
    revision = commit(repository, FILES)
    expected = {path: oid for path, oid in listed(repository, revision).items() if is_lock(path)}
    assert set(expected) == {"dvc.lock", "a/dvc.lock", "a/b/dvc.lock"}
    assert files(repository, f"{revision}^{{tree}}") == expected
    assert named(repository, f"{revision}^{{tree}}") == [expected]
    assert files(repository, f"{revision}^{{tree}}", lambda path: path == "a/b/other") == {
        "a/b/other": listed(repository, revision)["a/b/other"]
    }


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_the_files_of_one_folder(tmp_path: Path, object_format: str) -> None:
    repository = new_repository(tmp_path / "r", object_format=object_format)
    revision = commit(repository, FILES)
    every = listed(repository, revision)
    with Git(repository).blobs() as blobs:
        trees = TreeReader(blobs)
        assert trees.folder(f"{revision}:a/b") == {"dvc.lock": every["a/b/dvc.lock"], "other": every["a/b/other"]}
        assert trees.folder(f"{revision}:a") == {"dvc.lock": every["a/dvc.lock"]}
        assert {"dvc.lock", "dvc.lock.txt"} <= trees.folder(f"{revision}:").keys()
        assert trees.folder(f"{revision}:") == trees.folder(f"{revision}^{{tree}}")
        assert trees.folder(f"{revision}:nothing") == trees.folder(f"{revision}:dvc.lock") == {}


def test_many_commits_at_once(repository: Path) -> None:
    first = commit(repository, FILES)
    second = commit(repository, {**FILES, "a/c/dvc.lock": "5"}, onto=first)
    third = commit(repository, {"a/b/dvc.lock": "2"}, onto=second)
    roots = [f"{revision}^{{tree}}" for revision in (first, second, third, first)]
    assert named(repository, *roots) == [
        {path: oid for path, oid in listed(repository, revision).items() if is_lock(path)}
        for revision in (first, second, third, first)
    ]


@pytest.mark.parametrize("root", ["1" * 40, "1" * 40 + "^{tree}", "written:dvc.lock"])
def test_what_is_no_tree_has_no_files(repository: Path, root: str) -> None:
    commit(repository, FILES)
    assert files(repository, root) == {}
    assert named(repository, root) == [{}]


def test_submodules_links_and_odd_names(repository: Path, first_repository: Path) -> None:
    git(repository, "submodule", "--quiet", "add", str(first_repository), "sub")
    (repository / "link").symlink_to("train.py")
    (repository / os.fsdecode(b"caf\xe9 \xff")).write_text("x")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "odd")
    revision = git(repository, "rev-parse", "HEAD")
    assert files(repository, f"{revision}^{{tree}}", lambda _: True) == listed(repository, revision)


def test_a_tree_shared_by_many_commits_is_read_once(repository: Path) -> None:
    revisions = [commit(repository, {**FILES, "n": str(number)}) for number in range(5)]
    with Git(repository).blobs() as blobs:
        reader, asked = TreeReader(blobs), list[str]()
        stream = blobs.stream
        blobs.stream = lambda names: asked.extend(names) or stream(names)  # type: ignore[method-assign,func-returns-value]
        reader.named([f"{revision}^{{tree}}" for revision in revisions], is_lock)
        reader.files(f"{revisions[0]}^{{tree}}", is_lock)
    assert len(asked) == len(set(asked)) == 5 + 2


def tree(repository: Path, *entries: str) -> str:
    return git(repository, "mktree", "-z", "--missing", stdin="\0".join([*entries, ""]))


def test_a_few_objects_that_name_more_files_than_there_are_atoms(repository: Path) -> None:
    blob = git(repository, "hash-object", "-w", "--stdin", stdin="x")
    root = tree(repository, *(f"100644 blob {blob}\t{name}" for name in ("dvc.lock", *map(str, range(9)))))
    for _ in range(30):
        folders = (f"040000 tree {root}\td{name}" for name in range(10))
        root = tree(repository, *folders, f"100644 blob {blob}\tdvc.lock")
    begin = process_time()
    assert 0 < len(files(repository, root)) <= 1_000_000
    (found,) = named(repository, root)
    assert len(found) == 50_000
    assert process_time() - begin < 20


def test_folders_without_end(repository: Path) -> None:
    blob = git(repository, "hash-object", "-w", "--stdin", stdin="x")
    root = tree(repository, f"100644 blob {blob}\tdvc.lock")
    for _ in range(100):
        root = tree(repository, f"040000 tree {root}\td", f"100644 blob {blob}\tdvc.lock")
    assert 60 < len(files(repository, root)) < 70
    assert 60 < len(named(repository, root)[0]) <= 70


@pytest.mark.parametrize("data", [b"100644", b"100644 a\0short", b"100644 a", b"\0" * 50, b" \0" + b"1" * 19])
def test_a_damaged_tree_is_read_as_far_as_it_goes(repository: Path, data: bytes) -> None:
    done = run_git(repository, "hash-object", "-t", "tree", "--literally", "-w", "--stdin", stdin=data)
    assert done.returncode == 0
    assert isinstance(files(repository, done.stdout.decode().strip(), lambda _: True), dict)

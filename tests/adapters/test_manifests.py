"""Members of folders, found in what DVC's cache has of them; the folders are tracked by DVC itself."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from mreg.adapters.dvc.cache import Cache
from mreg.adapters.dvc.manifests import Found, Member, find_members, member
from mreg.adapters.dvc.pointers import parse_dvc_file
from tests.adapters.dvcrepos import dvc
from tests.gitrepos import new_repository, write

if TYPE_CHECKING:
    from pathlib import Path


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A repository with two folders, and their hashes."""
    root = new_repository(tmp_path_factory.mktemp("manifests") / "repository")
    dvc(root, "init")
    for name, texts in (
        ("cats", {"a.png": "cat a", "old/b.png": "cat b"}),
        ("dogs", {"a.png": "dog", "c.png": "cat a"}),
    ):
        for path, text in texts.items():
            write(root / name / path, text)
    dvc(root, "add", "cats", "dogs")
    cats, dogs = (parse_dvc_file((root / f"{n}.dvc").read_bytes(), f"{n}.dvc")[0].hash for n in ("cats", "dogs"))
    return root, cats, dogs


def cache(root: Path) -> Cache:
    return Cache(root / ".dvc" / "cache")


def test_a_file_is_found_in_every_folder_that_has_it(folder: tuple[Path, str, str]) -> None:
    root, cats, dogs = folder
    assert find_members(cache(root), [cats, dogs, cats], [md5("cat a")]) == Found(
        (Member(cats, "a.png", md5("cat a")), Member(dogs, "c.png", md5("cat a"))), ()
    )
    assert find_members(cache(root), [cats, dogs], [md5("dog"), md5("cat b")]).members == (
        Member(cats, "old/b.png", md5("cat b")),
        Member(dogs, "a.png", md5("dog")),
    )
    assert find_members(cache(root), [cats, dogs], [md5("bird")]) == Found((), ())


def test_a_hash_may_be_abbreviated_but_only_at_its_end(folder: tuple[Path, str, str]) -> None:
    root, cats, _ = folder
    assert [found.path for found in find_members(cache(root), [cats], [md5("cat b")[:8]]).members] == ["old/b.png"]
    assert find_members(cache(root), [cats], [md5("cat b")[1:]]) == Found((), ())


def test_the_text_of_a_path_is_no_hash(tmp_path: Path) -> None:
    root = new_repository(tmp_path / "repository")
    dvc(root, "init")
    write(root / "data" / md5("cat a"), "something else")
    dvc(root, "add", "data")
    data = parse_dvc_file((root / "data.dvc").read_bytes(), "data.dvc")[0].hash
    assert find_members(cache(root), [data], [md5("cat a")]) == Found((), ())


def test_a_missing_and_an_exchanged_manifest_are_told(folder: tuple[Path, str, str], tmp_path: Path) -> None:
    _, cats, dogs = folder
    exchanged = tmp_path / "files" / "md5" / cats[:2] / cats[2:]
    write(exchanged, f'[{{"md5": "{md5("cat a")}", "relpath": "a.png"}}]')
    assert find_members(Cache(tmp_path), [cats, dogs], [md5("cat a")]) == Found((), (dogs, cats)[::-1])
    assert member(Cache(tmp_path), cats, "a.png") is None
    assert member(Cache(tmp_path), dogs, "a.png") is None


def test_a_manifest_where_dvc_2_put_it(folder: tuple[Path, str, str], tmp_path: Path) -> None:
    root, cats, _ = folder
    source = cache(root).find("md5", cats)
    assert source
    write(tmp_path / cats[:2] / cats[2:], source.read_bytes())
    assert len(find_members(Cache(tmp_path), [cats], [md5("cat a")]).members) == 1


def test_one_member(folder: tuple[Path, str, str]) -> None:
    root, cats, _ = folder
    assert member(cache(root), cats, "old/b.png") == md5("cat b")
    assert member(cache(root), cats, "b.png") is None

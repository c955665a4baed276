"""When bytes that were hashed, recorded and cached are taken for the same, and when not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mreg.adapters.dvc.cache import Cache, CorruptObject
from mreg.adapters.dvc.prove import Evidence, drop_torn, prove
from mreg.adapters.hashing import ALONE, ArtifactChanged, Reading, hash_members, survey
from mreg.core.pointer import Pointer
from tests.adapters.dvcrepos import md5, sha256
from tests.gitrepos import write

NOW = 2_000_000_000_000_000_000
"""After every file that a test makes (it is 2033), so that these are what the cache had before."""


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    cache = Cache(tmp_path / "cache")
    _store(cache, b"weights")
    return cache


def _store(cache: Cache, data: bytes, name: str = "") -> Path:
    path = cache.locate("md5", name or md5(data))
    assert path is not None
    return write(path, data)


def _evidence(
    file: Path,
    cache: Cache,
    *,
    relinked: bool = True,
    began: int = NOW,
    before: Callable[[], object] = lambda: None,
    after: Callable[[], object] = lambda: None,
) -> Evidence:
    """As if the file was surveyed, then `before` happened, then it was read, then `after` happened."""
    pointer = Pointer(path="m", file="m.dvc", hash_name="md5", hash=md5(b"weights"))
    found = survey(file)
    before()
    readings = hash_members(found, lambda _: None)
    after()
    return Evidence(found=found, readings=readings, began=began, pointer=pointer, cache=cache, relinked=relinked)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "m", b"weights")


def test_an_untouched_file(file: Path, cache: Cache) -> None:
    for relinked in (True, False):
        assert prove(_evidence(file, cache, relinked=relinked)) == {ALONE: sha256(b"weights")}


def _copy_to(target: Path, source: Path) -> None:
    shutil.copyfile(source, target)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("put", [Path.hardlink_to, Path.symlink_to, _copy_to])
def test_a_file_that_dvc_has_replaced(file: Path, cache: Cache, moment: str, put: Callable[[Path, Path], None]) -> None:
    stored = _store(cache, b"weights")

    def replace() -> None:
        file.rename(file.with_name("kept"))
        put(file, stored)

    assert prove(_evidence(file, cache, **{moment: replace})) == {ALONE: sha256(b"weights")}  # type: ignore[arg-type]


def test_a_file_that_dvc_was_not_asked_to_replace(file: Path, cache: Cache) -> None:
    with pytest.raises(ArtifactChanged):
        prove(_evidence(file, cache, relinked=False, after=lambda: _exchange(file, b"weights")))


def _touch(file: Path) -> None:
    os.utime(file, (0, 0))


def test_a_file_that_was_between_two_names_when_it_was_read(file: Path, cache: Cache) -> None:
    evidence = _evidence(file, cache)
    assert prove(_with(evidence, {ALONE: Reading("", None)})) == {ALONE: sha256(b"weights")}


def _with(evidence: Evidence, readings: dict[str, Reading]) -> Evidence:
    return Evidence(
        found=evidence.found,
        readings=readings,
        began=evidence.began,
        pointer=evidence.pointer,
        cache=evidence.cache,
        relinked=evidence.relinked,
    )


def _append(file: Path) -> None:
    with file.open("ab") as stream:
        stream.write(b"more")


def _overwrite_in_place(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.write(b"weights")
    os.utime(file, ns=(0, 0))


def _exchange(file: Path, data: bytes = b"WEIGHTS") -> None:
    write(file.with_name("new"), data).replace(file)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("change", [_append, _overwrite_in_place, _exchange, Path.unlink, _touch])
@pytest.mark.parametrize("relinked", [True, False])
def test_a_file_that_was_written(
    file: Path, cache: Cache, moment: str, change: Callable[[Path], object], relinked: bool
) -> None:
    evidence = _evidence(file, cache, relinked=relinked, **{moment: lambda: change(file)})  # type: ignore[arg-type]
    with pytest.raises(ArtifactChanged):
        prove(evidence)


def test_a_file_that_changed_while_it_was_read(file: Path, cache: Cache) -> None:
    evidence = _evidence(file, cache)
    with pytest.raises(ArtifactChanged):
        prove(_with(evidence, {ALONE: Reading(sha256(b"weights"), None)}))


@pytest.mark.parametrize("torn", [b"WEIGHTS", b"wei"])
def test_an_object_that_the_cache_had_before_is_read(file: Path, cache: Cache, torn: bytes) -> None:
    _store(cache, torn, md5(b"weights"))
    with pytest.raises(CorruptObject):
        prove(_evidence(file, cache))


def test_an_object_that_was_just_copied_is_not_read_again(file: Path, cache: Cache) -> None:
    _store(cache, b"WEIGHTS", md5(b"weights"))
    assert prove(_evidence(file, cache, began=0)) == {ALONE: sha256(b"weights")}


def test_only_torn_objects_are_dropped(cache: Cache) -> None:
    sound, torn = _store(cache, b"one"), _store(cache, b"torn", md5(b"two"))
    manifest = b'[{"md5": "%s", "relpath": "a"}, {"md5": "%s", "relpath": "b"}, {"md5": "%s", "relpath": "c"}]'
    manifest %= (md5(b"one").encode(), md5(b"two").encode(), md5(b"never stored").encode())
    folder = f"{md5(manifest)}.dir"
    _store(cache, manifest, folder)
    drop_torn(cache, Pointer(path="m", file="m.dvc", hash_name="md5", hash=folder))
    assert sound.exists()
    assert not torn.exists()

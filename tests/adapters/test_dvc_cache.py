"""Where DVC's cache is and what lies in it: compared with DVC itself, which is not imported to find out."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mreg.adapters.dvc.cache import (
    BadManifest,
    Cache,
    CorruptObject,
    NotCached,
    config_files,
    locate_cache,
    new_hasher,
    parse_manifest,
    verify_object,
)
from mreg.adapters.dvc.pointers import directory_hash
from mreg.adapters.dvc.repo import open_repo
from mreg.adapters.files import DiskFailure
from mreg.core.pointer import Pointer
from tests.adapters.dvcrepos import Work, md5, work_fixture  # noqa: F401
from tests.gitrepos import write

# Where the cache is


def _dvc_says(work: Work) -> Path:
    with open_repo(work.root) as (repo, _):
        return Path(repo.cache.local_cache_dir)


@pytest.mark.parametrize(
    ("configs", "understood"),
    [
        ({}, True),
        ({".dvc/config": "[core]\n    remote = store\n['remote \"store\"']\n    url = s3://bucket/p\n"}, True),
        ({".dvc/config": "[cache]\n    dir = {tmp}/shared\n    shared = group\n    type = hardlink,symlink\n"}, True),
        ({".dvc/config": "[cache]\n    dir = ../../shared\n"}, True),
        ({".dvc/config": "[cache]\ndir=~/shared\n"}, True),
        ({".dvc/config": "[CACHE]\n    DIR = {tmp}/shared\n"}, True),
        ({".dvc/config": "# dir = /x\n[cache]\n    # dir = /y\n    dir = {tmp}/with space\n"}, True),
        (
            {".dvc/config": "[cache]\n    dir = {tmp}/one\n", ".dvc/config.local": "[cache]\n    dir = {tmp}/two\n"},
            True,
        ),
        ({"$DVC_GLOBAL_CONFIG_DIR/config": "[cache]\n    dir = {tmp}/global\n"}, True),
        ({"$DVC_SYSTEM_CONFIG_DIR/config": "[cache]\n    dir = {tmp}/system\n"}, True),
        (
            {
                "$DVC_SYSTEM_CONFIG_DIR/config": "[cache]\n    dir = {tmp}/system\n",
                "$DVC_GLOBAL_CONFIG_DIR/config": "[cache]\n    dir = {tmp}/global\n",
                ".dvc/config": "[cache]\n    type = copy\n",
            },
            True,
        ),
        ({".dvc/config": '[cache]\n    dir = "{tmp}/quoted"\n'}, False),
        ({".dvc/config": "[cache]\n    dir = {tmp}/shared # why\n"}, False),
        ({".dvc/config": "[cache]\n    dir = '''{tmp}/shared'''\n"}, False),
        ({".dvc/config": "[cache]\n    local = store\n['remote \"store\"']\n    url = {tmp}/elsewhere\n"}, False),
    ],
)
def test_the_cache_is_where_dvc_says(
    work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, configs: dict[str, str], understood: bool
) -> None:
    for name in ("DVC_GLOBAL_CONFIG_DIR", "DVC_SYSTEM_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    for file, text in configs.items():
        write(work.root / os.path.expandvars(file), text.replace("{tmp}", str(tmp_path)))
    found = locate_cache(work.root)
    assert (found is not None) is understood
    assert work.dvc.cache == Cache(_dvc_says(work))
    assert found in (None, work.dvc.cache)


@pytest.mark.parametrize("text", [b"\xff\xfe", b"no section", b"[cache]\ndir = a\ndir = b\n", b"[cache"])
def test_what_is_no_configuration_is_left_to_dvc(work: Work, text: bytes) -> None:
    write(work.root / ".dvc/config", text)
    assert locate_cache(work.root) is None


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"XDG_CONFIG_HOME": "/x/home"},
        {"XDG_CONFIG_DIRS": "/x/one:/x/two"},
        {"DVC_GLOBAL_CONFIG_DIR": "/x/global", "DVC_SYSTEM_CONFIG_DIR": "/x/system"},
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="the environment variables of Linux")
def test_the_configuration_files_are_those_of_dvc(
    work: Work, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    from dvc.config import Config

    for name in ("XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "DVC_GLOBAL_CONFIG_DIR", "DVC_SYSTEM_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert [str(file) for file in config_files(work.root)] == list(Config(str(work.root / ".dvc")).files.values())


# What lies in it


def _pointer(object_hash: str, hash_name: str = "md5") -> Pointer:
    return Pointer(path="m", file="m.dvc", hash_name=hash_name, hash=object_hash)


def test_objects_lie_where_dvc_puts_them(tmp_path: Path) -> None:
    cache, name = Cache(tmp_path), "ab" + "c" * 30
    assert cache.locate("md5", name) == tmp_path / "files" / "md5" / "ab" / ("c" * 30)
    assert cache.locate("md5-dos2unix", f"{name}.dir") == tmp_path / "ab" / f"{'c' * 30}.dir"
    assert cache.locate("etag", name) is None


def _stored(cache: Cache, data: bytes, *, suffix: str = "") -> str:
    name = md5(data) + suffix
    path = cache.locate("md5", name)
    assert path is not None
    write(path, data)
    return name


def test_what_is_missing_of_a_folder(tmp_path: Path) -> None:
    cache, first = Cache(tmp_path), _stored(Cache(tmp_path), b"a")
    manifest = json.dumps([{"md5": first, "relpath": "a"}, {"md5": md5(b"b"), "relpath": "b"}]).encode()
    folder = _pointer(md5(manifest) + ".dir")
    assert cache.missing(folder) == (folder.hash,)
    with pytest.raises(NotCached, match=folder.hash):
        cache.members(folder)
    _stored(cache, manifest, suffix=".dir")
    assert cache.missing(folder) == (md5(b"b"),)
    _stored(cache, b"b")
    assert cache.missing(folder) == ()
    assert cache.members(folder) == {"a": first, "b": md5(b"b")}


def test_a_corrupt_manifest_is_said_of_its_artifact(tmp_path: Path) -> None:
    cache, name = Cache(tmp_path), f"{'0' * 32}.dir"
    file = cache.locate("md5", name)
    assert file is not None
    write(file, b"[]")
    for read in (cache.members, cache.missing):
        with pytest.raises(CorruptObject, match=r"^m: corrupt object /") as caught:
            read(_pointer(name))
        assert (caught.value.path, caught.value.where) == ("m", str(file))
        assert f"rm -f '{file}'" in caught.value.hint


def test_a_file_is_its_own_member(tmp_path: Path) -> None:
    assert Cache(tmp_path).members(_pointer(md5(b"a"))) == {"": md5(b"a")}


def _manifest(*entries: object) -> tuple[bytes, str]:
    data = json.dumps(list(entries)).encode()
    return data, md5(data) + ".dir"


def _entry(path: str, name: str = "a" * 32) -> dict[str, str]:
    return {"relpath": path, "md5": name}


@pytest.mark.parametrize(
    "entries",
    [
        [_entry("../a")],
        [_entry("/etc/passwd")],
        [_entry("a/../../b")],
        [_entry("a/./b")],
        [_entry("a//b")],
        [_entry("a/")],
        [_entry(".")],
        [_entry("..")],
        [_entry("")],
        [_entry("a\nb")],
        [_entry("a\0b")],
        [_entry("a"), _entry("a")],
        [_entry("a"), _entry("a/b")],
        [_entry("a/b/c"), _entry("a/b")],
        [_entry("a", "../../../x")],
        [_entry("a", "A" * 32)],
        [_entry("a", "a" * 32 + ".dir")],
        [{"relpath": "a"}],
        [{"md5": "a" * 32}],
        ["a"],
        [None],
    ],
)
def test_a_hostile_manifest_is_refused(entries: list[object]) -> None:
    with pytest.raises(BadManifest, match="is not to be trusted"):
        parse_manifest(*_manifest(*entries), "remote/x.dir")


@pytest.mark.parametrize("data", [b"", b"{}", b"3", b"\xff", b"[" * 100_000, b'{"a": 1}'])
def test_what_is_no_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(BadManifest):
        parse_manifest(data, f"{md5(data)}.dir", "x.dir")


def test_a_manifest_with_another_hash_is_corrupt() -> None:
    data, _ = _manifest(_entry("a"))
    with pytest.raises(CorruptObject, match=r"corrupt object x\.dir") as caught:
        parse_manifest(data, f"{'0' * 32}.dir", "x.dir")
    assert caught.value.found == f"{md5(data)}.dir"


_segment = st.text(st.characters(exclude_categories=["C"], exclude_characters="/"), min_size=1).filter(
    lambda text: text not in (".", "..")
)


@given(st.sets(st.lists(_segment, min_size=1, max_size=3).map("/".join), max_size=5))
def test_every_manifest_that_dvc_can_write_is_read(paths: set[str]) -> None:
    members = {path: md5(path.encode()) for path in paths if not any(other.startswith(f"{path}/") for other in paths)}
    data = json.dumps([_entry(path, members[path]) for path in sorted(members)], sort_keys=True).encode()
    assert parse_manifest(data, directory_hash(members), "x.dir") == members


# Hashes


@given(
    st.lists(
        st.sampled_from([b"\r\n", b"\n", b"\r", b"text ", b"\0", b"\xff" * 200, b"x" * 600, b"\r\n" * (1 << 19)]),
        max_size=6,
    )
)
def test_the_hash_of_dvc_2_is_the_one_that_dvc_computes(parts: list[bytes]) -> None:
    from io import BytesIO

    from dvc_data.hashfile.hash import fobj_md5

    from mreg.adapters.files import pour

    hasher = new_hasher("md5-dos2unix")
    pour(BytesIO(b"".join(parts)), hasher.update)
    assert hasher.hexdigest() == fobj_md5(BytesIO(b"".join(parts)), name="md5-dos2unix")


def test_verifying_an_object(tmp_path: Path) -> None:
    file = write(tmp_path / "o", b"weights")
    verify_object(file, "md5", md5(b"weights"))
    verify_object(file, "md5", f"{md5(b'weights')}.dir")
    with pytest.raises(CorruptObject) as caught:
        verify_object(file, "md5", "0" * 32)
    assert (caught.value.where, caught.value.found) == (str(file), md5(b"weights"))
    assert caught.value.hint == f"remove it (rm -f '{file}') and run the command again"
    with pytest.raises(DiskFailure):
        verify_object(tmp_path / "missing", "md5", "0" * 32)

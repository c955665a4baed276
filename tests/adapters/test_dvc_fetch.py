"""Objects from a DVC remote: verified before they are in the cache, and never at the remote's expense."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

import pytest

from mreg.adapters.dvc.cache import BadManifest, CorruptObject
from mreg.adapters.dvc.fetch import MissingObject
from mreg.adapters.dvc.remote import NoRemote
from mreg.adapters.dvc.repo import DvcFailure
from mreg.adapters.dvc.track import Tracked
from mreg.adapters.files import DiskFailure
from mreg.core.pointer import Pointer
from tests.adapters.dvcrepos import Counting, Work, dvc, md5, small_disk, work_fixture  # noqa: F401
from tests.gitrepos import git, write


@pytest.fixture
def store(work: Work, tmp_path: Path) -> Path:
    """The folder that is the default DVC remote of `work`."""
    work.remote(tmp_path / "store")
    return tmp_path / "store"


def _pushed(work: Work, path: str, **members: bytes) -> Tracked:
    """An artifact on the remote and not in the cache."""
    for name, data in members.items():
        work.write(path if name == "alone" else f"{path}/{name}", data)
    tracked = work.track(path)
    dvc(work.root, "push")
    work.forget()
    return tracked


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _stored(store: Path, data: bytes) -> Path:
    return store / "files" / "md5" / md5(data)[:2] / md5(data)[2:]


def _spoil(file: Path, data: bytes, mode: int) -> None:
    file.chmod(0o644)
    file.write_bytes(data)
    file.chmod(mode)


def test_a_file_comes_into_the_cache_as_dvc_would_keep_it(work: Work, store: Path) -> None:
    pointer, counting = _pushed(work, "model.bin", alone=b"weights").pointer, Counting()
    assert work.dvc.cached(pointer) is None
    work.dvc.fetch(pointer, progress=counting)
    path = work.object(pointer)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"weights", 0o444)
    assert _files(work.dvc.cache.folder) == [path]
    assert counting.tasks == {"Fetching model.bin from store": (7, 7)}


def test_a_folder_comes_with_its_members(work: Work, store: Path) -> None:
    members = {f"part{number}": f"weights {number}".encode() for number in range(20)}
    pointer, counting = _pushed(work, "model", **members).pointer, Counting()
    work.dvc.fetch(pointer, progress=counting)
    assert work.dvc.cache.missing(pointer) == ()
    assert len(_files(work.dvc.cache.folder)) == 21
    assert counting.tasks == {"Fetching model from store": (pointer.size, pointer.size)}


def test_only_what_is_missing_is_fetched(work: Work, store: Path) -> None:
    pointer = _pushed(work, "model", a=b"one", b=b"two").pointer
    work.dvc.fetch(pointer)
    lost = work.dvc.cache.find("md5", md5(b"two"))
    assert lost is not None
    lost.unlink()
    shutil.rmtree(_stored(store, b"one").parent)
    work.dvc.fetch(pointer)
    assert lost.read_bytes() == b"two"
    shutil.rmtree(store)
    work.dvc.fetch(pointer)


def test_an_older_version_is_fetched_by_its_pointer(work: Work, store: Path) -> None:
    older = _pushed(work, "model.bin", alone=b"one").pointer
    work.write("model.bin", b"two")
    work.track("model.bin")
    work.dvc.fetch(older)
    assert work.object(older).read_bytes() == b"one"


def test_a_legacy_object_comes_to_its_legacy_place(work: Work, store: Path) -> None:
    text = b"two\r\nlines\r\n"
    name = md5(text.replace(b"\r\n", b"\n"))
    write(store / name[:2] / name[2:], text)
    pointer = Pointer(path="m.txt", file="m.txt.dvc", hash_name="md5-dos2unix", hash=name, size=len(text))
    work.dvc.fetch(pointer)
    assert work.object(pointer) == work.root / ".dvc/cache" / name[:2] / name[2:]
    assert work.object(pointer).read_bytes() == text


def test_the_remote_of_an_out_of_its_own(work: Work, tmp_path: Path) -> None:
    work.remote(tmp_path / "store")
    dvc(work.root, "remote", "add", "cold", str(tmp_path / "cold"))
    write(_stored(tmp_path / "cold", b"weights"), b"weights")
    pointer = Pointer(path="m", file="m.dvc", hash_name="md5", hash=md5(b"weights"), remote="cold")
    work.dvc.fetch(pointer)
    assert work.object(pointer).read_bytes() == b"weights"


# The remote is not as it should be


@pytest.mark.parametrize("mode", [0o444, 0o644])
@pytest.mark.parametrize("data", [b"WEIGHTS", b"wei", b"", b"weights and more"])
def test_a_corrupt_object_is_named_and_left_where_it_is(work: Work, store: Path, data: bytes, mode: int) -> None:
    pointer = _pushed(work, "model.bin", alone=b"weights").pointer
    spoilt = _stored(store, b"weights")
    _spoil(spoilt, data, mode)
    with pytest.raises(CorruptObject) as caught:
        work.dvc.fetch(pointer)
    assert caught.value.where == f"{spoilt} (DVC remote store)"
    assert (caught.value.expected, caught.value.found) == (pointer.hash, md5(data))
    assert (spoilt.read_bytes(), stat.S_IMODE(spoilt.stat().st_mode)) == (data, mode)
    assert _files(work.dvc.cache.folder) == []


def test_a_corrupt_member_does_not_spoil_the_others(work: Work, store: Path) -> None:
    pointer = _pushed(work, "model", a=b"one", b=b"two").pointer
    _spoil(_stored(store, b"two"), b"not two", 0o444)
    with pytest.raises(CorruptObject, match=md5(b"two")):
        work.dvc.fetch(pointer)
    assert work.dvc.cached(pointer) is None
    assert all(path.suffix != ".tmp" for path in _files(work.dvc.cache.folder))
    _spoil(_stored(store, b"two"), b"two", 0o444)
    work.dvc.fetch(pointer)
    assert work.dvc.cached(pointer)


def test_a_corrupt_folder_manifest_is_named(work: Work, store: Path) -> None:
    pointer = _pushed(work, "model", a=b"one").pointer
    manifest = store / "files" / "md5" / pointer.hash[:2] / pointer.hash[2:]
    _spoil(manifest, b"[]", 0o444)
    with pytest.raises(CorruptObject, match=str(manifest)):
        work.dvc.fetch(pointer)
    assert _files(work.dvc.cache.folder) == []


def test_a_hostile_folder_manifest_is_refused(work: Work, store: Path) -> None:
    manifest = json.dumps([{"md5": md5(b"x"), "relpath": "../../evil"}]).encode()
    name = f"{md5(manifest)}.dir"
    write(store / "files" / "md5" / name[:2] / name[2:], manifest)
    with pytest.raises(BadManifest, match=r"\.\./\.\./evil"):
        work.dvc.fetch(Pointer(path="m", file="m.dvc", hash_name="md5", hash=name))


@pytest.mark.parametrize("members", [{"alone": b"weights"}, {"a": b"weights", "b": b"other"}])
def test_a_missing_object_is_named(work: Work, store: Path, members: dict[str, bytes]) -> None:
    pointer = _pushed(work, "model", **members).pointer
    _stored(store, b"weights").unlink()
    with pytest.raises(MissingObject) as caught:
        work.dvc.fetch(pointer)
    assert caught.value.object_hash == md5(b"weights")
    assert caught.value.where == f"{_stored(store, b'weights')} (DVC remote store)"
    assert "dvc push" in caught.value.hint


def test_a_folder_in_an_object_s_place_is_an_error(work: Work, store: Path) -> None:
    pointer = _pushed(work, "model.bin", alone=b"weights").pointer
    _stored(store, b"weights").unlink()
    _stored(store, b"weights").mkdir()
    with pytest.raises(DiskFailure, match="Is a directory"):
        work.dvc.fetch(pointer)
    assert _files(work.dvc.cache.folder) == []


def test_no_remote(work: Work) -> None:
    pointer = Pointer(path="m.bin", file="m.bin.dvc", hash_name="md5", hash="0" * 32)
    with pytest.raises(NoRemote, match=r"m\.bin is not in the local DVC cache, and there is no DVC remote") as caught:
        work.dvc.fetch(pointer)
    assert "dvc remote add -d" in caught.value.hint


def test_a_remote_that_is_not_configured(work: Work) -> None:
    pointer = Pointer(path="m", file="m.dvc", hash_name="md5", hash="0" * 32, remote="cold")
    with pytest.raises(DvcFailure, match="remote 'cold' doesn't exist"):
        work.dvc.fetch(pointer)


def test_a_remote_that_does_not_answer_keeps_its_password_to_itself(work: Work) -> None:
    dvc(work.root, "remote", "add", "-d", "web", "http://user:secret@127.0.0.1:9/store")
    pointer = Pointer(path="m", file="m.dvc", hash_name="md5", hash="0" * 32)
    with pytest.raises(DvcFailure, match="DVC remote web") as caught:
        work.dvc.fetch(pointer)
    assert "secret" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_a_remote_whose_plugin_is_not_installed(work: Work) -> None:
    dvc(work.root, "remote", "add", "-d", "web", "s3://bucket/store")
    with pytest.raises(DvcFailure, match="dvc-s3"):
        work.dvc.fetch(Pointer(path="m", file="m.dvc", hash_name="md5", hash="0" * 32))


def test_a_full_disk_leaves_no_part_of_an_object(work: Work, store: Path, tmp_path: Path) -> None:
    pointer = _pushed(work, "model.bin", alone=os.urandom(3 << 20)).pointer
    with small_disk(tmp_path / "small") as disk:
        dvc(work.root, "cache", "dir", str(disk / "cache"))
        with pytest.raises(DiskFailure, match="No space left on device") as caught:
            work.dvc.fetch(pointer)
        assert str(disk) in str(caught.value)
        assert _files(disk) == []


# What only DVC can fetch


@pytest.fixture
def imported(work: Work, tmp_path: Path) -> tuple[Work, Pointer, str, Path]:
    """`base.bin` imported, then updated from its source: the first pointer, its commit, and the source's remote."""
    source = Work(tmp_path / "source")
    git(tmp_path, "clone", "-q", str(work.root), "source")
    source.remote(tmp_path / "their-store")
    source.write("base.bin", b"base")
    dvc(source.root, "add", "base.bin")
    dvc(source.root, "push")
    source.commit()
    dvc(work.root, "import", str(source.root), "base.bin")
    pointer, commit = work.track("base.bin").pointer, work.commit()
    source.write("base.bin", b"later")
    dvc(source.root, "add", "base.bin")
    dvc(source.root, "push")
    source.commit()
    dvc(work.root, "update", "base.bin.dvc")
    work.commit()
    work.forget()
    return work, pointer, commit, tmp_path / "their-store"


def test_an_import_comes_from_its_source(imported: tuple[Work, Pointer, str, Path]) -> None:
    work, pointer, commit, _ = imported
    work.dvc.fetch(pointer, rev=commit)
    assert work.object(pointer).read_bytes() == b"base"


def test_an_import_in_a_folder_of_the_repository(work: Work, tmp_path: Path) -> None:
    source = Work(tmp_path / "source")
    git(tmp_path, "clone", "-q", str(work.root), "source")
    source.write("base.bin", b"base")
    dvc(source.root, "add", "base.bin")
    source.commit()
    team = Work(work.root)
    (work.root / "team").mkdir()
    team.dvc.init(work.root / "team", work.root)
    dvc(work.root / "team", "import", str(source.root), "base.bin")
    pointer, commit = team.track("team/base.bin").pointer, team.commit()
    here = team.dvc.find(work.root / "team", work.root)
    shutil.rmtree(here.cache.folder)
    here.fetch(pointer, rev=commit)
    assert here.cached(pointer)


def test_an_import_that_was_pushed_comes_from_our_own_remote(
    imported: tuple[Work, Pointer, str, Path], tmp_path: Path
) -> None:
    work, pointer, commit, theirs = imported
    work.remote(tmp_path / "store")
    write(_stored(tmp_path / "store", b"base"), b"base")
    shutil.rmtree(theirs)
    work.dvc.fetch(pointer, rev=commit)
    assert work.object(pointer).read_bytes() == b"base"


def test_an_import_whose_source_has_lost_it(imported: tuple[Work, Pointer, str, Path], tmp_path: Path) -> None:
    work, pointer, commit, theirs = imported
    shutil.rmtree(theirs)
    shutil.rmtree(tmp_path / "source" / ".dvc" / "cache")
    with pytest.raises((MissingObject, DvcFailure), match=r"base\.bin"):
        work.dvc.fetch(pointer, rev=commit)


def test_an_import_that_is_corrupt_at_its_source(imported: tuple[Work, Pointer, str, Path], tmp_path: Path) -> None:
    work, pointer, commit, theirs = imported
    shutil.rmtree(tmp_path / "source" / ".dvc" / "cache")
    _spoil(_stored(theirs, b"base"), b"BASE", 0o444)
    with pytest.raises(CorruptObject, match=pointer.hash):
        work.dvc.fetch(pointer, rev=commit)

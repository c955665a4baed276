"""Objects to a DVC remote: verified before they leave, whole when they have their name, and what fetch makes of it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mreg.adapters.dvc.cache import CorruptObject
from mreg.adapters.dvc.fetch import MissingObject
from mreg.adapters.dvc.push import OnlyDvcPushes, Pushed
from mreg.adapters.dvc.remote import NoRemote
from mreg.adapters.dvc.repo import DvcFailure
from mreg.adapters.dvc.shipment import WrongSize
from mreg.adapters.dvc.upload import UploadFailed
from mreg.core.pointer import Pointer
from tests.adapters.dvcrepos import Counting, Meddling, Work, dvc, md5, small_disk, work_fixture  # noqa: F401
from tests.gitrepos import write
from tests.servers.fixtures import dvc_remote_fixture, servers_fixture  # noqa: F401
from tests.torture.conftest import LONG

if TYPE_CHECKING:
    from tests.servers import DvcRemote


@pytest.fixture
def store(work: Work, tmp_path: Path) -> Path:
    """The folder that is the default DVC remote of `work`."""
    work.remote(tmp_path / "store")
    return tmp_path / "store"


def _tracked(work: Work, path: str, **members: bytes) -> Pointer:
    """An artifact in the cache, not on the remote."""
    for name, data in members.items():
        work.write(path if name == "alone" else f"{path}/{name}", data)
    return work.track(path).pointer


def _at(store: Path, object_hash: str) -> Path:
    return store / "files" / "md5" / object_hash[:2] / object_hash[2:]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _spoil(file: Path, data: bytes) -> None:
    file.chmod(0o644)
    file.write_bytes(data)
    file.chmod(0o444)


def _counts(pushed: Pushed) -> list[tuple[int, int, int]]:
    return [(artifact.sent, artifact.size, artifact.present) for artifact in pushed.artifacts]


# What arrives


def test_a_file_arrives_as_dvc_would_put_it(work: Work, store: Path) -> None:
    pointer, counting = _tracked(work, "model.bin", alone=b"weights"), Counting()
    pushed = work.dvc.push([pointer], progress=counting)
    (artifact,) = pushed.artifacts
    assert (artifact.pointer, artifact.remote, artifact.mended) == (pointer, "store", ())
    assert _counts(pushed) == [(1, 7, 0)]
    assert counting.tasks == {"Pushing model.bin to store": (7, 7)}
    assert _files(store) == [_at(store, pointer.hash)]
    assert stat.S_IMODE(_at(store, pointer.hash).stat().st_mode) == 0o444
    work.forget()
    dvc(work.root, "fetch")
    assert work.object(pointer).read_bytes() == b"weights"


def test_many_versions_go_at_once_and_what_is_there_stays(work: Work, store: Path) -> None:
    pointers = [_tracked(work, "model.bin", alone=data) for data in (b"one", b"two", b"three")]
    work.dvc.push(pointers[:1])
    before = _at(store, pointers[0].hash).stat()
    same = Pointer(path="copy.bin", file="copy.bin.dvc", hash_name="md5", hash=pointers[2].hash, size=5)
    counting = Counting()
    pushed = work.dvc.push([*pointers, same, pointers[1]], progress=counting)
    assert _counts(pushed) == [(0, 0, 1), (1, 3, 0), (1, 5, 0), (0, 0, 1)]
    assert (pushed.sent, pushed.size) == (2, 8)
    assert counting.tasks == {"Pushing 3 artifacts to store": (8, 8)}
    after = _at(store, pointers[0].hash).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert len(_files(store)) == 3


def test_a_folder_arrives_with_all_of_its_files(work: Work, store: Path) -> None:
    pointer = _tracked(work, "model", **{f"part{number}": b"%d" % number for number in range(20)}, empty=b"")
    (artifact,) = work.dvc.push([pointer]).artifacts
    assert (artifact.sent, artifact.present, len(_files(store))) == (22, 0, 22)
    assert artifact.size == (pointer.size or 0) + _at(store, pointer.hash).stat().st_size
    work.forget()
    work.dvc.fetch(pointer)
    assert work.dvc.cache.missing(pointer) == ()


def test_a_second_push_sends_nothing(work: Work, store: Path) -> None:
    pointer = _tracked(work, "model", a=b"one", b=b"two")
    work.dvc.push([pointer])
    counting = Counting()
    assert _counts(work.dvc.push([pointer], progress=counting)) == [(0, 0, 3)]
    assert counting.tasks == {}


def test_the_rest_of_a_folder_follows(work: Work, store: Path) -> None:
    pointer = _tracked(work, "model", a=b"one", b=b"two")
    work.dvc.push([pointer])
    _at(store, md5(b"two")).unlink()  # the manifest says that it is there
    assert _counts(work.dvc.push([pointer])) == [(1, 3, 2)]
    assert _at(store, md5(b"two")).read_bytes() == b"two"


def test_an_out_with_a_remote_of_its_own(work: Work, store: Path, tmp_path: Path) -> None:
    dvc(work.root, "remote", "add", "cold", str(tmp_path / "cold"))
    warm = _tracked(work, "warm.bin", alone=b"warm")
    cold = _tracked(work, "cold.bin", alone=b"cold")
    cold = Pointer(path=cold.path, file=cold.file, hash_name="md5", hash=cold.hash, size=4, remote="cold")
    pushed = work.dvc.push([cold, warm])
    assert [artifact.remote for artifact in pushed.artifacts] == ["cold", "store"]
    assert (_files(tmp_path / "cold"), _files(store)) == ([_at(tmp_path / "cold", cold.hash)], [_at(store, warm.hash)])


@pytest.mark.parametrize("there", [None, b"two\nlines\n"])
def test_a_legacy_object_goes_to_its_legacy_place(work: Work, store: Path, there: bytes | None) -> None:
    text = b"two\r\nlines\r\n"
    name = md5(text.replace(b"\r\n", b"\n"))
    pointer = Pointer(path="m.txt", file="m.txt.dvc", hash_name="md5-dos2unix", hash=name, size=len(text))
    write(work.dvc.cache.folder / name[:2] / name[2:], text)
    target = store / name[:2] / name[2:]
    if there:
        write(target, there)
    work.dvc.push([pointer])
    assert target.read_bytes() == (there or text)


def test_an_import_is_nothing_to_push(work: Work) -> None:
    pointer = Pointer(path="m", file="m.dvc", hash_name="md5", hash="0" * 32, imported=True)
    assert work.dvc.push([pointer]) == work.dvc.push([]) == Pushed()


def test_what_the_remote_lacks(work: Work, store: Path) -> None:
    there = _tracked(work, "there.bin", alone=b"there")
    work.dvc.push([there])
    folder = _tracked(work, "model", a=b"one", b=b"two")
    write(_at(store, md5(b"one")), b"o")
    before = _files(store)
    would = work.dvc.push([there, folder], dry_run=True)
    assert _counts(would) == [(0, 0, 1), (3, 6 + work.object(folder).stat().st_size, 0)]
    assert _files(store) == before
    assert work.dvc.push([there, folder]) == would
    assert _counts(work.dvc.push([there, folder], dry_run=True)) == [(0, 0, 1), (0, 0, 3)]


def test_a_dry_run_tells_what_push_would_miss(work: Work, store: Path) -> None:
    lost = Pointer(path="lost", file="lost.dvc", hash_name="md5", hash=f"{'0' * 32}.dir")
    with pytest.raises(MissingObject, match="lost"):
        work.dvc.push([lost], dry_run=True)
    assert not store.exists()


# What must not arrive


@pytest.mark.parametrize("data", [b"WEIGHTS", b"wei"])
def test_a_corrupt_object_is_never_published(work: Work, store: Path, data: bytes) -> None:
    pointer = _tracked(work, "model.bin", alone=b"weights")
    spoilt = work.object(pointer)
    _spoil(spoilt, data)
    with pytest.raises(CorruptObject) as caught:
        work.dvc.push([pointer])
    assert (caught.value.where, caught.value.exit_code) == (str(spoilt), 3)
    assert "not sent" in caught.value.hint
    assert _files(store) == []


def test_a_corrupt_member_keeps_the_manifest_back(work: Work, store: Path) -> None:
    pointer = _tracked(work, "model", a=b"one", b=b"two")
    spoilt = work.dvc.cache.find("md5", md5(b"two"))
    assert spoilt is not None
    _spoil(spoilt, b"TWO")
    with pytest.raises(CorruptObject, match=str(spoilt)):
        work.dvc.push([pointer])
    assert set(_files(store)) <= {_at(store, md5(b"one"))}


def test_a_corrupt_object_here_does_not_replace_a_whole_one_there(work: Work, store: Path) -> None:
    pointer = _tracked(work, "model.bin", alone=b"weights")
    work.dvc.push([pointer])
    _spoil(work.object(pointer), b"wei")
    with pytest.raises(CorruptObject, match=pointer.hash):
        work.dvc.push([pointer])
    assert _at(store, pointer.hash).read_bytes() == b"weights"


def test_a_manifest_waits_for_its_files(work: Work, store: Path) -> None:
    pointer = _tracked(work, "model", a=b"one", b=b"two")
    write(_at(store, md5(b"two")).parent, b"a file where a folder should be")
    with pytest.raises(UploadFailed, match=md5(b"two")[2:]) as caught:
        work.dvc.push([pointer])
    assert caught.value.exit_code == 3
    assert not _at(store, pointer.hash).exists()


def test_what_is_nowhere_is_named_and_nothing_is_sent(work: Work, store: Path) -> None:
    first = _tracked(work, "first.bin", alone=b"first")
    pointer = _tracked(work, "model", a=b"one", b=b"two")
    lost = work.dvc.cache.find("md5", md5(b"two"))
    assert lost is not None
    lost.unlink()
    with pytest.raises(MissingObject) as caught:
        work.dvc.push([first, pointer])
    assert (caught.value.path, caught.value.object_hash) == ("model", md5(b"two"))
    assert "clone that has it" in caught.value.hint
    assert _files(store) == []


def test_a_manifest_that_is_only_there_still_tells_what_is_missing(work: Work, store: Path) -> None:
    pointer = _tracked(work, "model", a=b"one", b=b"two")
    work.dvc.push([pointer])
    work.forget()
    assert _counts(work.dvc.push([pointer])) == [(0, 0, 3)]
    _at(store, md5(b"two")).unlink()
    with pytest.raises(MissingObject, match=md5(b"two")):
        work.dvc.push([pointer])
    _spoil(_at(store, pointer.hash), b"[]")
    with pytest.raises(CorruptObject, match=pointer.hash) as caught:
        work.dvc.push([pointer])
    assert "push it again" in caught.value.hint


# What was cut off before


@pytest.mark.parametrize("data", [b"wei", b"", b"weights and more"])
def test_half_an_object_is_replaced_by_the_whole_one(work: Work, store: Path, data: bytes) -> None:
    pointer = _tracked(work, "model.bin", alone=b"weights")
    half = write(_at(store, pointer.hash), data)
    (artifact,) = work.dvc.push([pointer]).artifacts
    assert artifact.mended == (f"{half} (DVC remote store)",)
    assert half.read_bytes() == b"weights"


def test_half_an_object_stays_where_there_is_no_whole_one(work: Work, store: Path) -> None:
    pointer = _tracked(work, "model.bin", alone=b"weights")
    work.forget()
    half = write(_at(store, pointer.hash), b"wei")
    with pytest.raises(WrongSize, match="has 3 bytes, not 7") as caught:
        work.dvc.push([pointer])
    assert (caught.value.where, caught.value.path) == (f"{half} (DVC remote store)", "model.bin")
    assert half.read_bytes() == b"wei"


def test_what_a_killed_push_left_is_removed_by_the_next(work: Work, store: Path) -> None:
    pointer = _tracked(work, "model.bin", alone=b"weights")
    left = write(_at(store, pointer.hash).parent / ".mreg-0123456789abcdef.tmp" / "new", b"wei")
    work.dvc.push([pointer])
    assert not left.exists()


# The remote is not as it should be


@pytest.mark.parametrize(
    ("meddle", "error"),
    [(lambda file: _spoil(file, b"wei"), WrongSize), (lambda file: file.unlink(), UploadFailed)],
)
def test_what_was_sent_is_looked_at_again(
    work: Work, store: Path, meddle: Callable[[Path], None], error: type[Exception]
) -> None:
    pointer = _tracked(work, "model", a=b"weights")
    member = _at(store, md5(b"weights"))
    with pytest.raises(error, match=str(member)):
        work.dvc.push([pointer], progress=Meddling(lambda: meddle(member)))
    assert not _at(store, pointer.hash).exists()


def test_no_remote(work: Work) -> None:
    pointer = _tracked(work, "model.bin", alone=b"weights")
    with pytest.raises(
        NoRemote, match=r"there is no DVC remote to push model\.bin to: .*no remote specified"
    ) as caught:
        work.dvc.push([pointer])
    assert "dvc remote add -d" in caught.value.hint


def test_a_remote_that_is_not_configured(work: Work) -> None:
    pointer = Pointer(path="m", file="m.dvc", hash_name="md5", hash="0" * 32, remote="cold")
    with pytest.raises(DvcFailure, match="remote 'cold' doesn't exist"):
        work.dvc.push([pointer])


def test_what_only_dvc_can_push(work: Work, store: Path) -> None:
    pointer = Pointer(path="m", file="m.dvc", hash_name="etag", hash="abc")
    with pytest.raises(OnlyDvcPushes) as caught:
        work.dvc.push([pointer])
    assert caught.value.hint == "dvc push m.dvc"


def test_a_full_remote_keeps_no_part_of_an_object(work: Work, tmp_path: Path) -> None:
    pointer = _tracked(work, "model.bin", alone=os.urandom(3 << 20))
    with small_disk(tmp_path / "small") as disk:
        work.remote(disk)
        with pytest.raises(UploadFailed, match="No space left on device") as caught:
            work.dvc.push([pointer])
        assert str(disk) in caught.value.where
        assert "room" in caught.value.hint
        assert _files(disk) == []


def test_a_remote_that_does_not_answer_keeps_its_password_to_itself(work: Work) -> None:
    pointer = _tracked(work, "model.bin", alone=b"weights")
    dvc(work.root, "remote", "add", "-d", "web", "webdav://user:secret@127.0.0.1:9/store")
    dvc(work.root, "remote", "modify", "--local", "web", "password", "secret")
    with pytest.raises(DvcFailure, match="DVC remote web") as caught:
        work.dvc.push([pointer])
    assert "secret" not in str(caught.value)


# Servers


def test_a_folder_to_a_server_and_back(work: Work, dvc_remote: DvcRemote) -> None:
    dvc_remote.configure(work.root)
    parts = {f"part{number}": b"%d" % number for number in range(20)}
    pointers = [_tracked(work, "model", **parts, empty=b""), _tracked(work, "model.bin", alone=os.urandom(1 << 20))]
    counting = Counting()
    pushed = work.dvc.push(pointers, progress=counting)
    assert (pushed.sent, len(dvc_remote.objects())) == (23, 23)
    assert counting.tasks == {"Pushing 2 artifacts to store": (pushed.size, pushed.size)}
    assert _counts(work.dvc.push(pointers)) == [(0, 0, 22), (0, 0, 1)]
    work.forget()
    for pointer in pointers:
        work.dvc.fetch(pointer)
        assert work.dvc.cache.missing(pointer) == ()


def test_half_an_object_on_a_server_is_replaced(work: Work, dvc_remote: DvcRemote) -> None:
    dvc_remote.configure(work.root)
    pointer = _tracked(work, "model.bin", alone=b"weights")
    write(dvc_remote.object(pointer.hash), b"wei")
    (where,) = work.dvc.push([pointer]).mended
    assert pointer.hash[2:] in where
    assert dvc_remote.objects() == [dvc_remote.object(pointer.hash)]
    assert dvc_remote.object(pointer.hash).read_bytes() == b"weights"


def test_a_push_that_is_cut_off_leaves_nothing_under_the_name(work: Work, dvc_remote: DvcRemote) -> None:
    dvc_remote.configure(work.root)
    pointer = _tracked(work, "model.bin", alone=os.urandom(8 << 20))
    with pytest.raises(UploadFailed, match="DVC remote store"):
        work.dvc.push([pointer], progress=Meddling(dvc_remote.stop))
    assert not dvc_remote.object(pointer.hash).exists()
    dvc_remote.start()
    assert _counts(work.dvc.push([pointer])) == [(1, 8 << 20, 0)]
    assert dvc_remote.object(pointer.hash).read_bytes() == work.object(pointer).read_bytes()


_PUSH = """
import sys
from pathlib import Path
from mreg.adapters.dvc import Dvc
from mreg.core.pointer import Pointer
root = Path(sys.argv[1])
Dvc.find(root, root).push([Pointer(path="model.bin", file="model.bin.dvc", hash_name="md5", hash=sys.argv[2])])
"""


def test_a_push_that_is_killed_leaves_nothing_under_the_name(work: Work, dvc_remote: DvcRemote) -> None:
    if dvc_remote.kind == "sftp" and not LONG:
        pytest.skip("MREG_TORTURE=long only")
    dvc_remote.configure(work.root)
    pointer = _tracked(work, "model.bin", alone=os.urandom(32 << 20))
    with subprocess.Popen([sys.executable, "-c", _PUSH, work.root, pointer.hash]) as child:
        while child.poll() is None and not any(file.stat().st_size for file in dvc_remote.objects()):
            pass
        child.kill()
    target = dvc_remote.object(pointer.hash)
    assert not target.exists() or target.stat().st_size == 32 << 20
    assert work.dvc.push([pointer]).mended == ()
    assert target.read_bytes() == work.object(pointer).read_bytes()


def test_a_server_whose_disk_is_full(work: Work, dvc_remote: DvcRemote) -> None:
    dvc_remote.configure(work.root)
    pointer = _tracked(work, "model.bin", alone=os.urandom(3 << 20))
    with small_disk(dvc_remote.folder):
        said = {"webdav": "500", "sftp": "disk is full"}[dvc_remote.kind]
        with pytest.raises(UploadFailed, match=rf"DVC remote store\).*{said}") as caught:
            work.dvc.push([pointer])
        assert "room" in caught.value.hint
        assert dvc_remote.objects() == []


def test_a_server_that_is_not_there(work: Work, dvc_remote: DvcRemote) -> None:
    dvc_remote.configure(work.root)
    pointer = _tracked(work, "model.bin", alone=b"weights")
    dvc_remote.stop()
    with pytest.raises(DvcFailure, match="DVC remote store") as caught:
        work.dvc.push([pointer])
    assert all(secret not in f"{caught.value} {caught.value.hint}" for secret in dvc_remote.secrets.values())


_FAULTS: dict[str, Callable[[Path], object]] = {
    "corrupt": lambda file: file.write_bytes(b"WEIGHTS"),
    "truncated": lambda file: file.write_bytes(b"wei"),
    "missing": lambda file: file.unlink(),
}


@pytest.mark.parametrize("fault", _FAULTS)
def test_what_is_wrong_on_a_server_is_named_and_left(work: Work, dvc_remote: DvcRemote, fault: str) -> None:
    dvc_remote.configure(work.root)
    pointer = _tracked(work, "model", a=b"weights", b=b"other")
    work.dvc.push([pointer])
    work.forget()
    spoilt = dvc_remote.object(md5(b"weights"))
    spoilt.chmod(0o644)
    _FAULTS[fault](spoilt)
    left = {path: path.read_bytes() for path in dvc_remote.objects()}
    with pytest.raises(MissingObject if fault == "missing" else CorruptObject) as caught:
        work.dvc.fetch(pointer)
    assert f"{md5(b'weights')[2:]} (DVC remote store)" in str(caught.value)
    assert {path: path.read_bytes() for path in dvc_remote.objects()} == left
    assert work.dvc.cached(pointer) is None

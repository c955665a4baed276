"""Artifacts out of the cache: under their final name, proven, or not at all."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mreg.adapters.dvc.cache import CorruptObject, NotCached
from mreg.adapters.dvc.deliver import CannotLink, TargetExists, WrongBytes
from mreg.adapters.dvc.track import Tracked
from mreg.adapters.files import DiskFailure
from mreg.core.pointer import Pointer
from tests.adapters.dvcrepos import (
    Counting,
    Meddling,
    Work,
    dvc,
    md5,
    run_unprivileged,
    sha256,
    small_disk,
    work_fixture,  # noqa: F401
)
from tests.gitrepos import write

MEMBERS = {"weights": b"weights", "a/config.json": b"{}", "a/empty": b"", "b": b"weights"}


@pytest.fixture
def file(work: Work) -> Tracked:
    work.write("models/model.bin", b"weights")
    return work.track("models/model.bin")


@pytest.fixture
def folder(work: Work) -> Tracked:
    for name, data in MEMBERS.items():
        work.write(f"models/model/{name}", data)
    return work.track("models/model")


def _tree(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _spoil(path: Path | None, data: bytes) -> None:
    assert path is not None
    path.chmod(0o644)
    path.write_bytes(data)
    path.chmod(0o444)


@pytest.mark.parametrize("link", [False, True])
@pytest.mark.parametrize("known", [True, False])
def test_a_file_is_delivered(work: Work, file: Tracked, tmp_path: Path, known: bool, link: bool) -> None:
    digest, counting = file.digest if known else None, Counting()
    got = work.dvc.deliver(file.pointer, digest, tmp_path / "out" / "deep", link=link, progress=counting)
    assert got == tmp_path / "out" / "deep" / "model.bin"
    assert _tree(tmp_path / "out") == {"deep/model.bin": b"weights"}
    assert got.samefile(work.object(file.pointer)) is link
    assert os.access(got, os.W_OK) or not os.geteuid() or link
    assert bool(got.stat().st_mode & stat.S_IWUSR) is not link
    assert counting.tasks == {f"{'Checking' if link else 'Copying'} model.bin": (7, 7)}


@pytest.mark.parametrize("link", [False, True])
@pytest.mark.parametrize("known", [True, False])
def test_a_folder_is_delivered(work: Work, folder: Tracked, tmp_path: Path, known: bool, link: bool) -> None:
    digest, counting = folder.digest if known else None, Counting()
    got = work.dvc.deliver(folder.pointer, digest, tmp_path / "out", link=link, progress=counting)
    assert got == tmp_path / "out" / "model"
    assert _tree(got) == MEMBERS
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["model"]
    assert list(counting.tasks.values()) == [(16, 16)]


def test_a_legacy_text_file_is_delivered_as_it_is(work: Work, tmp_path: Path) -> None:
    text = b"two\r\nlines\r\n"
    name = md5(text.replace(b"\r\n", b"\n"))
    write(work.dvc.cache.folder / name[:2] / name[2:], text)
    pointer = Pointer(path="m.txt", file="m.txt.dvc", hash_name="md5-dos2unix", hash=name)
    for digest in (None, sha256(text)):
        assert work.dvc.deliver(pointer, digest, tmp_path / f"{digest}").read_bytes() == text


def test_an_empty_folder_of_dvc_s_is_delivered(work: Work, tmp_path: Path) -> None:
    write(work.dvc.cache.folder / "files/md5" / md5(b"[]")[:2] / f"{md5(b'[]')[2:]}.dir", b"[]")
    pointer = Pointer(path="m", file="m.dvc", hash_name="md5", hash=f"{md5(b'[]')}.dir")
    assert list(work.dvc.deliver(pointer, None, tmp_path / "out").iterdir()) == []


def test_the_digest_of_what_is_cached(work: Work, file: Tracked, folder: Tracked) -> None:
    for tracked in (file, folder):
        counting = Counting()
        assert work.dvc.digest(tracked.pointer, progress=counting) == tracked.digest
        size = tracked.pointer.size
        assert counting.tasks == {f"Hashing {tracked.pointer.name}": (size, size)}


def test_what_is_corrupt_or_not_cached_has_no_digest(work: Work, file: Tracked, folder: Tracked) -> None:
    spoilt = work.object(file.pointer)
    _spoil(spoilt, b"WEIGHTS")
    for tracked in (file, folder):
        with pytest.raises(CorruptObject, match=str(spoilt)):
            work.dvc.digest(tracked.pointer)
    spoilt.unlink()
    for tracked in (file, folder):
        with pytest.raises(NotCached, match=md5(b"weights")):
            work.dvc.digest(tracked.pointer)


# Something is there already


@pytest.mark.parametrize("link", [False, True])
@pytest.mark.parametrize("known", [True, False])
def test_what_is_there_already_is_left_alone(
    work: Work, file: Tracked, folder: Tracked, tmp_path: Path, known: bool, link: bool
) -> None:
    for tracked in (file, folder):
        digest = tracked.digest if known else None
        first = work.dvc.deliver(tracked.pointer, digest, tmp_path / "out").stat()
        again = work.dvc.deliver(tracked.pointer, digest, tmp_path / "out", link=link)
        assert (again.stat().st_ino, again.stat().st_mtime_ns) == (first.st_ino, first.st_mtime_ns)


def _other_file(target: Path) -> None:
    write(target, b"WEIGHTS")


def _other_folder(target: Path) -> None:
    write(target / "weights", b"mine")


def _one_file_more(target: Path) -> None:
    for name, data in MEMBERS.items():
        write(target / name, data)
    write(target / "c", b"")


def _link_to_same_bytes(target: Path) -> None:
    write(target.with_name("elsewhere"), b"weights")
    target.parent.mkdir(exist_ok=True)
    target.symlink_to("elsewhere")


def _link_to_nowhere(target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    target.symlink_to("nowhere")


OTHERS = (_other_file, _other_folder, _one_file_more, _link_to_same_bytes, _link_to_nowhere)


@pytest.mark.parametrize("make", OTHERS)
@pytest.mark.parametrize("known", [True, False])
def test_something_else_is_not_overwritten(
    work: Work, file: Tracked, folder: Tracked, tmp_path: Path, make: Callable[[Path], None], known: bool
) -> None:
    for tracked in (file, folder):
        target = tmp_path / tracked.pointer.name / tracked.pointer.name
        make(target)
        before = sorted(tmp_path.rglob("*")), target.is_symlink() or _content(target)
        with pytest.raises(TargetExists, match=str(target)):
            work.dvc.deliver(tracked.pointer, tracked.digest if known else None, target.parent)
        assert (sorted(tmp_path.rglob("*")), target.is_symlink() or _content(target)) == before


def _content(target: Path) -> object:
    return target.read_bytes() if target.is_file() else _tree(target)


@pytest.mark.parametrize("make", OTHERS)
@pytest.mark.parametrize("link", [False, True])
def test_something_else_is_replaced_on_request(
    work: Work, file: Tracked, folder: Tracked, tmp_path: Path, make: Callable[[Path], None], link: bool
) -> None:
    for tracked, expected in ((file, b"weights"), (folder, MEMBERS)):
        target = tmp_path / tracked.pointer.name / tracked.pointer.name
        make(target)
        got = work.dvc.deliver(tracked.pointer, tracked.digest, target.parent, link=link, replace=True)
        assert not got.is_symlink()
        assert _content(got) == expected
        assert {path.name for path in target.parent.iterdir()} <= {target.name, "elsewhere"}


def test_replacing_does_not_write_through_a_link_into_the_cache(work: Work, file: Tracked, tmp_path: Path) -> None:
    work.dvc.deliver(file.pointer, file.digest, tmp_path / "out", link=True)
    work.write("models/model.bin", b"later")
    later = work.track("models/model.bin")
    work.dvc.deliver(later.pointer, later.digest, tmp_path / "out", replace=True)
    assert work.object(file.pointer).read_bytes() == b"weights"
    assert _tree(tmp_path / "out") == {"model.bin": b"later"}


# The bytes are wrong


@pytest.mark.parametrize("link", [False, True])
@pytest.mark.parametrize("known", [True, False])
def test_a_corrupt_object_is_named_and_not_delivered(
    work: Work, file: Tracked, folder: Tracked, tmp_path: Path, known: bool, link: bool
) -> None:
    spoilt = work.object(file.pointer)  # of the folder too
    _spoil(spoilt, b"WEIGHTS")
    for tracked in (file, folder):
        with pytest.raises(CorruptObject) as caught:
            work.dvc.deliver(tracked.pointer, tracked.digest if known else None, tmp_path / "out", link=link)
        assert (caught.value.where, caught.value.expected) == (str(spoilt), md5(b"weights"))
        assert caught.value.hint.startswith(f"remove it (rm -f '{spoilt}')")
        assert "no DVC remote here has it" in caught.value.hint
    assert spoilt.read_bytes() == b"WEIGHTS"
    assert _tree(tmp_path / "out") == {}
    assert list((tmp_path / "out").iterdir()) == []


def test_a_corrupt_object_that_a_remote_has(work: Work, file: Tracked, tmp_path: Path) -> None:
    work.remote(tmp_path / "store")
    dvc(work.root, "push")
    _spoil(work.object(file.pointer), b"WEIGHTS")
    with pytest.raises(CorruptObject) as caught:
        work.dvc.deliver(file.pointer, file.digest, tmp_path / "out")
    assert "the DVC remote store has it" in caught.value.hint
    Path(caught.value.where).unlink()
    work.dvc.fetch(file.pointer)
    assert work.dvc.deliver(file.pointer, file.digest, tmp_path / "out").read_bytes() == b"weights"


def test_a_corrupt_folder_manifest_is_named(work: Work, folder: Tracked, tmp_path: Path) -> None:
    _spoil(work.object(folder.pointer), json.dumps([{"md5": "0" * 32, "relpath": "a"}]).encode())
    with pytest.raises(CorruptObject, match=r"\.dir"):
        work.dvc.deliver(folder.pointer, folder.digest, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("link", [False, True])
def test_intact_bytes_that_were_never_registered(
    work: Work, file: Tracked, folder: Tracked, tmp_path: Path, link: bool
) -> None:
    for tracked in (file, folder):
        with pytest.raises(WrongBytes, match="is not what was registered") as caught:
            work.dvc.deliver(tracked.pointer, sha256(b"other"), tmp_path / "out", link=link)
        assert (caught.value.expected, caught.value.found) == (sha256(b"other"), tracked.digest)
    assert list((tmp_path / "out").iterdir()) == []


def test_what_is_not_cached_is_not_delivered(work: Work, file: Tracked, folder: Tracked, tmp_path: Path) -> None:
    work.object(file.pointer).unlink()
    for tracked in (file, folder):
        with pytest.raises(NotCached, match=md5(b"weights")):
            work.dvc.deliver(tracked.pointer, tracked.digest, tmp_path / "out")
    assert not (tmp_path / "out").exists()


# The way is barred


def test_an_interrupt_leaves_nothing(work: Work, file: Tracked, folder: Tracked, tmp_path: Path) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    for tracked in (file, folder):
        with pytest.raises(KeyboardInterrupt):
            work.dvc.deliver(tracked.pointer, tracked.digest, tmp_path / "out", progress=Meddling(interrupt))
        assert list((tmp_path / "out").iterdir()) == []


def test_a_full_disk_leaves_nothing(work: Work, tmp_path: Path) -> None:
    work.write("model.bin", bytes(3 << 20))
    tracked = work.track("model.bin")
    with small_disk(tmp_path / "small") as disk:
        with pytest.raises(DiskFailure, match=r"cannot write to .*: No space left on device"):
            work.dvc.deliver(tracked.pointer, tracked.digest, disk / "out")
        assert list((disk / "out").iterdir()) == []


def test_a_link_to_another_disk_is_refused(work: Work, file: Tracked, folder: Tracked, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small") as disk:
        for tracked in (file, folder):
            with pytest.raises(CannotLink, match="cannot hard-link") as caught:
                work.dvc.deliver(tracked.pointer, tracked.digest, disk / "out", link=True)
            assert "copy instead" in caught.value.hint
        assert list((disk / "out").iterdir()) == []
        assert work.dvc.deliver(file.pointer, file.digest, disk / "out").read_bytes() == b"weights"


def test_a_file_in_the_folder_s_place(work: Work, file: Tracked, tmp_path: Path) -> None:
    write(tmp_path / "out", b"")
    with pytest.raises(DiskFailure, match=f"cannot write to {tmp_path}/out"):
        work.dvc.deliver(file.pointer, file.digest, tmp_path / "out")


DELIVER = """
import sys
from pathlib import Path
from mreg.adapters.dvc import Dvc
from mreg.adapters.dvc.pointers import find_pointer
from mreg.errors import MregError
root, out = map(Path, sys.argv[1:])
pointer = find_pointer("models/model.bin", {"models/model.bin.dvc": (root / "models/model.bin.dvc").read_bytes()})
try:
    print(Dvc.find(root, root).deliver(pointer, None, out))
except MregError as error:
    print(error)
"""


def test_a_read_only_folder(work: Work, file: Tracked, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o555)
    done = run_unprivileged(DELIVER, work.root, tmp_path / "out")
    assert done.stdout == f"cannot write to {tmp_path}/out: Permission denied\n", done.stderr


def test_an_unreadable_object(work: Work, file: Tracked, tmp_path: Path) -> None:
    work.object(file.pointer).chmod(0)
    done = run_unprivileged(DELIVER, work.root, tmp_path / "out")
    assert done.stdout == f"cannot read {work.object(file.pointer)}: Permission denied\n", done.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_delivering_imports_neither_dvc_nor_anything_heavy(work: Work, file: Tracked, tmp_path: Path) -> None:
    code = f"{DELIVER}\nheavy = ('dvc', 'dvc_data', 'dvc_objects', 'rich', 'pydantic', 'git', 'fsspec', 'concurrent')\n"
    code += "print([name for name in heavy if name in sys.modules])\n"
    arguments = [sys.executable, "-c", code, str(work.root), str(tmp_path / "out")]
    shown = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
    assert shown == f"{tmp_path}/out/model.bin\n[]\n"


def test_a_shared_cache_is_found(work: Work, tmp_path: Path) -> None:
    dvc(work.root, "cache", "dir", str(tmp_path / "shared"))
    dvc(work.root, "config", "cache.shared", "group")
    work.write("model.bin", b"weights")
    tracked = work.track("model.bin")
    assert work.object(tracked.pointer).is_relative_to(tmp_path / "shared")
    shutil.rmtree(work.root / ".dvc" / "cache", ignore_errors=True)
    assert work.dvc.deliver(tracked.pointer, tracked.digest, tmp_path / "out").read_bytes() == b"weights"

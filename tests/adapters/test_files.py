"""Reading, hashing, writing and copying people's files, and what goes wrong with them."""

from __future__ import annotations

import hashlib
import os
import random
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mreg.adapters import files
from mreg.adapters.copying import copy_in
from mreg.adapters.exchange import exchange
from mreg.adapters.files import (
    CHUNK,
    DiskFailure,
    copy_file,
    disk_errors,
    install,
    pour,
    scratch,
    sha256_file,
    write_atomic,
)
from mreg.adapters.hashing import ArtifactChanged, BadArtifact, Manifest, hash_artifact, survey
from mreg.adapters.progress import SILENT
from tests.adapters.dvcrepos import Counting, Meddling, btrfs, mounted, run_unprivileged, sha256, small_disk
from tests.gitrepos import write


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


# One file


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_the_hash_of_a_file(tmp_path: Path, size: int) -> None:
    data, counting = random.Random(size).randbytes(size), Counting()
    assert sha256_file(write(tmp_path / "f", data), progress=counting) == hashlib.sha256(data).hexdigest()
    assert counting.tasks == {"Hashing f": (size, size)}


def test_every_sink_gets_every_byte(tmp_path: Path) -> None:
    data, first, second = random.Random(1).randbytes(2 * CHUNK + 5), bytearray(), bytearray()
    with write(tmp_path / "f", data).open("rb") as file:
        assert pour(file, first.extend, second.extend) == len(data)
    assert first == second == data


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DiskFailure, match=r"cannot read .*/missing: No such file") as caught:
        sha256_file(tmp_path / "missing")
    assert caught.value.facts()["path"] == str(tmp_path / "missing")


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "secret", b"x")
    file.chmod(0)
    code = "import sys, pathlib, mreg.adapters.files as f\nf.sha256_file(pathlib.Path(sys.argv[1]))"
    assert f"DiskFailure: cannot read {file}: Permission denied" in run_unprivileged(code, file).stderr


def test_silence_takes_any_number_of_steps() -> None:
    with SILENT.start("nothing", 0) as advance:
        advance(1)
        advance(2)


# Writing


def test_writing_creates_and_replaces(tmp_path: Path) -> None:
    file = tmp_path / "card.yaml"
    write_atomic(file, b"one")
    file.chmod(0o640)
    before = file.stat()
    write_atomic(file, b"two")
    assert file.read_bytes() == b"two"
    assert file.stat().st_mode == before.st_mode
    assert file.stat().st_ino != before.st_ino
    assert _names(tmp_path) == ["card.yaml"]


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    usual = write(tmp_path / "usual", b"")
    write_atomic(tmp_path / "new", b"x")
    assert (tmp_path / "new").stat().st_mode == usual.stat().st_mode


def test_a_full_disk_leaves_the_old_content(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "64k") as disk:
        write_atomic(disk / "card.yaml", b"old")
        with pytest.raises(DiskFailure, match=r"cannot write .*card\.yaml: No space left") as caught:
            write_atomic(disk / "card.yaml", b"x" * 100_000)
        assert (disk / "card.yaml").read_bytes() == b"old"
        assert _names(disk) == ["card.yaml"]
        assert "free some space" in caught.value.hint


def test_a_file_size_limit_leaves_the_old_content(tmp_path: Path) -> None:
    file = write(tmp_path / "card.yaml", b"old")
    code = """
import pathlib, resource, signal, sys
from mreg.adapters.files import DiskFailure, write_atomic
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_atomic(pathlib.Path(sys.argv[1]), bytes(2000))
except DiskFailure as error:
    print(error)
"""
    assert run_unprivileged(code, file).stdout == f"cannot write {file}: File too large\n"
    assert file.read_bytes() == b"old"
    assert _names(tmp_path) == ["card.yaml"]


def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "locked" / "card.yaml", b"old")
    file.parent.chmod(0o555)
    code = """
import pathlib, sys
from mreg.adapters.files import DiskFailure, write_atomic
try:
    write_atomic(pathlib.Path(sys.argv[1]), b"new")
except DiskFailure as error:
    print(error, error.hint, sep=" | ")
"""
    shown = run_unprivileged(code, file).stdout
    assert shown.startswith(f"cannot write {file}: Permission denied | change its permissions")


def test_a_read_only_file_system_is_named(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small") as disk:
        write(disk / "f", b"x")
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(DiskFailure, match="Read-only file system") as caught:
            write_atomic(disk / "f", b"y")
        assert "mounted read-only" in caught.value.hint


def test_an_error_of_no_known_kind_has_no_hint() -> None:
    with pytest.raises(DiskFailure, match="cannot read x: odd") as caught, disk_errors("read", Path("x")):
        raise OSError("odd")
    assert caught.value.hint == ""


@pytest.mark.parametrize("fill", [lambda path: path.mkdir(), lambda path: path.write_bytes(b"x"), lambda path: None])
def test_scratch_is_removed_whatever_happens(tmp_path: Path, fill: Callable[[Path], object]) -> None:
    def interrupted() -> None:
        with scratch(tmp_path) as path:
            fill(path)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert _names(tmp_path) == []


def _file(path: Path, text: str) -> None:
    write(path, text)


def _folder(path: Path, text: str) -> None:
    write(path / text, text)


@pytest.fixture(params=["exchange", "steps"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the system does it, and as on a file system that cannot exchange two names."""
    if request.param == "steps":
        monkeypatch.setattr(files, "exchange", lambda first, second: False)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("new", [_file, _folder])
@pytest.mark.parametrize("old", [_file, _folder, lambda path, text: path.symlink_to("/"), lambda path, text: None])
def test_installing_replaces_whatever_is_there(
    tmp_path: Path, new: Callable[[Path, str], None], old: Callable[[Path, str], None]
) -> None:
    new(tmp_path / "new", "fresh")
    old(tmp_path / "target", "stale")
    install(tmp_path / "new", tmp_path / "target")
    assert _names(tmp_path / "target") == ([] if new is _file else ["fresh"])
    assert not (tmp_path / "target").is_symlink()
    if old is _folder:  # whoever called may keep it
        assert _names(tmp_path / "new") == ["stale"]
    assert {path.name for path in tmp_path.iterdir()} <= {"new", "target"}


@pytest.mark.usefixtures("way")
def test_a_folder_comes_back_when_the_new_one_cannot_take_its_place(tmp_path: Path) -> None:
    _folder(tmp_path / "target", "stale")
    with pytest.raises(FileNotFoundError):
        install(tmp_path / "vanished", tmp_path / "target")
    assert _names(tmp_path) == ["target", "target/stale"]


def test_who_has_a_folder_open_reads_on_after_it_was_replaced(tmp_path: Path) -> None:
    _folder(tmp_path / "new", "fresh")
    _folder(tmp_path / "target", "stale")
    opened = os.open(tmp_path / "target", os.O_RDONLY)
    install(tmp_path / "new", tmp_path / "target")
    assert os.listdir(opened) == ["stale"]  # noqa: PTH208 - a path would be looked up again
    os.close(opened)


EXCHANGING = """
import sys
from pathlib import Path
from mreg.adapters.files import install
while True:
    install(*map(Path, sys.argv[1:]))
"""


def test_there_is_no_moment_without_a_folder(tmp_path: Path) -> None:
    _folder(tmp_path / "new", "fresh")
    _folder(tmp_path / "target", "stale")
    looks: Counter[str] = Counter()
    with subprocess.Popen([sys.executable, "-c", EXCHANGING, tmp_path / "new", tmp_path / "target"]) as process:
        try:
            while min(looks["fresh"], looks["stale"]) < 1000:
                looks.update(path.name for path in (tmp_path / "target").iterdir())
        finally:
            process.kill()
    assert set(looks) == {"fresh", "stale"}


def test_what_does_not_exist_is_not_exchanged(tmp_path: Path) -> None:
    _folder(tmp_path / "target", "stale")
    with pytest.raises(FileNotFoundError, match="missing"):
        exchange(tmp_path / "missing", tmp_path / "target")
    assert _names(tmp_path) == ["target", "target/stale"]


@pytest.mark.parametrize("new", [_file, _folder])
def test_a_folder_of_a_container_image_is_replaced(tmp_path: Path, new: Callable[[Path, str], None]) -> None:
    """overlayfs renames no folder of a lower layer."""
    with overlay(tmp_path) as disk:
        new(disk / "new", "fresh")
        with pytest.raises(OSError, match="Invalid cross-device link"):
            (disk / "target").rename(disk / "other")
        install(disk / "new", disk / "target")
        assert _names(disk / "target") == ([] if new is _file else ["fresh"])
        assert [path.name for path in disk.iterdir()] == ["target"]


@contextmanager
def overlay(folder: Path) -> Iterator[Path]:
    """What a container works in: its image, with a folder `target` in it, below a layer of its own."""
    with small_disk(folder / "disk") as disk:
        _folder(disk / "image" / "target", "stale")
        for name in ("own", "work"):
            (disk / name).mkdir()
        layers = f"lowerdir={disk}/image,upperdir={disk}/own,workdir={disk}/work"
        with mounted(folder / "container", "-t", "overlay", "-o", layers, "overlay"):
            yield folder / "container"


def test_a_copy_has_the_bytes_and_a_life_of_its_own(tmp_path: Path) -> None:
    source, seen = write(tmp_path / "a", b"weights"), bytearray()
    copy_file(source, tmp_path / "b", seen.extend)
    source.write_bytes(b"changed")
    assert (tmp_path / "b").read_bytes() == seen == b"weights"


def test_a_copy_shares_blocks_where_the_file_system_can(tmp_path: Path) -> None:
    with btrfs(tmp_path) as disk:
        source, seen = write(disk / "a", random.Random(1).randbytes(50 << 20)), hashlib.sha256()
        free = _free_bytes(disk)
        copy_file(source, disk / "b", seen.update)
        assert free - _free_bytes(disk) < 10 << 20
        assert seen.hexdigest() == sha256_file(source) == sha256_file(disk / "b")


def _free_bytes(disk: Path) -> int:
    os.sync()
    state = os.statvfs(disk)
    return state.f_bfree * state.f_bsize


# Artifacts


def test_a_manifest_is_sorted_by_bytes() -> None:
    manifest = Manifest.of({name: sha256(name.encode()) for name in ("b", "a/c", "a.b", "é", "Z")})
    assert [name for _, name in manifest.entries] == ["Z", "a.b", "a/c", "b", "é"]
    assert manifest.digest == sha256(manifest.encode())
    assert manifest.encode().startswith(f"{sha256(b'Z')}  Z\n".encode())


@given(st.dictionaries(st.text("ab/é. ", min_size=1, max_size=5), st.just("0" * 64), min_size=1))
def test_a_manifest_does_not_depend_on_the_order(hashes: dict[str, str]) -> None:
    assert Manifest.of(hashes) == Manifest.of(dict(reversed(hashes.items())))


def test_the_digest_of_a_file_is_its_hash(tmp_path: Path) -> None:
    assert hash_artifact(write(tmp_path / "m", b"weights")) == sha256(b"weights")


def test_the_digest_of_a_folder_is_its_manifest_s(tmp_path: Path) -> None:
    for name in ("b", "a/c", "empty"):
        write(tmp_path / "m" / name, name.encode() if name != "empty" else b"")
    (tmp_path / "m" / "hollow").mkdir()
    hashes = {"b": sha256(b"b"), "a/c": sha256(b"a/c"), "empty": sha256(b"")}
    counting = Counting()
    assert hash_artifact(tmp_path / "m", progress=counting) == Manifest.of(hashes).digest
    assert counting.tasks == {"Hashing m": (4, 4)}


def test_links_inside_the_artifact_are_followed(tmp_path: Path) -> None:
    write(tmp_path / "m" / "a", b"same")
    (tmp_path / "m" / "b").symlink_to("a")
    assert hash_artifact(tmp_path / "m") == Manifest.of({"a": sha256(b"same"), "b": sha256(b"same")}).digest


def _fifo(path: Path) -> Path:
    os.mkfifo(path)
    return path


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(path))


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda path: None, "does not exist"),
        (lambda path: write(path, b""), "is empty"),
        (lambda path: path.mkdir(), "is an empty folder"),
        (lambda path: write(path / "a", b""), "is an empty folder"),
        (lambda path: (path / "a" / "b").mkdir(parents=True), "is an empty folder"),
        (lambda path: path.symlink_to("nowhere"), "leads nowhere"),
        (lambda path: path.symlink_to("/etc"), "link to a folder"),
        (lambda path: path.symlink_to("/etc/passwd"), "leads out of the repository"),
        (lambda path: (write(path / "a", b"x"), (path / "b").symlink_to("/etc/passwd")), "leads out of the repository"),
        (lambda path: (write(path / "a", b"x"), (path / "b").symlink_to("../outside")), "leads nowhere"),
        (lambda path: (write(path / "a", b"x"), (path / "b").symlink_to("..")), "link to a folder"),
        (_fifo, "neither a file nor a folder"),
        (_socket, "neither a file nor a folder"),
        (lambda path: path.symlink_to("/dev/null"), "leads out|neither"),
        (lambda path: (write(path / "a", b"x"), _fifo(path / "b")), "neither a file nor a folder"),
        (lambda path: write(path / "a\nb", b"x"), "control characters"),
        (lambda path: write(path / os.fsdecode(b"\xff"), b"x"), "not UTF-8"),
        (lambda path: write(path / "a\x1b[31m" / "b", b"x"), "control characters"),
    ],
)
def test_what_is_no_artifact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], object], problem: str
) -> None:
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "model")
    with pytest.raises(BadArtifact, match=problem) as caught:
        hash_artifact(tmp_path / "model")
    assert str(caught.value).startswith(str(tmp_path / "model"))
    assert str(caught.value).isprintable()


def test_a_link_to_a_file_in_an_allowed_folder(tmp_path: Path) -> None:
    write(tmp_path / "cache" / "object", b"weights")
    (tmp_path / "model").symlink_to("cache/object")
    assert hash_artifact(tmp_path / "model", within=(tmp_path / "cache",)) == sha256(b"weights")
    with pytest.raises(BadArtifact):
        hash_artifact(tmp_path / "model", within=(tmp_path / "other",))


def test_a_circle_of_links_is_named(tmp_path: Path) -> None:
    (tmp_path / "model").symlink_to("model")
    with pytest.raises(DiskFailure, match="Too many levels"):
        hash_artifact(tmp_path / "model")


def test_an_unreadable_folder_is_named(tmp_path: Path) -> None:
    write(tmp_path / "m" / "closed" / "f", b"x").parent.chmod(0o000)
    write(tmp_path / "m" / "f", b"x")
    code = "import sys, pathlib, mreg.adapters.hashing as h\nh.hash_artifact(pathlib.Path(sys.argv[1]))"
    assert f"DiskFailure: cannot read {tmp_path}/m" in run_unprivileged(code, tmp_path / "m").stderr
    (tmp_path / "m" / "closed").chmod(0o700)


def _append(file: Path) -> None:
    with file.open("ab") as stream:
        stream.write(b"more")


def _overwrite(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.write(b"X")


def _exchange(file: Path) -> None:
    write(file.with_name("new"), file.read_bytes()).replace(file)


@pytest.mark.parametrize("change", [_append, _overwrite, _exchange, Path.unlink])
@pytest.mark.parametrize("name", ["m", "m/a"])
def test_a_file_that_changes_while_it_is_hashed(tmp_path: Path, name: str, change: Callable[[Path], object]) -> None:
    file = write(tmp_path / name, b"x" * (2 * CHUNK))
    with pytest.raises((ArtifactChanged, BadArtifact)):
        hash_artifact(tmp_path / "m", progress=Meddling(lambda: change(file)))


def test_a_file_that_joins_a_folder_while_it_is_hashed(tmp_path: Path) -> None:
    write(tmp_path / "m" / "a", b"x")
    with pytest.raises(ArtifactChanged) as caught:
        hash_artifact(tmp_path / "m", progress=Meddling(lambda: write(tmp_path / "m" / "b", b"y")))
    assert "wait until" in caught.value.hint


def test_a_survey_reads_nothing(tmp_path: Path) -> None:
    write(tmp_path / "m" / "a", b"xyz").chmod(0o400)
    found = survey(tmp_path / "m")
    assert (found.is_dir, found.size, list(found.stamps)) == (True, 3, ["a"])


# Copying in


@pytest.mark.parametrize("there", [None, b"older", "folder"])
def test_an_artifact_is_copied_in(tmp_path: Path, there: bytes | str | None) -> None:
    write(tmp_path / "from" / "m" / "a" / "b", b"weights")
    write(tmp_path / "from" / "m" / "c", b"other")
    (tmp_path / "from" / "m" / "link").symlink_to("c")
    target = tmp_path / "to" / "deep" / "m"
    if isinstance(there, bytes):
        write(target, there)
    elif there:
        write(target / "stale", b"x")
    copy_in(tmp_path / "from" / "m", target)
    assert {name: (target / name).read_bytes() for name in ("a/b", "c", "link")} == {
        "a/b": b"weights",
        "c": b"other",
        "link": b"other",
    }
    assert _names(tmp_path / "to") == ["deep", "deep/m", "deep/m/a", "deep/m/a/b", "deep/m/c", "deep/m/link"]
    assert not (target / "link").is_symlink()


def test_a_link_to_an_artifact_elsewhere_is_followed(tmp_path: Path) -> None:
    write(tmp_path / "run" / "best.bin", b"weights")
    (tmp_path / "latest.bin").symlink_to("run/best.bin")
    copy_in(tmp_path / "latest.bin", tmp_path / "in" / "model.bin")
    assert (tmp_path / "in" / "model.bin").read_bytes() == b"weights"
    assert not (tmp_path / "in" / "model.bin").is_symlink()


def test_copying_does_not_write_through_a_hard_link(tmp_path: Path) -> None:
    cached = write(tmp_path / "cache", b"older")
    (tmp_path / "model").hardlink_to(cached)
    copy_in(write(tmp_path / "new", b"newer"), tmp_path / "model")
    assert (cached.read_bytes(), (tmp_path / "model").read_bytes()) == (b"older", b"newer")


def test_an_artifact_that_changes_while_it_is_copied(tmp_path: Path) -> None:
    source = write(tmp_path / "m", b"x" * (2 * CHUNK))
    with pytest.raises(ArtifactChanged):
        copy_in(source, tmp_path / "in" / "m", progress=Meddling(lambda: _append(source)))
    assert _names(tmp_path / "in") == []


def test_a_full_disk_leaves_nothing_of_a_copy(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "1m") as disk:
        with pytest.raises(DiskFailure, match="No space left"):
            copy_in(write(tmp_path / "m", bytes(2 << 20)), disk / "m")
        assert _names(disk) == []

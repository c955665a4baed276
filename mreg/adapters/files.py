"""Reading and writing people's files: streamed, atomic, and with errors that name the file and say what to do."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from mreg.adapters.exchange import exchange
from mreg.adapters.progress import SILENT, Progress
from mreg.adapters.scratch import scratch_folder
from mreg.errors import SystemFailure

CHUNK = 1 << 20
"""Bytes per read. DVC's own: its hash of a DVC 2 text file depends on where the chunks end."""

Sink = Callable[[memoryview], object]

_FICLONE = 0x40049409  # linux/fs.h

_REMEDY = {
    errno.ENOSPC: "free some space on that file system, then run the command again; nothing was changed",
    errno.EDQUOT: "free some of your disk quota, then run the command again; nothing was changed",
    errno.EACCES: "change its permissions or owner (see `ls -ld`), or run as a user who may",
    errno.EPERM: "change its permissions or owner (see `ls -ld`), or run as a user who may",
    errno.EROFS: "the file system is mounted read-only: choose another folder, or mount it writable",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ENOENT: "check the path",
    errno.EISDIR: "name a file, not a folder",
    errno.ENOTDIR: "a file has the name of a folder here: move it away, or choose another path",
    errno.EEXIST: "something else has this name: move it away, or choose another one",
    errno.ELOOP: "a symbolic link leads back to itself here: remove it, or choose another path",
}
_ANY_REMEDY = "check the disk and the path, then run the command again"


class DiskFailure(SystemFailure):
    """The operating system refused to read or write a file."""

    def __init__(self, *, path: Path, doing: str, error: OSError) -> None:
        super().__init__(f"cannot {doing} {path}: {error.strerror or error}")
        self.path, self.doing, self.errno = str(path), doing, error.errno
        self.hint = _REMEDY.get(error.errno, _ANY_REMEDY) if error.errno else ""


@contextmanager
def disk_errors(doing: str, path: Path) -> Iterator[None]:
    """Turn an OSError into a DiskFailure: "cannot {doing} {path}: No space left on device"."""
    try:
        yield
    except OSError as error:
        raise DiskFailure(path=path, doing=doing, error=error) from error


def pour(source: BinaryIO, *sinks: Sink) -> int:
    """Pass what `source` still holds to every sink, a MiB at a time, and return the number of bytes.

    A sink must not keep the buffer it is given. Hashing and writing release the interpreter, so threads run beside it.
    """
    buffer, total = memoryview(bytearray(CHUNK)), 0
    while count := source.readinto(buffer):  # type: ignore[attr-defined]
        for sink in sinks:
            sink(buffer[:count])
        total += count
    return total


def sha256_file(path: Path, *, progress: Progress = SILENT) -> str:
    """The hex SHA-256 of a file's bytes.

    Raises:
        DiskFailure: It is missing or cannot be read.
    """
    hasher = hashlib.sha256()
    with (
        disk_errors("read", path),
        path.open("rb") as file,
        progress.start(f"Hashing {path.name}", os.fstat(file.fileno()).st_size) as advance,
    ):
        pour(file, hasher.update, lambda chunk: advance(chunk.nbytes))
    return hasher.hexdigest()


def copy_file(source: Path, target: Path, *sinks: Sink) -> None:
    """Copy a file to a name that is free, passing its bytes to the sinks on the way.

    The copy shares its blocks with the original until one of them is written to, where the file system can do that.

    Raises:
        DiskFailure: The source cannot be read.
        OSError: The target cannot be written.
    """
    with disk_errors("read", source):
        original = source.open("rb")
    with original, target.open("xb+") as copy:
        if _share_blocks(original, copy):
            pour(copy, *sinks)
        else:
            pour(original, *sinks, copy.write)


def _share_blocks(original: BinaryIO, copy: BinaryIO) -> bool:
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        fcntl.ioctl(copy.fileno(), _FICLONE, original.fileno())
    except OSError:
        return False
    return True


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A free name below `folder`, for a file or a folder that is renamed when complete; what is left of it is removed.

    Where the process is killed, the next that works in `folder` removes it: see `scratch_folder`.
    """
    with scratch_folder(folder) as own:
        yield own / "new"


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if _is_folder(path):
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[None]:
    """Make a folder and those above it for the code inside; where that fails, those still empty are removed.

    Raises:
        DiskFailure: It cannot be made.
    """
    made = [folder for folder in (path, *path.parents) if not folder.exists()]
    with disk_errors("make", path):
        path.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()
        raise


def write_atomic(path: Path, data: bytes) -> None:
    """Replace the file's content as one step that survives a crash; its permissions stay.

    Raises:
        DiskFailure: Full, read-only or forbidden; the file is as it was.
    """
    with disk_errors("write", path), scratch(path.parent) as temporary:
        with temporary.open("xb") as file:
            with suppress(FileNotFoundError):
                os.fchmod(file.fileno(), path.stat().st_mode & 0o7777)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename durable, where the file system knows how."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def install(new: Path, target: Path) -> None:
    """Rename `new`, which lies on the same file system, to `target`, in the place of whatever is there.

    A file replaces a file in one step. Where a folder is involved, the two names are exchanged in one step: what was
    there has the name `new` then, complete, and whoever has it open reads on. A file system that cannot exchange names
    takes three steps: the old one steps aside, and comes back if the new one cannot take its place.
    """
    if not (_is_folder(new) or _is_folder(target)):
        new.replace(target)
    elif not os.path.lexists(target):
        new.rename(target)
    elif not exchange(new, target):
        _exchange_in_steps(new, target)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _exchange_in_steps(new: Path, target: Path) -> None:
    with scratch(target.parent) as aside:
        try:
            target.rename(aside)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            remove(target)  # a folder of a container's image, which overlayfs does not rename
        try:
            new.rename(target)
        except OSError:
            with suppress(FileNotFoundError):
                aside.rename(target)
            raise
        with suppress(FileNotFoundError):
            aside.rename(new)

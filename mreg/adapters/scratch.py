"""Temporary folders that do not outlive their maker for long, even where the maker is killed."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCK, _NAMES = "lock", ".mreg-*.tmp"


@contextmanager
def scratch_folder(folder: Path) -> Iterator[Path]:
    """A new folder inside another one; afterwards it is gone, with all that is in it.

    What killed processes left in the same place is removed first: a lock in each, which ends with its process, tells
    whether somebody is still at work there.

    Raises:
        OSError: The folder cannot be made.
    """
    for other in folder.glob(_NAMES):
        with suppress(OSError):
            _remove_if_abandoned(other)
    path, lock = _make(folder)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(lock)


def has_leftovers(folder: Path) -> bool:
    """Whether somebody is at work in a folder, or was killed at it."""
    return any(folder.glob(_NAMES))


def _make(folder: Path) -> tuple[Path, int]:
    while True:
        path = folder / f".mreg-{os.urandom(8).hex()}.tmp"
        path.mkdir()
        # Between the two steps, somebody may take it for abandoned.
        with suppress(FileNotFoundError):
            return path, _lock(path, fcntl.LOCK_EX)


def _remove_if_abandoned(path: Path) -> None:
    lock = _lock(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
    try:
        shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(lock)


def _lock(path: Path, operation: int) -> int:
    """The descriptor that holds the lock of a temporary folder.

    Raises:
        FileNotFoundError: Somebody removed the folder first.
        OSError: Somebody else has the lock, or may have it.
    """
    file = path / _LOCK
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, operation)
        file.stat()
    except OSError:
        os.close(descriptor)
        raise
    return descriptor

"""The user's cache folder: what is kept of which repository, who uses it, and taking it away again."""

from __future__ import annotations

import fcntl
import json
import os
import weakref
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mreg.adapters.files import disk_errors, scratch, write_atomic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mreg.adapters.views.address import Address

_MARKER, _LOCKS = "repository.json", "locks"
_PRIVATE = 0o700  # what is kept may be of a private repository
ARTIFACTS = "artifacts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """All that is kept of one repository.

    Attributes:
        folder: Where.
        url: The repository's URL, without user, password and tokens.
        used: When it was last asked, in seconds since 1970 UTC.
    """

    folder: Path
    url: str
    used: int

    @property
    def artifacts(self) -> Path:
        """DVC's cache of the repository's artifacts."""
        return self.folder / ARTIFACTS

    def sizes(self) -> tuple[int, int]:
        """The bytes of refs and objects and what was computed from them, and those of artifacts."""
        artifacts = _size(self.artifacts)
        return _size(self.folder) - artifacts, artifacts


class Use:
    """Somebody's use of what is kept of a repository: as long as this object is there, nobody takes it away."""

    def __init__(self, *, folder: Path, lock: Path, descriptor: int) -> None:
        self.folder, self._lock = folder, lock
        weakref.finalize(self, os.close, descriptor)

    def lock(self, name: str) -> Path:
        """The file of a lock of this repository; it is outside of the folder, which may be made anew."""
        return self._lock.with_suffix(f".{name}")


class Shelf:
    """The folder for all repositories, one folder each."""

    def __init__(self, folder: Path | None = None) -> None:
        """Where things are kept.

        Args:
            folder: None is the user's own cache folder.
        """
        if folder is None:
            from platformdirs import user_cache_path

            folder = user_cache_path("mreg") / "repositories"
        self.folder = folder

    def use(self, address: Address) -> Use:
        """The folder for a repository, made if need be.

        Raises:
            DiskFailure: It cannot be made.
        """
        folder, lock = self.folder / address.key, self._lock(address.key)
        with disk_errors("write to", self.folder):
            lock.parent.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            use = Use(folder=folder, lock=lock, descriptor=descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            os.utime(lock)
            if _marker(folder) is None:
                self._make(folder, address)
        return use

    def _make(self, folder: Path, address: Address) -> None:
        marker = json.dumps({"schema": "mreg/v1", "url": address.shown}) + "\n"
        with scratch(self.folder) as new:
            new.mkdir(mode=_PRIVATE)
            (new / _MARKER).write_text(marker)
            try:
                new.rename(folder)
            except OSError:
                if folder.is_symlink() or not folder.is_dir():
                    raise
                # Another process was faster, or somebody removed the file alone.
                write_atomic(folder / _MARKER, marker.encode())

    def kept(self) -> list[Kept]:
        """What is kept, sorted by URL."""
        found = []
        with suppress(FileNotFoundError):
            for folder in self.folder.iterdir():
                if (url := _marker(folder)) is not None:
                    found.append(Kept(folder=folder, url=url, used=self._used(folder)))
        return sorted(found, key=lambda kept: kept.url)

    def _used(self, folder: Path) -> int:
        for file in (self._lock(folder.name), folder):
            with suppress(FileNotFoundError):
                return int(file.stat().st_mtime)
        return 0

    def clear(self, kept: Kept) -> bool:
        """Remove what is kept of a repository; no symbolic link in it is followed.

        Returns:
            Whether it is gone: nothing is removed that somebody uses at the moment.

        Raises:
            DiskFailure: It cannot be removed.
        """
        with disk_errors("remove", kept.folder), self._alone(kept.folder.name) as alone:
            if alone and _marker(kept.folder) is not None:
                with scratch(self.folder) as aside:
                    kept.folder.rename(aside)
            return alone

    @contextmanager
    def _alone(self, key: str) -> Iterator[bool]:
        descriptor = os.open(self._lock(key), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            yield _take(descriptor)
        finally:
            os.close(descriptor)

    def _lock(self, key: str) -> Path:
        return self.folder / _LOCKS / f"{key}.use"


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _marker(folder: Path) -> str | None:
    """The URL of what is kept in a folder that mreg made; None for any other folder, and for a link to one."""
    file = folder / _MARKER
    if folder.is_symlink() or file.is_symlink():
        return None
    try:
        return str(json.loads(file.read_text())["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _size(folder: Path) -> int:
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # somebody is at work there
                total += os.lstat(os.path.join(path, name)).st_size  # noqa: PTH118 - thousands of files
    return total

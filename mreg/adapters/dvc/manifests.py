"""Which folders hold a file, by what DVC's local cache has of them: a manifest for each folder, of paths and hashes.

Nothing here imports DVC.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mreg.adapters.dvc.cache import BadManifest, CorruptObject, parse_manifest
from mreg.adapters.dvc.pointers import MD5_NAMES
from mreg.adapters.files import disk_errors

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from mreg.adapters.dvc.cache import Cache


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a folder: the folder's hash (`….dir`), the path in it, and the file's md5."""

    folder: str
    path: str
    md5: str


@dataclass(frozen=True, slots=True)
class Found:
    """Members that were looked for, and the folders whose manifest is not in the cache or cannot be trusted."""

    members: tuple[Member, ...]
    missing: tuple[str, ...]


def find_members(cache: Cache, folders: Iterable[str], md5s: Collection[str]) -> Found:
    """Where files of these contents are among these folders.

    Args:
        cache: The local cache.
        folders: Hashes of folders, such as `1b2c….dir`.
        md5s: Hashes of files, or how they begin.

    Raises:
        DiskFailure: A manifest is there and cannot be read.
    """
    wanted = [f'"{md5}'.encode() for md5 in md5s]
    members: list[Member] = []
    missing: list[str] = []
    for folder in dict.fromkeys(folders):
        path = _manifest(cache, folder)
        if path is None:
            missing.append(folder)
            continue
        with disk_errors("read", path):
            data = path.read_bytes()
        # Most manifests have none of them: looking for the bytes takes a hundredth of the time of parsing.
        if not any(text in data for text in wanted):
            continue
        try:
            listed = parse_manifest(data, folder, str(path)).items()
        except (BadManifest, CorruptObject):
            missing.append(folder)
            continue
        members += [Member(folder, name, md5) for name, md5 in listed if md5.startswith(tuple(md5s))]
    return Found(tuple(members), tuple(missing))


def member(cache: Cache, folder: str, path: str) -> str | None:
    """The md5 of a folder's member; None where the manifest is not there, cannot be trusted, or does not list it."""
    manifest = _manifest(cache, folder)
    if manifest is None:
        return None
    with disk_errors("read", manifest):
        data = manifest.read_bytes()
    try:
        return parse_manifest(data, folder, str(manifest)).get(path)
    except (BadManifest, CorruptObject):
        return None


def _manifest(cache: Cache, folder: str) -> Path | None:
    """Where a folder's manifest is: DVC 3 and DVC 2 keep theirs in different places."""
    return next((path for name in MD5_NAMES if (path := cache.find(name, folder))), None)

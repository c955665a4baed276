"""An artifact's bytes out of the cache, under their final name only once they are proven right.

Nothing here imports DVC.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mreg.adapters.dvc.cache import (
    OBJECT_MODE,
    Cache,
    Hasher,
    NotCached,
    check_hash,
    new_hasher,
    verify_object,
)
from mreg.adapters.dvc.pointers import directory_hash
from mreg.adapters.files import copy_file, disk_errors, install, pour, scratch
from mreg.adapters.hashing import ALONE, BadArtifact, digest_of, read_member, survey
from mreg.adapters.progress import Advance, Progress
from mreg.core.pointer import Pointer
from mreg.errors import RegistryError, SystemFailure


class TargetExists(RegistryError):
    """Something else has the name that the artifact would get."""

    def __init__(self, *, target: Path) -> None:
        super().__init__(f"{target} exists and is not the artifact")
        self.target = str(target)
        self.hint = "--force replaces it; or choose another folder"


class WrongBytes(RegistryError):
    """The bytes are what DVC's pointer says, and not what was registered."""

    def __init__(self, *, path: str, expected: str, found: str) -> None:
        super().__init__(f"{path} is not what was registered: its SHA-256 is {found}, not {expected}")
        self.path, self.expected, self.found = path, expected, found
        self.hint = (
            "its pointer or its tag was changed after the registration: `mreg verify` names what was; do not use it"
        )


class CannotLink(SystemFailure):
    """The file system cannot give the cached object a second name in the folder."""

    def __init__(self, *, target: Path, error: OSError) -> None:
        super().__init__(f"cannot hard-link from the DVC cache into {target}: {error.strerror}")
        self.target, self.errno = str(target), error.errno
        self.hint = "a link needs the cache and the folder on one file system that has links; copy instead"


def _nothing(_: Path) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """How an artifact takes the place of another one.

    Attributes:
        announce: Called with the artifact, complete and proven, just before it gets its name.
        previous: Where a folder goes whose place it took, and who has that folder open finds its files; None removes
            it.
    """

    announce: Callable[[Path], object] = _nothing
    previous: Path | None = None

    def keep(self, replaced: Path, name: str) -> None:
        """Keep what was replaced, if it is still there and is to be kept."""
        if self.previous is not None and os.path.lexists(replaced):
            self.previous.mkdir(exist_ok=True)
            install(replaced, self.previous / name)


@dataclass(frozen=True, slots=True)
class _Seal:
    """What an artifact is compared with: the digest of its registration, or else DVC's own hash."""

    expected: str
    new_hasher: Callable[[], Hasher]
    combine: Callable[[Mapping[str, str]], str]


def deliver(
    pointer: Pointer,
    digest: str | None,
    folder: Path,
    *,
    cache: Cache,
    link: bool,
    replace: bool,
    progress: Progress,
) -> Path:
    """Put the artifact into the folder: see `mreg.adapters.dvc.Dvc.deliver`."""
    target = folder / pointer.name
    if os.path.lexists(target):
        if is_artifact(target, pointer, digest, progress=progress):
            return target
        if not replace:
            raise TargetExists(target=target)
    return place(pointer, digest, folder, cache=cache, link=link, handover=Handover(), progress=progress)


def place(
    pointer: Pointer,
    digest: str | None,
    folder: Path,
    *,
    cache: Cache,
    link: bool,
    handover: Handover,
    progress: Progress,
) -> Path:
    """Put the artifact where something else may be: see `mreg.adapters.dvc.Dvc.place`."""
    target, seal, objects = folder / pointer.name, _seal(pointer, digest), _objects(pointer, cache)
    with disk_errors("write to", folder):
        folder.mkdir(parents=True, exist_ok=True)
        with scratch(folder) as temporary:
            found = _copy(pointer, objects, temporary, seal, progress, link=link)
            if found != seal.expected:
                for object_hash, path in objects.values():
                    verify_object(path, pointer.hash_name, object_hash)
                raise WrongBytes(path=pointer.path, expected=seal.expected, found=found)
            handover.announce(temporary)
            install(temporary, target)
            handover.keep(temporary, pointer.name)
    return target


def is_artifact(target: Path, pointer: Pointer, digest: str | None, *, progress: Progress) -> bool:
    """Whether a file or folder is the artifact, byte for byte; it is hashed unless its size tells already."""
    return _is_same(target, pointer, _seal(pointer, digest), progress)


def digest_cached(pointer: Pointer, *, cache: Cache, progress: Progress) -> str:
    """The SHA-256 of an artifact in the cache: see `mreg.adapters.dvc.Dvc.digest`."""
    objects = _objects(pointer, cache)
    hashes = {}
    with progress.start(f"Hashing {pointer.name}", pointer.size or 0) as advance:
        for member, (object_hash, path) in objects.items():
            hasher = new_hasher(pointer.hash_name)
            hashes[member] = read_member(path, advance, hasher.update).sha256
            check_hash(path, object_hash, hasher)
    return digest_of(hashes)


def _seal(pointer: Pointer, digest: str | None) -> _Seal:
    if digest is not None:
        return _Seal(digest, hashlib.sha256, digest_of)
    combine = directory_hash if pointer.is_dir else lambda sums: sums[ALONE]
    return _Seal(pointer.hash, lambda: new_hasher(pointer.hash_name), combine)


def _objects(pointer: Pointer, cache: Cache) -> dict[str, tuple[str, Path]]:
    """Member → its object's hash and file."""
    objects = {}
    for member, object_hash in cache.members(pointer).items():
        path = cache.find(pointer.hash_name, object_hash)
        if path is None:
            raise NotCached(path=pointer.path, object_hash=object_hash)
        objects[member] = object_hash, path
    return objects


def _is_same(target: Path, pointer: Pointer, seal: _Seal, progress: Progress) -> bool:
    if target.is_dir() != pointer.is_dir:
        return False
    try:
        found = survey(target)
    except BadArtifact:
        return False
    if pointer.size not in (None, found.size):
        return False
    with progress.start(f"Comparing {target.name}", found.size) as advance:
        sums = {member: _hash(found.locate(member), seal, advance) for member in found.stamps}
    return seal.combine(sums) == seal.expected


def _hash(path: Path, seal: _Seal, advance: Advance) -> str:
    hasher = seal.new_hasher()
    with disk_errors("read", path), path.open("rb") as file:
        pour(file, hasher.update, lambda chunk: advance(chunk.nbytes))
    return hasher.hexdigest()


def _copy(
    pointer: Pointer,
    objects: Mapping[str, tuple[str, Path]],
    temporary: Path,
    seal: _Seal,
    progress: Progress,
    *,
    link: bool,
) -> str:
    """Copy or link every member into `temporary`, and return what the artifact's hash turned out to be."""
    sums, size = {}, sum(path.stat().st_size for _, path in objects.values())
    if pointer.is_dir:
        temporary.mkdir()
    with progress.start(f"{'Checking' if link else 'Copying'} {pointer.name}", size) as advance:
        for member, (_, source) in objects.items():
            target = temporary / member
            if pointer.is_dir:
                target.parent.mkdir(parents=True, exist_ok=True)
            if link:
                sums[member] = _hash(source, seal, advance)
                _link(source, target)
            else:
                hasher = seal.new_hasher()
                copy_file(source, target, hasher.update, lambda chunk: advance(chunk.nbytes))
                sums[member] = hasher.hexdigest()
    return seal.combine(sums)


def _link(source: Path, target: Path) -> None:
    """A second name for the cached object, which is made read-only first: writing to one would change both."""
    with suppress(OSError):
        source.chmod(OBJECT_MODE)
    try:
        target.hardlink_to(source)
    except OSError as error:
        raise CannotLink(target=target.parent, error=error) from error

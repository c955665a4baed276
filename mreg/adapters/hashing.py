"""The SHA-256 digest of an artifact, file or folder, taken so that it is of one state of the bytes.

A folder's digest is that of its manifest: one line `<sha256>  <path>` a file, as `sha256sum` writes them, sorted by the
bytes of the path. Empty folders inside it do not count, as they do not for Git and DVC.

Source: docs/format.md
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from mreg.adapters.files import DiskFailure, Sink, disk_errors, pour
from mreg.adapters.progress import SILENT, Advance, Progress
from mreg.errors import RegistryError

ALONE = ""
"""The name of the only member of an artifact that is a file."""

_ODD_NAME = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class Stamp(NamedTuple):
    """What differs once a file was written to, or another one has its name."""

    size: int
    mtime_ns: int
    identity: tuple[int, int]


class BadArtifact(RegistryError):
    """A path that cannot be an artifact."""

    def __init__(self, *, path: Path, problem: str, hint: str = "") -> None:
        super().__init__(f"{path} {problem}", hint=hint)
        self.path, self.problem = str(path), problem


class ArtifactChanged(RegistryError):
    """The artifact was written to while it was read."""

    def __init__(self, *, path: Path) -> None:
        super().__init__(f"{path} changed while it was being read")
        self.path = str(path)
        self.hint = "wait until the program that writes it has finished, then run the command again"


class Reading(NamedTuple):
    """A file's hash, and its stamp if that was the same before and after; no hash where the file was gone."""

    sha256: str
    stamp: Stamp | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """A folder's files as (sha256, posix path relative to it), sorted by the bytes of the path."""

    entries: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, hashes: Mapping[str, str]) -> Manifest:
        """From path → sha256."""
        return cls(tuple((hashes[path], path) for path in sorted(hashes, key=str.encode)))

    def encode(self) -> bytes:
        return "".join(f"{sha256}  {path}\n" for sha256, path in self.entries).encode()

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Survey:
    """The files of an artifact and their stamps at one moment; a file is its own only member, named ""."""

    path: Path
    is_dir: bool
    stamps: Mapping[str, Stamp]

    @property
    def size(self) -> int:
        return sum(stamp.size for stamp in self.stamps.values())

    def locate(self, member: str) -> Path:
        return self.path / member


def survey(path: Path, *, within: tuple[Path, ...] = ()) -> Survey:
    """List an artifact's files without reading them.

    Args:
        within: Folders into which symbolic links may lead, besides the artifact itself.

    Raises:
        BadArtifact: Missing, empty, neither file nor folder, a link that leads out, or a name with control characters.
        DiskFailure: A folder cannot be read.
    """
    with disk_errors("read", path):
        roots = tuple(Path(os.path.realpath(root)) for root in (*within, path))
        is_dir = stat.S_ISDIR(_checked(path, roots[:-1]).st_mode)
        stamps = _walk(path, roots) if is_dir else {ALONE: stamp(path.stat())}
    if not any(stamp.size for stamp in stamps.values()):
        hint = "was it saved? an artifact has at least one byte"
        raise BadArtifact(path=path, problem="is an empty folder" if is_dir else "is empty", hint=hint)
    return Survey(path, is_dir, stamps)


def hash_members(found: Survey, advance: Advance) -> dict[str, Reading]:
    """Read and hash every file of the survey. Whether what was read is what was surveyed is for the caller to judge.

    Raises:
        DiskFailure: A file cannot be read.
    """
    return {member: read_member(found.locate(member), advance) for member in found.stamps}


def read_member(path: Path, advance: Advance, *also: Sink) -> Reading:
    """Read and hash one file, passing its bytes to other sinks too.

    Raises:
        DiskFailure: It cannot be read.
    """
    hasher = hashlib.sha256()
    try:
        with disk_errors("read", path), path.open("rb") as file:
            before = stamp(os.fstat(file.fileno()))
            pour(file, hasher.update, lambda chunk: advance(chunk.nbytes), *also)
            after = stamp(os.fstat(file.fileno()))
    except DiskFailure as error:
        if error.errno != errno.ENOENT:
            raise
        return Reading("", None)
    return Reading(hasher.hexdigest(), after if before == after else None)


def digest_of(hashes: Mapping[str, str]) -> str:
    """One digest for an artifact: a file's own, or its manifest's for a folder."""
    return hashes[ALONE] if ALONE in hashes else Manifest.of(hashes).digest


def hash_artifact(path: Path, *, within: tuple[Path, ...] = (), progress: Progress = SILENT) -> str:
    """The digest of a file or a folder.

    Args:
        within: As for `survey`, whose errors it raises too.

    Raises:
        ArtifactChanged: Something was written, added, removed or exchanged meanwhile.
        DiskFailure: A file cannot be read.
    """
    before = survey(path, within=within)
    with progress.start(f"Hashing {path.name}", before.size) as advance:
        readings = hash_members(before, advance)
    stamps = {member: reading.stamp for member, reading in readings.items()}
    if not stamps == before.stamps == survey(path, within=within).stamps:
        raise ArtifactChanged(path=path)
    return digest_of({member: reading.sha256 for member, reading in readings.items()})


def stamp(state: os.stat_result) -> Stamp:
    return Stamp(state.st_size, state.st_mtime_ns, (state.st_dev, state.st_ino))


def _walk(top: Path, roots: tuple[Path, ...]) -> dict[str, Stamp]:
    stamps, folders = {}, [top]
    while folders:
        for entry in folders.pop().iterdir():
            state = _checked(entry, roots)
            if stat.S_ISDIR(state.st_mode):
                folders.append(entry)
            else:
                stamps[entry.relative_to(top).as_posix()] = stamp(state)
    return stamps


def _checked(path: Path, roots: tuple[Path, ...]) -> os.stat_result:
    """The state of what `path` leads to, once it is known to be fit for an artifact."""
    if _ODD_NAME.search(path.name):
        problem = f"has control characters in a name, or one that is not UTF-8: {path.name!r}"
        raise BadArtifact(path=path.parent, problem=problem, hint="rename it")
    try:
        state = path.stat()
    except FileNotFoundError:
        problem = "is a link that leads nowhere" if path.is_symlink() else "does not exist"
        raise BadArtifact(path=path, problem=problem, hint="check the path") from None
    if path.is_symlink():
        _check_link(path, roots, is_dir=stat.S_ISDIR(state.st_mode))
    if not (stat.S_ISDIR(state.st_mode) or stat.S_ISREG(state.st_mode)):
        problem = "is neither a file nor a folder, but a device, pipe or socket"
        raise BadArtifact(path=path, problem=problem, hint="name the model's own file or folder")
    if not os.access(path, os.R_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    return state


def _check_link(path: Path, roots: tuple[Path, ...], *, is_dir: bool) -> None:
    target = Path(os.path.realpath(path))
    if is_dir:
        problem = f"is a symbolic link to a folder, {target}, which DVC does not follow"
        raise BadArtifact(path=path, problem=problem, hint="use the folder itself, or put a copy in the link's place")
    if not any(target.is_relative_to(root) for root in roots):
        problem = f"is a symbolic link that leads out of the repository, to {target}"
        raise BadArtifact(path=path, problem=problem, hint="put a copy of the file in the link's place")

"""The artifact of a registration: brought into the repository, under DVC, with its digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mreg.adapters.copying import copy_in
from mreg.adapters.dvc import Dvc
from mreg.adapters.dvc.pointers import candidates, find_pointer
from mreg.adapters.files import disk_errors
from mreg.adapters.hashing import BadArtifact, hash_artifact
from mreg.core.formats import infer_format
from mreg.core.pointer import Pointer
from mreg.usecases.register.place import InTheWay, located

if TYPE_CHECKING:
    from pathlib import Path

    from mreg.adapters.git import Git
    from mreg.adapters.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """An artifact that DVC has.

    Attributes:
        digest: The SHA-256 of the file, or of the folder's manifest.
        files: What says where it is and belongs into the commit, relative to the root.
        gitignore: The `.gitignore` that keeps it out of Git, and DVC's line in it; None where there is no such line.
    """

    pointer: Pointer
    digest: str
    files: tuple[str, ...]
    gitignore: tuple[str, str] | None = None


def obtain(git: Git, path: Path, place: str, *, model: str, progress: Progress) -> Artifact:
    """Copy the artifact in where it is outside, and put it under DVC.

    Raises:
        InTheWay: What is at its place would be lost.
        Others: As `Dvc.track` and `copy_in`.
    """
    target = git.root / place
    dvc = Dvc.find(target.parent, git.root)
    # Git's own word for what a path in the work tree is: a link above it may lead there too.
    if located(path) != located(target) and not _is_there(dvc, path, target, place, model):
        copy_in(path, target, progress=progress)
    tracked = dvc.track(target, git_tracked=lambda file: git.is_tracked(_relative(file, git)), progress=progress)
    ignored = None if tracked.gitignore is None else (tracked.gitignore, tracked.gitignore_line)
    return Artifact(pointer=tracked.pointer, digest=tracked.digest, files=tracked.files, gitignore=ignored)


def _is_there(dvc: Dvc, path: Path, target: Path, place: str, model: str) -> bool:
    """Whether an artifact from outside is at its place already, as after a registration that was killed."""
    if not target.exists() or dvc.holds(target):
        return False
    try:
        if hash_artifact(path) == hash_artifact(target):
            return True
    except BadArtifact as error:
        if error.path == str(path):
            raise
    raise InTheWay(path=path, place=place, model=model)


def _relative(file: Path, git: Git) -> str:
    return file.resolve().relative_to(git.root.resolve()).as_posix()


def recover(git: Git, place: str, *, progress: Progress) -> Artifact | None:
    """The artifact that a pointer in the work tree names though the bytes are not in it, as in a fresh clone.

    They are fetched into DVC's cache where they are not there, and hashed. None where no pointer names it.

    Raises:
        As `Dvc.fetch` and `Dvc.digest`.
    """
    held = {file: (git.root / file).read_bytes() for file in candidates(place) if (git.root / file).is_file()}
    pointer = find_pointer(place, held)
    if pointer is None:
        return None
    dvc = Dvc.find((git.root / pointer.file).parent, git.root)
    if dvc.cached(pointer) is None:
        dvc.fetch(pointer, progress=progress)
    return Artifact(pointer=pointer, digest=dvc.digest(pointer, progress=progress), files=(pointer.file,))


def format_of(path: Path) -> str | None:
    """The format that the artifact's name, or its folder's content, tells."""
    with disk_errors("read", path):
        members = [member.name for member in path.iterdir()] if path.is_dir() else []
    return infer_format(path.name, members)

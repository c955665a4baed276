"""The artifact of a registration: brought into the repository, under DVC, with its digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mreg.adapters.copying import copy_in
from mreg.adapters.dvc import Dvc
from mreg.adapters.files import disk_errors
from mreg.adapters.pointers import candidates, find_pointer
from mreg.core.formats import infer_format
from mreg.core.pointer import Pointer
from mreg.errors import UsageError

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


class NotAPath(UsageError):
    """The artifact's path would mean something else inside the repository."""

    hint = "give the file or the folder of the model itself"

    def __init__(self, *, path: Path) -> None:
        super().__init__(f"{path} cannot be an artifact")
        self.path = str(path)


def destination(git: Git, path: Path, folder: str) -> str:
    """Where the artifact will be, relative to the root: where it is, or in the model's folder if it is outside.

    Args:
        git: The repository.
        path: What the person named.
        folder: The model's folder, relative to the root.

    Raises:
        NotAPath: It is the repository itself, or has no name.
    """
    root = git.root.resolve()
    place = path.parent.resolve() / path.name
    if place == root or not place.name or root.is_relative_to(place):
        raise NotAPath(path=path)
    return place.relative_to(root).as_posix() if place.is_relative_to(root) else f"{folder}/{place.name}"


def obtain(git: Git, path: Path, place: str, *, progress: Progress) -> Artifact:
    """Copy the artifact in where it is outside, and put it under DVC.

    Raises:
        As `Dvc.track` and `copy_in`.
    """
    target = git.root / place
    # Git's own word for what a path in the work tree is: a link above it may lead there too.
    if path.parent.resolve() / path.name != target.parent.resolve() / target.name:
        Dvc.find(target.parent, git.root)
        with disk_errors("make", target.parent):
            target.parent.mkdir(parents=True, exist_ok=True)
        copy_in(path, target, progress=progress)
    tracked = Dvc.find(target.parent, git.root).track(
        target, git_tracked=lambda file: git.is_tracked(_relative(file, git)), progress=progress
    )
    ignored = None if tracked.gitignore is None else (tracked.gitignore, tracked.gitignore_line)
    return Artifact(pointer=tracked.pointer, digest=tracked.digest, files=tracked.files, gitignore=ignored)


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
    members = [member.name for member in path.iterdir()] if path.is_dir() else []
    return infer_format(path.name, members)

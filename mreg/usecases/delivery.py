"""`mreg get`: an artifact's bytes, without touching the work tree."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mreg.adapters.progress import SILENT
from mreg.usecases.details import Resolution, resolve

if TYPE_CHECKING:
    from mreg.adapters.dvc import Dvc
    from mreg.adapters.progress import Progress
    from mreg.usecases.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What was delivered, and where it is now.

    Attributes:
        changed: Whether the folder holds something else now than before.
        remarks: What a person should know about the folder, a sentence each.
    """

    resolution: Resolution
    path: Path
    changed: bool
    remarks: tuple[str, ...] = ()


def get(
    workspace: Workspace,
    text: str,
    folder: Path,
    *,
    link: bool = False,
    force: bool = False,
    progress: Progress = SILENT,
) -> Delivered:
    """Put a version's artifact into a folder under its own name, from the local cache or else the DVC remote.

    The bytes are hashed and compared with what was registered before they appear under that name.

    Args:
        workspace: The repository.
        text: The version.
        folder: Where to; created if need be.
        link: Hard-link to the cache instead of copying; the file is read-only then.
        force: Replace something else that has the name.
        progress: Shows the bytes fetched and copied.

    Raises:
        InvalidRef, UnknownModel, UnknownRef, NoPointer: The reference stands for no artifact.
        NoRemote, MissingObject, CorruptObject, BadManifest, WrongBytes: The bytes are missing or not to be trusted.
        TargetExists, CannotLink, DiskFailure: The folder.
    """
    found = resolve(workspace, text)
    dvc = bring(workspace, found, progress=progress)
    before = _inode(folder / found.pointer.name)
    path = dvc.deliver(found.pointer, found.digest, folder, link=link, replace=force, progress=progress)
    return Delivered(resolution=found, path=path, changed=_inode(path) != before)


def bring(workspace: Workspace, found: Resolution, *, progress: Progress) -> Dvc:
    """The DVC repository of an artifact, with the artifact in its local cache: fetched where it was not.

    Raises:
        NoRemote, MissingObject, CorruptObject, BadManifest: As for `get`.
    """
    dvc = workspace.dvc(found.pointer)
    if dvc.cached(found.pointer) is None:
        dvc.fetch(found.pointer, rev=found.commit, progress=progress)
    return dvc


def _inode(path: Path) -> int | None:
    try:
        return path.lstat().st_ino
    except OSError:
        return None

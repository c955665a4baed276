"""Artifacts on their way to the DVC remote: nothing is published before its bytes are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.adapters.dvc import Dvc
from mreg.adapters.history import read_models
from mreg.core.events import ARCHIVED, NONE
from mreg.usecases.details import locate_all
from mreg.usecases.papers import Place
from mreg.usecases.sharing.results import Sent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mreg.adapters.progress import Progress
    from mreg.core.events import Event
    from mreg.core.fold import ModelState, VersionState
    from mreg.core.pointer import Pointer
    from mreg.usecases.workspace import Workspace


def send_artifacts(workspace: Workspace, registered: Iterable[Event], *, progress: Progress) -> Sent:
    """Bring the artifacts of the versions that these events registered to the DVC remote.

    Raises:
        DvcFailure, NoRemote, MissingObject, CorruptObject: An artifact did not arrive.
    """
    by_root: dict[Dvc, list[Pointer]] = {}
    for pointer in _pointers(workspace, registered):
        by_root.setdefault(workspace.dvc(pointer), []).append(pointer)
    sent = [dvc.push(pointers, progress=progress) for dvc, pointers in by_root.items()]
    return Sent(versions=sum(len(pointers) for pointers in by_root.values()), bytes=sum(one.size for one in sent))


def fetch_artifacts(workspace: Workspace, *, progress: Progress) -> tuple[str, ...]:
    """Bring the artifacts of the versions in use to the local cache: of those in a stage, and of each model's latest.

    Returns:
        The versions whose artifact was not here.

    Raises:
        DvcFailure, NoRemote, MissingObject, CorruptObject: One could not be had.
    """
    used = [version for history in read_models(workspace.git) for version in _in_use(history.state)]
    with workspace.git.blobs() as blobs:
        places = [Place(version.registered.model, version.commit) for version in used]
        found = locate_all(workspace, blobs, places)
    fetched = []
    for version, located in zip(used, found, strict=True):
        if located.pointer is None:
            continue
        dvc = workspace.dvc(located.pointer)
        if dvc.cached(located.pointer) is None:
            dvc.fetch(located.pointer, rev=version.commit, progress=progress)
            fetched.append(f"{version.registered.model}@v{version.version}")
    return tuple(fetched)


def _in_use(state: ModelState) -> list[VersionState]:
    idle = (NONE, ARCHIVED)
    versions = state.versions.values()
    return [version for version in versions if version.stage not in idle or version.version == state.latest]


def _pointers(workspace: Workspace, registered: Iterable[Event]) -> list[Pointer]:
    places = [Place(event.model, event.commit) for event in registered]
    with workspace.git.blobs() as blobs:
        found = locate_all(workspace, blobs, places)
    return [located.pointer for located in found if located.pointer is not None]

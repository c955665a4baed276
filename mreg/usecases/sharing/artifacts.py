"""Artifacts on their way to the DVC remote, where nothing is published before its bytes are, and from it."""

from __future__ import annotations

import errno
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from mreg.adapters.dvc import Dvc
from mreg.adapters.dvc.cache import CorruptObject
from mreg.adapters.files import DiskFailure
from mreg.adapters.history import read_models
from mreg.adapters.progress import SILENT
from mreg.core.events import ARCHIVED, NONE
from mreg.errors import MregError, RegistryError
from mreg.usecases.details import locate, locate_all
from mreg.usecases.papers import Place
from mreg.usecases.sharing.results import Fetched, Sent, Unfetched

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mreg.adapters.dvc.repo import DvcFailure
    from mreg.adapters.git import BlobReader
    from mreg.adapters.progress import Progress
    from mreg.core.events import Event
    from mreg.core.fold import ModelState, VersionState
    from mreg.core.pointer import Pointer
    from mreg.usecases.workspace import Workspace

_OBJECT = re.compile(r"[0-9a-f]{2}/[0-9a-f]{30}(\.dir)?")
_UNREACHABLE = (errno.EHOSTUNREACH, errno.ENETUNREACH)
_ATTEMPTS = 2  # at a remote that does not answer, which may take minutes each


def send_artifacts(
    workspace: Workspace, registered: Iterable[Event], *, progress: Progress = SILENT, dry_run: bool = False
) -> Sent:
    """Bring the artifacts of the versions that these events registered to the DVC remote, or only say what would go.

    Raises:
        DvcFailure, NoRemote, MissingObject, CorruptObject: An artifact did not arrive.
    """
    by_root: dict[Dvc, list[tuple[str, Pointer]]] = {}
    for event, pointer in _pointers(workspace, registered):
        by_root.setdefault(workspace.dvc(pointer), []).append((f"{event.model}@v{event.version}", pointer))
    sent = [_send(dvc, versions, progress, dry_run) for dvc, versions in by_root.items()]
    return Sent(versions=sum(len(versions) for versions in by_root.values()), bytes=sum(sent))


def fetch_artifacts(workspace: Workspace, *, progress: Progress) -> Fetched:
    """Bring the artifacts of the versions in use to the local cache: of those in a stage, and of each model's latest.

    One that cannot be had is no reason to leave out the others. A remote that twice in a row could not be reached is
    not asked again.
    """
    used = [version for history in read_models(workspace.git) for version in _in_use(history.state)]
    fetch, fetched, causes = _Fetch(workspace, progress), list[str](), dict[object, tuple[MregError, list[str]]]()
    for version, pointer in zip(used, _find(workspace, used), strict=True):
        name = f"{version.registered.model}@v{version.version}"
        try:
            if fetch.bring(pointer, version.commit):
                fetched.append(name)
        except MregError as error:
            causes.setdefault(_cause(error), (error, []))[1].append(name)
    failed = tuple(Unfetched(versions=tuple(names), error=error) for error, names in causes.values())
    return Fetched(versions=tuple(fetched), failed=failed)


class _Fetch:
    """Fetches one artifact after the other."""

    def __init__(self, workspace: Workspace, progress: Progress) -> None:
        self._workspace, self._progress = workspace, progress
        self._silent: dict[tuple[Dvc, str | None], list[DvcFailure]] = {}

    def bring(self, pointer: Pointer | RegistryError | None, commit: str) -> bool:
        """Bring an artifact, if there is one and it is not here; whether it was brought.

        Raises:
            MregError: It cannot be had.
        """
        from mreg.adapters.dvc.repo import DvcFailure

        if isinstance(pointer, RegistryError):
            raise pointer
        if pointer is None or (dvc := self._workspace.dvc(pointer)).cached(pointer) is not None:
            return False
        # An import may come from anywhere.
        silent = [] if pointer.imported else self._silent.setdefault((dvc, pointer.remote), [])
        if len(silent) == _ATTEMPTS:
            raise silent[0]
        try:
            dvc.fetch(pointer, rev=commit, progress=self._progress)
        except MregError as error:
            if not isinstance(error, DvcFailure) or not _is_silence(error):
                silent.clear()
                raise
            silent.append(error)
        else:
            silent.clear()
            return True
        raise silent[0]  # later ones may put the same in other words


def _is_silence(error: BaseException | None) -> bool:
    """Whether nobody answered: it is no matter of what was asked for."""
    from socket import gaierror

    while error:
        if isinstance(error, ConnectionError | TimeoutError | gaierror):
            return True
        if isinstance(error, OSError) and error.errno in _UNREACHABLE:
            return True
        error = error.__cause__ or error.__context__
    return False


def _cause(error: MregError) -> object:
    """What is the same where many artifacts cannot be had for one reason."""
    from mreg.adapters.dvc.remote import NoRemote
    from mreg.adapters.dvc.repo import DvcFailure

    match error:
        case NoRemote():
            return NoRemote, error.problem
        case DvcFailure():
            return DvcFailure, _OBJECT.sub("", error.text)
        case DiskFailure():
            return DiskFailure, error.doing, error.errno
        case _:
            return type(error), str(error)


def _find(workspace: Workspace, versions: Sequence[VersionState]) -> list[Pointer | RegistryError | None]:
    """Each version's pointer, or why it cannot be read."""
    places = [Place(version.registered.model, version.commit) for version in versions]
    with workspace.git.blobs() as blobs:
        try:
            return [located.pointer for located in locate_all(workspace, blobs, places)]
        except RegistryError:
            return [_find_alone(workspace, blobs, version) for version in versions]


def _find_alone(workspace: Workspace, blobs: BlobReader, version: VersionState) -> Pointer | RegistryError | None:
    try:
        return locate(workspace, blobs, version).pointer
    except RegistryError as error:
        return error


def _in_use(state: ModelState) -> list[VersionState]:
    idle = (NONE, ARCHIVED)
    versions = state.versions.values()
    return [version for version in versions if version.stage not in idle or version.version == state.latest]


def _send(dvc: Dvc, versions: Sequence[tuple[str, Pointer]], progress: Progress, dry_run: bool) -> int:
    """Send the artifacts of one DVC repository; returns how many bytes went."""
    try:
        return dvc.push([pointer for _, pointer in versions], progress=progress, dry_run=dry_run).size
    except CorruptObject as error:
        for version, pointer in versions:
            if error.expected == pointer.hash or error.expected in _members(dvc, pointer).values():
                raise error.of(pointer.path, version) from None
        raise


def _members(dvc: Dvc, pointer: Pointer) -> Mapping[str, str]:
    with suppress(MregError):
        return dvc.cache.members(pointer)
    return {}


def _pointers(workspace: Workspace, registered: Iterable[Event]) -> list[tuple[Event, Pointer]]:
    events = list(registered)
    with workspace.git.blobs() as blobs:
        found = locate_all(workspace, blobs, [Place(event.model, event.commit) for event in events])
    return [(event, found.pointer) for event, found in zip(events, found, strict=True) if found.pointer is not None]

"""`mreg verify`: names, trailers, chains, cards, pointers and bytes agree, or each fault is named."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mreg.adapters.cards import CardFaults, parse
from mreg.adapters.git.remote import remote_named
from mreg.adapters.git.signatures import signature_states
from mreg.adapters.history import read_models
from mreg.adapters.progress import SILENT
from mreg.core.chain import Fault, check_chain, check_head
from mreg.core.fold import fold
from mreg.core.records import OddTag
from mreg.core.signatures import SignatureState
from mreg.errors import MregError, RegistryError, UsageError
from mreg.usecases.details import locate
from mreg.usecases.sharing.agreement import compare

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mreg.adapters.git import BlobReader
    from mreg.adapters.history import History
    from mreg.adapters.progress import Progress
    from mreg.core.fold import VersionState
    from mreg.core.pointer import Pointer
    from mreg.usecases.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was proven. `remarks` are no faults: foreign tags, versions without a card, what could not be looked at.
    `remote` is what it was compared with, if that was asked for."""

    models: int
    versions: int
    events: int
    signatures: dict[SignatureState, int]
    artifacts: int
    deep: bool
    remote: str | None
    faults: tuple[Fault, ...]
    remarks: tuple[Fault, ...]


@dataclass(slots=True)
class _Findings:
    faults: list[Fault] = field(default_factory=list)
    remarks: list[Fault] = field(default_factory=list)
    artifacts: int = 0


def verify(
    workspace: Workspace,
    model: str | None = None,
    *,
    deep: bool = False,
    remote: bool = False,
    progress: Progress = SILENT,
) -> Verification:
    """Check one model, or all of them.

    Args:
        workspace: The repository.
        model: Its name; None is all.
        deep: Also hash every artifact, fetching from the DVC remote what is not in the cache.
        remote: Also compare with the Git remote: no tag was moved or deleted there, and none is foreign.
        progress: Shows the bytes hashed and fetched.

    Raises:
        UnknownModel: There is no such model.
    """
    foreign: list[OddTag] = []
    histories = _histories(workspace, model, foreign)
    found = _Findings()
    heads = workspace.git.head_refs()
    for history in histories:
        found.faults += check_chain(history.state)
        found.faults += check_head(history.state, heads.get(history.state.model))
        found.remarks += [Fault(odd.name, odd.problem) for odd in history.odd]
    if model is None:
        for gone in sorted(heads.keys() - {history.state.model for history in histories}):
            found.faults += check_head(fold(gone, ()), heads[gone])
    found.remarks += [Fault(odd.name, odd.problem) for odd in foreign]
    if workspace.git.shallow:
        found.remarks.append(Fault("the repository", "it is a shallow clone: what it lacks cannot be proven"))
    with workspace.git.blobs() as blobs:
        for history in histories:
            for version in history.state.versions.values():
                _check_version(workspace, blobs, version, found, progress if deep else None)
    signatures = _signatures(workspace, histories, found)
    against = remote_named(workspace.git, None) if remote else None
    if against is not None:
        agreement = compare(workspace, against, model)
        found.faults += agreement.faults
        found.remarks += agreement.remarks
    return Verification(
        models=sum(1 for history in histories if history.state.versions),
        versions=sum(len(history.state.versions) for history in histories),
        events=sum(len(history.state.events) for history in histories),
        signatures=signatures,
        artifacts=found.artifacts,
        deep=deep,
        remote=against,
        faults=tuple(found.faults),
        remarks=tuple(found.remarks),
    )


def _histories(workspace: Workspace, model: str | None, foreign: list[OddTag]) -> Sequence[History]:
    if model is None:
        return list(read_models(workspace.git, foreign=foreign))
    history = workspace.history(model)
    if not history.odd and not history.state.versions:
        workspace.known(model)
    return [history]


def _check_version(
    workspace: Workspace, blobs: BlobReader, version: VersionState, found: _Findings, progress: Progress | None
) -> None:
    tag = version.registered.tag
    path = workspace.card_path(version.registered.model)
    ours = version.registered.change.sequence is not None
    told = found.faults if ours else found.remarks  # what a tag made by hand never claimed is no fault of it
    try:
        located = locate(workspace, blobs, version)
    except RegistryError as error:
        found.faults.append(Fault(tag, str(error)))
        return
    papers = located.papers
    if papers.content is not None:
        told += _card_faults(version, papers.content, papers.card_path or path)
    else:
        told.append(Fault(tag, f"its commit has no card {path}"))
    if located.pointer is not None:
        if progress is not None:
            faults = list(_byte_faults(workspace, version, located.pointer, progress))
            found.faults += faults
            found.artifacts += not faults
    elif ours or papers.path is not None:
        found.faults.append(Fault(tag, f"no DVC file at its commit points at {papers.path or 'an artifact'}"))


def _card_faults(version: VersionState, data: bytes, path: str) -> Iterator[Fault]:
    tag = version.registered.tag
    try:
        card = parse(data, source=f"{tag}:{path}").card
    except CardFaults as error:
        yield from (Fault(f"{tag}:{path}:{f.line}:{f.column}", f.problem) for f in error.faults)
        return
    if card.name != version.registered.model:
        yield Fault(tag, f"its card is that of {card.name}")
    if card.version != str(version.version):
        yield Fault(tag, f"its card says version {card.version}")


def _byte_faults(workspace: Workspace, version: VersionState, pointer: Pointer, progress: Progress) -> Iterator[Fault]:
    expected = version.registered.change.digest
    try:
        dvc = workspace.dvc(pointer)
        if dvc.cached(pointer) is None:
            dvc.fetch(pointer, rev=version.commit, progress=progress)
        digest = dvc.digest(pointer, progress=progress)
    except UsageError:  # a bare repository, say, of which nobody can ask this
        raise
    except MregError as error:
        yield Fault(version.registered.tag, str(error))
        return
    if expected is not None and digest != expected:
        yield Fault(version.registered.tag, f"the SHA-256 of {pointer.path} is {digest}, not {expected}")


def _signatures(workspace: Workspace, histories: Sequence[History], found: _Findings) -> dict[SignatureState, int]:
    events = [event for history in histories for event in history.state.events]
    states = signature_states(workspace.git, [event.tag for event in events if event.signed])
    for tag, signature in states.items():
        if signature.state is SignatureState.BAD:
            found.faults.append(Fault(tag, "its signature is not of what the tag says, or of a key that was revoked"))
    counted = dict.fromkeys(SignatureState, 0)
    for event in events:
        counted[states[event.tag].state if event.tag in states else SignatureState.NONE] += 1
    return counted

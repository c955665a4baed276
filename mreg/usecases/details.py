"""What a reference stands for: a version, its papers and its artifact's pointer at its commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mreg.adapters.dvc.pointers import candidates, find_pointer
from mreg.core.fold import ModelState, VersionState
from mreg.core.pointer import Pointer
from mreg.errors import RegistryError
from mreg.usecases.dates import end_of
from mreg.usecases.papers import Papers, Place, find_papers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.adapters.git import BlobReader
    from mreg.core.versions import Version
    from mreg.usecases.workspace import Workspace


class NoPointer(RegistryError):
    """The version's commit does not say which artifact belongs to it."""

    def __init__(self, *, ref: str, commit: str, path: str | None) -> None:
        super().__init__(
            f"{ref} names no artifact: its commit {commit[:10]} has neither a card nor an entry in dvc.yaml"
            if path is None
            else f"{ref}: no DVC file at its commit {commit[:10]} points at {path}"
        )
        self.ref, self.commit, self.path = ref, commit, path
        self.hint = f"mreg verify {ref.partition('@')[0]} lists what is wrong; register the artifact as a new version"


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """What a version's commit holds about it: its papers, and the DVC pointer of the artifact that they name."""

    papers: Papers
    pointer: Pointer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What a reference stands for, for scripts.

    Attributes:
        yanked: Why the version was yanked; None where it was not.
        registration: The object id of its tag.
        digest: The artifact's SHA-256, where it was recorded.
        caveats: What a shallow clone may lack.
    """

    ref: str
    model: str
    version: Version
    stage: str
    aliases: tuple[str, ...]
    yanked: str | None
    tag: str
    registration: str
    commit: str
    pointer: Pointer
    digest: str | None
    caveats: tuple[str, ...] = ()


def locate(workspace: Workspace, blobs: BlobReader, version: VersionState) -> Located:
    """Find a version's card and pointer at its commit.

    Raises:
        RegistryError: The DVC file that should point at the artifact cannot be read.
    """
    return locate_all(workspace, blobs, [Place(version.registered.model, version.commit)])[0]


def locate_all(workspace: Workspace, blobs: BlobReader, places: Sequence[Place]) -> list[Located]:
    """Find the cards and pointers of many versions, in the same order.

    Raises:
        RegistryError: A DVC file that should point at an artifact cannot be read.
    """
    found = find_papers(workspace, blobs, places)
    files = [() if papers.path is None else candidates(papers.path) for papers in found]
    names = [f"{place.commit}:{file}" for place, own in zip(places, files, strict=True) for file in own]
    contents = iter(blobs.read(names))
    located = []
    for papers, own in zip(found, files, strict=True):
        held = {file: content for file in own if (content := next(contents)) is not None}
        located.append(Located(papers=papers, pointer=find_pointer(papers.path, held) if papers.path else None))
    return located


def resolve(workspace: Workspace, text: str, *, at: str | None = None) -> Resolution:
    """What a reference stands for: commit, pointer and hashes.

    Raises:
        InvalidRef, UnknownModel, UnknownRef, InvalidDate: As they say.
        NoPointer: The version's commit names no artifact.
    """
    _, state, version = workspace.version(text, at=None if at is None else end_of(at, workspace.git))
    with workspace.git.blobs() as blobs:
        located = locate(workspace, blobs, version)
    if located.pointer is None:
        ref = f"{state.model}@v{version.version}"
        raise NoPointer(ref=ref, commit=version.commit, path=located.papers.path)
    return resolution(workspace, state, version, located.pointer)


def resolution(workspace: Workspace, state: ModelState, version: VersionState, pointer: Pointer) -> Resolution:
    """What is known of a version once its pointer is."""
    return Resolution(
        ref=f"{state.model}@v{version.version}",
        model=state.model,
        version=version.version,
        stage=version.stage,
        aliases=version.aliases,
        yanked=version.yanked.change.reason if version.yanked else None,
        tag=version.registered.tag,
        registration=version.registered.oid,
        commit=version.commit,
        pointer=pointer,
        digest=version.registered.change.digest,
        caveats=workspace.caveats(state.model),
    )

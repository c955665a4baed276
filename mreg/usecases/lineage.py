"""`mreg lineage`: what a version was made from, back to the raw data, and what was made from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from mreg.adapters.dvc.lockfile import read_source
from mreg.adapters.dvc.pointers import SUFFIX
from mreg.core.lineage import EdgeKind, Graph, Index, VersionNode, build, gaps
from mreg.core.lineage.nodes import read_commit, version_key
from mreg.core.urls import without_credentials
from mreg.usecases.census import census
from mreg.usecases.dates import end_of
from mreg.usecases.dossiers import dossiers
from mreg.usecases.tabular import Tabular

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mreg.adapters.git import BlobReader
    from mreg.core.dossier import Dossier
    from mreg.core.lineage.nodes import CommitNode
    from mreg.core.provenance import Source
    from mreg.usecases.workspace import Workspace

Direction = Literal["up", "down", "both"]

SHALLOW = "this clone is shallow, so commits and versions may be missing: git fetch --unshallow --tags"


@dataclass(frozen=True, kw_only=True)
class Lineage(Tabular):
    """Where a version comes from, and what became of it.

    Attributes:
        ref: The version, as `churn@v1.2.0`.
        direction: What was asked for.
        depth: How many edges away from the version the graph ends; None where it is whole.
        graph: What was found: what the version comes from, what came from it, and what is told about all that.
        unknown: What cannot be known, a sentence each.
        repository: Where the repository is shared, or its folder's name.
    """

    ref: str
    direction: Direction
    depth: int | None
    graph: Graph
    unknown: tuple[str, ...]
    repository: str

    @property
    def key(self) -> str:
        """The version's key in the graph."""
        return version_key(self.ref)

    @property
    def version(self) -> VersionNode:
        """The version itself."""
        node = self.graph.nodes[self.key]
        assert isinstance(node, VersionNode)
        return node

    @property
    def twins(self) -> list[VersionNode]:
        """Other versions that publish the same artifact."""
        artifacts = {edge.target for edge in self.graph.edges if _publishes(edge.kind) and edge.source == self.key}
        edges = (edge for edge in self.graph.edges if _publishes(edge.kind) and edge.target in artifacts)
        found = [self.graph.nodes[edge.source] for edge in edges if edge.source != self.key]
        return [node for node in found if isinstance(node, VersionNode)]

    def records(self) -> list[dict[str, Any]]:
        """The edges, a row each: networkx, for one, makes a graph of them."""
        nodes = self.graph.nodes
        return [
            {
                "source": edge.source,
                "source_kind": nodes[edge.source].kind,
                "source_label": nodes[edge.source].label,
                "edge": str(edge.kind),
                "relation": edge.relation,
                "target": edge.target,
                "target_kind": nodes[edge.target].kind,
                "target_label": nodes[edge.target].label,
            }
            for edge in self.graph.edges
        ]


def _publishes(kind: EdgeKind) -> bool:
    return kind is EdgeKind.PUBLISHES


def lineage(
    workspace: Workspace, text: str, *, direction: Direction = "both", depth: int | None = None, at: str | None = None
) -> Lineage:
    """Where a version comes from, what became of it, or both.

    Args:
        workspace: The repository.
        text: The version.
        direction: `up` is what it comes from, `down` what was made from it.
        depth: How many edges away from the version the answer ends.
        at: As of a date: the versions and stages of that day.

    Raises:
        InvalidRef, UnknownModel, UnknownRef, InvalidDate: As they say.
    """
    moment = None if at is None else end_of(at, workspace.git)
    _, state, version = workspace.version(text, at=moment)
    ref = f"{state.model}@v{version.version}"
    index = Index(dossiers(workspace, census(workspace, at=moment)))
    whole = [] if direction == "down" else index.reach([ref], "up")
    named = [ref] if direction == "up" else [*index.reach([ref], "down"), *_twins(index, ref)]
    lenders = {lender for other in whole for lender in index.lent(other)}
    with workspace.git.blobs() as blobs:
        papers = [index.dossiers[other] for other in whole]
        graph = build(
            index,
            whole=whole,
            named=named,
            commits=_commits(blobs, [index.dossiers[other] for other in {ref, *whole, *lenders}]),
            sources={dossier.ref: _sources(blobs, dossier) for dossier in papers},
        )
    part = _part(graph, ref, direction, depth, [] if direction == "up" else _twins(index, ref))
    return Lineage(
        ref=ref,
        direction=direction,
        depth=depth,
        graph=part,
        unknown=tuple(_unknown(workspace, index, ref, [other for other in whole if version_key(other) in part.nodes])),
        repository=_repository(workspace),
    )


def _twins(index: Index, ref: str) -> list[str]:
    return [other for other in index.publishers.get(index.published(ref) or "", ()) if other != ref]


def _part(graph: Graph, ref: str, direction: Direction, depth: int | None, twins: Iterable[str]) -> Graph:
    key = version_key(ref)
    keys = set(map(version_key, twins))
    if direction != "down":
        keys |= graph.walk(key, "up", depth=depth).keys()
    if direction != "up":
        keys |= graph.walk(key, "down", depth=depth).keys()
        keys |= {node.key for node in graph.of(key, EdgeKind.PUBLISHES)} if twins else set()
    return graph.part(keys | graph.about(keys))


def _commits(blobs: BlobReader, papers: Sequence[Dossier]) -> dict[str, CommitNode]:
    wanted = {oid: None for dossier in papers for oid in (dossier.state.commit, _trained_at(dossier)) if oid}
    found = zip(wanted, blobs.stream(list(wanted)), strict=True)
    return {oid: read_commit(oid, known[1]) for oid, known in found if known and known[0] == "commit"}


def _trained_at(dossier: Dossier) -> str | None:
    """The commit of the training's code, where the card names one that git can be asked for."""
    code = dossier.summary.code
    return code.commit if code and re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", code.commit) else None


def _sources(blobs: BlobReader, dossier: Dossier) -> tuple[Source, ...]:
    """The `.dvc` files of data that a card names: they say where it was imported from."""
    known = {source.out.path for source in dossier.provenance.sources}
    paths = [data.path for data in dossier.summary.datasets if data.path and data.path not in known]
    contents = blobs.read([f"{dossier.state.commit}:{path}{SUFFIX}" for path in paths])
    files = [read_source(content, f"{path}{SUFFIX}") for path, content in zip(paths, contents, strict=True) if content]
    return tuple(source for file in files for source in file.sources)


def _unknown(workspace: Workspace, index: Index, ref: str, explained: Sequence[str]) -> Iterable[str]:
    if workspace.git.shallow:
        yield SHALLOW
    for other in explained:
        yield from (gap if other == ref else f"{other}: {gap}" for gap in gaps(index, other))


def _repository(workspace: Workspace) -> str:
    url = workspace.git.config("remote.origin.url")
    if url:
        return without_credentials(url)
    folder = workspace.git.git_dir if workspace.git.bare else workspace.git.root
    return folder.name

"""From the papers of versions to a graph."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from mreg.core.lineage.graph import Graph
from mreg.core.lineage.index import BASE, artifact_file, base_version, dataset_hash, public
from mreg.core.lineage.links import EMPTY, origins
from mreg.core.lineage.nodes import (
    CommitNode,
    Edge,
    EdgeKind,
    EventNode,
    ExternalNode,
    FileNode,
    Node,
    PersonNode,
    StepNode,
    VersionNode,
    version_key,
)
from mreg.core.provenance import File

if TYPE_CHECKING:
    from mreg.core.dossier import Dossier
    from mreg.core.events import Actor, Event
    from mreg.core.lineage.index import Index
    from mreg.core.provenance import Origin, Source, Step
    from mreg.core.summary import BaseModel, DatasetUse


def build(
    index: Index,
    *,
    whole: Iterable[str],
    named: Iterable[str] = (),
    commits: Mapping[str, CommitNode] | None = None,
    sources: Mapping[str, Sequence[Source]] | None = None,
) -> Graph:
    """The graph of some versions.

    Args:
        index: All versions.
        whole: Those whose making is to be in the graph. Parents of theirs should be among them.
        named: Those of which it is enough that they exist and what they were derived from.
        commits: What is known of commits, by id.
        sources: Version → `.dvc` files of data that its card names and no step of its pipeline used.
    """
    builder = _Builder(index, commits or {}, sources or {})
    wanted, briefly = set(whole), set(named)
    for ref, dossier in index.dossiers.items():  # in an order of their own, whatever the caller's
        if ref in wanted or ref in briefly:
            builder.name(dossier)
        if ref in wanted:
            builder.explain(dossier)
    for ref in index.dossiers:
        if ref in wanted:
            builder.borrow(ref)
    nodes = builder.nodes
    return Graph(nodes, tuple(edge for edge in builder.edges if edge.source in nodes and edge.target in nodes))


class _Builder:
    def __init__(
        self, index: Index, commits: Mapping[str, CommitNode], sources: Mapping[str, Sequence[Source]]
    ) -> None:
        self._index, self._commits, self._sources = index, commits, sources
        self.nodes: dict[str, Node] = {}
        self.edges: dict[Edge, None] = {}

    def name(self, dossier: Dossier) -> None:
        """A version, its commit, what happened to it, and which versions it was derived from."""
        state, ref = dossier.state, dossier.ref
        key = self._add(
            VersionNode(
                key=version_key(ref),
                model=dossier.model,
                version=state.version,
                stage=state.stage,
                aliases=state.aliases,
                yanked=state.yanked is not None,
                digest=state.registered.change.digest,
            )
        )
        if pointer := dossier.provenance.artifact:
            self._link(key, EdgeKind.PUBLISHES, self._file(artifact_file(pointer), dossier))
        for parent, relation in self._index.parents(ref).items():
            self._link(key, EdgeKind.DERIVED_FROM, version_key(parent), relation)
        self._link(key, EdgeKind.AT, self._commit(state.commit))
        for event in filter(None, (state.registered, state.changed, state.yanked)):
            # Who took its place in an exclusive stage gave it its own one.
            how = None if event.version == state.version else "supersedes"
            self._link(self._event(event), EdgeKind.TARGETS, key, how)

    def explain(self, dossier: Dossier) -> None:
        """How a version came to be."""
        provenance, key = dossier.provenance, version_key(dossier.ref)
        for step in provenance.steps:
            self._step(step, dossier)
        self._imports((*provenance.sources, *self._sources.get(dossier.ref, ())), dossier)
        self._data(dossier)
        for base in self._index.declared[dossier.ref].base_models:
            if base_version(base) not in self._index.dossiers:
                self._link(key, EdgeKind.DERIVED_FROM, self._add(_external_model(base)), base.relation or BASE)
        for dep in (dep for check in provenance.checks for dep in check.deps):
            if provenance.artifact is None or dep.path != provenance.artifact.path:
                self._link(key, EdgeKind.EVALUATED_ON, self._file(dep, dossier))
        code = dossier.summary.code
        if code and code.commit != dossier.state.commit:
            self._link(key, EdgeKind.AT, self._commit(code.commit), "code")
        if run := dossier.summary.run:
            key_of_run = self._add(_external("run", public(run.url or "") or f"{run.tracker}:{run.id}"))
            self._link(key, EdgeKind.PRODUCED_BY, key_of_run, f"{run.tracker} {run.id}")

    def borrow(self, ref: str) -> None:
        """How that came to be which a version used, and only other versions' papers tell of."""
        for lender, steps in self._index.lent(ref).items():
            dossier = self._index.dossiers[lender]
            self._imports(dossier.provenance.sources, dossier)
            for step in steps:
                self._step(step, dossier, lender=lender)

    def _imports(self, sources: Iterable[Source], dossier: Dossier) -> None:
        for source in sources:
            if source.origin:
                imported = self._add(_imported(source.origin))
                self._link(self._file(source.out, dossier), EdgeKind.DERIVED_FROM, imported, "import")

    def _step(self, step: Step, dossier: Dossier, *, lender: str | None = None) -> None:
        if lender and _step_key(step) not in self.nodes:
            self._link(_step_key(step), EdgeKind.AT, self._commit(dossier.state.commit))
        key = self._add(
            StepNode(
                key=_step_key(step),
                pipeline=step.pipeline,
                name=step.name,
                label=step.label,
                command=step.command,
                commit=dossier.state.commit,
                lender=lender,
                params=step.params,
            )
        )
        for out in step.outs:
            self._link(self._file(out, dossier), EdgeKind.PRODUCED_BY, key)
        for dep in step.deps:
            used = self._file(dep, dossier)
            self._link(key, EdgeKind.USED, used)
            for origin in origins(dep, dossier.provenance):
                made = self._file(origin.made, dossier)
                if made != used:
                    self._link(used, EdgeKind.DERIVED_FROM, made, origin.relation)

    def _data(self, dossier: Dossier) -> None:
        """The data that a card names and no step of the pipeline is known to have used."""
        steps = dossier.provenance.steps
        known = {dep.path: dep for step in steps for dep in step.deps}
        for dataset in self._index.declared[dossier.ref].datasets:
            dep = known.get(dataset.path or "")
            if dep is None or not _agree(dep.hash, dataset_hash(dataset)):
                self._link(version_key(dossier.ref), EdgeKind.USED, self._dataset(dataset, dossier))

    def _dataset(self, dataset: DatasetUse, dossier: Dossier) -> str:
        content = dataset_hash(dataset)
        if content or (dataset.path and not dataset.revision):
            return self._file(File(dataset.label, content), dossier)
        return self._add(_external("data", dataset.label, revision=dataset.revision))

    def _file(self, file: File, dossier: Dossier) -> str:
        key = file_key(file, dossier.state.commit)
        in_git = file.path in dossier.provenance.code
        return self._add(
            FileNode(key=key, path=file.path, hash=file.hash, size=file.size, nfiles=file.nfiles, in_git=in_git)
        )

    def _commit(self, oid: str) -> str:
        node = self._commits.get(oid) or CommitNode(key=f"commit:{oid}", oid=oid)
        key = self._add(node)
        if node.author:
            self._link(self._person(node.author), EdgeKind.MADE, key)
        return key

    def _event(self, event: Event) -> str:
        change = event.change
        key = self._add(
            EventNode(
                key=f"event:{event.tag}",
                event=change.kind,
                tag=event.tag,
                stage=change.stage,
                time=event.time,
                reason=change.reason,
            )
        )
        self._link(self._person(event.actor), EdgeKind.MADE, key)
        return key

    def _person(self, actor: Actor) -> str:
        key = f"person:{actor.email.casefold() or actor.name}"
        return self._add(PersonNode(key=key, name=actor.name, email=actor.email))

    def _add(self, node: Node) -> str:
        self.nodes.setdefault(node.key, node)
        return node.key

    def _link(self, source: str, kind: EdgeKind, target: str, relation: str | None = None) -> None:
        self.edges.setdefault(Edge(source, kind, target, relation))


def file_key(file: File, commit: str) -> str:
    """Equal for equal content. Where no content was recorded, or there is none, a path is one only at its commit."""
    if file.hash is None:
        return f"file:{commit}:{file.path}"
    return f"file:{file.hash}:{file.path}" if file.hash in EMPTY else f"file:{file.hash}"


def _step_key(step: Step) -> str:
    params = sorted((file, sorted(values.items())) for file, values in step.params.items())
    files = [sorted((file.path, file.identity) for file in files) for files in (step.deps, step.outs)]
    said = repr((step.pipeline, step.name, step.command, files, params))
    return f"step:{step.label}:{hashlib.sha256(said.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def _agree(one: str | None, other: str | None) -> bool:
    """Whether two hashes can be of the same content: they are equal, or nobody can compare them."""
    if one is None or other is None:
        return True
    return one == other or one.partition(":")[0] != other.partition(":")[0]


def _imported(origin: Origin) -> ExternalNode:
    return _external("data", origin.url, path=origin.path, rev=origin.rev, revision=origin.revision)


def _external_model(base: BaseModel) -> ExternalNode:
    uri, at, revision = base.ref.rpartition("@")
    return _external("model", uri, revision=revision) if at else _external("model", base.ref)


def _external(
    what: Literal["data", "model", "run"],
    uri: str,
    *,
    path: str | None = None,
    rev: str | None = None,
    revision: str | None = None,
) -> ExternalNode:
    key = "external:" + "\0".join((uri, path or "", revision or ""))
    return ExternalNode(key=key, what=what, uri=uri, path=path, rev=rev, revision=revision)

"""A lineage as OpenLineage events, one JSON document a line, as OpenLineage's own file transport writes them.

Each step is a run that completed, and so is each registration. Git and DVC do not record when a step ran: an event's
time is that of the commit that recorded the step. Running the export again gives the same events.

Source: https://openlineage.io/spec/2-0-2/OpenLineage.json
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from mreg import __version__
from mreg.core.lineage import CommitNode, EdgeKind, EventNode, ExternalNode, FileNode, StepNode, VersionNode
from mreg.render.words import iso, scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mreg.core.lineage import Node
    from mreg.usecases.lineage import Lineage

_EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
_FACETS = "https://openlineage.io/spec/facets"
_PRODUCER = f"urn:mreg:{__version__}"


def to_openlineage(result: Lineage) -> str:
    """The events, oldest first; all datasets and jobs are in the namespace of the repository."""
    events = sorted(_events(result), key=lambda event: (event["eventTime"], event["job"]["name"]))
    return "".join(json.dumps(event, allow_nan=False) + "\n" for event in events)


def _events(result: Lineage) -> Iterator[dict[str, Any]]:
    times = _times(result)
    for node in result.graph.nodes.values():
        if isinstance(node, StepNode):
            made = [e.source for e in result.graph.edges if e.kind is EdgeKind.PRODUCED_BY and e.target == node.key]
            yield _event(result, node, name=node.label, time=times.get(node.commit, 0), outputs=_nodes(result, made))
        elif isinstance(node, VersionNode):
            commits = [commit.key.removeprefix("commit:") for commit in result.graph.of(node.key, EdgeKind.AT)]
            time = times.get(commits[0], 0) if commits else 0
            yield _event(result, node, name=f"register {node.model}", time=time, outputs=[node])


def _times(result: Lineage) -> dict[str, int]:
    """Commit → when it was made or, where that is not known, when a version of it was registered."""
    graph = result.graph
    found: dict[str, int] = {}
    for edge in graph.edges:
        event = graph.nodes[edge.source]
        if edge.kind is EdgeKind.TARGETS and isinstance(event, EventNode):
            for commit in graph.of(edge.target, EdgeKind.AT):
                found.setdefault(commit.label, event.time)
    read = (node for node in graph.nodes.values() if isinstance(node, CommitNode))
    return {**found, **{commit.oid: commit.time for commit in read if commit.time is not None}}


def _event(
    result: Lineage, node: StepNode | VersionNode, *, name: str, time: int, outputs: Sequence[Node]
) -> dict[str, Any]:
    used = [edge.target for edge in result.graph.next(node.key, "up")]
    return {
        "eventType": "COMPLETE",
        "eventTime": iso(datetime.fromtimestamp(time, UTC)),
        "run": {"runId": str(uuid5(NAMESPACE_URL, f"{result.repository}\n{node.key}")), "facets": _run(node)},
        "job": {"namespace": result.repository, "name": name, "facets": _job(result, node)},
        "inputs": [_dataset(result, used_node, "input") for used_node in _nodes(result, used)],
        "outputs": [_dataset(result, output, "output") for output in outputs],
        "producer": _PRODUCER,
        "schemaURL": _EVENT,
    }


def _nodes(result: Lineage, keys: Sequence[str]) -> list[Node]:
    """The data and models among these; a tracker's run is neither."""
    nodes = (result.graph.nodes[key] for key in dict.fromkeys(keys))
    return [n for n in nodes if not isinstance(n, StepNode) and not (isinstance(n, ExternalNode) and n.what == "run")]


def _run(node: StepNode | VersionNode) -> dict[str, Any]:
    if not isinstance(node, StepNode) or not node.params:
        return {}
    values = [
        {"key": f"{file}:{key}", "name": key, "value": scalar(value)}
        for file, values in node.params.items()
        for key, value in values.items()
    ]
    return {"executionParameters": _facet("ExecutionParametersRunFacet", "1-0-0", parameters=values)}


def _job(result: Lineage, node: StepNode | VersionNode) -> dict[str, Any]:
    kinds = ("DVC", "STAGE") if isinstance(node, StepNode) else ("MREG", "REGISTRATION")
    kind = dict(zip(("integration", "jobType"), kinds, strict=True))
    facets = {"jobType": _facet("JobTypeJobFacet", "2-0-4", processingType="BATCH", **kind)}
    if isinstance(node, StepNode):
        facets["sourceCode"] = _facet("SourceCodeJobFacet", "1-0-1", language="shell", sourceCode=node.command)
        if "://" in result.repository:
            where = {"url": result.repository, "path": node.pipeline, "version": node.commit}
            facets["sourceCodeLocation"] = _facet("SourceCodeLocationJobFacet", "1-0-1", type="git", **where)
    return facets


def _dataset(result: Lineage, node: Node, side: str) -> dict[str, Any]:
    namespace, name, version = _identity(result, node)
    facets = {"version": _facet("DatasetVersionDatasetFacet", "1-0-1", datasetVersion=version)} if version else {}
    dataset: dict[str, Any] = {"namespace": namespace, "name": name, "facets": facets}
    if isinstance(node, FileNode) and node.size is not None:
        told = {"size": node.size} | ({} if node.nfiles is None else {"fileCount": node.nfiles})
        schema, number = (
            ("InputStatisticsInputDatasetFacet", "1-0-0")
            if side == "input"
            else ("OutputStatisticsOutputDatasetFacet", "1-0-2")
        )
        dataset[f"{side}Facets"] = {f"{side}Statistics": _facet(schema, number, **told)}
    return dataset


def _identity(result: Lineage, node: Node) -> tuple[str, str, str | None]:
    """A dataset's namespace and name, and its version."""
    match node:
        case FileNode():
            return result.repository, node.path, node.hash
        case VersionNode():
            return result.repository, f"models/{node.model}", str(node.version)
        case ExternalNode():
            return *_outside(result, node), node.revision
        case _:
            return result.repository, node.label, None


def _outside(result: Lineage, node: ExternalNode) -> tuple[str, str]:
    """Source: https://openlineage.io/docs/spec/naming"""
    if node.path:
        return node.uri, node.path
    scheme, found, rest = node.uri.partition("://")
    if found:
        host, _, path = rest.partition("/")
        return f"{scheme}://{host}", path or "/"
    return ("hf", node.uri.removeprefix("hf:")) if node.uri.startswith("hf:") else (result.repository, node.uri)


def _facet(schema: str, number: str, **fields: Any) -> dict[str, Any]:
    return {"_producer": _PRODUCER, "_schemaURL": f"{_FACETS}/{number}/{schema}.json#/$defs/{schema}", **fields}

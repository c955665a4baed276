"""A lineage's JSON shape: nodes with an id each, and edges between the ids."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, assert_never

from mreg.core.lineage import (
    CommitNode,
    EventNode,
    ExternalNode,
    FileNode,
    Node,
    PersonNode,
    StepNode,
    VersionNode,
)
from mreg.render.words import iso

if TYPE_CHECKING:
    from mreg.usecases.lineage import Lineage


def lineage_data(result: Lineage) -> dict[str, Any]:
    """The whole answer."""
    version = result.version
    return {
        "ref": result.ref,
        "model": version.model,
        "version": str(version.version),
        "stage": version.stage,
        "direction": result.direction,
        "depth": result.depth,
        "id": result.key,
        "nodes": [{"id": node.key, "kind": node.kind, **_facts(node)} for node in result.graph.nodes.values()],
        "edges": [
            {"source": edge.source, "kind": str(edge.kind), "target": edge.target, "relation": edge.relation}
            for edge in result.graph.edges
        ],
        "unknown": list(result.unknown),
    }


def _facts(node: Node) -> dict[str, Any]:
    match node:
        case VersionNode():
            return {
                "ref": node.label,
                "model": node.model,
                "version": str(node.version),
                "stage": node.stage,
                "aliases": list(node.aliases),
                "yanked": node.yanked,
                "sha256": node.digest,
            }
        case FileNode():
            return {
                "path": node.path,
                "hash": node.hash,
                "size": node.size,
                "nfiles": node.nfiles,
                "in_git": node.in_git,
            }
        case StepNode():
            return {
                "name": node.name,
                "pipeline": node.pipeline,
                "command": node.command,
                "commit": node.commit,
                "recorded_in": node.lender,
                "params": {file: dict(values) for file, values in node.params.items()},
            }
        case ExternalNode():
            return {
                "what": node.what,
                "uri": node.uri,
                "path": node.path,
                "rev": node.rev,
                "revision": node.revision,
            }
        case CommitNode():
            time = None if node.time is None else iso(datetime.fromtimestamp(node.time, UTC))
            return {"commit": node.oid, "time": time, "subject": node.subject}
        case PersonNode():
            return {"name": node.name, "email": node.email}
        case EventNode():
            return {
                "event": str(node.event),
                "tag": node.tag,
                "stage": node.stage,
                "time": iso(datetime.fromtimestamp(node.time, UTC)),
                "reason": node.reason,
            }
    assert_never(node)

"""Where versions come from and what became of them: a small typed graph, and questions to it."""

from __future__ import annotations

from mreg.core.lineage.build import build
from mreg.core.lineage.gaps import gaps
from mreg.core.lineage.graph import ANCESTRY, Graph, Row
from mreg.core.lineage.impact import Affected, Role, Target, affected
from mreg.core.lineage.index import Index
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
)

__all__ = [
    "ANCESTRY",
    "Affected",
    "CommitNode",
    "Edge",
    "EdgeKind",
    "EventNode",
    "ExternalNode",
    "FileNode",
    "Graph",
    "Index",
    "Node",
    "PersonNode",
    "Role",
    "Row",
    "StepNode",
    "Target",
    "VersionNode",
    "affected",
    "build",
    "gaps",
]

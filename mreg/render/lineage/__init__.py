"""A lineage as a tree for people, as diagrams for documents, as JSON, and as events for lineage services."""

from __future__ import annotations

from mreg.render.face import Face
from mreg.render.lineage.data import lineage_data
from mreg.render.lineage.diagrams import diagram_notices, to_dot, to_mermaid
from mreg.render.lineage.openlineage import to_openlineage
from mreg.render.lineage.tree import lineage_blocks
from mreg.usecases.lineage import Lineage

LINEAGE: Face[Lineage] = Face("lineage", lineage_blocks, lineage_data)

__all__ = ["LINEAGE", "diagram_notices", "to_dot", "to_mermaid", "to_openlineage"]

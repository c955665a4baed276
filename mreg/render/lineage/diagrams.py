"""A lineage as a diagram: Mermaid for GitHub and GitLab, DOT for Graphviz. Arrows point where things went."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mreg.core.lineage import ANCESTRY, Edge, EdgeKind, ExternalNode, FileNode, StepNode, VersionNode
from mreg.render.blocks import safe
from mreg.render.lineage.phrases import amount, short_hash, title

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mreg.core.lineage import Node
    from mreg.usecases.lineage import Lineage

# More arrows than these GitHub does not draw. Source: mermaid's default of maxEdges
MOST_ARROWS = 500

# What means something in a label of Mermaid, HTML or Markdown, wherever it stands.
_PLAIN = re.compile(r"[^\w ./:@=,()+-]|_", re.ASCII)

_LIST = re.compile(r"(\d+[.)]|[-+])\s")

_MERMAID = {"version": ('(["', '"])'), "file": ('["', '"]'), "step": ('{{"', '"}}'), "external": ('[("', '")]')}
_DOT = {"version": "box, style=rounded", "file": "note", "step": "hexagon", "external": "cylinder"}


def to_mermaid(result: Lineage) -> str:
    """A flowchart, to be put between ```` ```mermaid ```` and ```` ``` ````."""
    names = _names(result)
    lines = ["flowchart LR"]
    for key, name in names.items():
        node = result.graph.nodes[key]
        begin, end = _MERMAID[node.kind]
        lines.append(f"  {name}{begin}{'<br/>'.join(map(_mermaid_text, _label(node)))}{end}")
    for edge in _arrows(result, names):
        label = _arrow_label(edge)
        arrow = "-.->" if edge.kind is EdgeKind.EVALUATED_ON else "-->"
        words = f'|"{_mermaid_text(label)}"|' if label else ""
        lines.append(f"  {names[edge.target]} {arrow}{words} {names[edge.source]}")
    if live := [name for key, name in names.items() if _is_live(result.graph.nodes[key])]:
        lines.append("  classDef production stroke:#2e7d32,stroke-width:3px")
        lines.append(f"  class {','.join(live)} production")
    return "\n".join(lines) + "\n"


def to_dot(result: Lineage) -> str:
    """A directed graph in the DOT language."""
    names = _names(result)
    lines = ["digraph lineage {", "  rankdir=LR;", '  node [fontname="sans-serif"];']
    for key, name in names.items():
        node = result.graph.nodes[key]
        live = ", penwidth=3" if _is_live(node) else ""
        lines.append(f'  {name} [label="{_dot_text(_label(node))}", shape={_DOT[node.kind]}{live}];')
    for edge in _arrows(result, names):
        label = _arrow_label(edge)
        style = ["style=dashed"] if edge.kind is EdgeKind.EVALUATED_ON else []
        told = ", ".join([*([f'label="{_dot_text([label])}"'] if label else []), *style])
        lines.append(f"  {names[edge.target]} -> {names[edge.source]}{f' [{told}]' if told else ''};")
    return "\n".join([*lines, "}"]) + "\n"


def diagram_notices(result: Lineage) -> list[str]:
    """What a diagram leaves unsaid."""
    many = len(list(_arrows(result, _names(result))))
    too_many = f"{many} arrows: GitHub draws at most {MOST_ARROWS}; --depth or --up makes it smaller"
    return [*result.unknown, *([too_many] if many > MOST_ARROWS else [])]


def _names(result: Lineage) -> dict[str, str]:
    """The nodes that are drawn, each with an identifier that means nothing in either language."""
    drawn = [key for key, node in result.graph.nodes.items() if node.kind in _MERMAID]
    return {key: f"n{number}" for number, key in enumerate(drawn, start=1)}


def _arrows(result: Lineage, names: Mapping[str, str]) -> Iterator[Edge]:
    """What a version publishes comes to it, as in the tree: all arrows end at the version asked about."""
    for edge in result.graph.edges:
        if edge.kind in ANCESTRY | {EdgeKind.EVALUATED_ON} and edge.source in names and edge.target in names:
            yield edge


def _arrow_label(edge: Edge) -> str:
    if edge.kind is EdgeKind.EVALUATED_ON:
        return "evaluated on"
    return edge.relation or ""


def _is_live(node: Node) -> bool:
    return isinstance(node, VersionNode) and node.live


def _label(node: Node) -> list[str]:
    match node:
        case VersionNode():
            return [node.label, "yanked" if node.yanked else node.stage]
        case FileNode():
            return [node.path, *filter(None, (", ".join(filter(None, (amount(node), short_hash(node.hash)))),))]
        case StepNode() | ExternalNode():
            return [title(node)]
        case _:
            return [node.label]


def _mermaid_text(text: str) -> str:
    """Letters, digits and a few signs as they are, all else by number; also what Markdown would begin a list with."""
    shown = safe(text)
    return f"#{ord(shown[0])};{_encoded(shown[1:])}" if _LIST.match(shown) else _encoded(shown)


def _encoded(text: str) -> str:
    return _PLAIN.sub(lambda found: f"#{ord(found[0])};", text)


def _dot_text(lines: list[str]) -> str:
    return "\\n".join(safe(text).replace("\\", "\\\\").replace('"', '\\"') for text in lines)

"""A lineage as a tree: compact and aligned, each part taken apart once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from mreg.core.events import EventKind
from mreg.core.lineage import (
    CommitNode,
    EdgeKind,
    EventNode,
    ExternalNode,
    FileNode,
    PersonNode,
    StepNode,
    VersionNode,
)
from mreg.core.lineage.links import HOLDS, PART_OF
from mreg.render.blocks import Block, Cell, Fields, Line, line, safe, width
from mreg.render.lineage.phrases import DIGITS, parameters, short_hash, title
from mreg.render.words import counted, minute, size, stage_cell

if TYPE_CHECKING:
    from mreg.core.lineage import Node, Row
    from mreg.usecases.lineage import Lineage

_ARMS = {False: "├─ ", True: "└─ "}
_TRUNKS = {False: "│  ", True: "   "}
_GAP = "  "


@dataclass(frozen=True, slots=True)
class _Item:
    """A line: what hangs where, and columns that stand below those of its like; the first of a file's to the right."""

    head: str
    name: Cell
    columns: tuple[Cell, ...] = ()
    remark: str = ""
    like: str = ""


def lineage_blocks(result: Lineage) -> list[Block]:
    """Facts about the version, what it comes from, what came from it, and what is not known."""
    sections: list[list[Line]] = []
    if result.direction != "down":
        sections.append(_section("upstream", _upstream(result), nothing="nothing is recorded"))
        measured = [node for node in result.graph.of(result.key, EdgeKind.EVALUATED_ON) if isinstance(node, FileNode)]
        if measured:
            sections.append(_section("evaluated on", [_file(_ARMS[n is measured[-1]], n) for n in measured]))
    if result.direction != "up":
        sections.append(_section("downstream", _downstream(result), nothing="no registered version was made from it"))
    if result.unknown:
        sections.append([line(Cell("not known", "title")), *(line(f"- {gap}") for gap in result.unknown)])
    facts = Fields(f"{result.version.model} v{result.version.version}", tuple(_facts(result)))
    first, *others = sections
    return [facts, *first, *(row for section in others for row in (line(""), *section))]


def _section(heading: str, items: Iterable[_Item], *, nothing: str = "") -> list[Line]:
    rows = _aligned(list(items)) or [line(Cell(nothing, "faint"))]
    return [line(Cell(heading, "title")), *rows]


def _facts(result: Lineage) -> Iterator[tuple[str, Cell]]:
    version, graph = result.version, result.graph
    yield "stage", stage_cell(version.stage, yanked=version.yanked)
    if version.aliases:
        yield "aliases", Cell(", ".join(version.aliases))
    for edge in graph.edges:
        event = graph.nodes[edge.source]
        if edge.kind is EdgeKind.TARGETS and edge.target == result.key and isinstance(event, EventNode):
            yield _since(event, version), Cell(f"{minute(_when(event.time))} UTC by {_who(result, event.key)}")
    for edge in graph.edges:
        commit = graph.nodes[edge.target]
        if edge.kind is EdgeKind.AT and edge.source == result.key and isinstance(commit, CommitNode):
            yield edge.relation or "commit", Cell(_told(result, commit))


def _since(event: EventNode, version: VersionNode) -> str:
    match event.event:
        case EventKind.REGISTER:
            return "registered"
        case EventKind.YANK:
            return "yanked"
        case _:
            return f"{version.stage} since"


def _who(result: Lineage, key: str) -> str:
    graph = result.graph
    makers = (graph.nodes[e.source] for e in graph.edges if e.kind is EdgeKind.MADE and e.target == key)
    return ", ".join(p.label for p in makers if isinstance(p, PersonNode)) or "somebody"


def _told(result: Lineage, commit: CommitNode) -> str:
    if commit.time is None:
        return commit.oid[:DIGITS]
    by = f"{minute(_when(commit.time))} UTC by {_who(result, commit.key)}"
    return f"{commit.oid[:DIGITS]} {by}: {commit.subject}"


def _when(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _upstream(result: Lineage) -> Iterator[_Item]:
    owners = _owners(result)
    trunks: list[bool] = []
    for row in result.graph.tree(result.key, "up", depth=result.depth):
        trunks[row.level - 1 :] = [row.last]
        node = result.graph.nodes[row.key]
        yield _item(_head(trunks), node, row, _again(result, row, "up"), owners)
        if isinstance(node, StepNode) and not row.again and row.level != result.depth:
            lines = list(parameters(node.params))
            followed = bool(result.graph.next(node.key, "up"))
            for number, text in enumerate(lines, start=1):
                yield _Item(_head([*trunks, number == len(lines) and not followed]), Cell(text, "faint"))


def _downstream(result: Lineage) -> Iterator[_Item]:
    rows = list(result.graph.tree(result.key, "down", depth=result.depth))
    twins = result.twins
    trunks: list[bool] = []
    for row in rows:
        node = result.graph.nodes[row.key]
        trunks[row.level - 1 :] = [row.last and not (row.level == 1 and twins)]
        yield _item(_head(trunks), node, row, _again(result, row, "down"), {})
    for twin in twins:
        yield _version(_ARMS[twin is twins[-1]], twin, "the same artifact")


def _head(trunks: Sequence[bool]) -> str:
    return "".join(_TRUNKS[last] for last in trunks[:-1]) + _ARMS[trunks[-1]]


def _owners(result: Lineage) -> dict[str, list[str]]:
    """File → the versions, other than the one asked about, whose artifact it is."""
    found: dict[str, list[str]] = {}
    for edge in result.graph.edges:
        if edge.kind is EdgeKind.PUBLISHES and edge.source != result.key:
            found.setdefault(edge.target, []).append(result.graph.nodes[edge.source].label)
    return found


def _again(result: Lineage, row: Row, direction: Literal["up", "down"]) -> str:
    """Where what hangs on a node is shown, if something does."""
    return f"(shown {row.again})" if row.again and result.graph.next(row.key, direction) else ""


def _item(head: str, node: Node, row: Row, again: str, owners: dict[str, list[str]]) -> _Item:
    match node:
        case FileNode():
            used = row.edge.kind is EdgeKind.USED
            owned = f"= {', '.join(owners[node.key])}" if used and node.key in owners else ""
            return _file(head, node, row.edge.relation and _WHOLE[row.edge.relation], owned, again)
        case VersionNode():
            return _version(head, node, row.edge.relation or "", again)
        case ExternalNode():
            relation = row.edge.relation
            words = "import of " if relation == "import" else "run " if node.what == "run" else ""
            how = f"({relation})" if relation and relation != "import" else ""
            return _Item(head, Cell(words + title(node)), remark=" ".join(filter(None, (how, again))))
        case StepNode():
            lent = f"(recorded in {node.lender})" if node.lender else ""
            return _Item(head, Cell(title(node), "name"), remark=" ".join(filter(None, (lent, again))))
        case _:
            return _Item(head, Cell(title(node)), remark=again)


_WHOLE = {PART_OF: "(the folder)", HOLDS: "(in it)"}


def _file(head: str, node: FileNode, *remarks: str | None) -> _Item:
    columns = (Cell("" if node.size is None else size(node.size), "faint"), Cell(short_hash(node.hash), "faint"))
    files = "" if node.nfiles is None else counted(node.nfiles, "file", "files")
    return _Item(head, Cell(node.path), columns, " ".join(filter(None, (files, *remarks))), like="file")


def _version(head: str, node: VersionNode, relation: str, again: str = "") -> _Item:
    columns = (stage_cell(node.stage, yanked=node.yanked), Cell(relation, "faint"))
    return _Item(head, Cell(node.label, "version"), columns, again, like="version")


def _aligned(items: Sequence[_Item]) -> list[Line]:
    widths = {like: _widths([item for item in items if item.like == like]) for like in {item.like for item in items}}
    return [_row(item, widths[item.like]) for item in items]


def _widths(items: Sequence[_Item]) -> list[int]:
    names = max(width(item.head + safe(item.name.text)) for item in items)
    return [
        names,
        *(max(width(safe(cell.text)) for cell in cells) for cells in zip(*(i.columns for i in items), strict=True)),
    ]


def _row(item: _Item, widths: Sequence[int]) -> Line:
    # Safe here already: a name with a line break would break the tree.
    cells = [Cell(item.head, "faint"), Cell(safe(item.name.text), item.name.style)]
    if item.columns:
        cells.append(Cell(" " * (widths[0] - width(item.head + cells[1].text))))
        for number, (cell, room) in enumerate(zip(item.columns, widths[1:], strict=True)):
            text = safe(cell.text)
            blanks = " " * (room - width(text))
            right = item.like == "file" and not number
            cells.append(Cell(_GAP + (blanks + text if right else text + blanks), cell.style))
    if item.remark:
        cells.append(Cell(_GAP + safe(item.remark), "faint"))
    return Line(tuple(cells))

"""Blocks as plain text: what a pipe, a file or a dumb terminal gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from mreg.render.blocks import Block, Cell, Fields, Line, Table, safe, safe_rows, width

if TYPE_CHECKING:
    from collections.abc import Sequence

_GAP = "  "


def to_plain(blocks: Sequence[Block]) -> str:
    """The blocks below each other; columns are aligned, and no line ends in blanks.

    An empty line keeps apart what is more than a line.
    """
    text = ""
    for index, block in enumerate(blocks):
        apart = index and not (isinstance(block, Line) and isinstance(blocks[index - 1], Line))
        text += "\n" * bool(apart) + "".join(f"{row.rstrip()}\n" for row in _rows(block))
    return text


def _rows(block: Block) -> list[str]:
    match block:
        case Line(cells):
            return "".join("\n".join(safe_rows(cell.text)) for cell in cells).split("\n")
        case Fields():
            return _fields(block)
        case Table():
            return _aligned(block)
    assert_never(block)


def _fields(block: Fields) -> list[str]:
    indent = _GAP if block.title else ""
    names = [safe(name) for name, _ in block.pairs]
    room = max(map(width, names), default=0)
    rows = [safe(block.title)] if block.title else []
    for name, (_, value) in zip(names, block.pairs, strict=True):
        first, *more = safe_rows(value.text)
        rows.append(f"{indent}{_padded(name, room)}{_GAP}{first}")
        rows += [f"{indent}{' ' * room}{_GAP}{row}" for row in more]
    return rows


def _aligned(table: Table) -> list[str]:
    texts = [[safe(column.heading) for column in table.columns], *(_texts(row) for row in table.rows)]
    widths = [max(map(width, cells)) for cells in zip(*texts, strict=True)]
    rights = [column.right for column in table.columns]
    return [_GAP.join(_padded(*cell) for cell in zip(row, widths, rights, strict=True)) for row in texts]


def _texts(row: Sequence[Cell]) -> list[str]:
    return [safe(cell.text) for cell in row]


def _padded(text: str, room: int, right: bool = False) -> str:
    blanks = " " * (room - width(text))
    return blanks + text if right else text + blanks

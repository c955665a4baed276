"""Blocks as plain text: what a pipe, a file or a dumb terminal gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never
from unicodedata import combining, east_asian_width

from mreg.render.blocks import Block, Cell, Fields, Line, Table, safe

if TYPE_CHECKING:
    from collections.abc import Sequence

_GAP = "  "


def to_plain(blocks: Sequence[Block]) -> str:
    """The blocks below each other; columns are aligned, and no line ends in blanks."""
    return "".join(f"{row}\n" for block in blocks for row in _rows(block))


def _rows(block: Block) -> list[str]:
    match block:
        case Line(cells):
            return ["".join(safe(cell.text) for cell in cells)]
        case Fields(title, pairs):
            width = max((len(name) for name, _ in pairs), default=0)
            listed = [f"  {name:<{width}}  {_indented(value, width + 4)}".rstrip() for name, value in pairs]
            return [title, *listed] if title else listed
        case Table():
            return _aligned(block)
    assert_never(block)


def _indented(value: Cell, width: int) -> str:
    return f"\n{' ' * width}".join(safe(row) for row in value.text.split("\n"))


def _aligned(table: Table) -> list[str]:
    texts = [tuple(safe(cell.text) for cell in row) for row in table.rows]
    texts.insert(0, tuple(column.heading for column in table.columns))
    widths = [max(map(_width, cells)) for cells in zip(*texts, strict=True)]
    rights = [column.right for column in table.columns]
    return [_GAP.join(_padded(*cell) for cell in zip(row, widths, rights, strict=True)).rstrip() for row in texts]


def _padded(text: str, width: int, right: bool) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if right else text + blanks


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)

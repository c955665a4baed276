"""Blocks as Rich renders them: for a person at a terminal, and for the pictures in the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from rich.box import SIMPLE_HEAD
from rich.table import Table as RichTable
from rich.text import Text

from mreg.render.blocks import Block, Cell, Fields, Line, Style, Table, safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

_STYLES: dict[Style, str] = {
    "": "",
    "name": "bold",
    "version": "cyan",
    "good": "green",
    "warn": "yellow",
    "bad": "red",
    "faint": "dim",
    "title": "bold",
}


def to_rich(blocks: Sequence[Block]) -> list[RenderableType]:
    """A renderable for each block. Every text is escaped: none is read as Rich's markup."""
    return [_renderable(block) for block in blocks]


def _renderable(block: Block) -> RenderableType:
    match block:
        case Line(cells):
            return Text().join(_text(cell) for cell in cells)
        case Fields():
            return _fields(block)
        case Table():
            return _table(block)
    assert_never(block)


def _text(cell: Cell) -> Text:
    return Text("\n".join(safe(row) for row in cell.text.split("\n")), style=_STYLES[cell.style])


def _fields(block: Fields) -> RichTable:
    title = Text(block.title, style=_STYLES["title"]) if block.title else None
    grid = RichTable.grid(padding=(0, 2, 0, 0), expand=False)
    grid.title, grid.title_justify = title, "left"
    grid.add_column(style=_STYLES["faint"], no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in block.pairs:
        grid.add_row(Text(f"  {name}"), _text(value))
    return grid


def _table(block: Table) -> RichTable:
    table = RichTable(box=SIMPLE_HEAD, pad_edge=False, header_style=_STYLES["title"])
    for column in block.columns:
        table.add_column(column.heading, justify="right" if column.right else "left", overflow="fold")
    for row in block.rows:
        table.add_row(*(_text(cell) for cell in row))
    return table

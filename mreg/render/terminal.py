"""Blocks as Rich renders them: for a person at a terminal, and for the pictures in the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from rich.box import SIMPLE_HEAD
from rich.table import Table as RichTable
from rich.text import Text

from mreg.render.blocks import Block, Cell, Column, Fields, Line, Style, Table, safe, safe_rows, width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console, RenderableType

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
# Between columns, and at the end of a row: Rich pads each column on both sides, but for the edges.
_GAP = 2
# A column that wraps is readable from this width on.
_READABLE = 12


def print_blocks(console: Console, blocks: Sequence[Block]) -> None:
    """Print the blocks below each other. Every text is escaped: none is read as Rich's markup."""
    for block in blocks:
        # A line is wrapped by the terminal itself: what is copied from it stays one line.
        console.print(_renderable(block, console.width), soft_wrap=isinstance(block, Line))


def _renderable(block: Block, room: int) -> RenderableType:
    match block:
        case Line(cells):
            return Text().join(_lines(cell) for cell in cells)
        case Fields():
            return _fields(block)
        case Table():
            return _table(block, room)
    assert_never(block)


def _lines(cell: Cell) -> Text:
    return Text("\n".join(safe_rows(cell.text)), style=_STYLES[cell.style])


def _fields(block: Fields) -> RichTable:
    grid = RichTable.grid(padding=(0, _GAP, 0, 0), expand=False)
    if block.title:
        grid.title, grid.title_justify, grid.title_style = Text(safe(block.title)), "left", _STYLES["title"]
    grid.add_column(style=_STYLES["faint"], no_wrap=True)
    grid.add_column(overflow="fold")
    indent = "  " if block.title else ""
    for name, value in block.pairs:
        grid.add_row(Text(indent + safe(name)), _lines(value))
    return grid


def _table(block: Table, room: int) -> RichTable:
    shown, left_out = _fitting(block, room)
    table = RichTable(box=SIMPLE_HEAD, pad_edge=False, header_style=_STYLES["title"])
    if left_out:
        names = ", ".join(safe(block.columns[index].heading) for index in left_out)
        table.caption, table.caption_justify = Text(f"too wide for this terminal: {names}"), "left"
    for index in shown:
        column = block.columns[index]
        heading, no_wrap = Text(safe(column.heading)), not column.wraps
        table.add_column(heading, justify="right" if column.right else "left", overflow="fold", no_wrap=no_wrap)
    for row in block.rows:
        table.add_row(*(Text(safe(row[index].text), style=_STYLES[row[index].style]) for index in shown))
    return table


def _fitting(block: Table, room: int) -> tuple[list[int], list[int]]:
    """The columns to show, and the spare ones that there is no room for."""
    needed = [_needed(column, [row[i] for row in block.rows]) for i, column in enumerate(block.columns)]
    shown, left_out = list(range(len(needed))), list[int]()
    for index in reversed(range(len(needed))):
        if sum(needed[i] + _GAP for i in shown) - _GAP <= room:
            break
        if block.columns[index].spare:
            shown.remove(index)
            left_out.insert(0, index)
    return shown, left_out


def _needed(column: Column, cells: Sequence[Cell]) -> int:
    natural = max(width(safe(text)) for text in (column.heading, *(cell.text for cell in cells)))
    return min(natural, _READABLE) if column.wraps else natural

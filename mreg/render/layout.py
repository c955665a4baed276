"""Blocks as lines of cells: the same for a pipe, which is as wide as need be, and for a terminal, which is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from mreg.render.blocks import Block, Cell, Column, Fields, Line, Table, safe, safe_rows, width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GAP = 2
# A column or a value that goes on in a second line is readable from this width on.
READABLE = 10

Row = list[Cell]


def lay_out(blocks: Sequence[Block], room: int | None = None) -> Iterator[Row]:
    """The lines of the blocks below each other; an empty one keeps apart what is more than a line.

    Args:
        blocks: What to show.
        room: The cells that a line may take; None is any number. Lines of their own are left to the terminal to wrap,
            so that what is copied from them stays one line.

    Returns:
        Lines of cells whose texts are safe; none ends in blanks.
    """
    for index, block in enumerate(blocks):
        if index and not (isinstance(block, Line) and isinstance(blocks[index - 1], Line)):
            yield []
        for row in _rows(block, room):
            yield _stripped(row)


def _rows(block: Block, room: int | None) -> Iterator[Row]:
    match block:
        case Line():
            yield from _line(block)
        case Fields():
            yield from _fields(block, room)
        case Table():
            yield from _table(block, room)
        case _:
            assert_never(block)


def _line(block: Line) -> Iterator[Row]:
    row: Row = []
    for cell in block.cells:
        first, *more = safe_rows(cell.text)
        row.append(replace(cell, text=first))
        for text in more:
            yield row
            row = [replace(cell, text=text)]
    yield row


def _fields(block: Fields, room: int | None) -> Iterator[Row]:
    indent = " " * GAP if block.title else ""
    names = [safe(name) for name, _ in block.pairs]
    widest = max(map(width, names), default=0)
    before = len(indent) + widest + GAP
    if block.title:
        yield [Cell(safe(block.title), "title")]
    for name, (_, value) in zip(names, block.pairs, strict=True):
        label = f"{indent}{_padded(name, widest)}{' ' * GAP}"
        for text in _wrapped(safe_rows(value.text), None if room is None else max(room - before, READABLE)):
            yield [Cell(label, "faint"), Cell(text, value.style)]
            label = " " * before


def _table(table: Table, room: int | None) -> Iterator[Row]:
    shown, left_out = _fitting(table, room)
    widths = _shared(table, shown, room)
    if room is not None and _total(widths) > room:
        yield from _records(table, room)
        return
    columns = [table.columns[index] for index in shown]
    yield _aligned([Cell(safe(column.heading), "title") for column in columns], columns, widths)
    for row in table.rows:
        cells = [row[index] for index in shown]
        texts = [_wrapped([safe(cell.text)], wide) for cell, wide in zip(cells, widths, strict=True)]
        for number in range(max(map(len, texts))):
            parts = [text[number] if number < len(text) else "" for text in texts]
            yield _aligned([Cell(part, cell.style) for part, cell in zip(parts, cells, strict=True)], columns, widths)
    if left_out:
        names = ", ".join(safe(table.columns[index].heading) for index in left_out)
        yield [Cell(f"too wide for this terminal: {names}", "faint")]


def _records(table: Table, room: int) -> Iterator[Row]:
    """The table turned: a paragraph for each row."""
    for index, row in enumerate(table.rows):
        if index:
            yield []
        pairs = [(column.heading, cell) for column, cell in zip(table.columns, row, strict=True) if cell.text]
        yield from _fields(Fields("", tuple(pairs)), room)


def _fitting(table: Table, room: int | None) -> tuple[list[int], list[int]]:
    """The columns to show, and the spare ones that there is no room for, the last ones first."""
    shown, left_out = list(range(len(table.columns))), list[int]()
    for index in reversed(range(len(table.columns))):
        if room is None or _total([_needed(table, i) for i in shown]) <= room:
            break
        if table.columns[index].spare:
            shown.remove(index)
            left_out.insert(0, index)
    return shown, left_out


def _shared(table: Table, shown: Sequence[int], room: int | None) -> list[int]:
    """The widths of columns: their own; of those that wrap, less where there is less room, the widest first."""
    widths = [_natural(table, index) for index in shown]
    wraps = [place for place, index in enumerate(shown) if table.columns[index].wraps]
    while room is not None and _total(widths) > room:
        widest = max(wraps, key=lambda place: widths[place], default=None)
        if widest is None or widths[widest] <= READABLE:
            break
        widths[widest] -= 1
    return widths


def _natural(table: Table, index: int) -> int:
    return max(width(safe(text)) for text in (table.columns[index].heading, *(row[index].text for row in table.rows)))


def _needed(table: Table, index: int) -> int:
    return min(_natural(table, index), READABLE) if table.columns[index].wraps else _natural(table, index)


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


def _aligned(cells: Sequence[Cell], columns: Sequence[Column], widths: Sequence[int]) -> Row:
    row: Row = []
    for cell, column, wide in zip(cells, columns, widths, strict=True):
        gap = " " * GAP if row else ""
        row.append(replace(cell, text=gap + _padded(cell.text, wide, right=column.right)))
    return row


def _padded(text: str, room: int, *, right: bool = False) -> str:
    blanks = " " * (room - width(text))
    return blanks + text if right else text + blanks


def _wrapped(rows: Sequence[str], room: int | None) -> list[str]:
    """The rows, broken between words where they are too wide, and within words that are."""
    return list(rows) if room is None else [part for row in rows for part in _broken(row, room)]


def _broken(text: str, room: int) -> Iterator[str]:
    if width(text) <= room:
        yield text
        return
    line = ""
    for word in text.split(" "):
        if line and width(f"{line} {word}") > room:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
        while width(line) > room:
            end = _end(line, room)
            yield line[:end]
            line = line[end:]
    yield line


def _end(text: str, room: int) -> int:
    """How many of the first characters fit; at least one."""
    taken = 0
    for index, character in enumerate(text):
        taken += width(character)
        if taken > room:
            return max(index, 1)
    return len(text)


def _stripped(row: Row) -> Row:
    while row and not row[-1].text.strip(" "):
        row = row[:-1]
    return [*row[:-1], replace(row[-1], text=row[-1].text.rstrip(" "))] if row else []

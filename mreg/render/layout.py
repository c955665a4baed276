"""Blocks as lines: the same for a pipe, which is as wide as need be, and for a terminal, which is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from mreg.render.blocks import Block, Cell, Column, Fields, Line, Style, Table, safe, safe_rows, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

GAP = 2
# A column or a value that goes on in a second line is readable from this width on.
READABLE = 10

# A safe text and what it means: tuples, since a long history has a million of them.
Row = list[tuple[str, Style]]


def lay_out(blocks: Sequence[Block], room: int | None = None) -> Iterator[Row]:
    """The lines of the blocks below each other; an empty one keeps apart what is more than a line.

    Args:
        blocks: What to show.
        room: The cells that a line may take; None is any number. Lines of their own are left to the terminal to wrap,
            so that what is copied from them stays one line.

    Returns:
        Lines of texts and what they mean; none ends in blanks.
    """
    for index, block in enumerate(blocks):
        if index and not (isinstance(block, Line) and isinstance(blocks[index - 1], Line)):
            yield []
        for row in _rows(block, room):
            yield _stripped(row)


def _rows(block: Block, room: int | None) -> Iterator[Row]:
    match block:
        case Line():
            return _line(block)
        case Fields():
            return _fields(block, room)
        case Table():
            return _Grid(block, room).rows()
    assert_never(block)


def _line(block: Line) -> Iterator[Row]:
    row: Row = []
    for cell in block.cells:
        first, *more = safe_rows(cell.text)
        row.append((first, cell.style))
        for text in more:
            yield row
            row = [(text, cell.style)]
    yield row


def _fields(block: Fields, room: int | None) -> Iterator[Row]:
    indent = " " * GAP if block.title else ""
    names = [safe(name) for name, _ in block.pairs]
    widest = max(map(width, names), default=0)
    before = len(indent) + widest + GAP
    if block.title:
        yield [(safe(block.title), "title")]
    for name, (_, value) in zip(names, block.pairs, strict=True):
        label = f"{indent}{_padded(name, widest)}{' ' * GAP}"
        for text in _wrapped(safe_rows(value.text), None if room is None else max(room - before, READABLE)):
            yield [(label, "faint"), (text, value.style)]
            label = " " * before


class _Grid:
    """A table that finds its place: wrapped, without its spare columns, or turned, as there is less and less room."""

    def __init__(self, table: Table, room: int | None) -> None:
        self._columns, self._room = table.columns, room
        self._texts = [[safe(column.heading) for column in table.columns]]
        self._texts += [[safe(cell.text) for cell in row] for row in table.rows]
        self._styles: list[list[Style]] = [["title" for _ in table.columns]]
        self._styles += [[cell.style for cell in row] for row in table.rows]
        self._natural = [max(map(width, texts)) for texts in zip(*self._texts, strict=True)]

    def rows(self) -> Iterator[Row]:
        shown = self._fitting()
        widths = self._shared(shown)
        if self._room is not None and _total(widths) > self._room:
            yield from self._records(self._room)
            return
        columns = [(self._columns[index], wide) for index, wide in zip(shown, widths, strict=True)]
        wraps = widths != [self._natural[index] for index in shown]
        for texts, styles in zip(self._texts, self._styles, strict=True):
            picked = [texts[index] for index in shown]
            for parts in _split(picked, widths) if wraps else (picked,):
                yield _aligned(parts, [styles[index] for index in shown], columns)
        if left_out := [text for index, text in enumerate(self._texts[0]) if index not in shown]:
            yield [(f"too wide for this terminal: {', '.join(left_out)}", "faint")]

    def _records(self, room: int) -> Iterator[Row]:
        """A paragraph for each row."""
        headings = self._texts[0]
        for index, (texts, styles) in enumerate(zip(self._texts[1:], self._styles[1:], strict=True)):
            if index:
                yield []
            told = zip(headings, texts, styles, strict=True)
            yield from _fields(Fields("", tuple((name, Cell(text, style)) for name, text, style in told if text)), room)

    def _fitting(self) -> list[int]:
        """The columns that there is room for: spare ones are left out, the last one first."""
        shown = list(range(len(self._columns)))
        for index in reversed(shown.copy()):
            if self._room is None or _total([self._needed(i) for i in shown]) <= self._room:
                break
            if self._columns[index].spare:
                shown.remove(index)
        return shown

    def _shared(self, shown: Sequence[int]) -> list[int]:
        """The widths of columns: their own; of those that wrap, less where there is less room, the widest first."""
        widths = [self._natural[index] for index in shown]
        wraps = [place for place, index in enumerate(shown) if self._columns[index].wraps]
        while self._room is not None and _total(widths) > self._room:
            widest = max(wraps, key=lambda place: widths[place], default=None)
            if widest is None or widths[widest] <= READABLE:
                break
            widths[widest] -= 1
        return widths

    def _needed(self, index: int) -> int:
        return min(self._natural[index], READABLE) if self._columns[index].wraps else self._natural[index]


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


def _split(texts: Sequence[str], widths: Sequence[int]) -> Iterator[list[str]]:
    """A row as the lines that it takes where texts are wrapped."""
    columns = [_wrapped([text], wide) for text, wide in zip(texts, widths, strict=True)]
    for number in range(max(map(len, columns))):
        yield [column[number] if number < len(column) else "" for column in columns]


def _aligned(texts: Sequence[str], styles: Sequence[Style], columns: Sequence[tuple[Column, int]]) -> Row:
    row: Row = []
    for text, style, (column, wide) in zip(texts, styles, columns, strict=True):
        gap = " " * GAP if row else ""
        row.append((gap + _padded(text, wide, right=column.right), style))
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


def _stripped(row: Iterable[tuple[str, Style]]) -> Row:
    stripped = list(row)
    while stripped:
        text, style = stripped.pop()
        if text := text.rstrip(" "):
            return [*stripped, (text, style)]
    return []

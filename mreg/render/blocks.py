"""What a result looks like, before it is decided on what: blocks of text with styles by meaning, not by colour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from unicodedata import category, combining, east_asian_width

Style = Literal["", "name", "version", "good", "warn", "bad", "faint", "title"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of text and what it means."""

    text: str
    style: Style = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column.

    Attributes:
        right: Its cells stand to the right, as numbers do.
        wraps: Its texts may go on in a second line where the terminal is narrow.
        spare: It may be left out where the terminal is narrow, the last one first.
    """

    heading: str
    right: bool = False
    wraps: bool = False
    spare: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of as many cells as there are columns."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """Names and values, one pair a line, under a title or, where it is empty, under nothing."""

    title: str
    pairs: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of cells, one after the other."""

    cells: tuple[Cell, ...]


Block = Table | Fields | Line


def line(*cells: str | Cell) -> Line:
    """A line of texts and cells."""
    return Line(tuple(Cell(cell) if isinstance(cell, str) else cell for cell in cells))


# Cached for long histories, in which the same few texts come again and again.
@lru_cache(maxsize=1 << 14)
def safe(text: str) -> str:
    """The text with everything visible that could steer a terminal or turn the reading order.

    Names, reasons and cards may come from anyone: a control or format character is shown by its number.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if _harmless(c) else _number(c) for c in text)


def safe_rows(text: str) -> list[str]:
    """The lines of a text that may have several, each safe."""
    return [safe(row) for row in text.split("\n")]


# Controls; formats such as bidirectional overrides; halves of a character; line and paragraph separators.
_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_EMOJI_JOINER = "\u200d"


def _harmless(character: str) -> bool:
    return character == _EMOJI_JOINER or category(character) not in _HARMFUL


def _number(character: str) -> str:
    return f"\\u{ord(character):04x}" if character <= "\uffff" else f"\\U{ord(character):08x}"


@lru_cache(maxsize=1 << 14)
def width(text: str) -> int:
    """The cells of a terminal that a safe text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) or c == _EMOJI_JOINER else 2 if east_asian_width(c) in "WF" else 1 for c in text)

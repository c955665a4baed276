"""What a result looks like, before it is decided on what: blocks of text with styles by meaning, not by colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from unicodedata import category

Style = Literal["", "name", "version", "good", "warn", "bad", "faint", "title"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of text and what it means."""

    text: str
    style: Style = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading; numbers stand to the right."""

    heading: str
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of as many cells as there are columns."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """Names and values, one pair a line, under a title."""

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


def safe(text: str) -> str:
    """The text with everything visible that could steer a terminal or turn the reading order.

    Names, reasons and cards may come from anyone: a control or format character is shown by its number.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if _harmless(c) else f"\\u{ord(c):04x}" for c in text)


def _harmless(character: str) -> bool:
    # Cc: controls; Cf: formats such as bidirectional overrides, but for the joiner of emoji; Cs: half a character.
    return category(character) not in ("Cc", "Cf", "Cs") or character == "\u200d"

"""One section of a comparison, before it is decided how it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mreg.core.compare.difference import Difference
from mreg.render.blocks import Cell, Column, Style, Table

if TYPE_CHECKING:
    from mreg.core.compare.wording import Piece


@dataclass(frozen=True, slots=True)
class Wording:
    """A text of the card in one version against the first."""

    name: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One section.

    Attributes:
        title: What it is about.
        summary: What there is to it, in few words of our own.
        tables: The rows that differ.
        wordings: Texts that differ.
    """

    title: str
    summary: str
    tables: tuple[Table, ...] = ()
    wordings: tuple[Wording, ...] = ()


_STYLES: dict[Difference, Style] = {
    Difference.SAME: "faint",
    Difference.CHANGED: "warn",
    Difference.MOVED: "warn",
    Difference.ADDED: "good",
    Difference.REMOVED: "bad",
    Difference.UNKNOWN: "warn",
}


def difference_cell(difference: Difference, remark: str = "") -> Cell:
    """`changed`, `moved to data/new.csv`, `changed, +1.2 kB`."""
    return Cell(f"{difference.value}{remark}", _STYLES[difference])


def per_version(heading: str, names: Sequence[str], *, right: bool = False, spare: bool = False) -> list[Column]:
    """A column for each version after the first; two versions need no telling apart."""
    others = names[1:]
    return [Column(heading if len(others) == 1 else f"{heading} {name}", right=right, spare=spare) for name in others]

"""Comparisons and trends for a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mreg.render.blocks import Block, Cell, Line, Style, line
from mreg.render.compare.data import comparison_data, trend_data
from mreg.render.compare.series import trend_table
from mreg.render.compare.sheets import sheets
from mreg.render.face import Face
from mreg.usecases.comparing.results import Comparison, Trend

if TYPE_CHECKING:
    from mreg.core.compare.wording import Kind, Piece
    from mreg.render.compare.sheet import Sheet

# As git marks words: readable without colours, too.
_MARKS: dict[Kind, tuple[str, str, Style]] = {
    "same": ("", "", ""),
    "removed": ("[-", "-]", "bad"),
    "added": ("{+", "+}", "good"),
}
# So many words are kept around what differs.
_AROUND = 6


def _comparison_blocks(result: Comparison) -> list[Block]:
    blocks: list[Block] = [line(Cell(verdict, "title")) for verdict in result.verdicts]
    for sheet in sheets(result):
        blocks += _sheet_blocks(sheet)
    return blocks


def _sheet_blocks(sheet: Sheet) -> Iterator[Block]:
    if not sheet.tables and not sheet.wordings:
        yield line(f"{sheet.title}: {sheet.summary}")
    yield from sheet.tables
    for wording in sheet.wordings:
        yield Line((Cell(f"{wording.name}  ", "faint"), *_marked(wording.pieces)))


def _marked(pieces: Sequence[Piece]) -> Iterator[Cell]:
    for kind, text in abridged(pieces):
        begin, end, style = _MARKS[kind]
        body = " ".join(text.split())
        # What follows a word keeps its distance.
        yield Cell(f"{begin}{body}{end} ", style)


def abridged(pieces: Sequence[Piece]) -> Iterator[tuple[Kind, str]]:
    """The pieces, with only a few words of what is the same around what differs."""
    for index, piece in enumerate(pieces):
        words = piece.text.split()
        before, after = (_AROUND if index else 0), (_AROUND if index < len(pieces) - 1 else 0)
        if piece.kind != "same" or len(words) <= before + after + 1:
            yield piece.kind, piece.text
        else:
            yield "same", " ".join([*words[:before], "…", *words[len(words) - after :]])


def _trend_blocks(result: Trend) -> list[Block]:
    return [trend_table(result)] if result.rows else []


COMPARISON: Face[Comparison] = Face("comparison", _comparison_blocks, comparison_data, lambda result: result.notices)
TREND: Face[Trend] = Face("trend", _trend_blocks, trend_data, lambda result: result.notices)

"""Versions by their score, each term shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mreg.render.blocks import Block, Cell, Column, Table
from mreg.render.face import Face
from mreg.render.lists import score_data
from mreg.render.words import NOTHING, number, number_cells, stage_cell, version_cell

if TYPE_CHECKING:
    from mreg.core.metrics import Term
    from mreg.usecases.comparing.results import ScoreRow, Scores


def _blocks(result: Scores) -> list[Block]:
    if not result.rows:
        return []
    columns = [Column("VERSION"), Column("STAGE"), Column("SCORE", right=True)]
    columns += [Column(f"{number(weight)} · {metric}", right=True) for metric, weight in result.weights.items()]
    scores = number_cells([row.score.value for row in result.rows])
    rows = tuple(_row(row, score, result) for row, score in zip(result.rows, scores, strict=True))
    return [Table(tuple(columns), rows)]


def _row(row: ScoreRow, score: Cell, result: Scores) -> tuple[Cell, ...]:
    terms = {term.metric: term for term in row.score.terms}
    state = row.state
    told = (_term(metric, terms.get(metric), row) for metric in result.weights)
    return (version_cell(state.version), stage_cell(state.stage, yanked=state.yanked is not None), score, *told)


def _term(metric: str, term: Term | None, row: ScoreRow) -> Cell:
    """`0.637 (0.91)`: weight · value, and the value."""
    if metric in row.score.missing:
        return Cell("missing" if term is None else "0 (missing)", "warn")
    return NOTHING if term is None else Cell(f"{number(term.product)} ({number(term.value)})")


def _data(result: Scores) -> dict[str, Any]:
    rows = [
        {
            "version": str(row.state.version),
            "stage": row.state.stage,
            "commit": row.state.commit,
            "score": score_data(row.score),
        }
        for row in result.rows
    ]
    return {"model": result.model, "weights": dict(result.weights), "zero": result.zero, "versions": rows}


def _notices(result: Scores) -> list[str]:
    lacking = [row for row in result.rows if row.score.missing]
    told = []
    if lacking and not result.zero:
        refs = ", ".join(f"v{row.state.version}" for row in lacking)
        told.append(f"without a score for a missing metric: {refs}; --missing zero counts it as 0")
    return [*told, *result.notices]


SCORES: Face[Scores] = Face("scores", _blocks, _data, _notices)

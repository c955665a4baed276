"""Metrics and scores side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mreg.core.compare.metrics import Judgement
from mreg.core.compare.verdict import signed
from mreg.render.blocks import Cell, Column, Style, Table
from mreg.render.compare.sheet import Sheet, per_version
from mreg.render.words import NOTHING, counted, number, number_cells

if TYPE_CHECKING:
    from mreg.core.compare.metrics import MetricRow, Shift
    from mreg.core.metrics import Score
    from mreg.core.summary import Bounds

_WORDS = {Judgement.UNJUDGED: "not judged"}
_STYLES: dict[Judgement, Style] = {
    Judgement.BETTER: "good",
    Judgement.WORSE: "bad",
    Judgement.EQUAL: "faint",
    Judgement.UNJUDGED: "warn",
}


def metric_sheet(names: Sequence[str], rows: Sequence[MetricRow]) -> Sheet:
    """The metrics of the data as a whole and, apart from them, of slices."""
    whole, slices = [row for row in rows if not row.slice], [row for row in rows if row.slice]
    tables = [_table(heading, names, part) for heading, part in (("METRIC", whole), ("SLICE", slices)) if part]
    summary = counted(len(whole), "metric", "metrics")
    if slices:
        summary += f", {counted(len(slices), 'slice', 'slices')}"
    return Sheet(title="metrics", summary=summary if rows else "none", tables=tuple(tables))


def _table(heading: str, names: Sequence[str], rows: Sequence[MetricRow]) -> Table:
    measured = any(measure and measure.ci for row in rows for measure in row.measures)
    united = any(row.unit for row in rows)
    columns = [Column(heading), *(Column(name, right=True) for name in names)]
    columns += per_version("DELTA", names, right=True) + per_version("JUDGED", names)
    columns += [Column("UNIT", spare=True)] if united else []
    columns += [Column(f"INTERVAL {name}", spare=True) for name in names] if measured else []
    values = _columns([[measure.value if measure else None for measure in row.measures] for row in rows])
    cells = []
    for row, numbers in zip(rows, values, strict=True):
        told = [Cell(row.name, "name"), *numbers, *map(_delta, row.shifts), *map(_judged, row.shifts)]
        told += [Cell(row.unit) if row.unit else NOTHING] if united else []
        told += [_interval(measure.ci if measure else None) for measure in row.measures] if measured else []
        cells.append(tuple(told))
    return Table(tuple(columns), tuple(cells))


def _columns(rows: Sequence[Sequence[float | None]]) -> list[tuple[Cell, ...]]:
    """Rows of cells whose decimal points are below each other."""
    return list(zip(*(number_cells(column) for column in zip(*rows, strict=True)), strict=True))


def _delta(shift: Shift | None) -> Cell:
    return NOTHING if shift is None or shift.delta is None else Cell(signed(shift.delta), _STYLES[shift.judgement])


def _judged(shift: Shift | None) -> Cell:
    if shift is None:
        return NOTHING
    text = _WORDS.get(shift.judgement, shift.judgement.value)
    if shift.delta is None and shift.judgement is Judgement.UNJUDGED:
        text = "not comparable"
    if shift.overlap and shift.judgement is not Judgement.EQUAL:
        text += ", but the intervals overlap"
    return Cell(text, _STYLES[shift.judgement])


def _interval(bounds: Bounds | None) -> Cell:
    if bounds is None:
        return NOTHING
    level = f" ({bounds.level * 100:.4g}%)" if bounds.level else ""
    return Cell(f"{number(bounds.lower)} to {number(bounds.upper)}{level}")


def score_sheet(names: Sequence[str], scores: Sequence[Score]) -> Sheet:
    """Each term of the score, and the sum."""
    weights = {term.metric: term.weight for found in scores for term in found.terms}
    lacking = list(dict.fromkeys(metric for found in scores for metric in found.missing))
    nowhere = [metric for metric in lacking if metric not in weights]
    products = [{term.metric: term.product for term in found.terms} for found in scores]
    rows: list[list[float | None]] = [[found.get(metric) for found in products] for metric in (*weights, *nowhere)]
    rows.append([found.value for found in scores])
    labels = [f"{number(weight)} · {metric}" for metric, weight in weights.items()] + nowhere
    columns = [Column("TERM"), *(Column(name, right=True) for name in names), *per_version("DELTA", names, right=True)]
    cells = [
        (Cell(label, "name"), *numbers, *(_difference(row[0], value) for value in row[1:]))
        for label, row, numbers in zip([*labels, "score"], rows, _columns(rows), strict=True)
    ]
    summary = f"{', '.join(lacking)} missing" if lacking else counted(len(weights), "term", "terms")
    return Sheet(title="score", summary=summary, tables=(Table(tuple(columns), tuple(cells)),))


def _difference(before: float | None, after: float | None) -> Cell:
    return NOTHING if before is None or after is None else Cell(signed(after - before))

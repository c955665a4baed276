"""A trend as a table: one row a version, and how each metric went in one line of small bars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mreg.core.compare.difference import Difference
from mreg.core.compare.trend import TrendRow, best
from mreg.render.blocks import Cell, Column, Table
from mreg.render.words import NOTHING, minute, number_cells, stage_cell, version_cell

if TYPE_CHECKING:
    from mreg.core.policy import Direction
    from mreg.usecases.comparing.results import Trend

BARS = "▁▂▃▄▅▆▇█"
_GAP = "·"
# So many bars at most; each then stands for the mean of several versions.
MAX_BARS = 24
_BEST = "*"


def trend_table(trend: Trend) -> Table:
    """The versions, oldest first; the best value of a metric has a star; the last row is how each metric went."""
    columns = [Column("VERSION"), Column("STAGE"), Column("REGISTERED (UTC)", spare=True), Column("CHANGED")]
    columns += [Column(name, right=True, spare=True) for name in trend.directions]
    numbers = [_numbers(trend.rows, name, direction) for name, direction in trend.directions.items()]
    rows = [
        (
            version_cell(row.state.version),
            stage_cell(row.state.stage, yanked=row.state.yanked is not None),
            Cell(minute(row.state.registered.when), "faint"),
            _changed(row),
            *(cells[index] for cells in numbers),
        )
        for index, row in enumerate(trend.rows)
    ]
    blank = Cell("")
    bars = [Cell(sparkline([row.metrics.get(name) for row in trend.rows]), "name") for name in trend.directions]
    last = (Cell("trend", "faint"), blank, blank, blank, *bars)
    return Table(tuple(columns), (*rows, last) if trend.directions and len(trend.rows) > 1 else tuple(rows))


def _numbers(rows: Sequence[TrendRow], name: str, direction: Direction | None) -> list[Cell]:
    """A metric's column, the best value marked."""
    top = best(rows, name, direction)
    cells = number_cells([row.metrics.get(name) for row in rows])
    if top is None:
        return cells
    return [
        Cell(f"{_BEST}{cell.text}", "good") if row.metrics.get(name) == top else cell
        for row, cell in zip(rows, cells, strict=True)
    ]


def _changed(row: TrendRow) -> Cell:
    """`data code`, `params code?` where nobody knows of the code."""
    told = list(_marks(row))
    return Cell(" ".join(told), "warn") if told else NOTHING


def _marks(row: TrendRow) -> Iterator[str]:
    for name, difference in (("data", row.data), ("params", row.params), ("code", row.code)):
        match difference:
            case Difference.UNKNOWN:
                yield f"{name}?"
            case Difference.MOVED:
                yield f"{name} moved"
            case Difference.CHANGED:
                yield name
            case _:
                pass


def sparkline(values: Sequence[float | None]) -> str:
    """The values as bars between the lowest and the highest; a dot where there is none.

    More than `MAX_BARS` values are put together, neighbours by their mean.
    """
    grouped = [_mean(group) for group in _groups(values)]
    known = [value for value in grouped if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    # Half of the span: the whole of it may be beyond a float.
    span = high / 2 - low / 2
    steps = [None if v is None else (v / 2 - low / 2) / span if span else 0.5 for v in grouped]
    return "".join(_GAP if step is None else BARS[min(int(step * len(BARS)), len(BARS) - 1)] for step in steps)


def _groups(values: Sequence[float | None]) -> Iterator[Sequence[float | None]]:
    count = min(len(values), MAX_BARS)
    for index in range(count):
        yield values[index * len(values) // count : (index + 1) * len(values) // count]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(value / len(known) for value in known) if known else None

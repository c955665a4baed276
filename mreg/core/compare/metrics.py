"""Metrics side by side: by how much each moved, and whether that is better."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mreg.core.annotations import Scalar
from mreg.core.metrics import infer_direction
from mreg.core.policy import Direction
from mreg.core.summary import Bounds, Measure

if TYPE_CHECKING:
    from mreg.core.policy import Policy


# Measures without a partner are looked at in pairs: beyond so many, in a card of thousands, they stay alone.
_MANY = 200_000


class Judgement(StrEnum):
    """What a metric's move means. `unjudged`: nobody said which way is better, or the two cannot be compared."""

    BETTER = "better"
    WORSE = "worse"
    EQUAL = "equal"
    UNJUDGED = "unjudged"


@dataclass(frozen=True, slots=True)
class Shift:
    """How a metric moved from the first version to another.

    Attributes:
        delta: The other's value less the first's; None where their units differ, or a float overflows.
        overlap: Whether the confidence intervals overlap; None where not both are known.
    """

    delta: float | None
    judgement: Judgement
    overlap: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRow:
    """One metric, on one part of some data, in each version.

    Attributes:
        slice: The subgroup that it was measured on; empty for the data as a whole.
        direction: Which way is better; None where nobody says, or versions say different things.
        measures: A version's measure; None where it has none.
        shifts: How each version after the first differs from it; None where either has no measure.
    """

    metric: str
    dataset: str | None
    split: str | None
    slice: Mapping[str, Scalar]
    direction: Direction | None
    measures: tuple[Measure | None, ...]
    shifts: tuple[Shift | None, ...]

    @property
    def name(self) -> str:
        """`f1`, `f1 (holdout, test)`, `f1 (holdout) [age=18-25]`."""
        where = ", ".join(filter(None, (self.dataset, self.split)))
        return self.metric + (f" ({where})" if where else "") + self.group

    @property
    def group(self) -> str:
        """The slice as text: ` [age=18-25]`; empty for the data as a whole."""
        return f" [{', '.join(f'{key}={value}' for key, value in self.slice.items())}]" if self.slice else ""

    @property
    def unit(self) -> str | None:
        return next((measure.unit for measure in self.measures if measure and measure.unit), None)


Key = tuple[str, str | None, str | None, tuple[tuple[str, str], ...]]


def metric_rows(columns: Sequence[Sequence[Measure]], policy: Policy) -> tuple[MetricRow, ...]:
    """The measures of several versions side by side: the first one's in its order, then what others have besides.

    Two measures are of one row where metric, dataset, split and slice agree. Where one version leaves dataset or split
    unsaid, and only one measure can be meant, they agree as well.
    """
    rows: list[list[Measure | None]] = []
    for index, column in enumerate(columns):
        unique = {_key(measure): measure for measure in reversed(column)}  # the first of equals, as in `named_metrics`
        measures = [unique[key] for key in dict.fromkeys(map(_key, column))]
        _place(rows, index, measures)
    return tuple(_row([*row, *([None] * (len(columns) - len(row)))], policy) for row in rows)


def _place(rows: list[list[Measure | None]], index: int, measures: list[Measure]) -> None:
    """Put a version's measures into the rows that they belong to, and new rows below."""
    for row in rows:
        row.append(None)
    free = {_key(measure): measure for measure in measures}
    for row in rows:
        row[index] = free.pop(_key(_known(row)), None)
    lacking = [row for row in rows if row[index] is None]
    if len(lacking) * (len(lacking) + len(free)) <= _MANY:
        _place_unsaid(lacking, index, free)
    rows += [[*([None] * index), measure] for measure in free.values()]


def _place_unsaid(lacking: list[list[Measure | None]], index: int, free: dict[Key, Measure]) -> None:
    """Put measures into rows that they do not contradict, where neither has another choice."""
    keys = [_key(_known(row)) for row in lacking]
    for row, key in zip(lacking, keys, strict=True):
        alike = [other for other in free if _may_be(other, key)]
        if len(alike) == 1 and sum(_may_be(alike[0], rival) for rival in keys) == 1:
            row[index] = free.pop(alike[0])


def _known(row: Sequence[Measure | None]) -> Measure:
    """The measure that says the most of where it was taken."""
    return max(filter(None, row), key=lambda measure: (measure.dataset is not None) + (measure.split is not None))


def _key(measure: Measure) -> Key:
    group = tuple(sorted((key, str(value)) for key, value in measure.slice.items()))
    return (measure.metric, measure.dataset, measure.split, group)


def _may_be(one: Key, other: Key) -> bool:
    unsaid = [a == b or a is None or b is None for a, b in zip(one[1:3], other[1:3], strict=True)]
    return one[0] == other[0] and one[3] == other[3] and all(unsaid)


def _row(measures: Sequence[Measure | None], policy: Policy) -> MetricRow:
    known, first = _known(measures), measures[0]
    direction = _direction(known.metric, [measure.direction for measure in measures if measure], policy)
    return MetricRow(
        metric=known.metric,
        dataset=known.dataset,
        split=known.split,
        slice=known.slice,
        direction=direction,
        measures=tuple(measures),
        shifts=tuple(_shift(first, other, direction) if first and other else None for other in measures[1:]),
    )


def _direction(metric: str, said: Sequence[Direction | None], policy: Policy) -> Direction | None:
    directions = {direction for direction in said if direction is not None}
    if not directions:
        return known_direction(metric, policy)
    return directions.pop() if len(directions) == 1 else None


def known_direction(metric: str, policy: Policy) -> Direction | None:
    """Which way the project or the metric's name says is better; None where neither does."""
    rule = policy.metrics.get(metric)
    if rule and rule.direction:
        return rule.direction
    # A name that says nothing leaves the decision to the word before it, whichever that is.
    certain = infer_direction(f"loss.{metric}") == infer_direction(f"accuracy.{metric}")
    return infer_direction(metric) if certain else None


def _shift(first: Measure, other: Measure, direction: Direction | None) -> Shift:
    if first.unit and other.unit and first.unit != other.unit:
        return Shift(None, Judgement.UNJUDGED)
    delta = other.value - first.value
    return Shift(delta if math.isfinite(delta) else None, judge(delta, direction), _overlap(first.ci, other.ci))


def judge(delta: float, direction: Direction | None) -> Judgement:
    """What a difference means for a metric that is better in this direction."""
    if delta == 0:
        return Judgement.EQUAL
    if direction is None:
        return Judgement.UNJUDGED
    return Judgement.BETTER if (delta > 0) == (direction == "max") else Judgement.WORSE


def _overlap(one: Bounds | None, other: Bounds | None) -> bool | None:
    return None if one is None or other is None else one.lower <= other.upper and other.lower <= one.upper


def short_names(rows: Sequence[MetricRow]) -> list[str]:
    """What each row may be called in a sentence: the metric alone where that is clear."""
    times = Counter((row.metric, row.group) for row in rows)
    return [row.name if times[row.metric, row.group] > 1 else f"{row.metric}{row.group}" for row in rows]

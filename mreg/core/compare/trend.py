"""One row a version: how its metrics went, and what changed each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from mreg.core.annotations import Scalar
from mreg.core.compare.difference import Difference, change_of
from mreg.core.compare.inputs import Input, input_rows
from mreg.core.compare.metrics import known_direction
from mreg.core.compare.sections import overall
from mreg.core.compare.sketch import Sketch
from mreg.core.fold import VersionState
from mreg.core.policy import Direction

if TYPE_CHECKING:
    from mreg.core.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendRow:
    """One version.

    Attributes:
        metrics: Its metrics by name, without those of slices.
        data: What became of its data since the row before; None in the first row, and where neither has any.
        params: The same of its parameters.
        code: The same of its code, as far as the pipeline declares it.
    """

    state: VersionState
    metrics: Mapping[str, float]
    data: Difference | None = None
    params: Difference | None = None
    code: Difference | None = None


def trend_rows(versions: Sequence[VersionState], sketches: Sequence[Sketch]) -> tuple[TrendRow, ...]:
    """A row for each version, in their order; each has its sketch."""
    changes = [_NOTHING, *(_changes(before, after) for before, after in pairwise(sketches))]
    return tuple(
        TrendRow(state=state, metrics=sketch.metrics, data=data, params=params, code=code)
        for state, sketch, (data, params, code) in zip(versions, sketches, changes, strict=False)
    )


_Changes = tuple[Difference | None, Difference | None, Difference | None]
_NOTHING: _Changes = (None, None, None)


def _changes(before: Sketch, after: Sketch) -> _Changes:
    return _data(before.inputs, after.inputs), _params(before.params, after.params), _code(before, after)


def _data(before: list[Input], after: list[Input]) -> Difference | None:
    if before == after and all(item.identity for item in before):  # most often
        return Difference.SAME if before else None
    return overall(row.changes[0] for row in input_rows([before, after]))


def _params(before: Mapping[str, Scalar], after: Mapping[str, Scalar]) -> Difference | None:
    if not before and not after:
        return None
    kept = before.keys() == after.keys() and all(
        change_of(value, after[name]) is Difference.SAME for name, value in before.items()
    )
    return Difference.SAME if kept else Difference.CHANGED


def _code(before: Sketch, after: Sketch) -> Difference:
    """By what Git tracks of the pipeline's files; without a pipeline, only the same commit is surely the same code."""
    if before.code and after.code:
        same = before.code == after.code and before.commands == after.commands
        return Difference.SAME if same else Difference.CHANGED
    same = before.trained is not None and before.trained == after.trained and before.trained.clean is True
    return Difference.SAME if same else Difference.UNKNOWN


def directions(sketches: Sequence[Sketch], policy: Policy) -> dict[str, Direction | None]:
    """Every metric that any of these versions has, and which way it is better; None where nobody says, or some say
    this and some that."""
    names = dict.fromkeys(name for sketch in sketches for name in sketch.metrics)
    said: dict[str, set[Direction]] = {}
    for sketch in sketches:
        for metric, ways in sketch.directions.items():
            said.setdefault(metric, set()).update(ways)
    found: dict[str, Direction | None] = {}
    for name in names:
        metric = name if name in said else name.partition(" (")[0]
        known = said.get(metric, set())
        found[name] = next(iter(known)) if len(known) == 1 else None if known else known_direction(metric, policy)
    return found


def best(rows: Sequence[TrendRow], name: str, direction: Direction | None) -> float | None:
    """A metric's best value; None where no direction is known, or only one version has it."""
    values = [row.metrics[name] for row in rows if name in row.metrics]
    if direction is None or len(values) < len(("one", "another")):
        return None
    return max(values) if direction == "max" else min(values)

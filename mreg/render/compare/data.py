"""Comparisons and trends as JSON: docs/json.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from mreg.core.compare.difference import ABSENT
from mreg.core.compare.sections import SECTIONS
from mreg.core.compare.trend import best
from mreg.render.lists import score_data
from mreg.render.words import iso

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mreg.core.compare.code import CodeChange
    from mreg.core.compare.difference import ValueRow
    from mreg.core.compare.environment import EnvironmentFile
    from mreg.core.compare.inputs import Input, InputRow
    from mreg.core.compare.metrics import MetricRow, Shift
    from mreg.core.compare.trend import TrendRow
    from mreg.core.compare.wording import TextRow
    from mreg.core.summary import Measure
    from mreg.usecases.comparing.results import Column, Comparison, Trend

T = TypeVar("T")


def comparison_data(result: Comparison) -> dict[str, Any]:
    """The shape of `mreg compare`; a section that was not asked for is empty, and not in `sections`."""
    found = result.sections
    return {
        "verdicts": list(result.verdicts),
        "sections": [name for name in SECTIONS if getattr(found, name) is not None],
        "versions": [_column(column) for column in result.columns],
        "metrics": _listed(found.metrics, _metric),
        "score": _listed(found.score, score_data),
        "params": _listed(found.params, _values),
        "artifact": _listed(found.artifacts, _input),
        "data": _listed(found.data, _input),
        "code": _listed(found.code, _code),
        "environment": _listed(found.environment, _environment),
        "card": _listed(found.card, _text),
        "annotations": _listed(found.annotations, _values),
    }


def _listed(rows: Sequence[T] | None, shape: Callable[[T], Any]) -> list[Any]:
    return [shape(row) for row in rows or ()]


def _column(column: Column) -> dict[str, Any]:
    state = column.state
    return {
        "ref": column.ref,
        "model": state.registered.model,
        "version": str(state.version),
        "stage": state.stage,
        "commit": state.commit,
        "registered": iso(state.registered.when),
        "card_path": column.card_path,
    }


def _metric(row: MetricRow) -> dict[str, Any]:
    return {
        "metric": row.metric,
        "dataset": row.dataset,
        "split": row.split,
        "slice": dict(row.slice),
        "direction": row.direction,
        "unit": row.unit,
        "measures": [measure and _measure(measure) for measure in row.measures],
        "shifts": [shift and _shift(shift) for shift in row.shifts],
    }


def _measure(measure: Measure) -> dict[str, Any]:
    ci = measure.ci
    return {
        "value": measure.value,
        "unit": measure.unit,
        "ci": ci and {"lower": ci.lower, "upper": ci.upper, "level": ci.level},
        "n": measure.n,
    }


def _shift(shift: Shift) -> dict[str, Any]:
    return {"delta": shift.delta, "judgement": shift.judgement.value, "overlap": shift.overlap}


def _values(row: ValueRow) -> dict[str, Any]:
    return {
        "name": row.name,
        # null is a value too: only `present` tells it from none at all.
        "values": [None if value is ABSENT else value for value in row.values],
        "present": [value is not ABSENT for value in row.values],
        "changes": [change.value for change in row.changes],
    }


def _input(row: InputRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "role": row.role,
        "inputs": [item and _held(item) for item in row.inputs],
        "changes": [change.value for change in row.changes],
    }


def _held(item: Input) -> dict[str, Any]:
    return {"name": item.name, "identity": item.identity, "size": item.size, "nfiles": item.nfiles}


def _code(code: CodeChange) -> dict[str, Any]:
    between = code.between
    return {
        "ahead": between.ahead,
        "behind": between.behind,
        "commits": [
            {"id": c.id, "author": c.author, "time": iso(c.when), "subject": c.subject, "ours": c.ours}
            for c in between.commits
        ],
        "basis": code.basis,
        "files": [
            {
                "path": file.path,
                "before": file.before,
                "change": file.change.value,
                "added": file.added,
                "deleted": file.deleted,
                "touched": file.touched,
            }
            for file in code.files
        ],
        "commands": [_values(row) for row in code.commands],
    }


def _environment(file: EnvironmentFile) -> dict[str, Any]:
    return {
        "name": file.name,
        "paths": [held and held.path for held in file.held],
        "changes": [change.value for change in file.changes],
        "packages": [_values(row) for row in file.packages],
        "problem": file.problem or None,
    }


def _text(row: TextRow) -> dict[str, Any]:
    diffs = [[{"kind": p.kind, "text": p.text} for p in row.pieces(i)] for i in range(1, len(row.texts))]
    return {
        "name": row.name,
        "texts": list(row.texts),
        "changes": [change.value for change in row.changes],
        "diffs": [diff if change != "same" else [] for diff, change in zip(diffs, row.changes, strict=True)],
    }


def trend_data(result: Trend) -> dict[str, Any]:
    """The shape of `mreg compare MODEL --last N`."""
    return {
        "model": result.model,
        "metrics": [
            {"name": name, "direction": direction, "best": best(result.rows, name, direction)}
            for name, direction in result.directions.items()
        ],
        "versions": [_row(row) for row in result.rows],
    }


def _row(row: TrendRow) -> dict[str, Any]:
    state = row.state
    return {
        "version": str(state.version),
        "stage": state.stage,
        "commit": state.commit,
        "registered": iso(state.registered.when),
        "metrics": dict(row.metrics),
        "changes": {"data": row.data, "params": row.params, "code": row.code},
    }

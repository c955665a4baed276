"""A comparison as one flat table: section, name, a value for each version, and how it differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from mreg.core.compare.difference import ABSENT, Difference

if TYPE_CHECKING:
    from mreg.core.compare.code import CodeChange, FileChange
    from mreg.core.compare.difference import ValueRow
    from mreg.core.compare.environment import EnvironmentFile
    from mreg.core.compare.metrics import MetricRow, Shift
    from mreg.usecases.comparing.results import Comparison

# Section, name, a value for each version; delta, change and remark for each version after the first.
Row = tuple[str, str, Sequence[Any], Sequence[tuple[float | None, str | None, str]]]


def records(comparison: Comparison) -> list[dict[str, Any]]:
    """The rows, each as column → plain value."""
    refs = [column.ref for column in comparison.columns]
    others = [""] if len(refs) <= 2 else [f" {ref}" for ref in refs[1:]]  # noqa: PLR2004 - two need no telling apart
    table = []
    for section, name, values, differences in _rows(comparison):
        told: dict[str, Any] = {"section": section, "name": name, **dict(zip(refs, values, strict=True))}
        for other, (delta, change, remark) in zip(others, differences, strict=False):
            told |= {f"delta{other}": delta, f"change{other}": change, f"remark{other}": remark}
        table.append(told)
    return table


def _rows(comparison: Comparison) -> Iterator[Row]:
    sections = comparison.sections
    for metric in sections.metrics or ():
        yield _metric(metric)
    if sections.score:
        values = [found.value for found in sections.score]
        yield "score", "score", values, [(_delta(values[0], value), None, "") for value in values[1:]]
    yield from _values("params", sections.params or ())
    for row in (*(sections.artifacts or ()), *(sections.data or ())):
        identities = [item and (item.identity or "unknown") for item in row.inputs]
        moved = [item.name if item and item.name != row.name else "" for item in row.inputs[1:]]
        yield "artifact" if row.role == "artifact" else "data", row.name, identities, _changes(row.changes, moved)
    yield from _code(sections.code or (), len(comparison.columns))
    for file in sections.environment or ():
        yield from _environment(file)
    for text in sections.card or ():
        yield "card", text.name, text.texts, _changes(text.changes)
    yield from _values("annotations", sections.annotations or ())


def _metric(row: MetricRow) -> Row:
    values = [measure and measure.value for measure in row.measures]
    return "metrics", row.name, values, [_shift(shift) for shift in row.shifts]


def _shift(shift: Shift | None) -> tuple[float | None, str | None, str]:
    if shift is None:
        return None, None, ""
    return shift.delta, shift.judgement.value, "the intervals overlap" if shift.overlap else ""


def _values(section: str, rows: Sequence[ValueRow], prefix: str = "") -> Iterator[Row]:
    for row in rows:
        values = [None if value is ABSENT else value for value in row.values]
        deltas = [_delta(values[0], value) for value in values[1:]]
        changes = [(delta, change.value, "") for delta, change in zip(deltas, row.changes, strict=True)]
        yield section, f"{prefix}{row.name}", values, changes


def _delta(before: Any, after: Any) -> float | None:
    numbers = [value for value in (before, after) if isinstance(value, int | float) and not isinstance(value, bool)]
    return numbers[1] - numbers[0] if len(numbers) == len((before, after)) else None


def _changes(changes: Sequence[Difference], remarks: Sequence[str] = ()) -> list[tuple[float | None, str | None, str]]:
    texts = [*remarks, *([""] * (len(changes) - len(remarks)))]
    return [(None, change.value, text) for change, text in zip(changes, texts, strict=True)]


def _code(found: Sequence[CodeChange], count: int) -> Iterator[Row]:
    if not found:
        return
    commits = [code.between.count for code in found]
    yield "code", "commits", [None, *commits], [(None, None, "") for _ in commits]
    for index, code in enumerate(found):
        for file in code.files:
            values: list[Any] = [None] * count
            values[index + 1] = _lines(file)
            told: list[tuple[float | None, str | None, str]] = [(None, None, "")] * len(found)
            told[index] = (None, file.change.value, f"from {file.before}" if file.before else "")
            yield "code", file.path, values, told


def _lines(file: FileChange) -> str:
    if not file.touched:
        return "used now" if file.change is Difference.ADDED else "used no more"
    return "not text" if file.added is None else f"{file.added} added, {file.deleted} deleted"


def _environment(file: EnvironmentFile) -> Iterator[Row]:
    yield "environment", file.name, [held and held.id for held in file.held], _changes(file.changes)
    yield from _values("environment", file.packages, f"{file.name}: ")

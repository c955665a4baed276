"""A comparison as titled tables, which each format then writes in its own way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mreg.core.compare.difference import ABSENT, Difference
from mreg.render.blocks import Cell, Column, Table
from mreg.render.compare.codesheet import code_sheet
from mreg.render.compare.metricsheet import metric_sheet, score_sheet
from mreg.render.compare.sheet import Sheet, Wording, difference_cell, per_version
from mreg.render.words import NOTHING, scalar, size

if TYPE_CHECKING:
    from mreg.core.compare.difference import Value, ValueRow
    from mreg.core.compare.environment import EnvironmentFile
    from mreg.core.compare.inputs import Input, InputRow
    from mreg.core.compare.wording import TextRow
    from mreg.usecases.comparing.results import Comparison


def sheets(comparison: Comparison) -> Iterator[Sheet]:
    """The sections that were asked for, in the order in which they are read; one with nothing in it is left out."""
    names, found = [column.name for column in comparison.columns], comparison.sections
    if len(names) == 1:
        return
    if found.metrics:
        yield metric_sheet(names, found.metrics)
    if found.score:
        yield score_sheet(names, found.score)
    if found.params:
        yield _value_sheet("parameters", "PARAMETER", names, found.params)
    if inputs := (*(found.artifacts or ()), *(found.data or ())):
        yield _input_sheet(names, inputs)
    if found.code:
        yield code_sheet(names, found.code)
    if found.environment:
        yield _environment_sheet(names, found.environment)
    if found.card:
        yield _card_sheet(names, found.card)
    if found.annotations:
        yield _value_sheet("annotations", "ANNOTATION", names, found.annotations)


def _summary(differ: int, count: int) -> str:
    return f"{differ} of {count} changed" if differ else f"the same ({count})"


def _value_sheet(title: str, heading: str, names: Sequence[str], rows: Sequence[ValueRow]) -> Sheet:
    changed = [row for row in rows if row.differs]
    cells = tuple((Cell(row.name, "name"), *map(_value, row.values)) for row in changed)
    columns = (Column(heading), *(Column(name) for name in names))
    tables = (Table(columns, cells),) if changed else ()
    return Sheet(title=title, summary=_summary(len(changed), len(rows)), tables=tables)


def _value(value: Value) -> Cell:
    return NOTHING if value is ABSENT else Cell(scalar(value))


def _input_sheet(names: Sequence[str], rows: Sequence[InputRow]) -> Sheet:
    changed = [row for row in rows if row.differs]
    columns = (Column("DATA"), Column("ROLE", spare=True), *(Column(name, spare=True) for name in names))
    columns += tuple(per_version("CHANGE", names))
    cells = tuple(
        (Cell(row.name, "name"), Cell(row.role, "faint"), *map(_identity, row.inputs), *_became(row)) for row in changed
    )
    tables = (Table(columns, cells),) if changed else ()
    return Sheet(title="artifact and data", summary=_summary(len(changed), len(rows)), tables=tables)


# A hash is told apart by so many of its first digits.
_DIGITS = 10


def _identity(item: Input | None) -> Cell:
    if item is None:
        return NOTHING
    if item.identity is None:
        return Cell("not recorded", "warn")
    kind, colon, digest = item.identity.partition(":")
    long = colon and len(digest) > 2 * _DIGITS
    return Cell(f"{kind}:{digest[:_DIGITS]}" if long else item.identity)


def _became(row: InputRow) -> Iterator[Cell]:
    first = row.inputs[0]
    for difference, item in zip(row.changes, row.inputs[1:], strict=True):
        moved = item is not None and first is not None and item.name != first.name
        remark = f" to {item.name}" if item and moved and difference is Difference.MOVED else ""
        remark += f", now {item.name}" if item and moved and difference is not Difference.MOVED else ""
        yield difference_cell(difference, remark + _growth(first, item))


def _growth(before: Input | None, after: Input | None) -> str:
    """`, +1.2 kB, +3 files`."""
    if before is None or after is None:
        return ""
    told = ""
    if before.size is not None and after.size is not None and before.size != after.size:
        told += f", {'+' if after.size > before.size else '-'}{size(abs(after.size - before.size))}"
    if before.nfiles is not None and after.nfiles is not None and before.nfiles != after.nfiles:
        told += f", {after.nfiles - before.nfiles:+d} {'file' if abs(after.nfiles - before.nfiles) == 1 else 'files'}"
    return told


def _environment_sheet(names: Sequence[str], files: Sequence[EnvironmentFile]) -> Sheet:
    changed = [file for file in files if file.differs]
    columns = (Column("FILE"), Column("PACKAGE"), *(Column(name) for name in names))
    cells = tuple(row for file in changed for row in _packages(file))
    tables = (Table(columns, cells),) if changed else ()
    return Sheet(title="environment", summary=_summary(len(changed), len(files)), tables=tables)


def _packages(file: EnvironmentFile) -> Iterator[tuple[Cell, ...]]:
    """A row for the file where it came, went or moved, or where no package tells the change; then one a package."""
    if not file.packages or set(file.changes) - {Difference.SAME, Difference.CHANGED}:
        yield Cell(file.name, "name"), Cell(_without_packages(file), "faint"), *_held(file)
    for row in file.packages:
        # A requirement without a version is one, too.
        listed = (Cell("listed") if value == "" else _value(value) for value in row.values)
        yield Cell(file.name, "name"), Cell(row.name), *listed


def _without_packages(file: EnvironmentFile) -> str:
    return "(cannot be read)" if file.problem else "(the file)" if file.packages else "(no package differs)"


def _held(file: EnvironmentFile) -> Iterator[Cell]:
    yield NOTHING if file.held[0] is None else Cell("there")
    for held, difference in zip(file.held[1:], file.changes, strict=True):
        moved = f" to {held.path}" if held and difference is Difference.MOVED else ""
        yield NOTHING if held is None else difference_cell(difference, moved)


def _card_sheet(names: Sequence[str], rows: Sequence[TextRow]) -> Sheet:
    changed = [row for row in rows if row.differs]
    many = len(names) > 2  # noqa: PLR2004 - two need no telling apart
    wordings = tuple(
        Wording(f"{row.label} ({names[index]})" if many else row.label, tuple(row.pieces(index)))
        for row in changed
        for index in range(1, len(names))
        if row.changes[index - 1] is not Difference.SAME
    )
    return Sheet(title="card", summary=_summary(len(changed), len(rows)), wordings=wordings)

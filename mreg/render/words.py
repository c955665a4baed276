"""How single values look, in every table alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mreg.core.events import ARCHIVED, NONE, PRODUCTION, STAGING
from mreg.render.blocks import Cell, Style

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mreg.core.versions import Version

NOTHING = Cell("-", "faint")

# From here on a float no longer tells neighbouring whole numbers apart.
_LARGE = 1e15

_STAGES: dict[str, Style] = {PRODUCTION: "good", STAGING: "warn", ARCHIVED: "faint", NONE: "faint"}


def version_cell(version: Version | None) -> Cell:
    return NOTHING if version is None else Cell(f"v{version}", "version")


def stage_style(stage: str) -> Style:
    return _STAGES.get(stage, "warn")


def stage_cell(stage: str, *, yanked: bool) -> Cell:
    return Cell("yanked", "bad") if yanked else Cell(stage, stage_style(stage))


def number(value: float) -> str:
    """Six significant digits, and a whole number in full: what people compare. JSON has all digits."""
    return f"{value:.0f}" if abs(value) < _LARGE and float(value).is_integer() else f"{value:.6g}"


def number_cells(values: Sequence[float | None]) -> list[Cell]:
    """A column of numbers for a table that puts them to the right, with their decimal points below each other."""
    texts = [None if value is None else number(value) for value in values]
    decimals = [0 if text is None else len(text.partition(".")[2]) for text in texts]
    # What follows the point takes as much room in each row; a missing point takes room as well.
    room = max((count + 1 for count in decimals if count), default=0)
    return [
        NOTHING if text is None else Cell(text + " " * (room - (count + 1 if count else 0)))
        for text, count in zip(texts, decimals, strict=True)
    ]


def scalar(value: Any) -> str:
    """A plain value as YAML and JSON write it, but for the quotes."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def minute(when: datetime) -> str:
    return when.strftime("%Y-%m-%d %H:%M")


def iso(when: datetime) -> str:
    """For programs: UTC to the second."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def size(count: int | None) -> str:
    """A number of bytes in SI units, as DVC shows it."""
    if count is None:
        return "unknown size"
    if count < 1000:  # noqa: PLR2004 - SI
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 1000:  # noqa: PLR2004 - SI
            return f"{value:.1f} {unit}"
    return f"{value / 1000:.1f} TB"


def counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"

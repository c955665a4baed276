"""How single values look, in every table alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mreg.core.events import ARCHIVED, NONE, PRODUCTION, STAGING
from mreg.render.blocks import Cell, Style

if TYPE_CHECKING:
    from datetime import datetime

    from mreg.core.metrics import Score
    from mreg.core.versions import Version

NOTHING = Cell("-", "faint")

_STAGES: dict[str, Style] = {PRODUCTION: "good", STAGING: "warn", ARCHIVED: "faint", NONE: "faint"}


def version_cell(version: Version | None) -> Cell:
    return NOTHING if version is None else Cell(f"v{version}", "version")


def stage_style(stage: str) -> Style:
    return _STAGES.get(stage, "warn")


def stage_cell(stage: str, *, yanked: bool) -> Cell:
    return Cell("yanked", "bad") if yanked else Cell(stage, stage_style(stage))


def score_cell(found: Score | None) -> Cell:
    return NOTHING if found is None or found.value is None else Cell(number(found.value))


def number(value: float) -> str:
    """Six significant digits: what people compare. JSON has them all."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def scalar(value: Any) -> str:
    """A plain value as YAML and JSON write it, but for the quotes."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() | float():
            return number(value)
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

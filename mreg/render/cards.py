"""Cards: one begun, one checked."""

from __future__ import annotations

from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mreg.render.blocks import Block, Cell, line
from mreg.render.face import Face
from mreg.render.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.usecases.cards import CardReport


def _report_blocks(result: CardReport) -> list[Block]:
    if result.faults:
        found = [line(f"{result.path}:{f.line}:{f.column}: ", Cell(f.problem, "bad")) for f in result.faults]
        return [*found, line(Cell(f"{result.path} is not valid: {counted(len(found), 'fault', 'faults')}", "bad"))]
    if not result.gaps:
        return [line(Cell(f"{result.path} is valid and complete", "good"))]
    missing = [line(Cell("missing  ", "warn"), f"{gap.path}: {gap.expected}") for gap in result.gaps]
    lacking = f", but not complete: {counted(len(missing), 'thing is', 'things are')} missing"
    return [*missing, line(Cell(f"{result.path} is valid", "good"), lacking)]


def _report_data(result: CardReport) -> dict[str, Any]:
    return {
        "path": result.path,
        "valid": not result.faults,
        "complete": not result.faults and not result.gaps,
        "faults": [
            {"line": f.line, "column": f.column, "path": list(f.path), "problem": f.problem} for f in result.faults
        ],
        "missing": [{"path": gap.path, "expected": gap.expected} for gap in result.gaps],
    }


def new_card(model: str) -> Face[Path]:
    """The face of the path of a model's new card."""

    def blocks(path: Path) -> list[Block]:
        here = Path.cwd()
        return [line(f"wrote {path.relative_to(here) if path.is_relative_to(here) else path}")]

    notice = f"fill it in; mreg card check {model} says what is wrong or missing"
    return Face("card", blocks, lambda path: {"path": str(path)}, lambda _: (notice,))


CARD_REPORTS: Face[Sequence[CardReport]] = Face(
    "card-reports",
    lambda reports: [block for report in reports for block in _report_blocks(report)],
    lambda reports: [_report_data(report) for report in reports],
)
SCHEMA: Face[dict[str, Any]] = Face(
    "card-schema", lambda schema: [line(dumps(schema, indent=2, ensure_ascii=False))], lambda schema: schema
)

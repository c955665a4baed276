"""Cards: one begun, one checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mreg.render.blocks import Block, Cell, line
from mreg.render.face import Face

if TYPE_CHECKING:
    from pathlib import Path

    from mreg.usecases.cards import CardReport


def _report_blocks(result: CardReport) -> list[Block]:
    if result.faults:
        return [line(f"{result.path}:{f.line}:{f.column}: ", Cell(f.problem, "bad")) for f in result.faults]
    missing = [line(Cell("missing  ", "warn"), f"{gap.path}: {gap.expected}") for gap in result.gaps]
    verdict = f"{result.path} is valid" + ("" if result.gaps else " and complete")
    return [*missing, line(Cell(verdict, "good"))]


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


NEW_CARD: Face[Path] = Face("card", lambda path: [line(f"wrote {path}")], lambda path: {"path": str(path)})
CARD_REPORT: Face[CardReport] = Face("card-report", _report_blocks, _report_data)

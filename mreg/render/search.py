"""What a search found."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mreg.render.blocks import Block, Cell, Column, Table
from mreg.render.face import Face
from mreg.render.words import NOTHING, counted, iso, minute, number, number_cells, scalar, stage_cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.core.fold import VersionState
    from mreg.usecases.searching.found import Found, Hit

# Fields that a row shows anyway: beside the version, and in place of its stage.
_SHOWN = frozenset({"alias", "yanked"})


def _blocks(result: Found) -> list[Block]:
    if not result.rows:
        return []
    columns = [
        Column("MODEL"),
        Column("VERSION"),
        Column("STAGE"),
        Column("REGISTERED (UTC)"),
        Column("BY", wraps=True),
    ]
    further: list[list[Cell]] = []
    if any(row.score is not None for row in result.rows):
        columns.append(Column("SCORE", right=True))
        further.append(number_cells([row.score for row in result.rows]))
    for name in result.fields:
        if name not in _SHOWN:
            column, cells = _column(name, [row.values[name] for row in result.rows])
            columns.append(column)
            further.append(cells)
    rows = [(*_state(row.state), *(cells[i] for cells in further)) for i, row in enumerate(result.rows)]
    return [Table(tuple(columns), tuple(rows))]


def _state(state: VersionState) -> tuple[Cell, ...]:
    return (
        Cell(state.registered.model, "name"),
        Cell(f"v{state.version}" + "".join(f" @{alias}" for alias in state.aliases), "version"),
        stage_cell(state.stage, yanked=state.yanked is not None),
        Cell(minute(state.registered.when), "faint"),
        Cell(state.registered.actor.name),
    )


def _column(name: str, values: Sequence[Any]) -> tuple[Column, list[Cell]]:
    """A field's column; what people named themselves is headed as they wrote it."""
    heading = name if "." in name else name.upper()
    if all(value is None or _is_number(value) for value in values):
        return Column(heading, right=True, spare=True), number_cells(values)
    return Column(heading, wraps=True, spare=True), [_cell(value) for value in values]


def _cell(value: Any) -> Cell:
    return NOTHING if value is None or value == () else Cell(_text(value))


def _text(value: Any) -> str:
    match value:
        case tuple():
            return ", ".join(map(_text, value))
        case datetime():
            return minute(value)
        case Mapping():
            return "{…}"
        case int() | float() if _is_number(value):
            return number(value)
    return scalar(value)


def _is_number(value: Any) -> bool:
    # A lock file may hold a number of any size; what is beyond a float is shown digit by digit.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _data(result: Found) -> dict[str, Any]:
    return {
        "query": result.query,
        "at": result.at,
        "searched": result.searched,
        "matched": result.matched,
        "hidden": result.hidden,
        "versions": [_row_data(row) for row in result.rows],
    }


def _row_data(row: Hit) -> dict[str, Any]:
    state = row.state
    actor = state.registered.actor
    return {
        "model": state.registered.model,
        "version": str(state.version),
        "stage": state.stage,
        "aliases": list(state.aliases),
        "yanked": state.yanked is not None,
        "commit": state.commit,
        "registered": iso(state.registered.when),
        "author": {"name": actor.name, "email": actor.email},
        "score": row.score,
        "values": {name: _plain(value) for name, value in row.values.items()},
    }


def _plain(value: Any) -> Any:
    match value:
        case tuple() | list():
            return [_plain(item) for item in value]
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case datetime():
            return iso(value)
        case float() if not math.isfinite(value):
            return None  # JSON has no such number
    return value


def _notices(result: Found) -> list[str]:
    notices = [*result.caveats]
    if not result.searched:
        notices.append(_nobody(result.at))
    elif not result.matched:
        notices.append(f"none of {counted(result.searched, 'version', 'versions')} matches")
    elif len(result.rows) < result.matched:
        notices.append(f"the first {len(result.rows)} of {counted(result.matched, 'match', 'matches')}")
    if result.hidden:
        notices.append(f"{counted(result.hidden, 'match is', 'matches are')} yanked: see --all")
    return [*notices, *result.remarks]


def _nobody(at: str | None) -> str:
    if at is None:
        return "no models yet: mreg register MODEL PATH registers the first"
    return f"no model was registered by then ({at})"


FOUND: Face[Found] = Face("search", _blocks, _data, _notices)

"""Models and versions at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mreg.render.blocks import Block, Cell, Column, Table
from mreg.render.events import event_data
from mreg.render.face import Face
from mreg.render.words import (
    NOTHING,
    counted,
    iso,
    minute,
    number_cells,
    stage_cell,
    stage_style,
    version_cell,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.core.fold import VersionState
    from mreg.core.metrics import Score
    from mreg.core.versions import Version
    from mreg.usecases.listing import ModelList, VersionList


def _model_blocks(result: ModelList) -> list[Block]:
    if not result.rows:
        return []
    scored = bool(result.scores)
    columns = [Column("MODEL"), Column("LATEST"), *(Column(stage.upper()) for stage in result.stages)]
    columns += [*([Column("SCORE", right=True)] if scored else []), Column("VERSIONS", right=True)]
    columns += [Column("UPDATED (UTC)", spare=True)]
    scores = number_cells([_value(result.scores.get(row.model)) for row in result.rows])
    rows = [
        (
            Cell(row.model, "name"),
            version_cell(row.latest),
            *(_holders(row.stages.get(stage, ()), stage) for stage in result.stages),
            *([score] if scored else []),
            Cell(str(row.versions)),
            Cell(minute(row.updated), "faint"),
        )
        for row, score in zip(result.rows, scores, strict=True)
    ]
    return [Table(tuple(columns), tuple(rows))]


def _value(found: Score | None) -> float | None:
    return None if found is None else found.value


def _holders(versions: Sequence[Version], stage: str) -> Cell:
    if not versions:
        return NOTHING
    more = f" +{len(versions) - 1}" if len(versions) > 1 else ""
    return Cell(f"v{versions[-1]}{more}", stage_style(stage))


def _model_data(result: ModelList) -> list[dict[str, Any]]:
    return [
        {
            "model": row.model,
            "latest": None if row.latest is None else str(row.latest),
            "stages": {stage: [str(version) for version in held] for stage, held in row.stages.items()},
            "versions": row.versions,
            "updated": iso(row.updated),
            "score": score_data(result.scores.get(row.model)),
        }
        for row in result.rows
    ]


def score_data(found: Score | None) -> dict[str, Any] | None:
    """A score's JSON shape; null where the project weighs nothing."""
    if found is None:
        return None
    terms = [{"metric": t.metric, "weight": t.weight, "value": t.value} for t in found.terms]
    return {"value": found.value, "terms": terms, "missing": list(found.missing)}


def _model_notices(result: ModelList) -> list[str]:
    return [*result.caveats, *_of_models(result)]


def _of_models(result: ModelList) -> list[str]:
    if result.hidden:
        return [f"{counted(result.hidden, 'model', 'models')} with archived or yanked versions only: see --all"]
    if result.rows:
        return []
    if result.known:
        return [f"none of {counted(result.known, 'model', 'models')} matches"]
    if result.at is not None:
        return [f"no model was registered by then ({result.at})"]
    return ["no models yet: mreg register MODEL PATH registers the first"]


def _version_blocks(result: VersionList) -> list[Block]:
    if not result.rows:
        return []
    metrics = list(dict.fromkeys(name for row in result.rows for name in row.metrics))
    numbers = [number_cells([row.metrics.get(name) for row in result.rows]) for name in metrics]
    if any(row.score for row in result.rows):
        metrics.insert(0, "SCORE")
        numbers.insert(0, number_cells([_value(row.score) for row in result.rows]))
    columns = [Column("VERSION"), Column("STAGE"), Column("REGISTERED (UTC)"), Column("BY", wraps=True)]
    columns += [Column(name, right=True, spare=True) for name in metrics]
    rows = [(*_state(row.state), *(cells[i] for cells in numbers)) for i, row in enumerate(result.rows)]
    return [Table(tuple(columns), tuple(rows))]


def _state(state: VersionState) -> tuple[Cell, ...]:
    return (
        Cell(f"v{state.version}" + "".join(f" @{alias}" for alias in state.aliases), "version"),
        stage_cell(state.stage, yanked=state.yanked is not None),
        Cell(minute(state.registered.when), "faint"),
        Cell(state.registered.actor.name),
    )


def _version_data(result: VersionList) -> dict[str, Any]:
    rows = [
        {
            "version": str(row.state.version),
            "stage": row.state.stage,
            "aliases": list(row.state.aliases),
            "yanked": row.state.yanked is not None,
            "commit": row.state.commit,
            "registered": event_data(row.state.registered),
            "metrics": dict(row.metrics),
            "score": score_data(row.score),
        }
        for row in result.rows
    ]
    return {"model": result.model, "versions": rows}


def _version_notices(result: VersionList) -> list[str]:
    if result.hidden:
        return [*result.caveats, f"{counted(result.hidden, 'version', 'versions')} archived or yanked: see --all"]
    return [*result.caveats, *([] if result.rows else [f"no version of {result.model} matches"])]


MODELS: Face[ModelList] = Face("models", _model_blocks, _model_data, _model_notices)
VERSIONS: Face[VersionList] = Face("versions", _version_blocks, _version_data, _version_notices)

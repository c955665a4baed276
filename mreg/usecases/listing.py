"""`mreg ls`: models, or the versions of one, at a glance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mreg.core.events import ARCHIVED, PRODUCTION
from mreg.core.fold import VersionState
from mreg.core.metrics import Score, score
from mreg.core.names import did_you_mean
from mreg.core.policy import stage_named
from mreg.core.refs import newest_first
from mreg.errors import UsageError
from mreg.usecases.dates import end_of
from mreg.usecases.overview import ModelRow, overview

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mreg.usecases.workspace import Workspace

BY_MODEL = ("name", "updated", "versions", "score")
BY_VERSION = ("version", "date", "stage", "score")


class UnknownSort(UsageError):
    """There is nothing of that name to sort by."""

    def __init__(self, *, key: str, known: Sequence[str]) -> None:
        super().__init__(f"there is no {key} to sort by")
        self.key, self.known = key, tuple(known)
        self.hint = did_you_mean(key, known) or f"sort by {', '.join(known)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelList:
    """The models asked for. `hidden` counts those left out because all their versions are archived or yanked; `known`
    counts all that there are; `at` is the date that was asked about; `caveats` say what a shallow clone may lack."""

    rows: tuple[ModelRow, ...]
    scores: Mapping[str, Score]
    stages: tuple[str, ...]
    hidden: int
    known: int
    at: str | None
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One version at a glance; `metrics` are those of its card at its commit, or of its pipeline, without slices."""

    state: VersionState
    metrics: Mapping[str, float]
    score: Score | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionList:
    """The versions asked for. `hidden` counts archived and yanked ones left out; `caveats` are as for models."""

    model: str
    rows: tuple[VersionRow, ...]
    hidden: int
    caveats: tuple[str, ...] = ()


def models(
    workspace: Workspace,
    *,
    stage: str | None = None,
    sort: str = "name",
    limit: int | None = None,
    at: str | None = None,
    everything: bool = False,
) -> ModelList:
    """The models, a row each.

    Args:
        workspace: The repository.
        stage: Only models with a version in this stage.
        sort: One of `BY_MODEL`; all but the name put the greatest first.
        limit: At most so many.
        at: The state as of this date instead of now.
        everything: Also models whose versions are all archived or yanked.

    Raises:
        UnknownStage, UnknownSort, InvalidDate: As they say.
    """
    if sort not in BY_MODEL:
        raise UnknownSort(key=sort, known=BY_MODEL)
    wanted = None if stage is None else stage_named(workspace.policy, stage).name
    found = overview(workspace, at=None if at is None else end_of(at, workspace.git))
    named = [row for row in found if wanted is None or wanted in row.stages]
    rows = [row for row in named if everything or row.active or wanted == ARCHIVED]
    scores = _scores(workspace, rows)
    match sort:
        case "name":
            rows.sort(key=lambda row: row.model)
        case "updated":
            rows.sort(key=lambda row: row.updated, reverse=True)
        case "versions":
            rows.sort(key=lambda row: row.versions, reverse=True)
        case "score":
            rows.sort(key=lambda row: _descending(scores.get(row.model)))
    return ModelList(
        rows=tuple(rows[:limit]),
        scores=scores,
        stages=_columns(workspace, rows),
        hidden=len(named) - len(rows),
        known=len(found),
        at=at,
        caveats=workspace.caveats(),
    )


def _columns(workspace: Workspace, rows: Sequence[ModelRow]) -> tuple[str, ...]:
    """The stages worth a column: the project's, and those of old that somebody is in still."""
    held = dict.fromkeys(stage for row in rows for stage in row.stages if stage != ARCHIVED)
    return tuple(dict.fromkeys((*workspace.policy.columns, *held)))


def _scores(workspace: Workspace, rows: Sequence[ModelRow]) -> dict[str, Score]:
    """The score of each model's production version, or of its latest where none is in production."""
    weights = workspace.policy.weights
    if not weights:
        return {}
    # Only here: what reads cards and pipelines takes as long to import as tags take to list.
    from mreg.usecases.dossiers import evidence
    from mreg.usecases.papers import Place

    judged = {}
    for row in rows:
        version = (row.stages.get(PRODUCTION) or (row.latest,))[-1]
        if version is not None:
            judged[row.model] = row.commits[version]
    found = evidence(workspace, [Place(model, commit) for model, commit in judged.items()])
    return {model: score(known.metrics, weights) for model, known in zip(judged, found, strict=True)}


def versions(
    workspace: Workspace,
    model: str,
    *,
    stage: str | None = None,
    sort: str = "version",
    limit: int | None = None,
    at: str | None = None,
    everything: bool = False,
) -> VersionList:
    """The versions of one model, a row each.

    Args:
        workspace: The repository.
        model: Its name.
        stage: Only versions in this stage.
        sort: One of `BY_VERSION` or a metric; the best, newest or highest comes first.
        limit: At most so many.
        at: The state as of this date instead of now.
        everything: Also archived and yanked versions.

    Raises:
        UnknownModel, UnknownStage, UnknownSort, InvalidDate: As they say.
    """
    from mreg.usecases.dossiers import dossiers

    wanted = None if stage is None else stage_named(workspace.policy, stage).name
    state = workspace.known(model, at=None if at is None else end_of(at, workspace.git))
    named = [v for v in newest_first(state) if wanted in (None, v.stage)]
    shown = [v for v in named if everything or wanted == ARCHIVED or (v.stage != ARCHIVED and not v.yanked)]
    weights = workspace.policy.weights
    rows = [
        VersionRow(state=found.state, metrics=found.metrics, score=score(found.metrics, weights) if weights else None)
        for found in dossiers(workspace, shown)
    ]
    ordered = _sorted(workspace, rows, sort)
    return VersionList(
        model=model,
        rows=tuple(ordered[:limit]),
        hidden=len(named) - len(shown),
        caveats=workspace.caveats(model),
    )


def _sorted(workspace: Workspace, rows: list[VersionRow], key: str) -> list[VersionRow]:
    match key:
        case "version":
            return rows
        case "date":
            return sorted(rows, key=lambda row: row.state.registered.time, reverse=True)
        case "stage":
            order = list(workspace.policy.stages)
            return sorted(rows, key=lambda row: order.index(row.state.stage) if row.state.stage in order else -1)
        case "score":
            return sorted(rows, key=lambda row: _descending(row.score))
    names = {name: row for row in rows for name in row.metrics}
    if key not in names:
        raise UnknownSort(key=key, known=(*BY_VERSION, *names))
    sign = 1.0 if workspace.policy.direction(key) == "min" else -1.0
    return sorted(rows, key=lambda row: (key not in row.metrics, sign * row.metrics.get(key, 0.0)))


def _descending(found: Score | None) -> tuple[bool, float]:
    return (found is None or found.value is None, -(found.value if found and found.value is not None else 0.0))

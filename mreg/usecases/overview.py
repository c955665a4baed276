"""`mreg ls`: a row a model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from mreg.adapters.cache import Cache
from mreg.adapters.halves import in_halves
from mreg.adapters.history import TagIds, read_models, read_tag_ids, replay
from mreg.core.events import ARCHIVED, NONE
from mreg.core.versions import Version, parse_version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mreg.adapters.git import Git
    from mreg.core.fold import ModelState
    from mreg.usecases.workspace import Workspace

_FORM = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """One model at a glance.

    Attributes:
        stages: The versions in each stage, newest last; stages that nobody is in are left out.
        versions: How many there are.
        active: Whether any version is neither archived nor yanked.
        updated: When its newest event was written, UTC.
        commits: The commit of `latest` and of each stage's newest holder, by version.
    """

    model: str
    latest: Version | None
    stages: Mapping[str, tuple[Version, ...]]
    versions: int
    active: bool
    updated: datetime
    commits: Mapping[Version, str]


def overview(workspace: Workspace, *, at: int | None = None) -> list[ModelRow]:
    """A row for each model, sorted by name.

    The first look replays every event. Later looks replay the models whose tags changed since, and take the rest from
    a cache that is keyed by the names and ids of a model's tags.

    Args:
        workspace: The repository.
        at: The moment that is asked about, in seconds since 1970 UTC; None is now. A past moment is not cached.
    """
    if at is not None:
        found = (_row(history.state) for history in read_models(workspace.git, at=at))
        return [row for row in found if row is not None]
    cache = Cache(workspace.git, "overview", form=_FORM)
    stored = cache.read()
    models = read_tag_ids(workspace.git)
    fingerprints = {tags.model: tags.fingerprint for tags in models}
    stale = [tags for tags in models if stored.get(tags.model, _NOTHING)[0] != fingerprints[tags.model]]
    many = sum(len(tags.ids) for tags in stale) >= _WORTH_A_PROCESS
    read = partial(_packed, workspace.git)
    fresh = in_halves(stale, read) if many else read(stale)
    entries: dict[str, list[Any]] = {
        model: [fingerprint, fresh[model]] if model in fresh else stored[model]
        for model, fingerprint in fingerprints.items()
    }
    if entries != stored:
        cache.write(entries)
    return [_unpack(model, packed) for model, (_, packed) in entries.items() if packed is not None]


# A cached entry is the fingerprint of the model's tags, and its packed row; None where its tags tell no version.
_NOTHING: list[Any] = [None, None]


# Below this, starting a process takes longer than what it saves.
_WORTH_A_PROCESS = 10_000


def _packed(git: Git, models: Sequence[TagIds]) -> dict[str, Any]:
    with git.blobs() as objects:
        return {history.state.model: _pack(_row(history.state)) for history in replay(objects, models)}


def _row(state: ModelState) -> ModelRow | None:
    if not state.versions or state.newest is None:
        return None
    stages = {stage: held for stage, held in state.holders.items() if stage != NONE}
    pointed = {state.latest, *(held[-1] for held in stages.values())}
    return ModelRow(
        model=state.model,
        latest=state.latest,
        stages=stages,
        versions=len(state.versions),
        active=any(v.stage != ARCHIVED and not v.yanked for v in state.versions.values()),
        updated=state.newest.when,
        commits={version: state.versions[version].commit for version in pointed if version is not None},
    )


def _pack(row: ModelRow | None) -> list[Any] | None:
    if row is None:
        return None
    return [
        None if row.latest is None else str(row.latest),
        {stage: [str(version) for version in held] for stage, held in row.stages.items()},
        row.versions,
        row.active,
        int(row.updated.timestamp()),
        {str(version): commit for version, commit in row.commits.items()},
    ]


def _unpack(model: str, packed: list[Any]) -> ModelRow:
    latest, stages, versions, active, updated, commits = packed
    return ModelRow(
        model=model,
        latest=None if latest is None else parse_version(latest),
        stages={stage: tuple(parse_version(text) for text in held) for stage, held in stages.items()},
        versions=versions,
        active=active,
        updated=datetime.fromtimestamp(updated, UTC),
        commits={parse_version(text): commit for text, commit in commits.items()},
    )

"""Every version of every model, with its stage: what commands about all of them begin with."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from mreg.adapters.cache import Cache
from mreg.adapters.halves import in_halves
from mreg.adapters.history import TagIds, read_models, read_tag_ids, replay
from mreg.core.events import Actor, Change, Event, EventKind
from mreg.core.fold import VersionState
from mreg.core.versions import parse_version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mreg.adapters.git import Git
    from mreg.usecases.workspace import Workspace

_FORM = 1

# A cached entry is the fingerprint of the model's tags, and its versions, packed.
_NOTHING: list[Any] = [None, None]

# Below this, starting a process takes longer than what it saves.
_WORTH_A_PROCESS = 10_000


def census(workspace: Workspace, *, at: int | None = None) -> list[VersionState]:
    """Every version, sorted by model and, within one, in the order in which they were registered.

    The first look replays every event; later ones replay the models whose tags changed since.

    Args:
        workspace: The repository.
        at: The moment that is asked about, in seconds since 1970 UTC; None is now. A past moment is not cached.
    """
    if at is not None:
        histories = sorted(read_models(workspace.git, at=at), key=lambda found: found.state.model)
        return [version for found in histories for version in found.state.versions.values()]
    cache = Cache(workspace.git, "census", form=_FORM)
    stored, models = cache.read(), read_tag_ids(workspace.git)
    fingerprints = {tags.model: tags.fingerprint for tags in models}
    stale = [tags for tags in models if stored.get(tags.model, _NOTHING)[0] != fingerprints[tags.model]]
    read = partial(_packed, workspace.git)
    many = sum(len(tags.ids) for tags in stale) >= _WORTH_A_PROCESS
    fresh = in_halves(stale, read) if many else read(stale)
    if fresh:
        cache.write({model: [fingerprints[model], versions] for model, versions in fresh.items()})
    packed: Mapping[str, list[Any]] = {model: versions for model, (_, versions) in stored.items()} | fresh
    # Git sorts by the tags' names, and `churn-eu@` comes before `churn@`.
    return [_unpack(model, entry) for model in sorted(fingerprints) for entry in packed[model]]


def _packed(git: Git, models: Sequence[TagIds]) -> dict[str, Any]:
    with git.blobs() as objects:
        return {
            history.state.model: [_pack(version) for version in history.state.versions.values()]
            for history in replay(objects, models)
        }


def _pack(version: VersionState) -> list[Any]:
    changed = None if version.changed is version.registered else _pack_event(version.changed)
    yanked = None if version.yanked is None else _pack_event(version.yanked)
    return [_pack_event(version.registered), changed, version.stage, list(version.aliases), yanked]


def _unpack(model: str, packed: list[Any]) -> VersionState:
    registered, changed, stage, aliases, yanked = packed
    first = _unpack_event(model, registered)
    return VersionState(
        registered=first,
        changed=first if changed is None else _unpack_event(model, changed),
        stage=stage,
        aliases=tuple(aliases),
        yanked=None if yanked is None else _unpack_event(model, yanked),
    )


def _pack_event(event: Event) -> list[Any]:
    change, actor = event.change, event.actor
    said: list[Any] = [change.kind, str(change.version), change.stage, change.alias, change.origin]
    said += [[str(version) for version in change.supersedes], change.forced, change.sequence, change.parent]
    said += [change.digest, change.reason]
    rest = (event.time, event.annotated, event.signed)
    return [said, event.tag, event.oid, event.commit, actor.name, actor.email, *rest]


def _unpack_event(model: str, packed: list[Any]) -> Event:
    (kind, version, stage, alias, origin, supersedes, *rest), tag, oid, commit, name, email, *more = packed
    others = tuple(map(_version, supersedes))
    change = Change(EventKind(kind), model, _version(version), stage, alias, origin, others, *rest)
    return Event(change, tag, oid, commit, Actor(name, email), *more)


# Models number their versions alike.
_version = lru_cache(maxsize=1 << 12)(parse_version)

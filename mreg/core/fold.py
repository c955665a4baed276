"""From events to state: a pure replay, independent of today's configuration and of any clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from mreg.core.events import ARCHIVED, NONE, Event, EventKind
from mreg.core.versions import latest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mreg.core.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionState:
    """One version as the events leave it. `changed` is the newest event that gave it its stage."""

    registered: Event
    changed: Event
    stage: str
    aliases: tuple[str, ...]
    yanked: Event | None

    @property
    def version(self) -> Version:
        return self.registered.version

    @property
    def commit(self) -> str:
        return self.registered.commit


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that could not take part in the replay, and why."""

    event: Event
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelState:
    """One model as its events leave it.

    `holders` are the versions in each stage, newest last. `tenures` are those that entered a stage and were not rolled
    back, oldest first: what `rollback` walks down. `events` are in the order of `Event.order`.
    """

    model: str
    versions: Mapping[Version, VersionState]
    holders: Mapping[str, tuple[Version, ...]]
    tenures: Mapping[str, tuple[Version, ...]]
    aliases: Mapping[str, Version]
    events: tuple[Event, ...]
    ignored: tuple[Ignored, ...]

    @property
    def newest(self) -> Event | None:
        """The model's newest event: what its head ref points at."""
        return self.events[-1] if self.events else None

    @property
    def next_sequence(self) -> int:
        return (self.events[-1].change.sequence or 0) + 1 if self.events else 1

    @property
    def latest(self) -> Version | None:
        """The highest version that is not yanked; a pre-release only where there is no release."""
        return latest(version for version, state in self.versions.items() if not state.yanked)

    def holder(self, stage: str) -> Version | None:
        """The version in a stage: its newest holder."""
        return holders[-1] if (holders := self.holders.get(stage)) else None


@dataclass(slots=True)
class _Version:
    registered: Event
    changed: Event
    stage: str = NONE
    yanked: Event | None = None


@dataclass(slots=True)
class _Replay:
    versions: dict[Version, _Version] = field(default_factory=dict)
    # Dictionaries for their order: a stage that is not exclusive may hold thousands.
    holders: dict[str, dict[Version, None]] = field(default_factory=dict)
    tenures: dict[str, list[Version]] = field(default_factory=dict)
    aliases: dict[str, Version] = field(default_factory=dict)
    ignored: list[Ignored] = field(default_factory=list)

    def apply(self, event: Event) -> None:
        change = event.change
        known = self.versions.get(change.version)
        if change.kind is EventKind.REGISTER:
            if known is None:
                self.versions[change.version] = _Version(event, event)
            else:
                self.ignored.append(Ignored(event, f"version {change.version} was registered before"))
            return
        if known is None:
            self.ignored.append(Ignored(event, f"version {change.version} was never registered"))
            return
        if known.yanked and change.kind in _ENTRIES:
            self.ignored.append(Ignored(event, f"version {change.version} was yanked before"))
            return
        self._change(event, known)

    def _change(self, event: Event, known: _Version) -> None:
        change = event.change
        match change.kind:
            case EventKind.PROMOTE | EventKind.ROLLBACK:
                stage = change.stage or NONE
                self._enter(event, known, stage)
                self._supersede(event)
                self._tenure(event, stage)
            case EventKind.ARCHIVE:
                self._enter(event, known, ARCHIVED)
            case EventKind.YANK:
                self._enter(event, known, NONE)
                known.yanked = event
            case EventKind.ALIAS:
                self.aliases[change.alias or ""] = change.version
            case EventKind.UNALIAS:
                self.aliases.pop(change.alias or "", None)
            case EventKind.REGISTER:
                raise AssertionError("registrations are applied before")
            case _:
                assert_never(change.kind)

    def _enter(self, event: Event, known: _Version, stage: str) -> None:
        version = known.registered.change.version
        if known.stage != NONE:
            del self.holders[known.stage][version]
        known.stage, known.changed = stage, event
        if stage != NONE:
            self.holders.setdefault(stage, {})[version] = None

    def _supersede(self, event: Event) -> None:
        for version in event.change.supersedes:
            other = self.versions.get(version)
            if other is not None and version != event.change.version:
                self._enter(event, other, ARCHIVED)

    def _tenure(self, event: Event, stage: str) -> None:
        version = event.change.version
        stack = self.tenures.setdefault(stage, [])
        if event.change.kind is EventKind.ROLLBACK and version in stack:
            while stack[-1] != version:
                stack.pop()
        elif event.change.kind is EventKind.ROLLBACK and stack:
            stack[-1] = version
        elif not stack or stack[-1] != version:
            stack.append(version)


# What a yanked version can no longer do.
_ENTRIES = frozenset({EventKind.PROMOTE, EventKind.ROLLBACK})


def fold(model: str, events: Iterable[Event]) -> ModelState:
    """Replay one model's events into its state.

    Never fails: an event that contradicts the ones before it is set aside in `ignored`, where `verify` finds it, so
    that one odd tag cannot hide the rest.

    Args:
        model: Whose events these are.
        events: In any order; they are replayed by `Event.order`.

    Returns:
        The state after the last of them. O(n log n).

    Source: docs/format.md#order, docs/format.md#state
    """
    ordered = sorted(events, key=lambda event: event.order)
    replay = _Replay()
    for event in ordered:
        replay.apply(event)
    named: dict[Version, list[str]] = {}
    for alias, version in replay.aliases.items():
        named.setdefault(version, []).append(alias)
    return ModelState(
        model=model,
        versions={
            version: VersionState(
                registered=kept.registered,
                changed=kept.changed,
                stage=kept.stage,
                aliases=tuple(sorted(named.get(version, ()))),
                yanked=kept.yanked,
            )
            for version, kept in replay.versions.items()
        },
        holders={stage: tuple(held) for stage, held in replay.holders.items() if held},
        tenures={stage: tuple(held) for stage, held in replay.tenures.items()},
        aliases=dict(replay.aliases),
        events=tuple(ordered),
        ignored=tuple(replay.ignored),
    )


def as_of(events: Iterable[Event], moment: int) -> list[Event]:
    """The events that had happened at a moment: folded, they are the state at that time.

    An event builds on the ones before it in the order, so it happened no earlier than they did, whatever their clocks
    said. One without a Sequence builds on nothing: only its own time counts.

    Args:
        events: One model's, in any order.
        moment: Seconds since 1970 UTC.

    Returns:
        In the order of `Event.order`.

    Source: docs/format.md#order
    """
    ordered = sorted(events, key=lambda event: event.order)
    end = max((index for index, event in enumerate(ordered, start=1) if event.time <= moment), default=0)
    return [event for event in ordered[:end] if event.change.sequence or event.time <= moment]


def rollback_target(state: ModelState, stage: str) -> Version | None:
    """The version that held a stage before its newest holder and was not yanked since; None where there is none.

    Where nobody holds the stage now, its last holder is the one that is rolled back.
    """
    stack = state.tenures.get(stage, ())
    if (current := state.holder(stage)) in stack:
        while stack[-1] != current:
            stack = stack[:-1]
    return next((v for v in reversed(stack[:-1]) if v != stack[-1] and not state.versions[v].yanked), None)

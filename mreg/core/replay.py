"""One's own unpublished events on a head that others have moved: which still hold, and which lost.

Source: docs/format.md#sharing
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, assert_never

from mreg.core.events import ARCHIVED, Change, Event, EventKind
from mreg.core.fold import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from mreg.core.fold import ModelState
    from mreg.core.versions import Version


@dataclass(frozen=True, slots=True)
class Kept:
    """An event that still holds: `change` is to be written anew, with the next Sequence and Parent."""

    event: Event
    change: Change


Reason = Literal["changed", "so already", "not ours", "taken"]


@dataclass(frozen=True, slots=True)
class Lost:
    """An event that no longer holds.

    `reason` is that others changed what it is about, that they did the same, that it is somebody else's and cannot be
    written anew in one's own name, or that the version's tag means something else there. `winner` is the event that
    came first; None where something that the event was built on is not there.
    """

    event: Event
    reason: Reason
    winner: Event | None = None


def replay(
    there: Collection[Event],
    ours: Sequence[Event],
    *,
    before: Collection[Event],
    exclusive: Callable[[str], bool],
    me: str,
    odd: Collection[str] = (),
    gone: Collection[Event] = (),
) -> list[Kept | Lost]:
    """Decide for each own unpublished event whether it still holds after what others have published.

    It does if what it saw when it was made is the same now: the version it is about, where that version was and, where
    the stage is exclusive, who held it. Then the same words mean the same thing. An event that was lost changes what
    later ones find, so that those which built on it are lost with it. An event whose Parent nobody has does not hold.

    Args:
        there: The events of one model that `ours` are to follow.
        ours: What only this clone has, oldest first.
        before: What they were built on here.
        exclusive: Whether a stage has at most one version by today's rules.
        me: The address of whoever replays: other people's events are not written anew in one's own name.
        odd: Names of tags there that are no events.
        gone: Those of what they were built on whose tags are no more: they were seen, and do not count.

    Returns:
        A decision for each of `ours`, in order.
    """
    if not ours:
        return []
    model, seen = ours[0].model, {event.oid for event in before}
    news = sorted((event for event in there if event.oid not in seen), key=lambda event: event.order, reverse=True)
    taken = {*odd, *(event.tag for event in there)}
    known = {None, *(event.oid for event in (*before, *gone, *ours, *there))}
    decided: list[Kept | Lost] = []
    now = list(there)
    for index, event in enumerate(ours):
        earlier = [other for other in gone if other.order < event.order]
        then, current = fold(model, [*before, *earlier, *ours[:index]]), fold(model, now)
        orphan = event.change.parent not in known  # nobody knows what it saw
        reason = _reason(event, then, current, orphan=orphan, exclusive=exclusive, me=me, taken=taken)
        if reason is None:
            decided.append(Kept(event, event.change._replace(sequence=None, parent=None)))
            now.append(_after(event, current))
        else:
            decided.append(Lost(event, reason, None if orphan else _winner(event.change, news, decided)))
    return decided


def _reason(
    event: Event,
    then: ModelState,
    now: ModelState,
    *,
    orphan: bool,
    exclusive: Callable[[str], bool],
    me: str,
    taken: Collection[str],
) -> Reason | None:
    """Why the event no longer holds; None where it does."""
    if _is_so(event, now):
        return "so already"
    saw, sees = _seen(event.change, then, exclusive), _seen(event.change, now, exclusive)
    if orphan or saw != sees or not _same_commit(event, now):
        return "changed"
    if event.kind is EventKind.REGISTER and event.tag in taken:
        return "taken"
    return None if event.actor.email == me else "not ours"


def _after(event: Event, state: ModelState) -> Event:
    """The event as it will stand at the end of the history."""
    return event._replace(change=event.change._replace(sequence=state.next_sequence))


def _same_commit(event: Event, state: ModelState) -> bool:
    version = state.versions.get(event.version)
    return version is None or version.commit == event.commit


def _seen(change: Change, state: ModelState, exclusive: Callable[[str], bool]) -> tuple[object, ...]:
    """The part of a state that a change depends on: where this is the same, the change means the same."""
    version = state.versions.get(change.version)
    about = None if version is None else (version.commit, version.stage, version.yanked is not None)
    match change.kind:
        case EventKind.REGISTER:
            return (about, _beginning(change) in state.aliases)
        case EventKind.PROMOTE:
            stage = change.stage or ""
            guarded = exclusive(stage) or change.supersedes
            return (about, state.holders.get(stage, ()) if guarded else None)
        case EventKind.ROLLBACK:
            stage = change.stage or ""
            return (about, state.holders.get(stage, ()), state.tenures.get(stage, ()))
        case EventKind.ARCHIVE | EventKind.YANK:
            return (about,)
        case EventKind.ALIAS | EventKind.UNALIAS:
            named = any((known.prerelease or "").split(".")[0] == change.alias for known in state.versions)
            return (about and about[::2], state.aliases.get(change.alias or ""), named)
    assert_never(change.kind)


def _is_so(event: Event, state: ModelState) -> bool:
    """Whether the state is what the event would make of it."""
    change, version = event.change, state.versions.get(event.version)
    if version is None or version.commit != event.commit:
        return False
    match change.kind:
        case EventKind.REGISTER:
            return True
        case EventKind.PROMOTE | EventKind.ROLLBACK:
            others = set(change.supersedes) & set(state.holders.get(change.stage or "", ()))
            return version.stage == change.stage and not others
        case EventKind.ARCHIVE:
            return version.stage == ARCHIVED
        case EventKind.YANK:
            return version.yanked is not None
        case EventKind.ALIAS:
            return state.aliases.get(change.alias or "") == change.version
        case EventKind.UNALIAS:
            return change.alias not in state.aliases
    assert_never(change.kind)


def _winner(change: Change, news: Iterable[Event], decided: Sequence[Kept | Lost]) -> Event | None:
    """The newest of the others' events that touches what the change is about, or an own one that it was built on."""
    own = (lost for lost in reversed(decided) if isinstance(lost, Lost) and _touches(lost.event.change, change))
    return next((event for event in news if _touches(event.change, change)), None) or next(
        (lost.winner for lost in own), None
    )


def _touches(other: Change, change: Change) -> bool:
    """Whether one change can alter what another one sees; see `_seen`."""
    if change.kind in (EventKind.ALIAS, EventKind.UNALIAS):
        about = other.kind in (EventKind.REGISTER, EventKind.YANK) and other.version == change.version
        return about or change.alias in (other.alias, _beginning(other))
    if change.kind is EventKind.REGISTER and other.alias is not None:
        return other.alias == _beginning(change)
    stages: set[str | None] = {other.stage, other.origin}
    versions: set[Version] = {other.version, *other.supersedes}
    return (change.stage in stages if change.stage else False) or change.version in versions


def _beginning(change: Change) -> str | None:
    """What a registered pre-release begins with: no alias may be called so."""
    if change.kind is not EventKind.REGISTER or change.version.prerelease is None:
        return None
    return change.version.prerelease.split(".")[0]

"""What a clone has of a model that a remote lacks: to be published, or published before and changed there.

Source: docs/format.md#sharing
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from mreg.core.events import Event


@dataclass(frozen=True, slots=True)
class Differs:
    """A tag that is not the same here and there; None where it was deleted there."""

    tag: str
    here: str
    there: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """One model's events as seen from here, beside those of a remote.

    Attributes:
        ours: Numbered events that only this clone has, oldest first: to be published.
        loose: Tags without Sequence, made by hand, that only this clone has.
        differing: Published tags that were moved or deleted there, and tags made by hand that differ.
    """

    ours: tuple[Event, ...]
    loose: tuple[Event, ...]
    differing: tuple[Differs, ...]


def split(
    here: Iterable[Event], there: Collection[Event], *, heads: Iterable[str | None], odd: Mapping[str, str]
) -> Split:
    """Tell what is unpublished from what was published and then changed.

    An event that the remote lacks was published all the same if one of its events was built on it, or a head that was
    ever seen there: so it was deleted or replaced there, and nobody may publish it as new.

    Args:
        here: One model's events in this clone; those fetched may be among them.
        there: The remote's.
        heads: The model's heads there: as it is now, and as this clone has known it.
        odd: Tags there that are no events, with their object ids.
    """
    here = sorted(here, key=lambda event: event.order)
    known, names = {event.oid for event in there}, {**odd, **{event.tag: event.oid for event in there}}
    once = ancestors(here, [*heads, *(event.change.parent for event in there)])
    ours, loose, differing = [], [], []
    for event in here:
        if event.oid in known:
            continue
        numbered = event.change.sequence is not None
        if event.oid in once or (event.tag in names and not numbered):
            differing.append(Differs(event.tag, event.oid, names.get(event.tag)))
        elif numbered:
            ours.append(event)
        else:
            loose.append(event)
    return Split(ours=tuple(ours), loose=tuple(loose), differing=tuple(differing))


def ancestors(events: Iterable[Event], ends: Iterable[str | None]) -> set[str]:
    """These object ids, and those of all that their events were built on, as far as it is among `events`."""
    parents = {event.oid: event.change.parent for event in events}
    found: set[str] = set()
    for end in ends:
        oid = end
        while oid is not None and oid not in found:
            found.add(oid)
            oid = parents.get(oid)
    return found


def builds_on(events: Collection[Event], head: str | None) -> tuple[Event, ...] | None:
    """The events that were made after `head`, oldest first, if that is all that can be new on the remote; else None.

    There are no forks then, and no tags made by hand, of which nothing here tells whether they are published: so
    nothing need be asked of the remote.

    Args:
        events: One model's events in this clone.
        head: The model's head on the remote, as last seen.
    """
    known = next((event for event in events if event.oid == head), None)
    if known is None or any(event.change.sequence is None for event in events):
        return None
    before = ancestors(events, [head])
    after = sorted((event for event in events if event.oid not in before), key=lambda event: event.order)
    return tuple(after) if follow(after, [known]) else None


def is_line(events: Collection[Event]) -> bool:
    """Whether a model's numbered events follow each other without a fork or a gap."""
    numbered = sorted((event for event in events if event.change.sequence is not None), key=lambda event: event.order)
    return follow(numbered, [event for event in events if event.change.sequence is None])


def follow(ours: Iterable[Event], before: Collection[Event]) -> bool:
    """Whether numbered events follow the newest of those before, and each other, as they are.

    The first event of all may name any tag made by hand as its Parent: such tags may be added at any time.
    """
    newest = max(before, key=lambda event: event.order, default=None)
    number = (newest.change.sequence or 0) if newest else 0
    parents = {newest.oid} if newest and number else {None, *(event.oid for event in before)}
    for event in ours:
        number += 1
        if event.change.parent not in parents or event.change.sequence != number:
            return False
        parents = {event.oid}
    return True

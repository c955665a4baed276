"""Own events that lost: out of the history, and kept until they are written again or forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.adapters.git import RefUpdate
from mreg.adapters.git.refs import read_refs
from mreg.adapters.history import read_events

if TYPE_CHECKING:
    from collections.abc import Collection

    from mreg.adapters.git import Git
    from mreg.core.events import Change, Event

_ASIDE = "refs/mreg-aside"


def aside_ref(event: Event) -> str:
    """The ref that keeps an event which lost, by the object id of its tag."""
    return f"{_ASIDE}/{event.oid}"


def set_aside(git: Git) -> tuple[Event, ...]:
    """The events that were set aside, newest first."""
    oids = list(read_refs(git, _ASIDE).values())
    if not oids:
        return ()
    with git.blobs() as blobs:
        events = read_events(blobs, oids)
    return tuple(sorted(events, key=lambda event: event.time, reverse=True))


def done_again(git: Git, published: Collection[Event]) -> list[RefUpdate]:
    """Forget what was set aside and is published now after all, since somebody wrote it again."""
    if not published:
        return []
    done = {_meaning(event.change) for event in published}
    return [RefUpdate(aside_ref(event), None, event.oid) for event in set_aside(git) if _meaning(event.change) in done]


def _meaning(change: Change) -> tuple[object, ...]:
    return change.kind, change.model, change.version, change.stage, change.alias

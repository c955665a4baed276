"""Making one model's own unpublished events follow what others have published."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mreg.adapters.git import RefUpdate
from mreg.core.fold import fold
from mreg.core.replay import Kept
from mreg.usecases.sharing.aside import aside_ref
from mreg.usecases.sharing.own import TAGS, tracked_head
from mreg.usecases.sharing.results import Rewritten
from mreg.usecases.sharing.standing import Standing, standing
from mreg.usecases.writing import build_event, head_ref

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mreg.core.events import Event
    from mreg.usecases.sharing.counterpart import Counterpart
    from mreg.usecases.sharing.own import Own
    from mreg.usecases.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """One model's unpublished events as they go on, and the refs of this clone to change so that they do.

    Attributes:
        standing: What was found.
        events: What is to be published, oldest first; tags made by hand come last.
        newest: The model's newest event then; None where it has none that mreg wrote.
    """

    standing: Standing
    events: tuple[Event, ...]
    rewritten: tuple[Rewritten, ...]
    newest: Event | None
    updates: tuple[RefUpdate, ...] = field(repr=False)


def reconcile(workspace: Workspace, remote: str, here: Own, there: Counterpart) -> Reconciled:
    """Take over what a remote has of a model, and write anew those own events that must follow it.

    Only objects are written: the updates are for the caller, who holds the clone's lock.
    """
    found = standing(workspace, here, there)
    tags = _tags(found)
    events, rewritten = list(there.history.state.events), []
    for decision in found.decisions:
        if isinstance(decision, Kept):
            state = fold(there.model, [*events, *found.parts.loose])
            event = build_event(workspace.git, state, tags.keys(), decision.change, commit=decision.event.commit)
            tags[event.tag] = event.oid
            events.append(event)
            rewritten.append(Rewritten(decision.event, event))
    ours = found.parts.ours if not found.decisions else tuple(pair.after for pair in rewritten)
    newest = next(reversed((*there.history.state.events, *ours)), None)
    if found.torn or (newest is not None and newest.change.sequence is None):
        newest = None
    return Reconciled(
        standing=found,
        events=() if found.torn else (*ours, *found.parts.loose),
        rewritten=tuple(rewritten),
        newest=newest,
        updates=(*_moved(here.ids, tags), *_heads(remote, found, newest), *_aside(found)),
    )


def _tags(found: Standing) -> dict[str, str]:
    """The model's tags as they will be here, before any event is written anew."""
    changed = {decision.event.tag for decision in found.decisions}
    kept = {tag: oid for tag, oid in found.here.ids.items() if tag not in changed}
    differing = {tag.tag for tag in found.parts.differing}
    return kept | {tag: oid for tag, oid in found.there.ids.items() if tag not in differing}


def _moved(here: Mapping[str, str], tags: Mapping[str, str]) -> Iterator[RefUpdate]:
    for tag in sorted({*here, *tags}):
        if here.get(tag) != tags.get(tag):
            yield RefUpdate(f"{TAGS}{tag}", tags.get(tag), here.get(tag))


def _heads(remote: str, found: Standing, newest: Event | None) -> Iterator[RefUpdate]:
    here, there = found.here, found.there
    if here.seen != there.head:
        yield RefUpdate(tracked_head(remote, there.model), there.head, here.seen)
    if newest is not None and newest.oid != here.head:
        yield RefUpdate(head_ref(there.model), newest.oid, here.head)


def _aside(found: Standing) -> Iterator[RefUpdate]:
    """Own events that lost leave their tags, and stay where `mreg status` finds them."""
    for lost in found.lost:
        if lost.reason != "so already":
            yield RefUpdate(aside_ref(lost.event), lost.event.oid, None)

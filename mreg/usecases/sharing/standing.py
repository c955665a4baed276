"""How one model stands here, beside a remote."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mreg.adapters.history import read_events
from mreg.core.records import read_creator
from mreg.core.replay import Kept, Lost, replay
from mreg.core.unpublished import Differs, ancestors, follow, split
from mreg.usecases.sharing.own import back, read_own
from mreg.usecases.writing import head_ref

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from mreg.adapters.git import Git
    from mreg.core.events import Event
    from mreg.core.unpublished import Split
    from mreg.usecases.sharing.counterpart import Counterpart
    from mreg.usecases.sharing.own import Own
    from mreg.usecases.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One model's unpublished events, and what becomes of them.

    Attributes:
        here: The model as this clone has it.
        there: As the remote has it.
        parts: What only this clone has, and what differs.
        decisions: Which of the unpublished events still hold, where others have published meanwhile; empty where they
            follow the remote's newest event as they are, or must wait.
        behind: Events of the remote that are not here, oldest first.
    """

    here: Own
    there: Counterpart
    parts: Split
    decisions: tuple[Kept | Lost, ...]
    behind: tuple[Event, ...]

    @property
    def torn(self) -> bool:
        """Whether the remote lacks an event that it had: its tag was deleted, and nothing may follow or forget that."""
        needed = {self.there.head, self.here.known} - {None}
        return not needed <= set(self.there.ids.values())

    @property
    def copied(self) -> str | None:
        """The other remote that has an event which would have to change; None where there is none."""
        if not self.decisions:
            return None
        ours, events = {event.oid for event in self.parts.ours}, self.here.history.state.events
        heads = self.here.elsewhere.items()
        return next((remote for remote, head in heads if not ours.isdisjoint(ancestors(events, [head]))), None)

    @property
    def lost(self) -> tuple[Lost, ...]:
        return tuple(decision for decision in self.decisions if isinstance(decision, Lost))


def standings(workspace: Workspace, remote: str, models: Mapping[str, Counterpart]) -> list[Standing]:
    """Compare models here with a remote's; nothing is written."""
    here = read_own(workspace.git, remote, models)
    return [standing(workspace, here[model], there) for model, there in models.items()]


def standing(workspace: Workspace, here: Own, there: Counterpart) -> Standing:
    """Compare a model here with a remote's; nothing is written."""
    events, published = here.history.state.events, there.history.state.events
    known = {event.tag for event in published}
    odd = {tag: oid for tag, oid in there.ids.items() if tag not in known}
    parts = split(events, published, heads=[there.head, here.seen, here.known], odd=odd)
    have = {event.oid for event in events}
    behind = tuple(event for event in published if event.oid not in have)
    found = Standing(here=here, there=there, parts=parts, decisions=(), behind=behind)
    if found.torn:
        return replace(found, parts=_with_what_is_gone(workspace, found))
    return replace(found, decisions=_decide(workspace, events, published, parts, odd))


def _with_what_is_gone(workspace: Workspace, found: Standing) -> Split:
    """The same parts, with what no tag here tells of: the head there, and the event that is known, if they are gone."""
    parts, here, there = found.parts, found.here, found.there
    told, events = {tag.here for tag in parts.differing}, here.history.state.events
    gone = []
    if there.head not in {None, *there.ids.values(), *told} and events:
        gone.append(Differs(head_ref(there.model), events[-1].oid, there.head))
    if here.known is not None and here.known not in {*there.ids.values(), *told, *here.ids.values()}:
        with workspace.git.blobs() as blobs:
            gone += [Differs(event.tag, event.oid, None) for event in read_events(blobs, [here.known])]
    return replace(parts, differing=(*parts.differing, *gone))


def _decide(
    workspace: Workspace, here: Sequence[Event], published: Sequence[Event], parts: Split, odd: Collection[str]
) -> tuple[Kept | Lost, ...]:
    first = (*published, *parts.loose)
    taken = {*odd, *(event.tag for event in published)}
    if follow(parts.ours, first) and not any(event.tag in taken for event in parts.ours):
        return ()
    number = parts.ours[0].change.sequence or 0
    before = [event for event in here if (event.change.sequence or 0) < number]
    me = read_creator(workspace.git.identity())[0].email
    rules = workspace.policy.is_exclusive
    gone = _gone(workspace.git, parts.ours, {event.oid for event in (*here, *first)})
    return tuple(replay(first, parts.ours, before=before, exclusive=rules, me=me, odd=odd, gone=gone))


def _gone(git: Git, ours: Sequence[Event], known: set[str]) -> list[Event]:
    """What own events were built on, and what has no tag any more."""
    ends = {event.change.parent for event in ours} - {None, *known}
    with git.blobs() as blobs:
        found = {event.oid: event for end in ends for event in back(blobs, end, known)}
    return list(found.values())

"""Making one model's own unpublished events follow what others have published."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mreg.adapters.git import RefUpdate
from mreg.core.fold import fold
from mreg.core.replay import Kept
from mreg.core.unpublished import ancestors
from mreg.errors import RegistryError
from mreg.usecases.sharing.aside import aside_ref
from mreg.usecases.sharing.own import TAGS, known_head, tracked_head
from mreg.usecases.sharing.results import Rewritten
from mreg.usecases.sharing.standing import Standing, standing
from mreg.usecases.writing import build_event, head_ref

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mreg.adapters.git import Git
    from mreg.core.events import Event
    from mreg.usecases.sharing.counterpart import Counterpart
    from mreg.usecases.sharing.own import Own
    from mreg.usecases.workspace import Workspace


class TwoHistories(RegistryError):
    """Two remotes have different histories of a model: what is published on one cannot follow the other's."""

    def __init__(self, *, model: str, remote: str, other: str) -> None:
        super().__init__(f"{remote} and {other} have different histories of {model}: what is published never changes")
        self.model, self.remote, self.other = model, remote, other
        self.hint = (
            f"decide which of them is right, and make the other one its copy, e.g. git push --force {remote} "
            f"'refs/tags/{model}@*' 'refs/mreg/{model}@head', from a clone that follows {other} alone"
        )


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

    Raises:
        TwoHistories: Own events are published on another remote, and do not hold on this one as they are.
    """
    found = standing(workspace, here, there)
    if found.copied is not None:
        raise TwoHistories(model=there.model, remote=remote, other=found.copied)
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
        updates=(*_moved(here.ids, tags), *_heads(remote, found, newest), *_aside(workspace.git, found)),
    )


def _tags(found: Standing) -> dict[str, str]:
    """The model's tags as they will be here, before any event is written anew."""
    changed = {decision.event.tag for decision in found.decisions}
    kept = {tag: oid for tag, oid in found.here.ids.items() if tag not in changed}
    differing = {tag.tag: tag for tag in found.parts.differing}
    # A tag that is gone there, and here too, comes back here: somebody has to be able to restore it.
    gone = {name: tag.here for name, tag in differing.items() if tag.there is None and not name.startswith("refs/")}
    return gone | kept | {tag: oid for tag, oid in found.there.ids.items() if tag not in differing}


def _moved(here: Mapping[str, str], tags: Mapping[str, str]) -> Iterator[RefUpdate]:
    for tag in sorted({*here, *tags}):
        if here.get(tag) != tags.get(tag):
            yield RefUpdate(f"{TAGS}{tag}", tags.get(tag), here.get(tag))


def _heads(remote: str, found: Standing, newest: Event | None) -> Iterator[RefUpdate]:
    here, there = found.here, found.there
    if here.seen != there.head:
        yield RefUpdate(tracked_head(remote, there.model), there.head, here.seen)
    if there.head not in (None, here.known) and _leads_to(found, here.known):
        yield RefUpdate(known_head(remote, there.model), there.head, here.known)
    if newest is not None and newest.oid != here.head:
        yield RefUpdate(head_ref(there.model), newest.oid, here.head)


def _leads_to(found: Standing, known: str | None) -> bool:
    """Whether the head there is known to be built on what was known before: what is remembered is never taken back."""
    if found.torn:
        return False
    events = (*found.there.history.state.events, *found.here.history.state.events)
    return known is None or known in ancestors(events, [found.there.head])


def _aside(git: Git, found: Standing) -> Iterator[RefUpdate]:
    """Own events that lost leave their tags, and stay where `mreg status` finds them."""
    for lost in found.lost:
        if lost.reason != "so already":
            ref = aside_ref(lost.event)
            yield RefUpdate(ref, lost.event.oid, git.resolve(ref))

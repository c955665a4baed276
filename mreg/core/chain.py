"""Whether a model's events are a whole, unbroken chain that nobody rewrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mreg.core.records import disagreement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mreg.core.events import Event
    from mreg.core.fold import ModelState


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong, and where: a tag, a head ref, a file at a commit."""

    where: str
    problem: str


def check_chain(state: ModelState) -> list[Fault]:
    """Every fault in names, trailers, Sequence, Parent and targets of one model's events.

    Source: docs/format.md#order
    """
    faults = [Fault(event.tag, problem) for event in state.events if (problem := disagreement(event))]
    faults += [Fault(ignored.event.tag, ignored.why) for ignored in state.ignored]
    faults += _targets(state)
    return faults + _links(state.events)


def _targets(state: ModelState) -> Iterator[Fault]:
    for event in state.events:
        version = state.versions.get(event.version)
        if version is not None and event.commit != version.commit:
            where = f"{event.commit[:10]}, not at {version.commit[:10]} as {version.registered.tag} does"
            yield Fault(event.tag, f"it points at {where}")


def _links(events: Sequence[Event]) -> list[Fault]:
    # Tags made by hand have no Sequence and may be added at any time: the first of ours had one of them as its Parent.
    loose = {event.oid for event in events if event.change.sequence is None}
    chained = [event for event in events if event.change.sequence is not None]
    faults: list[Fault] = []
    before: Event | None = None
    for event in chained:
        faults += _sequence(event, event.change.sequence or 0, before.change.sequence or 0 if before else 0)
        if before is not None or event.change.parent not in loose:
            faults += _parent(event, before)
        before = event
    return faults


def _sequence(event: Event, sequence: int, last: int) -> Iterator[Fault]:
    if sequence == last:
        yield Fault(event.tag, f"it has the Sequence {sequence}, as the event before it: two clones wrote at once")
    elif sequence == last + 2:
        yield Fault(event.tag, f"the event {last + 1} before it is missing: its tag was deleted, or never fetched")
    elif sequence > last + 2:
        missing = f"{last + 1} to {sequence - 1}"
        yield Fault(event.tag, f"the events {missing} before it are missing: their tags were deleted, or never fetched")


def _parent(event: Event, before: Event | None) -> Iterator[Fault]:
    parent = event.change.parent
    if before is None:
        if parent is not None:
            yield Fault(event.tag, f"its Parent {parent[:10]} is not here")
    elif parent != before.oid:
        said = "none" if parent is None else parent[:10]
        yield Fault(event.tag, f"its Parent is {said}, but the event before it, {before.tag}, is {before.oid[:10]}")


def check_head(state: ModelState, head: str | None) -> list[Fault]:
    """Whether the model's head ref points at one of its events.

    None is no fault: a plain clone has no heads. Neither is one that lags: the tags are the truth.
    """
    if head is None or any(event.oid == head for event in state.events):
        return []
    where = f"refs/mreg/{state.model}@head"
    return [Fault(where, f"it points at {head[:10]}, which is no event here: the tag was deleted, or never fetched")]

"""Whether a remote tells the same history: no tag there was moved, deleted, or put in from outside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mreg.core.chain import Fault, check_chain
from mreg.usecases.sharing.counterpart import ask_about, list_all
from mreg.usecases.sharing.standing import standings
from mreg.usecases.sharing.survey import survey_listed
from mreg.usecases.writing import head_ref

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mreg.usecases.sharing.counterpart import Counterpart
    from mreg.usecases.sharing.standing import Standing
    from mreg.usecases.workspace import Workspace


@dataclass(slots=True)
class Agreement:
    """Where this clone and a remote disagree. What is only not published, or not pulled yet, is a remark."""

    faults: list[Fault] = field(default_factory=list)
    remarks: list[Fault] = field(default_factory=list)


def compare(workspace: Workspace, remote: str, model: str | None) -> Agreement:
    """Compare tags and heads with a remote's, of one model or of all.

    Args:
        workspace: The repository.
        remote: The remote's name.
        model: The model; None is all.

    Raises:
        RemoteFailed: It could not be reached.
    """
    found = Agreement()
    if model is None:
        listing = list_all(workspace.git, remote)
        counterparts = survey_listed(workspace, remote, listing, behind=True).models
        alike = {name: set(tags.values()) for name, tags in listing.tags.items() if name not in counterparts}
        found.faults += _stray_heads(listing.heads, alike, remote)
    else:
        counterparts = ask_about(workspace.git, remote, [model]).models
    for one in standings(workspace, remote, counterparts):
        _compare_model(one, remote, found)
    return found


def _stray_heads(heads: Mapping[str, str], tags: Mapping[str, set[str]], remote: str) -> Iterator[Fault]:
    for model, oid in heads.items():
        if model in tags and oid not in tags[model]:
            yield _stray(model, oid, remote)


def _stray(model: str, oid: str, remote: str) -> Fault:
    return Fault(head_ref(model), f"on {remote} it points at {oid[:10]}, which is no event there")


def _compare_model(found: Standing, remote: str, agreement: Agreement) -> None:
    there = found.there
    agreement.faults += _changed(found, remote)
    agreement.faults += _foreign(there, {event.tag for event in found.behind}, remote)
    if there.head is not None and there.head not in there.ids.values():
        agreement.faults.append(_stray(there.model, there.head, remote))
    agreement.remarks += _not_shared(found, remote)


def _changed(found: Standing, remote: str) -> Iterator[Fault]:
    for tag in found.parts.differing:
        if tag.there is None:
            yield Fault(tag.tag, f"it was deleted on {remote}")
        else:
            yield Fault(tag.tag, f"it was moved: on {remote} it is {tag.there[:10]}, here {tag.here[:10]}")


def _foreign(there: Counterpart, behind: set[str], remote: str) -> Iterator[Fault]:
    """Tags that only the remote has and that do not go on with the model's history, or are no events at all."""
    for fault in check_chain(there.history.state):
        if fault.where in behind:
            yield Fault(fault.where, f"on {remote}, and not here: {fault.problem}")
    for event in there.history.state.events:
        if event.tag in behind and event.change.sequence is None:
            yield Fault(event.tag, f"on {remote}, and not here: it was made by hand, by {event.actor}")


def _not_shared(found: Standing, remote: str) -> Iterator[Fault]:
    model = found.there.model
    for event in (*found.parts.ours, *found.parts.loose):
        yield Fault(event.tag, f"it is not published on {remote} yet")
    numbered = [event for event in found.behind if event.change.sequence is not None]
    if numbered:
        yield Fault(model, f"{remote} has events that are not here, up to {numbered[-1].tag}: mreg pull")
    for odd in found.there.history.odd:
        yield Fault(odd.name, f"on {remote}: {odd.problem}")

"""What a server refused: undone in this clone where the command that wrote it was to publish it at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from mreg.adapters.git import RefUpdate
from mreg.adapters.git.transaction import exclusive
from mreg.core.events import ARCHIVED, NONE, Event, EventKind
from mreg.core.records import model_of
from mreg.usecases.sharing.aside import aside_ref
from mreg.usecases.sharing.own import TAGS
from mreg.usecases.writing import head_ref, until_won

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from mreg.core.events import Change
    from mreg.usecases.sharing.errors import PushRefused
    from mreg.usecases.workspace import Workspace


def take_back(workspace: Workspace, error: PushRefused, written: Sequence[Event], *, waiting: bool = False) -> None:
    """Withdraw those of a command's events that were refused, and what it wrote on top of them, and say so in the hint.

    Where a branch was refused nothing is withdrawn: the events may be welcome without it.

    Args:
        workspace: The repository.
        error: The refusal.
        written: What the command wrote, oldest first, as it is now.
        waiting: The command wrote something else, which is kept.
    """
    models, doomed = set[str](), list[Event]()
    for event in written if not error.branches else ():
        if {f"{TAGS}{event.tag}", head_ref(event.model)} & set(error.refs):
            models.add(event.model)
        if event.model in models:
            doomed.append(event)
    undone = {event.tag for event in reversed(doomed) if _withdraw(workspace, event)}
    rest = any(event.tag not in undone for event in written) or waiting
    if undone:
        which = " and ".join(sorted(undone)) if rest else "it"
        outcome = f"{which} {'are' if rest and len(undone) > 1 else 'is'} undone here too, and nothing was published"
    else:
        outcome = "it is written here and not published" if rest else "nothing was published"
    error.tell(outcome, built_on(workspace, [tag for tag in error.tags if tag not in undone]))


def built_on(workspace: Workspace, tags: Collection[str]) -> list[str]:
    """These tags of unpublished events, and those of later ones that mean nothing without them, oldest first."""
    found = []
    for model in dict.fromkeys(filter(None, map(model_of, tags))):
        gone = set[tuple[str, object]]()
        for event in workspace.history(model).state.events:
            alters, needs = _alters(event.change), ("version", event.version)
            if event.tag in tags or not gone.isdisjoint({*alters, needs}):
                found.append(event.tag)
                gone |= alters
    return found


def _alters(change: Change) -> set[tuple[str, object]]:
    """What a change is about, and leaves in another state."""
    match change.kind:
        case EventKind.REGISTER:
            return {("version", change.version)}
        case EventKind.ALIAS | EventKind.UNALIAS:
            return {("alias", change.alias)}
        case EventKind.PROMOTE | EventKind.ROLLBACK | EventKind.ARCHIVE | EventKind.YANK:
            stages = {change.stage, change.origin} - {None, NONE, ARCHIVED}
            versions = {change.version, *change.supersedes}
            return {*(("stage", stage) for stage in stages), *(("stage of", version) for version in versions)}
    assert_never(change.kind)


def _withdraw(workspace: Workspace, event: Event) -> bool:
    """Set an unpublished event aside, so that this clone does not show what nobody else will see.

    Returns:
        Whether it could be: nothing was built on it meanwhile.
    """
    git, head, aside = workspace.git, head_ref(event.model), aside_ref(event)

    def attempt() -> bool:
        with exclusive(git) as transaction:
            *before, newest = workspace.history(event.model).state.events
            if newest.oid != event.oid:
                return False
            parent = before[-1].oid if before and before[-1].change.sequence else None
            updates = [
                RefUpdate(f"{TAGS}{event.tag}", None, event.oid),
                RefUpdate(aside, event.oid, git.resolve(aside)),
                RefUpdate(head, parent, git.resolve(head)),
            ]
            transaction.commit(updates, reflog=f"mreg: withdraw {event.tag}")
            return True

    return until_won(event.model, attempt)

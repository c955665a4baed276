"""`--push`: publishing what a command has just written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mreg.adapters.git import RefUpdate
from mreg.adapters.git.remote import RemoteFailed, remote_named
from mreg.adapters.git.transaction import exclusive
from mreg.adapters.progress import SILENT
from mreg.core.events import EventKind
from mreg.core.policy import stage_named
from mreg.core.refs import parse_ref
from mreg.core.unpublished import builds_on
from mreg.errors import MregError
from mreg.usecases.sharing.aside import aside_ref
from mreg.usecases.sharing.errors import HeadsRefused, LostRace, NoLongerSo, PushRefused
from mreg.usecases.sharing.own import read_own
from mreg.usecases.sharing.push import push
from mreg.usecases.sharing.record import Record
from mreg.usecases.writing import Written, head_ref, until_won

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.adapters.progress import Progress
    from mreg.core.events import Event
    from mreg.usecases.facts import Annotated
    from mreg.usecases.register import Registered
    from mreg.usecases.sharing.results import Pushed
    from mreg.usecases.workspace import Workspace


def publish_events(workspace: Workspace, results: Sequence[Written]) -> list[Written]:
    """Publish what a command wrote about stages and aliases, and anything of the same models that waited.

    Returns:
        The results with the events as they are published: they may have had to follow those of others.

    Raises:
        LostRace: Somebody else was first; this clone has the remote's state, and the event is set aside.
        NoLongerSo: Nothing had to be written here, and on the remote it is not so.
        PushRefused: The server has a rule against it; the event is set aside.
        MregError: The remote could not be reached, say; the event is written here and waits.
    """
    written, record = [result.event for result in results if result.event], Record()
    before = {result: _about(workspace, result) for result in results if result.event is None}
    try:
        pushed = _push(workspace, [result.model for result in results], written, record=record)
    except PushRefused as error:
        undone = [_withdraw(workspace, record.now(event)) for event in reversed(written)]
        if undone and all(undone):
            error.hint = f"it is undone here too, and {error.hint}"
        raise
    for result, about in before.items():
        if _about(workspace, result) != about:
            newest = workspace.history(result.model).state.events[-1]
            raise NoLongerSo(model=result.model, version=result.version, newest=newest, remote=pushed.remote)
    return [replace(result, event=_as_published(result.event, pushed), pushed=pushed) for result in results]


def waiting_rollback(workspace: Workspace, model: str, stage: str) -> Written | None:
    """A rollback of this stage that is written here and could not be published.

    To run the command again means to publish it, and not to go back one version further.

    Args:
        workspace: The repository.
        model: As a person names it.
        stage: Likewise.

    Returns:
        None where the newest event is none, or is published.
    """
    name, ref = stage_named(workspace.policy, stage).name, parse_ref(model)
    own = read_own(workspace.git, remote_named(workspace.git, None), [ref.model])[ref.model]
    unpublished = builds_on(own.history.state.events, own.seen)
    if not unpublished or unpublished[-1].kind is not EventKind.ROLLBACK or unpublished[-1].change.stage != name:
        return None
    return Written(model=ref.model, version=unpublished[-1].version, stage=name, event=unpublished[-1])


def _about(workspace: Workspace, result: Written) -> tuple[object, ...]:
    """What this clone knows of a version."""
    version = workspace.history(result.model).state.versions[result.version]
    return version.stage, version.yanked is None, version.aliases


def publish_registration(workspace: Workspace, registered: Registered, *, progress: Progress = SILENT) -> Registered:
    """Publish a registration with its artifact and its branch; see `publish_events`."""
    promoted = registered.promoted
    written = [event for event in (registered.event, promoted.event if promoted else None) if event]
    pushed = _push(workspace, [registered.model], written, progress=progress)
    if promoted:
        promoted = replace(promoted, event=_as_published(promoted.event, pushed))
    return replace(registered, event=_as_published(registered.event, pushed), promoted=promoted, pushed=pushed)


def publish_facts(workspace: Workspace, annotated: Annotated) -> Annotated:
    """Publish facts about a version; see `publish_events`."""
    changed = bool(annotated.changed)
    return replace(annotated, pushed=_push(workspace, [annotated.model], [], waiting=changed))


def _as_published(event: Event | None, pushed: Pushed) -> Event | None:
    """An event as everybody has it now; None where somebody else had done the same."""
    if event is None or any(lost.event.oid == event.oid for lost in pushed.lost):
        return None
    return next((pair.after for pair in pushed.rewritten if pair.before.oid == event.oid), event)


def _push(
    workspace: Workspace,
    models: Sequence[str],
    written: Sequence[Event],
    *,
    waiting: bool = False,
    record: Record | None = None,
    progress: Progress = SILENT,
) -> Pushed:
    try:
        pushed = push(workspace, models, progress=progress, record=record)
    except MregError as error:
        undone = record and isinstance(error, PushRefused)
        arrived = isinstance(error, HeadsRefused) and error.arrived
        if (waiting or written) and not (undone or arrived):
            unclear = isinstance(error, RemoteFailed) and error.unclear
            published = "and may be published or not" if unclear else "and not published"
            error.hint = f"it is written here {published}; {error.hint}"
        raise
    own = {event.oid for event in written}
    for lost in pushed.lost:
        if lost.event.oid in own and lost.reason != "so already":
            others = {*(one.oid for one in pushed.events), *(pair.before.oid for pair in pushed.rewritten)}
            raise LostRace(lost=lost, remote=pushed.remote, others=not own.isdisjoint(others))
    return pushed


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
                RefUpdate(f"refs/tags/{event.tag}", None, event.oid),
                RefUpdate(aside, event.oid, git.resolve(aside)),
                RefUpdate(head, parent, git.resolve(head)),
            ]
            transaction.commit(updates, reflog=f"mreg: withdraw {event.tag}")
            return True

    return until_won(event.model, attempt)

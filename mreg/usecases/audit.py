"""`mreg history`: the audit log, computed from the tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.adapters.git.signatures import signature_states
from mreg.adapters.history import read_models
from mreg.core.policy import stage_named
from mreg.core.signatures import UNSIGNED, Entry
from mreg.usecases.dates import end_of, start_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mreg.core.events import Event
    from mreg.usecases.workspace import Workspace


class Log(list[Entry]):
    """Entries, newest first; `caveats` say what a shallow clone may lack."""

    def __init__(self, entries: Iterable[Entry], *, caveats: tuple[str, ...] = ()) -> None:
        super().__init__(entries)
        self.caveats = caveats


def history(
    workspace: Workspace,
    model: str | None = None,
    *,
    stage: str | None = None,
    since: str | None = None,
    until: str | None = None,
    limit: int | None = None,
) -> Log:
    """What happened, newest first.

    Args:
        workspace: The repository.
        model: Whose history; None is all models'.
        stage: Only events by which a version entered or left this stage.
        since: Only events of this day, or time, or later.
        until: Only events of this day, or time, or earlier.
        limit: At most so many.

    Raises:
        UnknownModel, UnknownStage, InvalidDate: As they say.
    """
    wanted = None if stage is None else stage_named(workspace.policy, stage).name
    first = None if since is None else start_of(since, workspace.git)
    last = None if until is None else end_of(until, workspace.git)
    events = [
        event
        for event in _events(workspace, model)
        if (wanted is None or wanted in (event.change.stage, event.change.origin, event.change.label))
        and (first is None or event.time >= first)
        and (last is None or event.time <= last)
    ]
    entries = _signed(workspace, events if limit is None else events[:limit])
    return Log(entries, caveats=workspace.caveats(*([] if model is None else [model])))


def _events(workspace: Workspace, model: str | None) -> Iterable[Event]:
    if model is not None:
        return reversed(workspace.known(model).events)
    # Across models only the clock can order; a model's own order is kept where times are equal.
    everything = [event for found in read_models(workspace.git) for event in found.state.events]
    return sorted(everything, key=lambda event: (event.time, event.model, event.order), reverse=True)


def _signed(workspace: Workspace, events: list[Event]) -> list[Entry]:
    states = signature_states(workspace.git, [event.tag for event in events if event.signed])
    return [Entry(event=event, signature=states.get(event.tag, UNSIGNED)) for event in events]

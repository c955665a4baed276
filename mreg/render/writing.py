"""Events that a command has just written, and where they are published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from mreg.core.events import ARCHIVED, NONE, EventKind
from mreg.render.blocks import Block, Cell, line
from mreg.render.events import event_data
from mreg.render.face import Face
from mreg.render.losses import shared, shared_data, shared_notices

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.core.events import Event
    from mreg.usecases.writing import Written


def _outcome(event: Event) -> str:
    change = event.change
    before = f" (it was in {change.origin})" if change.origin not in (None, NONE) else ""
    match change.kind:
        case EventKind.PROMOTE:
            return f"is {_held(change.stage)} now{before}"
        case EventKind.ROLLBACK:
            return f"is back in {change.stage}"
        case EventKind.ARCHIVE:
            return f"is archived now{before}"
        case EventKind.YANK:
            return f"is yanked now{before}"
        case EventKind.ALIAS:
            return f"is {event.model}@{change.alias} now"
        case EventKind.UNALIAS:
            return f"is {event.model}@{change.alias} no longer"
        case EventKind.REGISTER:
            return "is registered"
    assert_never(change.kind)


def _held(stage: str | None) -> str:
    return "in no stage" if stage in (None, NONE) else "archived" if stage == ARCHIVED else f"in {stage}"


def written_blocks(result: Written, already: str = "") -> list[Block]:
    """What was done here.

    Args:
        result: What a command did.
        already: What is so already where it did nothing; the stage, if empty.
    """
    ref = Cell(f"{result.model} v{result.version}", "name")
    if result.event is None:
        return [line(ref, f" is {already or _held(result.stage)} already: nothing to do")]
    replaced = [
        line(f"{result.model} v{version} left {result.event.change.stage} and is archived now")
        for version in result.event.change.supersedes
    ]
    return [line(ref, f" {_outcome(result.event)}"), *replaced]


def _written_data(result: Written) -> dict[str, Any]:
    return {
        "model": result.model,
        "version": str(result.version),
        "changed": result.event is not None,
        "event": None if result.event is None else event_data(result.event),
        **shared_data(result.pushed),
    }


def _written_notices(result: Written) -> list[str]:
    emptied = [f"no version of {result.model} is in {result.emptied} now"] if result.emptied else []
    return [*result.caveats, *emptied, *shared_notices(result.pushed)]


def written(already: str = "") -> Face[Written]:
    """The face of one event; see `written_blocks`."""

    def blocks(result: Written) -> list[Block]:
        return [*written_blocks(result, already), *shared(result.pushed)]

    return Face("event-written", blocks, _written_data, _written_notices)


def _all_blocks(results: Sequence[Written]) -> list[Block]:
    # They were published together.
    return [*(block for result in results for block in written_blocks(result)), *shared(results[0].pushed)]


WRITTEN_ALL: Face[Sequence[Written]] = Face(
    "events-written",
    _all_blocks,
    lambda results: [_written_data(result) for result in results],
    # Several versions of one model have the same caveats.
    lambda results: dict.fromkeys(notice for result in results for notice in _written_notices(result)),
)

"""What a shallow clone may lack: git brings it the tags of the commits that it has, and says nothing of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.adapters.git.fetching import fetches_all_tags

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.adapters.git import Git
    from mreg.core.fold import ModelState

_REMEDY = "git fetch --unshallow --tags"
_NAMED = 3  # models that a sentence names


def caveats(git: Git, states: Sequence[ModelState], *, everything: bool) -> tuple[str, ...]:
    """What a person should know of an answer that comes from the tags of a shallow clone.

    An event that others build on is missed for certain. That nothing follows the newest one cannot be told without
    asking the server: a rollback's tag is on an older commit. It is taken for so where fetches bring every tag.

    Args:
        git: A shallow clone.
        states: Of the models that the answer is about.
        everything: They are all models here, and there may be others.
    """
    broken = [state.model for state in states if _lacks_events(state)]
    if broken:
        return (f"this clone is shallow, and events of {_listed(broken)} are missing: {_REMEDY} brings them",)
    if fetches_all_tags(git):
        return ()
    what = "models and events" if everything else f"events of {_listed([state.model for state in states])}"
    return (f"this clone is shallow, so {what} may be missing: {_REMEDY} brings all",)


def _lacks_events(state: ModelState) -> bool:
    """Whether an event names one before it, by its Sequence or Parent, that is not here."""
    here = {event.oid for event in state.events}
    places = {event.change.sequence for event in state.events if event.change.sequence is not None}
    lost = any(event.change.parent not in here for event in state.events if event.change.parent is not None)
    return lost or max(places, default=0) > len(places)


def _listed(models: Sequence[str]) -> str:
    more = f" and {len(models) - _NAMED} more" if len(models) > _NAMED else ""
    return ", ".join(models[:_NAMED]) + more

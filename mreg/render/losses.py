"""What of a push did not hold: own events that lost to others, and tags that differ; and what a `--push` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mreg.render.blocks import Block, Cell, line
from mreg.render.events import event_data
from mreg.usecases.sharing.errors import difference, loss, restoring

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.core.replay import Lost
    from mreg.core.unpublished import Differs
    from mreg.usecases.sharing.results import Pushed


def lost_lines(lost: Sequence[Lost], *, dry_run: bool = False) -> list[Block]:
    """A sentence for each event that was not published."""
    word = Cell("would not publish: " if dry_run else "not published: ", "bad")
    return [line(word if _is_loss(one) else Cell("left out: ", "faint"), loss(one)) for one in lost]


def differing_lines(differing: Sequence[Differs], remote: str, word: str = "differs: ") -> list[Block]:
    """A sentence for each tag that was changed there."""
    return [line(Cell(word, "bad"), difference(tag, remote)) for tag in differing]


def aside_notice(lost: Sequence[Lost]) -> list[str]:
    """Where events are that were not published."""
    return ["what was not published is set aside: mreg status shows it"] if any(map(_is_loss, lost)) else []


def changed_notice(differing: Sequence[Differs], remote: str) -> list[str]:
    """What to do about tags that were changed there."""
    return [restoring(differing, remote)] if differing else []


def lost_data(lost: Lost) -> dict[str, Any]:
    """The JSON shape of an event that was not published."""
    return {
        "event": event_data(lost.event),
        "reason": lost.reason,
        "winner": None if lost.winner is None else event_data(lost.winner),
    }


def differs_data(tag: Differs) -> dict[str, str | None]:
    """The JSON shape of a tag that was changed there."""
    return {"tag": tag.tag, "here": tag.here, "there": tag.there}


def shared(pushed: Pushed | None) -> list[Block]:
    """Where what a command wrote is published now, if that was asked for, and what it found besides."""
    if pushed is None:
        return []
    lost = lost_lines([one for one in pushed.lost if _is_loss(one)])
    published = line(Cell("published", "good"), f" on {pushed.remote}")
    return [published, *lost, *differing_lines(pushed.differing, pushed.remote)]


def shared_notices(pushed: Pushed | None) -> list[str]:
    """What to do about what was found besides."""
    if pushed is None:
        return []
    return [*aside_notice(pushed.lost), *changed_notice(pushed.differing, pushed.remote), *pushed.notices]


def shared_data(pushed: Pushed | None) -> dict[str, Any]:
    """The same as keys of a JSON shape."""
    return {
        "published": pushed and pushed.remote,
        "lost": [lost_data(lost) for lost in pushed.lost] if pushed else [],
        "differing": [differs_data(tag) for tag in pushed.differing] if pushed else [],
    }


def _is_loss(lost: Lost) -> bool:
    return lost.reason != "so already"

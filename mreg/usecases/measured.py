"""The metrics of many versions, out of their cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.adapters.cache import Cache
from mreg.adapters.cards import summary
from mreg.core.metrics import named_metrics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.adapters.git import Git

_FORM = 1


def measured(git: Git, places: Sequence[str]) -> list[dict[str, float]]:
    """The metrics of each card, by name; empty where there is no card or none that can be read.

    Args:
        git: The repository.
        places: The cards as `commit:path`.
    """
    with git.blobs() as blobs:
        cards = blobs.read(places)
    return [_metrics(card) for card in cards]


def measured_once(git: Git, places: Sequence[str]) -> list[dict[str, float]]:
    """The same for thousands of cards, each of which is read once and then kept: a commit never changes."""
    cache = Cache(git, "metrics", form=_FORM)
    known = cache.read()
    new = [place for place in places if place not in known]
    if new:
        known.update(zip(new, measured(git, new), strict=True))
        cache.write(known)
    return [known[place] for place in places]


def _metrics(card: bytes | None) -> dict[str, float]:
    found = None if card is None else summary(card)
    return {} if found is None else named_metrics(found.evaluations)

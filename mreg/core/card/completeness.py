"""What a valid card still lacks to be complete: what its readers need to trust and use the model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mreg.core.card.model import Artifact, Card, IntendedUse, Part, Training


@dataclass(frozen=True, slots=True)
class Gap:
    """A key that a complete card fills: its path with dots, and what belongs there."""

    path: str
    expected: str


def gaps(card: Card) -> tuple[Gap, ...]:
    """The keys that a complete card fills and this one does not, in the order of the schema.

    Source: docs/card.md#completeness
    """
    return tuple(_gaps(card))


def _gaps(card: Card) -> Iterator[Gap]:
    yield from _empty(Artifact, card.artifact, ("format", "framework"), "artifact.")
    yield from _empty(Card, card, ("description", "task", "license", "owners"))
    if card.training.undisclosed is None:
        yield from _empty(Training, card.training, ("datasets",), "training.")
    yield from _empty(Card, card, ("evaluations",))
    yield from _empty(IntendedUse, card.intended_use, ("primary", "users", "out_of_scope"), "intended_use.")
    yield from _empty(Card, card, ("limitations", "risks"))


def _empty(model: type[Part], part: Part, keys: tuple[str, ...], prefix: str = "") -> Iterator[Gap]:
    for key in keys:
        if not getattr(part, key):
            yield Gap(prefix + key, model.model_fields[key].description or "")

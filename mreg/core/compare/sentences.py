"""Sentences that repeat what cards, tags and commits say."""

from __future__ import annotations

from collections.abc import Iterable


def sentences(texts: Iterable[str]) -> tuple[str, ...]:
    """Each text in one line: a name or a reason from anyone must not look like a further sentence of ours."""
    return tuple(" ".join(text.split()) for text in texts)

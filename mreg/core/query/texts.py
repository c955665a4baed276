"""Texts compared as people mean it: without regard to case, `*` for anything, `?` for one character."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

TextTest = Callable[[str], bool]


def is_pattern(text: str) -> bool:
    return "*" in text or "?" in text


def equals(wanted: str) -> TextTest:
    """The whole text."""
    folded = wanted.casefold()
    return lambda text: text.casefold() == folded


def like(wanted: str) -> TextTest:
    """The whole text, where `wanted` has wildcards; else anywhere in it."""
    folded = wanted.casefold()
    if not is_pattern(folded):
        return lambda text: folded in text.casefold()
    whole = _whole(folded)
    return lambda text: whole.match(text.casefold()) is not None


def has_word(wanted: str) -> TextTest:
    """The whole text or one of its words, each of which may be a pattern."""
    folded = wanted.casefold()
    if not is_pattern(folded):
        return lambda text: (found := text.casefold()) == folded or folded in found.split()
    whole = like(folded)
    return lambda text: whole(text) or any(map(whole, text.split()))


def contains(wanted: str) -> TextTest:
    """Anywhere in a text that is `plain`."""
    folded = plain(wanted)
    if not is_pattern(folded):
        return lambda text: folded in text
    anywhere = re.compile(_in_order(_parts(folded)), re.DOTALL)
    return lambda text: anywhere.match(text) is not None


def plain(text: str) -> str:
    """Folded, and with single blanks for white space."""
    return " ".join(text.casefold().split())


def leaves(value: object) -> Iterator[str]:
    """Every text among plain values, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)


def _whole(pattern: str) -> re.Pattern[str]:
    """A pattern as a regular expression for whole texts.

    It takes time linear in each of pattern and text. What follows a `*` is taken at its first place and never looked
    for again: where the rest does not fit after that, it fits after no later place either. Only the last part has to
    reach the end.
    """
    first, *others = _parts(pattern)
    if not others:
        return re.compile(f"{first}\\Z", re.DOTALL)
    *middle, last = others
    return re.compile(f"{first}{_in_order(middle)}.*{last}\\Z", re.DOTALL)


def _in_order(parts: Iterable[str]) -> str:
    return "".join(f"(?>.*?{part})" for part in parts)


def _parts(pattern: str) -> list[str]:
    """What stands between the `*` of a pattern, as expressions of a fixed length."""
    return [re.escape(part).replace(r"\?", ".") for part in re.split(r"\*+", pattern)]

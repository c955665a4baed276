"""What cards say in words, and which of these words differ."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Literal

from mreg.core.compare.difference import Difference

if TYPE_CHECKING:
    from collections.abc import Iterator

# What comparing costs grows with the pairs of equal words: in plain English, a thousand words have half as many.
MAX_PAIRS = 20_000

_WORD = re.compile(r"\S+\s*")
# Compared elsewhere, or what a version is called.
_ELSEWHERE = frozenset({"schema", "name", "version", "artifact", "training", "evaluations", "base_models"})
_PARTS = {"artifact": ("format", "framework"), "training": ("undisclosed", "run", "compute")}

Kind = Literal["same", "removed", "added"]


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of a text: in both versions, or only in one."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class TextRow:
    """One field of the card in each version; None where a version does not have it."""

    name: str
    texts: tuple[str | None, ...]

    @property
    def changes(self) -> tuple[Difference, ...]:
        """What became of it in each version after the first."""
        return tuple(_change(self.texts[0], text) for text in self.texts[1:])

    @property
    def differs(self) -> bool:
        return any(change is not Difference.SAME for change in self.changes)

    @property
    def label(self) -> str:
        """The name in one line."""
        return " ".join(self.name.split())

    def pieces(self, index: int) -> list[Piece]:
        """What the version at this index says, against the first."""
        return word_diff(self.texts[0] or "", self.texts[index] or "")


def text_rows(columns: Sequence[Mapping[str, Any]]) -> tuple[TextRow, ...]:
    """The fields of several cards side by side, in the order of the first."""
    found = [dict(_fields(card)) for card in columns]
    names = dict.fromkeys(name for fields in found for name in fields)
    return tuple(TextRow(name, tuple(fields.get(name) for fields in found)) for name in names)


def _fields(card: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in card.items():
        if key not in _ELSEWHERE:
            yield from _parts(key, value)
    for key, names in _PARTS.items():
        held = card.get(key)
        if isinstance(held, Mapping):
            for name in names:
                yield from _parts(f"{key}.{name}", held.get(name))


def _parts(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """A mapping a field at a time; what is empty counts as left out."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _parts(f"{name}.{key}", item)
    elif value not in (None, "", []):
        yield name, _text(value)


def _text(value: Any) -> str:
    """A list, an item a line; a mapping within one as `key: value; key: value`."""
    if isinstance(value, list):
        return "\n".join(map(_text, value))
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_text(item)}" for key, item in value.items())
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value).strip()


def _change(before: str | None, after: str | None) -> Difference:
    if before is None or after is None:
        return Difference.SAME if before == after else Difference.ADDED if before is None else Difference.REMOVED
    return Difference.SAME if before.split() == after.split() else Difference.CHANGED


def word_diff(before: str, after: str) -> list[Piece]:
    """The words of both texts: without the added pieces they are those of `before`, without the removed ones those of
    `after`. How they are spaced and broken into lines makes no difference."""
    old, new = _words(before), _words(after)
    # Without blanks, which would be the most frequent words of all.
    bare = [[word.strip() for word in words] for words in (old, new)]
    often = Counter(bare[1])
    if sum(often[word] for word in bare[0]) > MAX_PAIRS:
        return _pieces(before, after, same=before.split() == after.split())
    matcher = SequenceMatcher(None, bare[0], bare[1], autojunk=False)
    pieces: list[Piece] = []
    for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        pieces += _pieces("".join(old[old_from:old_to]), "".join(new[new_from:new_to]), same=kind == "equal")
    return pieces


def _words(text: str) -> list[str]:
    """Words with the blanks that follow them."""
    return _WORD.findall(text.strip())


def _pieces(before: str, after: str, *, same: bool) -> list[Piece]:
    told = [Piece("same", after)] if same else [Piece("removed", before), Piece("added", after)]
    return [piece for piece in told if piece.text]

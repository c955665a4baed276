"""Names of models, stages and aliases: what is allowed, and why a given text is not."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

from mreg.errors import RegistryError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

# A ref's last segment and git's `.lock` beside it fit in the 255 bytes that file systems allow:
# model@v + version (at most 64, see versions) + -unalias_label.count.
MAX_MODEL_NAME = 128
MAX_LABEL = 32

LABEL = r"[a-z][a-z0-9_]*"
_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LABEL = re.compile(LABEL)

# Words that mean something else where a label may stand: `churn@latest`, `refs/mreg/churn@head`, `churn@v1.0.0-yanked`.
RESERVED_LABELS = frozenset({"latest", "head", "none", "archived", "yanked"})
UNALIAS_PREFIX = "unalias_"


class InvalidName(UsageError):
    """A text that cannot name a model, a stage or an alias."""

    def __init__(self, *, kind: str, name: str, problem: str) -> None:
        super().__init__(f"{name!r} cannot name {kind}: {problem}")
        self.kind, self.name, self.problem = kind, name, problem
        self.hint = _model_remedy(name) if kind == "a model" else _label_remedy(name)


def _model_remedy(name: str) -> str:
    model, at, _ = name.partition("@")
    if at and not model_name_problem(model):  # a reference, where a model alone is asked for
        return f"name the model alone, as in {model} or nlp/sentiment-v2"
    return "use letters, digits, '.', '_' and '-', in segments joined by '/', as in nlp/sentiment-v2"


def _label_remedy(name: str) -> str:
    if name in RESERVED_LABELS:
        return "choose another word, such as champion or pre_prod"
    return "use lower-case letters, digits and '_', starting with a letter, as in pre_prod"


class CaseConflict(RegistryError):
    """The name differs from an existing model's only in case: some file systems could not hold both."""

    def __init__(self, *, name: str, existing: str) -> None:
        super().__init__(f"the name {name} differs from the existing model {existing} only in case")
        self.name, self.existing = name, existing
        self.hint = f"use {existing}, or another name"


def check_model_name(name: str) -> str:
    """The name itself, where it may name a model.

    Raises:
        InvalidName: It may not; the text says which rule it breaks.

    Source: docs/format.md#names
    """
    if problem := model_name_problem(name):
        raise InvalidName(kind="a model", name=name, problem=problem)
    return name


# Cached for the readers of tags, who meet each name once per event.
@lru_cache(maxsize=1 << 14)
def model_name_problem(name: str) -> str:
    """Which rule a name breaks, in words; an empty text where it may name a model."""
    if not name:
        return "it is empty"
    if len(name) > MAX_MODEL_NAME:
        return f"it has {len(name)} characters, more than {MAX_MODEL_NAME}"
    if "@" in name:
        return "'@' separates a model from its version"
    if ".." in name:
        return "git does not allow '..' in a tag"
    for segment in name.split("/"):
        if not segment:
            return "a segment between slashes is empty"
        if not _SEGMENT.fullmatch(segment):
            return _segment_problem(segment)
        if segment.endswith((".", ".lock")):
            return "git does not allow a segment that ends in '.' or '.lock'"
    return ""


def _segment_problem(segment: str) -> str:
    if not (segment[0].isascii() and segment[0].isalnum()):
        return f"a segment starts with a letter or a digit, not with {segment[0]!r}"
    odd = next(c for c in segment if not (c.isascii() and (c.isalnum() or c in "._-")))
    return f"it contains {odd!r}"


def check_label(name: str, *, kind: str) -> str:
    """The name itself, where it may name a stage or an alias that people choose.

    Args:
        kind: "a stage" or "an alias", for the error's text.

    Raises:
        InvalidName: It may not.
    """
    problem = ""
    if name in RESERVED_LABELS or name.startswith(UNALIAS_PREFIX):
        problem = "the word has a meaning of its own in mreg"
    elif not _LABEL.fullmatch(name):
        problem = "it is not a lower-case word"
    elif len(name) > MAX_LABEL:
        problem = f"it has {len(name)} characters, more than {MAX_LABEL}"
    if problem:
        raise InvalidName(kind=kind, name=name, problem=problem)
    return name


def check_case(name: str, existing: Iterable[str]) -> None:
    """Refuse a model name that differs from an existing one only in case.

    Raises:
        CaseConflict: Such a model exists.
    """
    folded = name.casefold()
    for other in existing:
        if other != name and other.casefold() == folded:
            raise CaseConflict(name=name, existing=other)


def nearest(word: str, known: Collection[str]) -> list[str]:
    """At most three known words that a person who typed `word` may have meant, likeliest first.

    Those that it resembles, and then those that it begins: `prod` may be production.
    """
    folded, by_folded = word.casefold(), {other.casefold(): other for other in known}
    begun = (other for other in by_folded if folded and other.startswith(folded))
    likely = dict.fromkeys((*get_close_matches(folded, list(by_folded), n=3), *begun))
    return [by_folded[match] for match in likely][:3]


def did_you_mean(word: str, known: Collection[str]) -> str:
    """A hint such as "did you mean churn or church?", or an empty text where nothing is near."""
    matches = nearest(word, known)
    return f"did you mean {' or '.join(matches)}?" if matches else ""

"""What a search says about its own question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.core.names import did_you_mean
from mreg.core.query.fields import SCORE, family_and_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mreg.core.query import Candidate, Field, Setting

# So many names are told where none is near to a misspelt one.
_MANY = 8


def absent(fields: Iterable[Field], looked_at: Sequence[Candidate], setting: Setting) -> Iterator[str]:
    """Which fields none of the candidates has: they may be misspelt, and then the answer is to another question.

    Fields that every registry has are left out: what they lack is no mistake.
    """
    for field in fields:
        family, key = family_and_key(field.name)
        if not looked_at or any(field.read(candidate) not in (None, ()) for candidate in looked_at):
            continue
        if family:
            known = sorted(set().union(*(_keys(family, candidate) for candidate in looked_at)))
            others = did_you_mean(key, known) or (f"known: {', '.join(known[:_MANY])}" if known else "")
            yield "; ".join(filter(None, (f"no version that was looked at has {field.name}", others)))
        elif field.name == SCORE and not setting.policy.weights:
            yield "no version has a score: .mreg.yaml gives no metric a weight, as in metrics: {f1: {weight: 1}}"


def _keys(family: str, candidate: Candidate) -> Iterable[str]:
    """What there is in a family of one candidate."""
    match family:
        case "metrics":
            return candidate.papers.metrics
        case "params":
            return candidate.papers.parameters
        case "annotations":
            return candidate.facts or ()
    return map(str, candidate.papers.card or ())

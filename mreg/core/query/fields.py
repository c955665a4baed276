"""The fields of the language: what they are called, what kind of values they have, and where these come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from mreg.core.metrics import named_metrics, score
from mreg.core.names import did_you_mean
from mreg.core.query.candidates import Candidate, Need
from mreg.core.summary import as_measure

if TYPE_CHECKING:
    from mreg.core.policy import Policy

Kind = Literal["text", "id", "stage", "number", "boolean", "version", "date", "any"]
"""An id is a hash that may be abbreviated. The values of a date are seconds since 1970 UTC."""

Read = Callable[[Candidate], Any]
"""A candidate's value; None where it has none, and a tuple where it may have several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field by its full name."""

    name: str
    kind: Kind
    need: Need
    read: Read


def dig(node: Any, path: str) -> Any:
    """What is in plain data under a dotted path; from a list on, what is there in any of its members, as a tuple.

    A key that has dots itself is found where the path ends with it.
    """
    if isinstance(node, list):
        found = (dig(member, path) for member in node)
        return tuple(
            leaf for value in found for leaf in (value if isinstance(value, tuple) else (value,)) if leaf is not None
        )
    if not path:
        return node
    if not isinstance(node, Mapping):
        return None
    if path in node:
        return dig(node[path], "")
    head, _, rest = path.partition(".")
    return dig(node[head], rest) if head in node else None


def _text_at(*paths: str) -> Read:
    """The first text that a card has under one of these paths."""

    def read(candidate: Candidate) -> str | None:
        found = (dig(candidate.papers.card, path) for path in paths)
        return next((text for text in found if isinstance(text, str)), None)

    return read


def _texts_at(*paths: str) -> Read:
    """All the texts that a card has in lists under these paths."""

    def read(candidate: Candidate) -> tuple[str, ...]:
        found = (dig(candidate.papers.card, path) for path in paths)
        texts = (text for value in found if isinstance(value, tuple) for text in value if isinstance(text, str))
        return tuple(dict.fromkeys(texts))

    return read


def _metric(key: str) -> Read:
    """A metric, as `Dossier.metrics` names it, without making a measure of every evaluation of every card."""

    def read(candidate: Candidate) -> float | None:
        entries = (candidate.papers.card or {}).get("evaluations")
        # A name is its metric, or begins with it: no other evaluation has a say in what is named like the key.
        alike = [entry for entry in entries if _begins(key, entry)] if isinstance(entries, list) else []
        value = named_metrics(filter(None, map(as_measure, alike))).get(key)
        return candidate.papers.metrics.get(key) if value is None else value

    return read


def _begins(key: str, entry: Any) -> bool:
    metric = entry.get("metric") if isinstance(entry, dict) else None
    return isinstance(metric, str) and key.startswith(metric)


_OF_EVENTS: Mapping[str, tuple[Kind, Read]] = MappingProxyType(
    {
        "model": ("text", lambda c: c.state.registered.model),
        "version": ("version", lambda c: c.state.version),
        "stage": ("stage", lambda c: c.state.stage),
        "alias": ("text", lambda c: c.state.aliases),
        "latest": ("boolean", lambda c: c.latest),
        "yanked": ("boolean", lambda c: c.state.yanked is not None),
        "registered": ("date", lambda c: c.state.registered.time),
        "changed": ("date", lambda c: c.state.changed.time),
        "author": ("text", lambda c: (c.state.registered.actor.name, c.state.registered.actor.email)),
        "email": ("text", lambda c: c.state.registered.actor.email or None),
        "commit": ("id", lambda c: c.state.commit),
        "sha256": ("id", lambda c: c.state.registered.change.digest),
    }
)
_OF_CARDS: Mapping[str, Read] = MappingProxyType(
    {
        "description": _text_at("description"),
        "task": _text_at("task"),
        "license": _text_at("license", "license.id"),
        "format": _text_at("artifact.format"),
        "framework": _text_at("artifact.framework"),
        "owner": _texts_at("owners.name", "owners.contact"),
        "tag": _texts_at("tags"),
        "dataset": _texts_at("training.datasets.name", "training.datasets.path", "training.datasets.uri"),
        "base": _texts_at("base_models.ref"),
    }
)
SCORE = "score"
_SYNONYMS = MappingProxyType({"name": "model", "digest": "sha256"})
FLAGS = frozenset(name for name, (kind, _) in _OF_EVENTS.items() if kind == "boolean")
METRICS, FAMILIES = "metrics", ("metrics", "params", "annotations", "card")
_EXAMPLES = MappingProxyType({"metrics": "f1", "params": "depth", "annotations": "reviewed", "card": "training"})
FIELDS = (*_OF_EVENTS, *_OF_CARDS, SCORE)


def find_field(text: str, policy: Policy) -> Field | None:
    """The field of that name; None where there is none. Only what follows `metrics.` and its like minds case."""
    name = _SYNONYMS.get(text.lower(), text.lower())
    if name in _OF_EVENTS:
        kind, read = _OF_EVENTS[name]
        return Field(name=name, kind=kind, need=Need.NOTHING, read=read)
    if name in _OF_CARDS:
        return Field(name=name, kind="text", need=Need.PAPERS, read=_OF_CARDS[name])
    if name == SCORE:
        weights = policy.weights
        return Field(name=name, kind="number", need=Need.PAPERS, read=lambda c: score(c.papers.metrics, weights).value)
    family, key = family_and_key(text)
    return _member(family, key) if key else None


def family_and_key(name: str) -> tuple[str, str]:
    """`metrics` and `f1` of `metrics.f1`; the key is empty where the name is of no family."""
    family, _, key = name.partition(".")
    return (family.lower(), key) if family.lower() in FAMILIES else ("", "")


def _member(family: str, key: str) -> Field:
    reads: dict[str, tuple[Kind, Need, Read]] = {
        "metrics": ("number", Need.PAPERS, _metric(key)),
        "params": ("any", Need.PAPERS, lambda c: c.papers.parameters.get(key)),
        "annotations": ("any", Need.FACTS, lambda c: c.annotation(key)),
        "card": ("any", Need.PAPERS, lambda c: dig(c.papers.card, key)),
    }
    kind, need, read = reads[family]
    return Field(name=f"{family}.{key}", kind=kind, need=need, read=read)


def field_hint(text: str) -> str:
    """What to write instead of a field that there is not."""
    head, dot, rest = text.partition(".")
    if head.lower() in FAMILIES:
        return f"a name follows, as in {head}.{_EXAMPLES[head.lower()]}"
    if dot:
        near = did_you_mean(head, FAMILIES)
        return near.replace("?", f".{rest}?") if near and rest else f"what has a dot begins with {', '.join(FAMILIES)}"
    near = did_you_mean(text, (*FIELDS, *_SYNONYMS))
    families = f"a metric is written metrics.{text}, a parameter params.{text}"
    return f"{near} {families}" if near else families

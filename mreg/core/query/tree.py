"""A query as a tree. `str` of a tree is a query that is read as the same tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from mreg.core.query.tokens import quote

Operator = Literal["==", "!=", "<", "<=", ">", ">=", "~", "!~", ":"]


@dataclass(frozen=True, slots=True)
class Span:
    """Where something stands in the query, in characters."""

    start: int
    end: int


_NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Value:
    """What a field is compared with, or a text to look for."""

    text: str
    quoted: bool = False
    span: Span = field(default=_NOWHERE, compare=False, repr=False)

    def __str__(self) -> str:
        return quote(self.text) if self.quoted else self.text


@dataclass(frozen=True, slots=True)
class Name:
    """A field's name as it is written; the end of it may be quoted: `metrics."f1 (test)"`."""

    head: str
    tail: str | None = None
    span: Span = field(default=_NOWHERE, compare=False, repr=False)

    @property
    def text(self) -> str:
        return self.head + (self.tail or "")

    def __str__(self) -> str:
        return self.head if self.tail is None else self.head + quote(self.tail)


@dataclass(frozen=True, slots=True)
class Compare:
    """A field beside a value; the operator `:` is the shortcut `tag:nlp`."""

    name: Name
    operator: Operator
    value: Value
    span: Span = field(default=_NOWHERE, compare=False, repr=False)
    """Of the operator."""

    def __str__(self) -> str:
        between = self.operator if self.operator == ":" else f" {self.operator} "
        return f"{self.name}{between}{self.value}"


@dataclass(frozen=True, slots=True)
class Among:
    """A field is one of several values, or none of them."""

    name: Name
    values: tuple[Value, ...]
    negated: bool

    def __str__(self) -> str:
        return f"{self.name} {'not in' if self.negated else 'in'} ({', '.join(map(str, self.values))})"


@dataclass(frozen=True, slots=True)
class Exists:
    """A field has a value."""

    name: Name

    def __str__(self) -> str:
        return f"exists {self.name}"


@dataclass(frozen=True, slots=True)
class Bare:
    """A word alone: a field that is true, or text to look for."""

    name: Name

    def __str__(self) -> str:
        return str(self.name)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A quoted text to look for."""

    value: Value

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True, slots=True)
class Not:
    term: Tree

    def __str__(self) -> str:
        return f"not {_grouped(self.term, And, Or)}"


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more; of none, which is what an empty query asks for, it is true of everything."""

    terms: tuple[Tree, ...]

    def __str__(self) -> str:
        return " and ".join(_grouped(term, And, Or) for term in self.terms)


@dataclass(frozen=True, slots=True)
class Or:
    """Any of two or more."""

    terms: tuple[Tree, ...]

    def __str__(self) -> str:
        return " or ".join(_grouped(term, Or) for term in self.terms)


Tree = Compare | Among | Exists | Bare | Phrase | Not | And | Or


def _grouped(tree: Tree, *loose: type) -> str:
    return f"({tree})" if isinstance(tree, loose) else str(tree)

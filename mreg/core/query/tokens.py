"""A query as words, quoted texts, operators and punctuation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

from mreg.core.query.errors import InvalidQuery

MAX_LENGTH = 2000

Kind = Literal["word", "quoted", "operator", "mark", "end"]

_TOKEN = re.compile(
    r"""
      (?P<blank>\s+)
    | (?P<operator>[=!]=|[<>]=?|!~|=|~)
    | (?P<mark>[(),])
    | (?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<word>(?:[^\s()"',=<>~!]|!(?![=~]))+)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query and its place; a quoted text is without its quotes, and the end is empty."""

    kind: Kind
    text: str
    start: int
    end: int


def tokenize(query: str) -> list[Token]:
    """The tokens of a query; the last one is its end.

    Raises:
        InvalidQuery: It is too long, or a quote is never closed.
    """
    if len(query) > MAX_LENGTH:
        raise InvalidQuery(
            query=query,
            problem=f"the query has {len(query)} characters, more than {MAX_LENGTH}",
            start=MAX_LENGTH,
            end=len(query),
            hint="narrow it down with fewer conditions, or use glob patterns such as model:nlp/*",
        )
    tokens, position = [], 0
    while position < len(query):
        found = _TOKEN.match(query, position)
        if found is None:
            # Every other character begins one of the tokens.
            hint = "close it with the same quote, or put the word into the other kind of quotes"
            raise InvalidQuery(
                query=query, problem="this quote is never closed", start=position, end=position + 1, hint=hint
            )
        position = found.end()
        if found.lastgroup != "blank":
            tokens.append(_token(found))
    return [*tokens, Token("end", "", len(query), len(query))]


def _token(found: re.Match[str]) -> Token:
    kind = cast("Kind", found.lastgroup)
    text = _ESCAPE.sub(r"\1", found[0][1:-1]) if kind == "quoted" else found[0]
    return Token(kind, text, found.start(), found.end())


def quote(text: str) -> str:
    """The quoted text that is read as this one."""
    escaped = text.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'

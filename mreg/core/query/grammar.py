"""From a query's text to its tree, by the grammar in `mreg.core.query`: recursive descent, one token ahead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from mreg.core.query.errors import InvalidQuery
from mreg.core.query.tokens import Token, tokenize
from mreg.core.query.tree import Among, And, Bare, Compare, Exists, Name, Not, Operator, Or, Phrase, Span, Tree, Value

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DEPTH = 50

KEYWORDS = frozenset({"and", "or", "not", "in", "exists"})
_QUOTE_IT = "put it into quotes to look for it as text"
_AS_IN = "write it as in metrics.f1 > 0.9"
# What other languages write for the same.
_FOREIGN = {"&&": "and", "||": "or", "&": "and", "|": "or", "=>": ">=", "=<": "<=", "<>": "!=", "===": "=="}
_NUMBER = re.compile(r"[-+]?\.?[0-9][0-9.eE+-]*")


def parse(query: str) -> Tree:
    """The tree of a query; no field is looked up yet. An empty query asks for everything.

    Raises:
        InvalidQuery: It does not follow the grammar, is longer than 2,000 characters or nested more than 50 levels
            deep. The error points at the place.
    """
    return _Parser(query).query()


class _Parser:
    def __init__(self, query: str) -> None:
        self._query = query
        self._tokens = tokenize(query)
        self._position = 0
        self._depth = 0

    def query(self) -> Tree:
        tree = And(()) if self._ended() else self._or()
        if not self._ended():
            raise self._unexpected()
        return tree

    def _or(self) -> Tree:
        terms = [self._and()]
        while self._took("or"):
            terms.append(self._and())
        return terms[0] if len(terms) == 1 else Or(tuple(terms))

    def _and(self) -> Tree:
        terms = [self._not()]
        while self._took("and") or self._begins_term():
            terms.append(self._not())
        return terms[0] if len(terms) == 1 else And(tuple(terms))

    def _not(self) -> Tree:
        token = self._next
        if not self._took("not"):
            return self._primary()
        return Not(self._nested(token, self._not))

    def _primary(self) -> Tree:
        token = self._next
        if self._took("("):
            tree = self._nested(token, self._or)
            if not self._took(")"):
                raise self._fault(token, "this ( is never closed")
            return tree
        if self._took("exists"):
            return Exists(self._field("exists"))
        if token.kind == "quoted":
            return self._phrase()
        if token.kind == "word" and _keyword(token) is None:
            return self._about_a_field()
        raise self._unexpected()

    def _phrase(self) -> Tree:
        token = self._take()
        if self._next.kind == "operator":
            raise self._fault(
                token, "a field stands without quotes", hint='only what follows its dot may be: metrics."f1 (test)"'
            )
        return Phrase(_value(token))

    def _about_a_field(self) -> Tree:
        token = self._next
        if ":" in token.text:
            return self._shortcut()
        name = self._field("")
        if self._next.kind == "operator":
            operator = self._take()
            if _NUMBER.fullmatch(name.text):
                raise self._fault(token, "the field stands before the value", hint=_AS_IN)
            written = cast("Operator", "==" if operator.text == "=" else operator.text)
            return Compare(name, written, self._value_after(operator), _span(operator))
        negated = _keyword(self._next) == "not" and _keyword(self._tokens[self._position + 1]) == "in"
        if negated:
            self._take()
        if self._took("in"):
            return Among(name, self._values(), negated)
        if foreign := _FOREIGN.get(token.text) or (token.text[0] == "!" and "not"):
            raise self._fault(token, f"{token.text} means nothing here", hint=f"write {foreign}, or {_QUOTE_IT}")
        return Bare(name)

    def _shortcut(self) -> Compare:
        token = self._take()
        head, _, text = token.text.partition(":")
        colon = token.start + len(head)
        if not head:
            raise self._fault(token, "no field stands before the colon", hint=f"write it as in tag:nlp, or {_QUOTE_IT}")
        if text:
            value = Value(text, span=Span(colon + 1, token.end))
        elif self._next.kind == "quoted" and self._next.start == token.end:
            value = _value(self._take())
        else:
            raise self._fault(token, "no value follows the colon directly", hint="write it as in tag:nlp")
        return Compare(Name(head, span=Span(token.start, colon)), ":", value, Span(colon, colon + 1))

    def _field(self, after: str) -> Name:
        token = self._next
        if token.kind != "word" or _keyword(token) is not None:
            raise self._fault(token, f"no field follows {after}", hint="write it as in exists metrics.f1")
        self._take()
        tail = self._next
        if token.text.endswith(".") and tail.kind == "quoted" and tail.start == token.end:
            self._take()
            return Name(token.text, tail.text, Span(token.start, tail.end))
        return Name(token.text, None, _span(token))

    def _values(self) -> tuple[Value, ...]:
        opening = self._next
        if not self._took("("):
            raise self._fault(opening, "no list follows in", hint="write it as in stage in (staging, production)")
        values = [self._value_after(opening)]
        while self._took(","):
            values.append(self._value_after(self._tokens[self._position - 1]))
        if not self._took(")"):
            if self._ended():
                raise self._fault(opening, "this ( is never closed")
            raise self._fault(self._next, "neither a comma nor ) follows the value")
        return tuple(values)

    def _value_after(self, before: Token) -> Value:
        token = self._next
        if token.kind == "quoted" or (token.kind == "word" and _keyword(token) is None):
            return _value(self._take())
        hint = "put the word into quotes where it is the value" if token.kind == "word" else ""
        meant = _FOREIGN.get(before.text + token.text)
        raise self._fault(token, f"no value follows {before.text}", hint=f"write {meant}" if meant else hint)

    def _begins_term(self) -> bool:
        token = self._next
        return (
            token.kind == "quoted"
            or token.text == "("
            or (token.kind == "word" and _keyword(token) not in ("and", "or", "in"))
        )

    def _ended(self) -> bool:
        return self._next.kind == "end"

    @property
    def _next(self) -> Token:
        return self._tokens[self._position]

    def _take(self) -> Token:
        token = self._next
        self._position += 1
        return token

    def _took(self, text: str) -> bool:
        """Go past this keyword or mark, if it is what comes next."""
        token = self._next
        found = _keyword(token) == text if text in KEYWORDS else token.kind == "mark" and token.text == text
        self._position += found
        return found

    def _nested(self, token: Token, part: Callable[[], Tree]) -> Tree:
        """What a part of the grammar reads, one level deeper: trees are walked by recursion."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._fault(token, f"the query is nested deeper than {MAX_DEPTH} levels")
        tree = part()
        self._depth -= 1
        return tree

    def _unexpected(self) -> InvalidQuery:
        token = self._next
        before = self._tokens[self._position - 1] if self._position else token
        open_before = before.text == "(" or _keyword(before) is not None
        match token.kind, _keyword(token) or token.text:
            case ("end", _) | ("mark", ")") if open_before:
                return self._fault(token, f"nothing follows {before.text}")
            case "mark", ")":
                return self._fault(token, "no ( stands before this )")
            case "operator", _:
                return self._fault(token, f"no field stands before {token.text}", hint=_AS_IN)
            case _, ("and" | "or" | "in") as word:
                return self._fault(token, f"nothing stands before {word}", hint=f"complete it, or {_QUOTE_IT}")
        return self._fault(token, f"{token.text} has no place here", hint=_QUOTE_IT)

    def _fault(self, token: Token, problem: str, *, hint: str = "") -> InvalidQuery:
        return InvalidQuery(query=self._query, problem=problem, start=token.start, end=token.end, hint=hint)


def _keyword(token: Token) -> str | None:
    return folded if token.kind == "word" and (folded := token.text.lower()) in KEYWORDS else None


def _value(token: Token) -> Value:
    return Value(token.text, token.kind == "quoted", _span(token))


def _span(token: Token) -> Span:
    return Span(token.start, token.end)

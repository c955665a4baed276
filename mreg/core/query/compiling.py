"""From a query's tree to a test: fields are found, values typed, and what costs least is asked first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from mreg.core.query.candidates import Candidate, Need
from mreg.core.query.errors import InvalidQuery
from mreg.core.query.fields import FLAGS, Field, family_and_key, field_hint, find_field
from mreg.core.query.literals import Setting, Unfit, UnfitOperator, value_test
from mreg.core.query.texts import contains
from mreg.core.query.tree import Among, And, Bare, Compare, Exists, Name, Not, Operator, Or, Phrase, Span, Tree, Value

Test = Callable[[Candidate], bool]


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of candidates, and what has to be read before."""

    test: Test
    need: Need


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A query ready to be asked.

    Attributes:
        first: The part that is true of every match, and needs nothing to be read.
        rest: All else.
        fields: The fields that it names, in its order, each once.
    """

    first: Test
    rest: Condition
    fields: tuple[Field, ...]


def compile_query(tree: Tree, query: str, setting: Setting) -> Compiled:
    """Check a query's fields and types, and make a test of it.

    Args:
        tree: What `parse` made of the query.
        query: Its text, for errors.
        setting: What its words mean here.

    Raises:
        InvalidQuery: There is no such field, or a value or an operator does not go with one. The error points at it.
    """
    compiler = _Compiler(query, setting)
    conditions = [compiler.condition(term) for term in (tree.terms if isinstance(tree, And) else (tree,))]
    return Compiled(
        first=_every(condition for condition in conditions if not condition.need).test,
        rest=_every(condition for condition in conditions if condition.need),
        fields=tuple(compiler.fields.values()),
    )


class _Compiler:
    def __init__(self, query: str, setting: Setting) -> None:
        self._query, self._setting = query, setting
        self.fields: dict[str, Field] = {}

    def condition(self, tree: Tree) -> Condition:
        match tree:
            case Compare():
                return self._compare(tree)
            case Among():
                return self._among(tree)
            case Exists(name):
                return _has(self._field(name))
            case Bare(name):
                return self._bare(name)
            case Phrase(value):
                return _full_text(value.text)
            case Not(term):
                return _opposite(self.condition(term))
            case And(terms):
                return _every(map(self.condition, terms))
            case Or(terms):
                return _some(map(self.condition, terms))
        assert_never(tree)

    def _compare(self, tree: Compare) -> Condition:
        field = self._field(tree.name, "or put it into quotes to look for it as text" if tree.operator == ":" else "")
        match tree.operator:
            case "==":
                return self._one_equals(field, [tree.value])
            case "!=":
                return self._none_equals(field, [tree.value])
            case "!~":
                return _every([_has(field), _opposite(self._passes(field, "~", tree.value, tree.span))])
        return self._passes(field, tree.operator, tree.value, tree.span)

    def _among(self, tree: Among) -> Condition:
        field = self._field(tree.name)
        return self._none_equals(field, tree.values) if tree.negated else self._one_equals(field, tree.values)

    def _none_equals(self, field: Field, values: Sequence[Value]) -> Condition:
        return _every([_has(field), _opposite(self._one_equals(field, values))])

    def _one_equals(self, field: Field, values: Sequence[Value]) -> Condition:
        return _some([self._equals(field, value) for value in values])

    def _equals(self, field: Field, value: Value) -> Condition:
        if value.text.lower() == "null" and not value.quoted:
            return _opposite(_has(field))
        return self._passes(field, "==", value, value.span)

    def _passes(self, field: Field, sign: Operator, value: Value, operator: Span) -> Condition:
        try:
            return _has_one(field, value_test(field, sign, value, self._setting))
        except Unfit as error:
            span = operator if isinstance(error, UnfitOperator) else value.span
            raise self._fault(span, error.problem, error.hint) from error

    def _bare(self, name: Name) -> Condition:
        if name.tail is None and name.text.lower() not in FLAGS and not family_and_key(name.text)[1]:
            return _full_text(name.text)
        return _has_one(self._field(name), lambda value: value is not False)

    def _field(self, name: Name, instead: str = "") -> Field:
        field = find_field(name.text, self._setting.policy)
        if field is None:
            hint = "; ".join(filter(None, (field_hint(name.text), instead)))
            raise self._fault(name.span, f"there is no field {name.text}", hint)
        return self.fields.setdefault(field.name, field)

    def _fault(self, span: Span, problem: str, hint: str) -> InvalidQuery:
        return InvalidQuery(query=self._query, problem=problem, start=span.start, end=span.end, hint=hint)


def _full_text(text: str) -> Condition:
    test = contains(text)
    return Condition(lambda candidate: test(candidate.text), Need.PAPERS | Need.FACTS)


def _has_one(field: Field, test: Callable[[Any], bool]) -> Condition:
    """One of the field's values passes the test."""
    read = field.read

    def passes(candidate: Candidate) -> bool:
        value = read(candidate)
        return any(map(test, value)) if isinstance(value, tuple) else value is not None and test(value)

    return Condition(passes, field.need)


def _has(field: Field) -> Condition:
    read = field.read
    return Condition(lambda candidate: read(candidate) not in (None, ()), field.need)


def _opposite(condition: Condition) -> Condition:
    test = condition.test
    return Condition(lambda candidate: not test(candidate), condition.need)


def _every(conditions: Iterable[Condition]) -> Condition:
    tests, need = _ordered(conditions)
    return Condition(lambda candidate: all(test(candidate) for test in tests), need)


def _some(conditions: Iterable[Condition]) -> Condition:
    tests, need = _ordered(conditions)
    return Condition(lambda candidate: any(test(candidate) for test in tests), need)


def _ordered(conditions: Iterable[Condition]) -> tuple[list[Test], Need]:
    """The tests, those first that need less and are cheaper for it, and what they need together."""
    ordered = sorted(conditions, key=lambda condition: condition.need.value)
    need = Need.NOTHING
    for condition in ordered:
        need |= condition.need
    return [condition.test for condition in ordered], need

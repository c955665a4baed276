"""Values of a query, typed by the field that they are compared with."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mreg.core.names import did_you_mean
from mreg.core.query.texts import equals, has_word, is_pattern, like
from mreg.core.versions import InvalidVersion, parse_version
from mreg.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection

    from mreg.core.policy import Policy
    from mreg.core.query.fields import Field, Kind
    from mreg.core.query.tree import Operator, Value

Test = Callable[[Any], bool]
"""Of one value that is there."""

_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_DIGITS = re.compile(r"[0-9a-f]+")
_BOOLEANS = {"true": True, "false": False}
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_IN_WORDS: dict[Kind, str] = {
    "text": "text",
    "id": "a hash",
    "stage": "a stage",
    "number": "a number",
    "boolean": "true or false",
    "version": "a version",
    "date": "a date",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the words of a query mean here and now.

    Attributes:
        policy: The project's weights and directions.
        stages: Every stage that a version may be in.
        start: The first second that a date means, since 1970 UTC; it raises a `UsageError` where the text is no date.
        end: The last second.
    """

    policy: Policy
    stages: Collection[str]
    start: Callable[[str], int]
    end: Callable[[str], int]


class Unfit(Exception):
    """A value or an operator that does not go with the field; what is wrong and what to write instead."""

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(problem)
        self.problem, self.hint = problem, hint


class UnfitOperator(Unfit):
    """It is the operator that does not."""


def value_test(field: Field, sign: Operator, value: Value, setting: Setting) -> Test:
    """The test that a value of a field passes; `!=` and `!~` are tested as `==` and `~`.

    Raises:
        Unfit: The query's value, or the operator, does not go with the field.
    """
    if sign == ":" and not (is_pattern(value.text) or field.kind in ("text", "any")):
        sign = "=="
    if sign in ("~", ":"):
        return _text_test(field, sign, value)
    match field.kind:
        case "text" | "id" | "stage" | "boolean" if sign != "==":
            problem = f"{field.name} is {_IN_WORDS[field.kind]}, which {sign} does not compare"
            raise UnfitOperator(problem, "use ==, != or in; ~ and : look into text")
        case "text":
            return equals(value.text)
        case "id":
            return _starts_with(field, value)
        case "stage":
            return equals(_stage(value.text, setting))
        case "boolean":
            wanted = _boolean(field, value)
            return lambda found: found is wanted
        case "number":
            return _number_test(sign, _number(field, value))
        case "version":
            return _version_test(sign, value)
        case "date":
            return _date_test(sign, value, setting)
        case "any":
            return _any_test(sign, value)


def _text_test(field: Field, sign: Operator, value: Value) -> Test:
    test = like(value.text) if sign == "~" else has_word(value.text)
    match field.kind:
        case "text" | "id" | "stage":
            return test
        case "version":
            bare = like(value.text.removeprefix("v"))
            return lambda version: bare(str(version))
        case "any":
            exact = _any_test("==", value) if sign == ":" else _never
            return lambda found: test(found) if isinstance(found, str) else exact(found)
    problem = f"{field.name} is {_IN_WORDS[field.kind]}, and patterns are for text"
    raise UnfitOperator(problem, "use ==, != or in, or an order such as >=")


def _never(_: Any) -> bool:
    return False


def _starts_with(field: Field, value: Value) -> Test:
    folded = value.text.lower().removeprefix("sha256:")  # as cards write it
    if not _DIGITS.fullmatch(folded):
        problem = f"{field.name} is a hash, and {value} is none"
        raise Unfit(problem, f"write its first digits, as in {field.name}:1b2c3d4")
    return lambda found: found.startswith(folded)


def _stage(text: str, setting: Setting) -> str:
    if (stage := text.lower()) in setting.stages:
        return stage
    if stage == "yanked":
        raise Unfit("a yanked version is in no stage", "yanked is a field of its own: write yanked alone")
    known = ", ".join(setting.stages)
    raise Unfit(f"there is no stage {text}", did_you_mean(stage, setting.stages) or f"the stages here are {known}")


def _boolean(field: Field, value: Value) -> bool:
    if value.text.lower() not in _BOOLEANS:
        raise Unfit(f"{field.name} is true or false, and not {value.text}", f"write {field.name} or not {field.name}")
    return _BOOLEANS[value.text.lower()]


def _number(field: Field, value: Value) -> float:
    number = None if value.quoted else as_number(value.text)
    if number is None:
        raise Unfit(f"{field.name} is a number, and {value} is none", "write it as in 0.9, 12 or 1e-4, without quotes")
    return number


def as_number(text: str) -> float | None:
    """The number that a text is; a whole one stays an int, however large. None where it is none, or not finite."""
    if not _NUMBER.fullmatch(text):
        return None
    if text.lstrip("+-").isdigit():
        return int(text)
    number = float(text)
    return number if math.isfinite(number) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number_test(sign: Operator, wanted: float) -> Test:
    if sign == "==":
        return lambda found: _is_number(found) and found == wanted
    order = _ORDERS[sign]
    return lambda found: _is_number(found) and order(found, wanted)


def _version_test(sign: Operator, value: Value) -> Test:
    try:
        wanted = parse_version(value.text).precedence
    except InvalidVersion as error:
        raise Unfit(str(error), error.hint) from error
    order = operator.eq if sign == "==" else _ORDERS[sign]
    return lambda found: order(found.precedence, wanted)


def _date_test(sign: Operator, value: Value, setting: Setting) -> Test:
    """A day is all its seconds: after it is after its last, from it on is from its first."""
    try:
        if sign == "==":
            first, last = setting.start(value.text), setting.end(value.text)
            return lambda found: first <= found <= last
        edge = setting.start(value.text) if sign in ("<", ">=") else setting.end(value.text)
    except UsageError as error:
        raise Unfit(str(error), error.hint) from error
    order = _ORDERS[sign]
    return lambda found: order(found, edge)


def _any_test(sign: Operator, value: Value) -> Test:
    """Of a value whose type only its writer knew: numbers compare with numbers, texts with texts."""
    number = None if value.quoted else as_number(value.text)
    if sign == "==":
        same_text = equals(value.text)
        boolean = None if value.quoted else _BOOLEANS.get(value.text.lower())
        return lambda found: (
            same_text(found)
            if isinstance(found, str)
            else found is boolean
            if isinstance(found, bool)
            else number is not None and _is_number(found) and found == number
        )
    if number is not None:
        return _number_test(sign, number)
    order, folded = _ORDERS[sign], value.text.casefold()
    return lambda found: isinstance(found, str) and order(found.casefold(), folded)

"""In which order matches come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mreg.core.query.errors import InvalidQuery
from mreg.core.query.fields import METRICS, SCORE, Field, family_and_key, field_hint, find_field

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mreg.core.query.candidates import Candidate
    from mreg.core.query.literals import Setting

_Key = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Order:
    """By a field, the greatest first where it is descending; candidates without a value are always last."""

    field: Field
    key: _Key
    descending: bool

    def arrange(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """The candidates in this order; equal ones stay as they were."""
        told: list[tuple[Any, Candidate]] = []
        silent: list[Candidate] = []
        for candidate in candidates:
            value = self.field.read(candidate)
            if isinstance(value, tuple):
                value = value[0] if value else None
            # Not equal to itself: NaN, which has no place in any order.
            if value is None or value != value:  # noqa: PLR0124
                silent.append(candidate)
            else:
                told.append((self.key(value), candidate))
        told.sort(key=lambda pair: pair[0], reverse=self.descending)
        return [*(candidate for _, candidate in told), *silent]


def parse_order(text: str, setting: Setting) -> Order:
    """The order that a field's name asks for: the best first of metrics and scores, the newest of dates, the highest of
    versions, true before false, numbers and texts from small to large. A `-` before it turns it around.

    Raises:
        InvalidQuery: There is no such field.
    """
    name = text.removeprefix("-").strip()
    field = find_field(name, setting.policy)
    if field is None:
        problem = f"there is no field {name} to sort by" if name else "nothing to sort by is named"
        start, hint = text.find(name), field_hint(name) if name else ""
        raise InvalidQuery(query=text, problem=problem, start=start, end=start + len(name), hint=hint)
    return Order(field, _key(field, setting), _descends(field, setting) != text.startswith("-"))


def _descends(field: Field, setting: Setting) -> bool:
    family, metric = family_and_key(field.name)
    if family == METRICS:
        return setting.policy.direction(metric) == "max"
    return field.name == SCORE or field.kind in ("date", "version", "boolean")


def _key(field: Field, setting: Setting) -> _Key:
    match field.kind:
        case "text" | "id":
            return str.casefold
        case "stage":
            return _place_in(tuple(setting.policy.stages))
        case "version":
            return lambda version: version.precedence
        case "any":
            return _ranked
    return lambda value: value


def _place_in(stages: Sequence[str]) -> _Key:
    """In the project's order, and before them those of old that it has no more."""
    return lambda stage: stages.index(stage) if stage in stages else -1


def _ranked(value: Any) -> tuple[int, Any]:
    """Numbers first, then texts, then all else, so that values of any types have an order."""
    match value:
        case bool():
            return (2, str(value))
        case int() | float():
            return (0, value)
        case str():
            return (1, value.casefold())
    return (2, str(value))

"""What is wrong with a card, all at once, in words that say what to do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mreg.core.card.model import Card, Part
from mreg.core.kinds import kind
from mreg.core.names import did_you_mean
from mreg.errors import RegistryError

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class CardFault:
    """One thing wrong with a card: where, and what to do about it.

    Attributes:
        at_key: Whether the key itself is wrong, rather than its value.
    """

    path: Path
    problem: str
    at_key: bool = False

    def __str__(self) -> str:
        return f"{dotted(self.path)}: {self.problem}" if self.path else self.problem


class InvalidCard(RegistryError):
    """The data is no valid card."""

    def __init__(self, *, faults: tuple[CardFault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults
        self.hint = "docs/card.md says what each key holds"


def dotted(path: Path) -> str:
    """A path as people write it: `evaluations[0].value`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def validate(data: Mapping[str, Any]) -> Card:
    """The card that the data is.

    Raises:
        InvalidCard: It is none; with everything that is wrong, in the order of the schema.

    Source: docs/card.md
    """
    fields = {key: value for key, value in data.items() if not _is_extension(key)}
    extensions = {key: value for key, value in data.items() if _is_extension(key)}
    faults = list(_duplicates(data))
    try:
        card = Card.model_validate({**fields, "x-*": extensions})
    except ValidationError as error:
        faults = [*map(_fault, error.errors(include_url=False)), *faults]
    if faults:
        raise InvalidCard(faults=tuple(faults))
    return card


def _is_extension(key: str) -> bool:
    return key.startswith("x-") and len(key) > len("x-")


def _fault(error: ErrorDetails) -> CardFault:
    path, value, context = error["loc"], error["input"], error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            known = _keys(path[:-1])
            hint = did_you_mean(str(path[-1]), known) or f"known here: {', '.join(known)}"
            return CardFault(path, f"unknown key; {hint}", at_key=True)
        case "missing":
            return CardFault(path, f"is missing: {_meaning(path)}")
        case "value_error":
            return CardFault(path, str(context["error"]))
        case "string_too_short":  # pydantic's path to a key ends in "[key]"
            return CardFault(path[:-1], "the key is empty", at_key=True)
    wording = _WORDINGS.get(error["type"])
    return CardFault(path, wording(value, context) if wording else error["msg"])


def _expected(what: str) -> Callable[[Any, Any], str]:
    return lambda value, _: f"{what} is expected, not {kind(value)}"


def _expected_text(value: object, _: object) -> str:
    quotes = "; write it in quotes" if isinstance(value, bool | int | float) else ""
    return f"text is expected, not {kind(value)}{quotes}"


# pydantic's own wording speaks of Python's types.
_WORDINGS: dict[str, Callable[[Any, dict[str, Any]], str]] = {
    "string_type": _expected_text,
    "float_type": _expected("a number"),
    "int_type": _expected("a whole number"),
    "bool_type": _expected("true or false"),
    "tuple_type": _expected("a list"),
    "dict_type": _expected("a mapping"),
    "model_type": _expected("a mapping"),
    "finite_number": lambda value, _: f"{value} is not a finite number",
    "literal_error": lambda value, context: f"{value!r:.40} is not {context['expected']}",
    "string_too_long": lambda value, context: f"has {len(value)} characters, more than {context['max_length']}",
    "greater_than": lambda value, context: f"{value} is not above {context['gt']:g}",
    "less_than": lambda value, context: f"{value} is not below {context['lt']:g}",
    "greater_than_equal": lambda value, context: f"{value} is below {context['ge']:g}",
}


def _duplicates(data: Mapping[str, Any]) -> Iterator[CardFault]:
    """The evaluations and datasets that say again what one before them says, however wrong the rest of the card is."""
    training = data.get("training")
    datasets = training.get("datasets") if isinstance(training, Mapping) else None
    for path, entries, keys in (
        (("evaluations",), data.get("evaluations"), ("metric", "dataset", "split", "slice")),
        (("training", "datasets"), datasets, ("name", "path", "uri")),
    ):
        seen: dict[str, int] = {}
        for index, entry in enumerate(entries if isinstance(entries, list | tuple) else ()):
            if not isinstance(entry, Mapping) or not any(entry.get(key) for key in keys):
                continue
            identity = json.dumps([entry.get(key) or None for key in keys], sort_keys=True, default=str)
            if (first := seen.setdefault(identity, index)) != index:
                same = f"{', '.join(keys[:-1])} and {keys[-1]}"
                problem = f"has the same {same} as {dotted((*path, first))}; one of them must go"
                yield CardFault((*path, index), problem)


def _model(path: Path) -> type[Part] | None:
    """The part of the schema at a path."""
    model: type[Part] | None = Card
    for step in path:
        if isinstance(step, str) and model is not None:
            fields = {field.alias or name: field for name, field in model.model_fields.items()}
            model = _part_in(fields[step].annotation) if step in fields else None
    return model


def _part_in(annotation: Any) -> type[Part] | None:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    return next((part for argument in get_args(annotation) if (part := _part_in(argument))), None)


def _keys(path: Path) -> list[str]:
    model = _model(path)
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _meaning(path: Path) -> str:
    """What belongs at a path, as the schema describes it, to end a sentence with."""
    model = _model(path[:-1])
    fields = model.model_fields if model else {}
    text = next((field.description or "" for name, field in fields.items() if path[-1] in (name, field.alias)), "")
    return text if text[:2].isupper() else text[:1].lower() + text[1:]

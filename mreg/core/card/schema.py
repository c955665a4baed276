"""The card as JSON Schema, for editors that complete and check YAML by one."""

from __future__ import annotations

from typing import Any

from mreg.core.card.model import Card

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """The schema of a card, Draft 2020-12.

    It accepts every valid card, and some that are not: rules that JSON Schema cannot say, such as pinned references,
    are checked by `validate` alone.
    """
    schema: dict[str, Any] = _without_noise(Card.model_json_schema())
    extension = schema["properties"].pop("x-*")
    schema["patternProperties"] = {"^x-.": {"description": extension["description"]}}
    return {"$schema": DIALECT, "title": "mreg model card", **schema}


def _without_noise(node: Any, *, names: bool = False) -> Any:
    """The schema without the titles and defaults that pydantic adds; `names` where the keys are properties."""
    match node:
        case dict():
            kept = (item for item in node.items() if names or item[0] not in ("title", "default"))
            return {
                key: _without_noise(value, names=not names and key in ("properties", "$defs")) for key, value in kept
            }
        case list():
            return [_without_noise(item) for item in node]
    return node

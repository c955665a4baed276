"""What to call a value of YAML or JSON in an error."""

from __future__ import annotations

from collections.abc import Mapping


def kind(data: object) -> str:
    """What a value is, in words: "a mapping", "a list", "text", "a number", "true or false" or "empty"."""
    match data:
        case None:
            return "empty"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case Mapping():
            return "a mapping"
    return "a list"

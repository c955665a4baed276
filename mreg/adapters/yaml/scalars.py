"""What a plain scalar means in YAML 1.2."""

from __future__ import annotations

import re

MAX_DIGITS = 100

_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_PLAIN_TEXT_START = re.compile(r"[^~nNtTfF0-9.+-]")


def resolve(text: str) -> str | int | float | bool | None:
    """What a plain scalar means under YAML 1.2's core schema.

    Raises:
        ValueError: It is NaN, infinite, or a number of more than 100 characters.

    Source: https://yaml.org/spec/1.2.2/#1032-tag-resolution
    """
    if _PLAIN_TEXT_START.match(text):
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is not a finite number")
    if not _FLOAT.fullmatch(text) and not _INTEGER.fullmatch(text):
        return text
    if len(text.lstrip("+-")) > MAX_DIGITS:
        raise ValueError(f"a number of {len(text)} characters; write it in quotes if it is text")
    if _INTEGER.fullmatch(text):
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text} is too large for a number")
    return number

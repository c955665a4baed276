"""Values as YAML text that every reader understands alike, whether it follows YAML 1.1 or 1.2."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mreg.adapters.yaml.nodes import UNREADABLE
from mreg.adapters.yaml.scalars import MAX_DIGITS, resolve
from mreg.errors import RegistryError

_MAX_KEY = 1000  # libyaml gives up looking for the colon after 1024 characters

_PLAIN_START = re.compile(r"[^ \-?:,\[\]{}#&*!|>'\"%@`]|[-?:][^ ]")
_PLAIN_START_IN_FLOW = re.compile(r"[^ \-?:,\[\]{}#&*!|>'\"%@`]|-[^ ]")
_NOT_PLAIN = re.compile(r"[\t\r\n]| $|: |:$| #|^(---|\.\.\.) ")
_NOT_PLAIN_IN_FLOW = re.compile(r"[,?\[\]{}]")
_YAML_1_1_BOOLEANS = frozenset("yYnN")  # in the specification, though not in every reader
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}


class UnwritableValue(RegistryError):
    """A value that a card cannot hold, such as NaN."""

    hint = "give another value, as text in UTF-8 or as a finite number"

    def __init__(self, *, value: object, problem: str) -> None:
        super().__init__(f"{value!r:.80} cannot be written: {problem}")
        self.value, self.problem = repr(value), problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a file indents, in columns.

    Attributes:
        step: From a key to the keys below it.
        dash: From a key to the dashes of its list.
        gap: From a dash to its item.
    """

    step: int = 2
    dash: int = 2
    gap: int = 2


def is_inline(value: object) -> bool:
    """Whether block style writes the value on its key's line: a scalar or an empty collection."""
    return not isinstance(value, Mapping | list | tuple) or not value


def inline(value: object, *, flow: bool, style: str = "") -> str:
    """A value on one line.

    Args:
        flow: Whether it will stand inside brackets or braces.
        style: The quote that a text keeps where it can, `'` or `"`.

    Raises:
        UnwritableValue: Not finite, or text that is not Unicode.
    """
    match value:
        case str():
            return _text(value, flow=flow, style=style)
        case Mapping():
            entries = (f"{key(k, flow=True)}: {inline(v, flow=True)}" for k, v in value.items())
            return "{" + ", ".join(entries) + "}"
        case list() | tuple():
            return "[" + ", ".join(inline(item, flow=True) for item in value) + "]"
    return _number(value)


def key(name: str, *, flow: bool) -> str:
    """A key, without its colon.

    Raises:
        UnwritableValue: Too long for a key, or not Unicode.
    """
    text = _text(name, flow=flow, style="")
    if len(text) > _MAX_KEY:
        raise UnwritableValue(value=name, problem=f"a key has at most {_MAX_KEY} characters")
    return text


def block(value: Mapping[str, Any] | Sequence[Any], layout: Layout) -> list[str]:
    """A collection that is not empty in block style, as lines from column 0 on."""
    if isinstance(value, Mapping):
        return [line for name, item in value.items() for line in entry(name, item, layout)]
    return [line for item in value for line in list_item(item, layout)]


def entry(name: str, value: Any, layout: Layout) -> list[str]:
    """One key and its value in block style, as lines from column 0 on."""
    head = f"{key(name, flow=False)}:"
    if is_inline(value):
        return [f"{head} {inline(value, flow=False)}"]
    return [head, *below(value, layout)]


def list_item(value: Any, layout: Layout) -> list[str]:
    """One item of a list in block style, as lines from column 0 on."""
    lines = [inline(value, flow=False)] if is_inline(value) else block(value, layout)
    return ["-".ljust(layout.gap) + lines[0], *(" " * layout.gap + line for line in lines[1:])]


def below(value: Mapping[str, Any] | Sequence[Any], layout: Layout) -> list[str]:
    """A collection that is not empty, as the lines below its key, which stands at column 0."""
    indent = layout.step if isinstance(value, Mapping) else layout.dash
    return [" " * indent + line for line in block(value, layout)]


def _number(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() if abs(value) < 10**MAX_DIGITS:
            return str(value)
        case float() if math.isfinite(value):
            text = repr(value)
            # YAML 1.1 readers take 1e-05 for text.
            return text if "." in text else text.replace("e", ".0e")
    raise UnwritableValue(value=value, problem="a number must be finite and of at most 100 digits")


def _text(text: str, *, flow: bool, style: str) -> str:
    if not style and is_plain(text, flow=flow):
        return text
    if style == '"' or UNREADABLE.search(text) or re.search(r"[\t\r\n]", text):
        return _double_quoted(text)
    return "'" + text.replace("'", "''") + "'"


def _double_quoted(text: str) -> str:
    if re.search("[\ud800-\udfff]", text):
        raise UnwritableValue(value=text, problem="it is not Unicode text (a lone surrogate)")
    escaped = re.sub(r'[\\"\n\r\t\0]', lambda match: _ESCAPES[match[0]], text)
    return '"' + UNREADABLE.sub(lambda match: f"\\u{ord(match[0]):04X}", escaped) + '"'


def is_plain(text: str, *, flow: bool) -> bool:
    """Whether readers of YAML 1.1 and of YAML 1.2 both take the text, unquoted, for this very text."""
    start, broken = (_PLAIN_START_IN_FLOW, _NOT_PLAIN_IN_FLOW.search(text)) if flow else (_PLAIN_START, None)
    if broken or not start.match(text) or _NOT_PLAIN.search(text) or UNREADABLE.search(text):
        return False
    return _is_text_in_1_2(text) and _is_text_in_1_1(text)


def _is_text_in_1_2(text: str) -> bool:
    try:
        return isinstance(resolve(text), str)
    except ValueError:
        return False


def _is_text_in_1_1(text: str) -> bool:
    from yaml.resolver import Resolver

    resolvers = Resolver.yaml_implicit_resolvers.get(text[0], ())
    return text not in _YAML_1_1_BOOLEANS and not any(pattern.match(text) for _, pattern in resolvers)

"""YAML as DVC writes it, read without trust and without interpretation.

DVC's files follow DVC's grammar (merge keys, keys that are numbers), which is wider than the one of mreg's own files in
`yamltext`. Every scalar stays the text that was written: a hash of digits alone stays a hash, and `no` stays `no`.

Built from the C parser's events instead of its loader, which ends the process (a stack overflow in C) on deeply nested
input, expands merge keys without limit, and takes twice as long.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from mreg.adapters.yaml.limits import TOO_DEEP
from mreg.adapters.yaml.scalars import resolve

MAX_BYTES = 16 << 20
MAX_DEPTH = 64
MAX_VALUES = 100_000

_COUNT = re.compile(r"[0-9]{1,18}")

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain]"


class Quoted(str):
    """A scalar that was written in quotes, or as a block: text, whatever it looks like."""

    __slots__ = ()


class PlainYamlError(Exception):
    """Not YAML, or not of the expected shape. The caller knows the file and says so."""


def read_plain_yaml(data: bytes) -> Plain:
    """The document's content; an empty document is an empty text.

    Raises:
        PlainYamlError: Broken, over 16 MiB, nested deeper than 64, a duplicate key, a key that is not a scalar.
    """
    import yaml

    if len(data) > MAX_BYTES:
        raise PlainYamlError(f"{len(data)} bytes, over the limit of {MAX_BYTES}")
    builder = _Builder()
    try:
        for event in yaml.parse(data, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader)):
            match event:
                case yaml.ScalarEvent():
                    builder.add(event.value if event.implicit[0] else Quoted(event.value), event.anchor)
                case yaml.MappingStartEvent():
                    builder.begin({}, event.anchor)
                case yaml.SequenceStartEvent():
                    builder.begin([], event.anchor)
                case yaml.CollectionEndEvent():
                    builder.end()
                case yaml.AliasEvent():
                    builder.add_alias(event.anchor)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        said = " ".join(str(error).split())
        raise PlainYamlError(f"nested deeper than {MAX_DEPTH}" if TOO_DEEP in said else said) from error
    return builder.root


def as_mapping(value: Plain | None, what: str) -> dict[str, Plain]:
    if not isinstance(value, dict):
        raise PlainYamlError(f"{what} is not a mapping")
    return value


def as_text(value: Plain | None, what: str) -> str:
    if not isinstance(value, str) or not value:
        raise PlainYamlError(f"{what} is not a text")
    return value


def as_list(value: Plain | None, what: str) -> list[Plain]:
    """A missing or empty value is an empty list."""
    if not value:
        return []
    if not isinstance(value, list):
        raise PlainYamlError(f"{what} is not a list")
    return value


def as_count(value: Plain | None, what: str) -> int | None:
    if value is None:
        return None
    if not isinstance(value, str) or not _COUNT.fullmatch(value):
        raise PlainYamlError(f"{what} is not a number")
    return int(value)


def as_value(value: Plain) -> Any:
    """What YAML 1.2 means by it: numbers, booleans and null where they are written so; NaN and infinities stay text.

    Raises:
        PlainYamlError: It has more than 100,000 values, which aliases can make of a few lines.
    """
    return _valued(value, [MAX_VALUES])


def _valued(value: Plain, left: list[int]) -> Any:
    left[0] -= 1
    if left[0] < 0:
        raise PlainYamlError(f"more than {MAX_VALUES} values")
    match value:
        case dict():
            return {key: _valued(item, left) for key, item in value.items()}
        case list():
            return [_valued(item, left) for item in value]
        case Quoted():
            return str(value)
    try:
        return resolve(value)
    except ValueError:
        return value


class _Builder:
    """Assembles the content; aliases share the object they name, so nothing is ever expanded."""

    def __init__(self) -> None:
        self._documents: list[Plain] = []
        self._open: list[list[Plain] | dict[str, Plain]] = []
        self._keys: list[str | None] = []
        self._anchors: dict[str, Plain] = {}

    @property
    def root(self) -> Plain:
        if len(self._documents) > 1:
            raise PlainYamlError("more than one document")
        return self._documents[0] if self._documents else ""

    def begin(self, value: list[Plain] | dict[str, Plain], anchor: str | None) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise PlainYamlError(f"nested deeper than {MAX_DEPTH}")
        self.add(value, anchor)
        self._open.append(value)
        self._keys.append(None)

    def end(self) -> None:
        self._open.pop()
        self._keys.pop()

    def add_alias(self, anchor: str | None) -> None:
        if anchor is None or anchor not in self._anchors:
            raise PlainYamlError(f"unknown alias *{anchor}")
        self.add(self._anchors[anchor], None)

    def add(self, value: Plain, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = value
        if not self._open:
            self._documents.append(value)
            return
        container = self._open[-1]
        if isinstance(container, list):
            container.append(value)
        elif (key := self._keys[-1]) is not None:
            container[key] = value
            self._keys[-1] = None
        else:
            self._keys[-1] = _new_key(value, container)


def _new_key(value: Plain, container: dict[str, Plain]) -> str:
    if not isinstance(value, str):
        raise PlainYamlError("a key that is not a scalar")
    if value in container:
        raise PlainYamlError(f"duplicate key {value!r}")
    return value

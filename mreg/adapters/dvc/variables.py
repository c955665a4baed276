"""The templates of a `dvc.yaml`: what `${…}` stands for, as far as variables of the same commit tell.

Source: dvc.parsing, dvc.parsing.context, dvc.parsing.interpolate (DVC 3)
"""

from __future__ import annotations

import re
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from mreg.adapters.yaml.plain import Plain, PlainYamlError, as_list, as_mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_TEMPLATE = re.compile(r"(?<!\\)\$\{([^{}]*)\}")
_INDEX = re.compile(r"[0-9]{1,9}")
_MOST_COMBINATIONS = 10_000
_MOST_TEXT = 4096


class Unresolved(PlainYamlError):
    """A template whose value this commit does not tell."""


class Variables:
    """What templates may name: trees of values, of which the first that has a name tells its value."""

    def __init__(self, trees: Sequence[Plain]) -> None:
        self._trees = trees

    def fill(self, text: str, loop: Mapping[str, Plain]) -> str:
        """The text with its templates filled in.

        Args:
            text: It may have none.
            loop: What `key` and `item` are in this turn of a loop.

        Raises:
            Unresolved: A template has no value, or one that is no text.
        """
        if "${" not in text:
            return text
        filled = _TEMPLATE.sub(lambda match: self._text(match[1].strip(), loop), text)
        if "${" in filled or len(filled) > _MOST_TEXT:
            raise Unresolved(f"the template {text} has no value")
        return filled

    def turns(self, body: Mapping[str, Plain]) -> dict[str, Plain]:
        """What `item` is in each turn of a loop, by what follows the `@` in its stage's name.

        Raises:
            PlainYamlError: What it runs over is not known, or is nothing to run over.
        """
        if "matrix" in body:
            return self._combinations(as_mapping(body["matrix"], "matrix"))
        data = self._tree(body.get("foreach", ""))
        if isinstance(data, dict):
            return data
        items = as_list(data, "foreach")
        if any(isinstance(item, dict | list) for item in items):
            return {str(number): item for number, item in enumerate(items)}
        return {item: item for item in items if isinstance(item, str)}

    def _combinations(self, matrix: Mapping[str, Plain]) -> dict[str, Plain]:
        axes = [as_list(self._tree(values), f"matrix {name}") for name, values in matrix.items()]
        if prod(map(len, axes)) > _MOST_COMBINATIONS:
            raise Unresolved("the matrix is too large")
        return {
            "-".join(_fragment(name, *value) for name, value in zip(matrix, turn, strict=True)): {
                name: value for name, (_, value) in zip(matrix, turn, strict=True)
            }
            for turn in product(*map(enumerate, axes))
        }

    def _tree(self, data: Plain) -> Plain:
        """What a template that is a whole value stands for; any other value is itself."""
        whole = _TEMPLATE.fullmatch(data) if isinstance(data, str) else None
        return self._value(whole[1].strip(), {}) if whole else data

    def _text(self, expression: str, loop: Mapping[str, Plain]) -> str:
        value = self._value(expression, loop)
        if not isinstance(value, str):
            raise Unresolved(f"the template ${{{expression}}} is no text")
        return value

    def _value(self, expression: str, loop: Mapping[str, Plain]) -> Plain:
        names = expression.replace("[", ".").replace("]", "").split(".")
        for tree in [loop] if names[0] in loop else self._trees:
            for found in _at(tree, names):
                return found
        raise Unresolved(f"the template ${{{expression}}} has no value")


def _fragment(axis: str, index: int, value: Plain) -> str:
    return value if isinstance(value, str) else f"{axis}{index}"


def _at(tree: Plain | Mapping[str, Plain], names: Sequence[str]) -> Iterator[Plain]:
    """The value under dotted names, where there is one."""
    found: object = tree
    for name in names:
        if isinstance(found, dict) and name in found:
            found = found[name]
        elif isinstance(found, list) and _INDEX.fullmatch(name) and int(name) < len(found):
            found = found[int(name)]
        else:
            return
    if isinstance(found, str | list | dict):
        yield found

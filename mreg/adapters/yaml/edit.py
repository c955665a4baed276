"""Edits of YAML text that leave every character outside what they set as it was: comments, order, quoting, line ends.

A change is made on a tree that mirrors the text's own nodes, and the difference becomes splices of the text. Nothing is
written anew but the values that change; and the result is read back before it is returned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mreg.adapters.yaml.nodes import YamlFault, compose, line_and_column
from mreg.adapters.yaml.slots import Slot, same
from mreg.adapters.yaml.splice import spliced
from mreg.core.kinds import kind

_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Set:
    """Make the value at a path equal to `value`, creating the mappings above it that are missing.

    Of a mapping or list that is there already, only the entries that differ are written; the others keep their text.
    """

    path: tuple[str | int, ...]
    value: Any


@dataclass(frozen=True, slots=True)
class Append:
    """Add a value to the list at a path, creating the list where it is missing."""

    path: tuple[str | int, ...]
    value: Any


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove what is at a path, with its line; nothing where nothing is there."""

    path: tuple[str | int, ...]


Change = Set | Append | Remove


def edit(text: str, changes: Sequence[Change], *, source: str = "card.yaml") -> str:
    """The text with the changes made, one after the other; a change that changes nothing alters no character.

    Args:
        text: A YAML mapping as `yamltext.load` reads it, with its own line ends: bytes decoded, nothing translated.
        source: The file's name, for errors.

    Raises:
        YamlFault: The text is not such YAML, or a change goes into a scalar, or into a value shared by an anchor.
        UnwritableValue: A value is not finite, or not Unicode.
    """
    body = text.removeprefix(_BOM)
    edited = _Edit(body, source)
    for change in changes:
        edited.apply(change)
    return text[: len(text) - len(body)] + edited.text()


class _Edit:
    def __init__(self, text: str, source: str) -> None:
        self._text, self._source = text, source
        self._node = compose(text, source=source)
        self._root = Slot.of(self._node)

    def apply(self, change: Change) -> None:
        match change:
            case Set(path, value):
                self._reach(path).assign(value)
            case Append(path, value):
                slot = self._reach(path)
                if slot.content is None:
                    slot.assign([])
                self._expect(slot, list)
                slot.content.append(Slot.new(value))
            case Remove(path):
                self._remove(path)

    def text(self) -> str:
        """The edited text, once it is proved to hold what it should."""
        result = spliced(self._text, self._node, self._root, source=self._source)
        if result != self._text and not self._holds(result):
            # For example: the blank lines below a removed key would become part of the text block above it.
            problem = "the change cannot be made without touching other values of this file; make it by hand"
            raise YamlFault(source=self._source, line=1, column=1, problem=problem)
        return result

    def _holds(self, result: str) -> bool:
        try:
            return same(compose(result, source=self._source).data, self._root.data())
        except YamlFault:
            return False

    def _reach(self, path: Sequence[str | int]) -> Slot:
        """The slot at a path; it and the mappings above it are created where they are missing."""
        slot = self._root
        for step in path:
            if slot.content is None and isinstance(step, str):
                slot.assign({})
            self._expect(slot, dict if isinstance(step, str) else list)
            if isinstance(step, str):
                slot = slot.content.setdefault(step, Slot(None))
            elif step < len(slot.content):
                slot = slot.content[step]
            else:
                self._refuse(slot, f"there is no item {step} here")
        return slot

    def _remove(self, path: Sequence[str | int]) -> None:
        slot = self._root
        for step in path[:-1]:
            if not _has(slot, step):
                return
            slot = slot.content[step]
        if _has(slot, path[-1]):
            self._expect(slot, type(slot.content))
            del slot.content[path[-1]]

    def _expect(self, slot: Slot, container: type) -> None:
        if slot.is_alias():
            self._refuse(slot, "an alias stands here: write its value out before it can be changed")
        if not isinstance(slot.content, container):
            self._refuse(slot, f"{kind(container())} is expected here, not {kind(slot.data())}")

    def _refuse(self, slot: Slot, problem: str) -> None:
        line, column = line_and_column(self._text, slot.node.start if slot.node else 0)
        raise YamlFault(source=self._source, line=line, column=column, problem=problem)


def _has(slot: Slot, step: str | int) -> bool:
    match slot.content:
        case dict():
            return step in slot.content
        case list():
            return isinstance(step, int) and step < len(slot.content)
    return False

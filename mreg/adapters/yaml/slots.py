"""A tree that mirrors a YAML text and can be changed: each slot knows the node it stands for, or that it is new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mreg.adapters.yaml.nodes import AliasNode, MappingNode, Node, ScalarNode, SequenceNode


@dataclass(slots=True, eq=False)
class Slot:
    """A place for a value.

    Attributes:
        content: The value as it is to be: slots by key, slots in order, or a scalar.
        node: What the text has here; None in a new slot.
        replaced: Whether the content is not, or not merely a changed form of, what the node says.
    """

    content: Any
    node: Node | None = None
    replaced: bool = False

    @classmethod
    def of(cls, node: Node) -> Slot:
        """The slot of a node, unchanged."""
        match node:
            case MappingNode():
                return cls({key: cls.of(value) for key, (_, value) in node.entries.items()}, node)
            case SequenceNode():
                return cls([cls.of(item) for item in node.items], node)
            case AliasNode():
                return cls(cls.new(node.data).content, node)
            case ScalarNode():
                return cls(node.data, node)

    @classmethod
    def new(cls, value: object) -> Slot:
        """A slot that the text does not have yet."""
        match value:
            case Mapping():
                return cls({str(key): cls.new(item) for key, item in value.items()})
            case list() | tuple():
                return cls([cls.new(item) for item in value])
        return cls(value)

    def data(self) -> Any:
        """The value, as plain data."""
        match self.content:
            case dict():
                return {key: slot.data() for key, slot in self.content.items()}
            case list():
                return [slot.data() for slot in self.content]
        return self.content

    def children(self) -> Iterator[Slot]:
        """The slots of a mapping's values or of a list's items; none of a scalar."""
        match self.content:
            case dict():
                yield from self.content.values()
            case list():
                yield from self.content

    def is_alias(self) -> bool:
        """Whether the value belongs to an anchor elsewhere, so that it can be replaced but not changed."""
        return isinstance(self.node, AliasNode) and not self.replaced

    def assign(self, value: object) -> None:
        """Take a value, changing as little as possible."""
        if same(self.data(), value):
            return
        if isinstance(self.content, dict) and isinstance(value, Mapping) and not self.is_alias():
            self._assign_entries(value)
        elif isinstance(self.content, list) and isinstance(value, list | tuple) and not self.is_alias():
            self._assign_items(value)
        else:
            self.content, self.replaced = Slot.new(value).content, True

    def _assign_entries(self, value: Mapping[str, Any]) -> None:
        for key in self.content.keys() - value.keys():
            del self.content[key]
        for key, item in value.items():
            self.content.setdefault(key, Slot.new(item)).assign(item)

    def _assign_items(self, value: list[Any] | tuple[Any, ...]) -> None:
        del self.content[len(value) :]
        for slot, item in zip(self.content, value, strict=False):
            slot.assign(item)
        self.content.extend(map(Slot.new, value[len(self.content) :]))


def same(one: object, other: object) -> bool:
    """Whether two values are equal as YAML: 1 and 1.0 are, 1 and true are not; the order of keys does not count."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and one == other

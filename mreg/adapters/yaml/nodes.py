"""YAML text as a tree of nodes that know where they stand: the strict grammar that every YAML file of mreg obeys.

The parser is libyaml's, read event by event, so that what is refused is refused before it costs anything. Plain scalars
mean what YAML 1.2's core schema says: only `true` and `false` are booleans, `1e-4` is a number, dates stay text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn

from mreg.adapters.yaml.limits import TOO_DEEP
from mreg.adapters.yaml.scalars import resolve
from mreg.core.kinds import kind
from mreg.errors import RegistryError

MAX_DEPTH = 32
MAX_SHARED = 1000  # nodes that all aliases of a file together may repeat

# YAML 1.1 readers break lines at the first three and YAML 1.2 readers do not, so one could hide a key in a comment.
UNREADABLE = re.compile("[\x85\u2028\u2029\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_TAB_INDENT = re.compile(r"^ *\t[ \t]*(?=[^ \t\r\n#])", re.MULTILINE)


class YamlFault(RegistryError):
    """A YAML text that mreg does not read, with the place where it goes wrong.

    Attributes:
        line: From 1.
        column: From 1, in characters.
    """

    hint = "correct the file at this place, then run the command again"

    def __init__(self, *, source: str, line: int, column: int, problem: str) -> None:
        super().__init__(f"{source}:{line}:{column}: {problem}")
        self.source, self.line, self.column, self.problem = source, line, column, problem


class ScalarNode(NamedTuple):
    """A scalar; `style` is `'`, `"`, `|`, `>`, or empty where it is plain."""

    start: int
    end: int
    data: Any
    anchored: bool
    size: int
    style: str


class SequenceNode(NamedTuple):
    """A sequence; `end` of one in block style lies beyond the comments that follow it."""

    start: int
    end: int
    data: list[Any]
    anchored: bool
    size: int
    items: list[Node]
    flow: bool


class MappingNode(NamedTuple):
    """A mapping, in the order of the text; `end` of one in block style lies beyond the comments that follow it."""

    start: int
    end: int
    data: dict[str, Any]
    anchored: bool
    size: int
    entries: dict[str, tuple[ScalarNode, Node]]
    flow: bool


class AliasNode(NamedTuple):
    """An alias; its `data` is the very object of its anchor."""

    start: int
    end: int
    data: Any
    anchored: bool
    size: int


Node = ScalarNode | SequenceNode | MappingNode | AliasNode


def line_and_column(text: str, index: int) -> tuple[int, int]:
    """The 1-based line and column of a character; lines end in LF, CR LF or CR."""
    before = text[:index]
    line = before.count("\n") + before.count("\r") - before.count("\r\n") + 1
    return line, index - max(before.rfind("\n"), before.rfind("\r"))


def compose(text: str, *, source: str) -> MappingNode:
    """The mapping that a YAML text holds. Offsets of nodes count characters.

    Args:
        text: Without a byte order mark.
        source: The file's name, for the error.

    Raises:
        YamlFault: Not YAML, or YAML outside the strict grammar.

    Source: docs/card.md#yaml
    """
    return _Composer(text, source).document()


class _Composer:
    def __init__(self, text: str, source: str) -> None:
        import yaml

        self._text, self._source, self._yaml = text, source, yaml
        if odd := UNREADABLE.search(text):
            problem = f"the character U+{ord(odd[0]):04X} cannot stand in YAML; write it as an escape in double quotes"
            self._refuse(odd.start(), problem)
        self._parser: Any = yaml.CSafeLoader(text)  # its stubs call every event and mark optional
        self._anchors: dict[str, Node | None] = {}  # None: still open, so an alias to it would hold itself
        self._shared = 0

    def document(self) -> MappingNode:
        try:
            root = self._document()
        except self._yaml.MarkedYAMLError as error:
            self._refuse_syntax(error)
        self._check_tabs(root)
        return root

    def _check_tabs(self, root: MappingNode) -> None:
        """Refuse tabs that indent inside brackets, where libyaml lets them pass, but not those of a quoted text."""
        lines = list(_TAB_INDENT.finditer(self._text))
        texts = [node for node in _scalars(root) if node.style] if lines else []
        for line in lines:
            index = bisect_right(texts, line.end(), key=lambda node: node.start) - 1
            if index < 0 or texts[index].end <= line.end():
                self._refuse(line.start(), "a tab indents this line; use spaces")

    def _document(self) -> MappingNode:
        yaml = self._yaml
        self._parser.get_event()  # the start of the stream
        if isinstance(self._parser.get_event(), yaml.StreamEndEvent):
            self._refuse(0, "the file holds no mapping: it is empty")
        root = self._node(self._parser.get_event(), depth=1)
        self._parser.get_event()  # the end of the document
        if not isinstance(after := self._parser.get_event(), yaml.StreamEndEvent):
            self._refuse(after.start_mark.index, "a second document starts here; a file holds one")
        if not isinstance(root, MappingNode):
            self._refuse(root.start, f"a mapping (key: value) is expected here, not {kind(root.data)}")
        return root

    def _node(self, event: Any, depth: int) -> Node:
        start = event.start_mark.index
        if isinstance(event, self._yaml.AliasEvent):
            return self._alias(event)
        if event.tag is not None:
            self._refuse(start, f"the tag {event.tag} is not allowed: values are plain YAML")
        if depth > MAX_DEPTH:
            self._refuse(start, f"nested deeper than {MAX_DEPTH} levels")
        if event.anchor is None:
            return self._untagged(event, start, depth)
        self._anchors[event.anchor] = None
        node = self._anchors[event.anchor] = self._untagged(event, start, depth)
        return node

    def _untagged(self, event: Any, start: int, depth: int) -> Node:
        if isinstance(event, self._yaml.ScalarEvent):
            return self._scalar(event, start)
        if isinstance(event, self._yaml.SequenceStartEvent):
            return self._sequence(event, start, depth)
        return self._mapping(event, start, depth)

    def _scalar(self, event: Any, start: int) -> ScalarNode:
        data = event.value
        if event.implicit[0]:  # plain
            try:
                data = resolve(data)
            except ValueError as error:
                self._refuse(start, str(error))
        return ScalarNode(start, event.end_mark.index, data, event.anchor is not None, 1, event.style)

    def _sequence(self, event: Any, start: int, depth: int) -> SequenceNode:
        items: list[Node] = []
        while not isinstance(item := self._parser.get_event(), self._yaml.SequenceEndEvent):
            items.append(self._node(item, depth + 1))
        data, size = [item.data for item in items], 1 + sum(item.size for item in items)
        end = self._end(item)
        return SequenceNode(start, end, data, event.anchor is not None, size, items, event.flow_style)

    def _mapping(self, event: Any, start: int, depth: int) -> MappingNode:
        entries: dict[str, tuple[ScalarNode, Node]] = {}
        while not isinstance(item := self._parser.get_event(), self._yaml.MappingEndEvent):
            key = self._key(item)
            if key.data in entries:
                self._refuse(key.start, f"duplicate key {key.data!r}")
            entries[key.data] = (key, self._node(self._parser.get_event(), depth + 1))
        data, size = {key: value.data for key, (_, value) in entries.items()}, 1
        size += sum(1 + value.size for _, value in entries.values())
        end = self._end(item)
        return MappingNode(start, end, data, event.anchor is not None, size, entries, event.flow_style)

    def _key(self, event: Any) -> ScalarNode:
        start = event.start_mark.index
        if not isinstance(event, self._yaml.ScalarEvent) or event.anchor is not None:
            self._refuse(start, "a key must be text, without an anchor or alias")
        if event.tag is not None:
            self._refuse(start, f"the tag {event.tag} is not allowed: keys are plain YAML")
        key = self._scalar(event, start)
        if not isinstance(key.data, str):
            self._refuse(start, f"the key {event.value!r} is {kind(key.data)}, not text; write it in quotes")
        if key.data == "<<" and not key.style:
            # YAML 1.1 readers merge here and YAML 1.2 readers do not.
            self._refuse(start, "merge keys (<<) are not read; write the keys out")
        return key

    def _alias(self, event: Any) -> AliasNode:
        start = event.start_mark.index
        target = self._anchors.get(event.anchor)
        if target is None:
            problem = "holds itself" if event.anchor in self._anchors else "names no anchor before it"
            self._refuse(start, f"the alias *{event.anchor} {problem}")
        self._shared += target.size
        if self._shared > MAX_SHARED:
            self._refuse(start, f"aliases repeat more than {MAX_SHARED} values; write the values out")
        return AliasNode(start, event.end_mark.index, target.data, False, target.size)

    @staticmethod
    def _end(event: Any) -> int:
        return int(event.end_mark.index)

    def _refuse_syntax(self, error: Any) -> NoReturn:
        index = error.problem_mark.index
        char, problem = self._text[index : index + 1], error.problem
        if char == "\t" and not self._text[:index].rpartition("\n")[2].strip():
            problem = "a tab indents this line; use spaces"
        elif TOO_DEEP in problem:
            problem = f"nested deeper than {MAX_DEPTH} levels"
        elif problem == "found character that cannot start any token":
            problem = f"{char!r} cannot start a value; write the value in quotes"
        elif error.context_mark is not None and error.context_mark.index != index:
            line, column = line_and_column(self._text, error.context_mark.index)
            problem = f"{problem} ({error.context} from {line}:{column} on)"
        self._refuse(index, problem, error)

    def _refuse(self, index: int, problem: str, cause: Exception | None = None) -> NoReturn:
        line, column = line_and_column(self._text, index)
        raise YamlFault(source=self._source, line=line, column=column, problem=problem) from cause


def _scalars(node: Node) -> Iterator[ScalarNode]:
    match node:
        case ScalarNode():
            yield node
        case SequenceNode():
            for item in node.items:
                yield from _scalars(item)
        case MappingNode():
            for key, value in node.entries.values():
                yield key
                yield from _scalars(value)

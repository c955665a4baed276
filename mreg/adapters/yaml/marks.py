"""Where things stand in a YAML text: its lines, and the marks between keys and values that nodes do not tell.

A colon, a dash or a comma comes from libyaml's own tokens, never from a search for the character, which could as well
be part of a comment or of a quoted text.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from mreg.adapters.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from mreg.adapters.yaml.write import Layout

BLOCK_SCALAR = re.compile(r"[|>][-+0-9]*")
_LINE_END = re.compile(r"\r\n|\n|\r|\Z")


class Lines:
    """The lines of a text, which end in LF, CR LF or CR."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.newline = _LINE_END.search(text)[0] or "\n"  # type: ignore[index] # \Z matches any text

    def start(self, index: int) -> int:
        """Where the line of a character starts."""
        return max(self.text.rfind("\n", 0, index), self.text.rfind("\r", 0, index)) + 1

    def end(self, index: int) -> int:
        """Where the line of a character ends, before its line break."""
        match = _LINE_END.search(self.text, index)
        return match.start() if match else len(self.text)

    def next(self, index: int) -> int:
        """Where the next line starts."""
        match = _LINE_END.search(self.text, index)
        return match.end() if match else len(self.text)

    def column(self, index: int) -> int:
        """How many characters stand before this one in its line."""
        return index - self.start(index)

    def opens(self, index: int) -> bool:
        """Whether only blanks stand before a character in its line."""
        return not self.text[self.start(index) : index].strip(" ")

    def closes(self, index: int) -> bool:
        """Whether only blanks and a comment follow in the line."""
        rest = self.text[index : self.end(index)].lstrip(" \t")
        return not rest or rest.startswith("#")

    def breaks(self, start: int, end: int) -> bool:
        """Whether a line ends between two places."""
        return self.end(start) < end

    def after_comments(self, index: int, column: int) -> int:
        """The end of the line, or of the last of the comment lines below it that are indented deeper than `column`."""
        end = self.end(index)
        comment = re.compile(rf"(\r\n|\n|\r) {{{column + 1},}}#[^\r\n]*")
        while match := comment.match(self.text, end):
            end = match.end()
        return end


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a mapping or an item of a list, as it stands in the text.

    Attributes:
        start: Of its key or dash; of the item itself inside brackets.
        after: The place just after its colon or dash, or after its key where it has no colon. None inside brackets.
        marked: Whether a colon or dash is there.
        end: The end of its value, or of what it has instead.
        key: None of an item.
    """

    start: int
    after: int | None
    marked: bool
    end: int
    node: Node
    key: str | None = None


class Marks:
    """The entries of a text's collections."""

    def __init__(self, text: str) -> None:
        import yaml

        self._text = text
        kinds = (yaml.KeyToken, yaml.ValueToken, yaml.BlockEntryToken, yaml.FlowEntryToken)
        found: dict[type, list[int]] = {kind: [] for kind in kinds}
        parser = yaml.CSafeLoader(text)
        while (token := parser.get_token()) is not None:
            if type(token) in found:
                found[type(token)].append(token.start_mark.index)
        self._keys, self._colons, self._dashes, self._commas = found.values()

    def entries(self, node: MappingNode | SequenceNode) -> list[Entry]:
        """A collection's entries, in order."""
        if isinstance(node, MappingNode):
            return [self._entry(key, value) for key, value in node.entries.values()]
        return [self._item(item, flow=node.flow) for item in node.items]

    def _entry(self, key: ScalarNode, value: Node) -> Entry:
        start = self._keys[max(bisect_right(self._keys, key.start) - 1, 0)] if self._keys else key.start
        if self._text[start : key.start].strip() != "?":
            start = key.start
        colon = bisect_left(self._colons, key.end)
        marked = colon < len(self._colons) and self._colons[colon] < value.start
        after = self._colons[colon] + 1 if marked else key.end
        end = after if is_empty(value) else self.end(value)
        return Entry(start, after, marked, end, value, key.data)

    def _item(self, item: Node, *, flow: bool) -> Entry:
        if flow:
            return Entry(item.start, None, False, self.end(item), item)
        dash = self._dashes[bisect_left(self._dashes, item.start) - 1]
        return Entry(dash, dash + 1, True, dash + 1 if is_empty(item) else self.end(item), item)

    def comma(self, entry: Entry, node: MappingNode | SequenceNode) -> int | None:
        """The comma after an entry of a collection in flow style, if it has one."""
        index = bisect_left(self._commas, entry.end)
        return self._commas[index] if index < len(self._commas) and self._commas[index] < node.end else None

    def end(self, node: Node) -> int:
        """Where a value's text ends, before the comments and blank lines that libyaml counts to it."""
        match node:
            case ScalarNode(style="|" | ">"):
                return self._block_scalar_end(node)
            case MappingNode() | SequenceNode() if not node.flow or is_pair(node, self._text):
                return self.entries(node)[-1].end
        return node.end

    def _block_scalar_end(self, node: ScalarNode) -> int:
        header = BLOCK_SCALAR.match(self._text, node.start)
        text = self._text[node.start : node.end]
        if header and "+" in header[0]:  # its blank lines are part of the value
            return node.start + len(re.sub(r"(\r\n|\n|\r)\Z", "", text))
        return node.start + len(text.rstrip())


def is_empty(node: Node) -> bool:
    """Whether a value is not written at all."""
    return isinstance(node, ScalarNode) and node.start == node.end


def is_pair(node: Node, text: str) -> bool:
    """Whether a mapping is a single pair without braces, as in `[a: 1]`."""
    return isinstance(node, MappingNode) and node.flow and text[node.start] != "{"


def layout(root: Node, marks: Marks, lines: Lines) -> Layout:
    """How a text indents, by its first mapping, first list and first item that show it."""
    seen: dict[str, int] = {}
    _measure(root, marks, lines, seen)
    return Layout(**seen)


def _measure(node: Node, marks: Marks, lines: Lines, seen: dict[str, int]) -> None:
    if not isinstance(node, MappingNode | SequenceNode) or node.flow:
        return
    for entry in marks.entries(node):
        child = entry.node
        if isinstance(child, MappingNode | SequenceNode) and not child.flow:
            first = marks.entries(child)[0].start
            name = "gap" if entry.key is None else "step" if isinstance(child, MappingNode) else "dash"
            if name != "gap" or not lines.breaks(entry.start, first):
                seen.setdefault(name, lines.column(first) - lines.column(entry.start))
        elif entry.key is None and not is_empty(child) and not lines.breaks(entry.start, child.start):
            seen.setdefault("gap", child.start - entry.start)
        _measure(child, marks, lines, seen)

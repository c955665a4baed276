"""The difference between a YAML text and its changed mirror, as splices of the text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn, TypeGuard

from mreg.adapters.yaml.marks import BLOCK_SCALAR, Entry, Lines, Marks, is_empty, is_pair, layout
from mreg.adapters.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode, YamlFault, line_and_column
from mreg.adapters.yaml.slots import Slot
from mreg.adapters.yaml.write import block, inline, is_inline, key, list_item
from mreg.adapters.yaml.write import entry as entry_lines

Collection = MappingNode | SequenceNode
Fresh = list[tuple[str | None, Any]]


class Splice(NamedTuple):
    """The text that takes the place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


def spliced(text: str, root: MappingNode, slot: Slot, *, source: str) -> str:
    """The text, changed to hold what the slot of its root says.

    Raises:
        YamlFault: A value that changes is shared through an anchor.
        UnwritableValue: A new value cannot be written.
    """
    result, position = "", 0
    for splice in sorted(_Difference(text, root, source).of(root, slot, _ROOT), key=lambda s: (s.start, s.end)):
        result += text[position : splice.start] + splice.text
        position = splice.end
    return result + text[position:]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value stands: see Entry; `column` is that of its key or dash, `flow` whether brackets surround it."""

    after: int | None = None
    marked: bool = False
    column: int = 0
    flow: bool = False
    item: bool = False


_ROOT = _Place()


class _Difference:
    def __init__(self, text: str, root: MappingNode, source: str) -> None:
        self._text, self._source = text, source
        self._lines, self._marks = Lines(text), Marks(text)
        self._layout = layout(root, self._marks, self._lines)

    def of(self, node: Node, slot: Slot, place: _Place) -> list[Splice]:
        """The splices that make of a node what its slot holds."""
        if slot.replaced:
            return list(self._replaced(node, slot.data(), place))
        if not isinstance(node, MappingNode | SequenceNode):
            return []
        splices = list(self._changed(node, slot, place))
        if splices and node.anchored:
            self._refuse(node)
        return splices

    def _changed(self, node: Collection, slot: Slot, place: _Place) -> Iterator[Splice]:
        """The splices of a collection that stays one."""
        entries = self._marks.entries(node)
        kept = {id(child.node): child for child in slot.children() if child.node is not None}
        stays = [id(entry.node) in kept for entry in entries]
        fresh = _fresh(slot)
        changed, emptied = bool(fresh) or not all(stays), not (fresh or any(stays))
        if changed and (not entries or is_pair(node, self._text) or (emptied and not self._hangs(node, place))):
            yield from self._replaced(node, slot.data(), place)
            return
        for entry, stay in zip(entries, stays, strict=True):
            if stay:
                yield from self.of(entry.node, kept[id(entry.node)], self._place(entry, flow=node.flow))
            elif _has_anchor(entry.node):
                self._refuse(entry.node)
        if changed:  # after the entries' own: of two splices at one place, the deeper comes first
            yield from (self._flow if node.flow else self._block)(node, slot, entries, stays)
        if changed and emptied and place.after is not None:  # its comments stay below it
            yield Splice(place.after, place.after, f" {inline(slot.data(), flow=False)}")

    def _place(self, entry: Entry, *, flow: bool) -> _Place:
        column = self._lines.column(entry.start)
        return _Place(entry.after, entry.marked, column, flow, item=entry.key is None)

    # Values that are replaced

    def _replaced(self, node: Node, value: Any, place: _Place) -> Iterator[Splice]:
        if _has_anchor(node):
            self._refuse(node)
        alone = place.after is not None or self._lines.opens(node.start)  # not beside a `---`
        if is_inline(value) or place.flow or not alone:
            style = node.style if isinstance(node, ScalarNode) else ""
            text = inline(value, flow=place.flow, style=style if style in ("'", '"') else "")
            return self._put_inline(node, place, text)
        return self._put_block(node, place, value)

    def _put_inline(self, node: Node, place: _Place, text: str) -> Iterator[Splice]:
        lines, end = self._lines, self._marks.end(node)
        if is_empty(node) and place.after is not None:
            yield Splice(place.after, place.after, f" {text}" if place.marked else f": {text}")
        elif header := BLOCK_SCALAR.match(self._text, node.start) if _is_block_scalar(node) else None:
            yield Splice(node.start, header.end(), text)
            yield Splice(lines.end(header.end()), max(end, lines.end(header.end())), "")
        elif place.after is not None and self._hangs(node, place):
            yield Splice(place.after, place.after, f" {text}")
            yield Splice(lines.end(place.after), end, "")
        else:
            yield Splice(node.start, end, text)

    def _put_block(self, node: Node, place: _Place, value: Any) -> Iterator[Splice]:
        lines, start, end = self._lines, node.start, self._marks.end(node)
        if place.after is None:
            yield Splice(start, end, lines.newline.join(block(value, self._layout)))
            return
        width = self._layout.dash if isinstance(value, list) else self._layout.step
        indent = " " * (place.column + (self._layout.gap if place.item else width))
        text = "".join(lines.newline + indent + line for line in block(value, self._layout))
        if is_empty(node):
            at = lines.end(place.after)
            yield Splice(at, at, text)
        elif lines.breaks(place.after, start):
            yield Splice(lines.end(place.after), end, text)
        elif header := BLOCK_SCALAR.match(self._text, start) if _is_block_scalar(node) else None:
            at = lines.end(header.end())
            yield Splice(place.after, header.end(), "")
            yield Splice(at, max(end, at), text)
        else:
            yield Splice(place.after, end, "")
            yield Splice(lines.end(end), lines.end(end), text)

    def _hangs(self, node: Node, place: _Place) -> bool:
        """Whether a value is a collection in block style on the lines below its key or dash."""
        return _is_block(node) and place.after is not None and self._lines.breaks(place.after, node.start)

    # Entries that come and go

    def _block(self, node: Collection, slot: Slot, entries: list[Entry], stays: list[bool]) -> Iterator[Splice]:
        lines, column, last = self._lines, self._lines.column(entries[0].start), entries[-1]
        texts = [line for name, value in _fresh(slot) for line in self._block_lines(name, value)]
        line_start = lines.newline + " " * column
        if texts and not stays[-1]:  # new entries take the place of the last one
            yield Splice(last.start, lines.end(last.end), line_start.join(texts))
        elif texts:
            yield from self._terminated(node, slot)
            at = lines.after_comments(last.end, column)
            yield Splice(at, at, "".join(line_start + text for text in texts))
        for entry, stay in zip(entries, stays, strict=True):
            if stay or (texts and entry is last):
                continue
            if lines.opens(entry.start):
                yield Splice(lines.start(entry.start), lines.next(entry.end), "")
            else:  # beside a dash, as in `- a: 1`, which stays
                yield Splice(len(self._text[: entry.start].rstrip(" ")), lines.end(entry.end), "")

    def _block_lines(self, name: str | None, value: Any) -> list[str]:
        return list_item(value, self._layout) if name is None else entry_lines(name, value, self._layout)

    def _terminated(self, node: Collection, slot: Slot) -> Iterator[Splice]:
        """Keep a text block that ends the file without a line break from gaining one by what is added below it."""
        last: Node = node
        while _is_block(last):
            last = self._marks.entries(last)[-1].node
            found = next((child for child in slot.children() if child.node is last), None)
            if found is None or found.replaced or (_is_block(last) and _fresh(found)):
                return  # something else ends the file by now
            slot = found
        if _is_block_scalar(last) and last.end == len(self._text) and last.data and last.data[-1] != "\n":
            header = BLOCK_SCALAR.match(self._text, last.start)
            if header and "-" not in header[0]:
                yield Splice(last.start, header.end(), header[0].replace("+", "") + "-")

    def _flow(self, node: Collection, slot: Slot, entries: list[Entry], stays: list[bool]) -> Iterator[Splice]:
        texts = [_flow_text(name, value) for name, value in _fresh(slot)]
        last, commas = entries[-1], [self._marks.comma(entry, node) for entry in entries]
        if texts and not stays[-1]:
            yield Splice(last.start, last.end, ", ".join(texts))
        elif texts:
            yield from self._flow_added(last, commas[-1], texts)
        stays = [*stays[:-1], stays[-1] or bool(texts)]
        for entry, stay, comma in zip(entries, stays, commas, strict=True):
            if not stay:
                yield self._flow_removed(entry, comma)
        kept = [comma for stay, comma in zip(stays, commas, strict=True) if stay]
        if not stays[-1] and commas[-1] is None and kept[-1] is not None:
            yield Splice(kept[-1], kept[-1] + 1, "")

    def _flow_added(self, last: Entry, comma: int | None, texts: list[str]) -> Iterator[Splice]:
        lines, after = self._lines, last.end if comma is None else comma + 1
        if not (lines.opens(last.start) and lines.closes(after)):
            yield Splice(last.end, last.end, "".join(f", {text}" for text in texts))
            return
        line_start = lines.newline + " " * lines.column(last.start)
        if comma is None:
            yield Splice(after, after, ",")
        added = ",".join(line_start + text for text in texts)
        yield Splice(lines.end(after), lines.end(after), added if comma is None else added + ",")

    def _flow_removed(self, entry: Entry, comma: int | None) -> Splice:
        lines, start, end = self._lines, entry.start, entry.end if comma is None else comma + 1
        if lines.opens(start) and lines.closes(end):
            return Splice(lines.start(start), lines.next(end), "")
        if comma is not None:
            return Splice(start, end + len(self._text[end:]) - len(self._text[end:].lstrip(" ")), "")
        return Splice(start if lines.opens(start) else len(self._text[:start].rstrip(" ")), end, "")

    def _refuse(self, node: Node) -> NoReturn:
        line, column = line_and_column(self._text, node.start)
        problem = "this value is shared through an anchor: write it out before it can be changed"
        raise YamlFault(source=self._source, line=line, column=column, problem=problem)


def _fresh(slot: Slot) -> Fresh:
    """The new entries of a changed collection; without a name where it is a list."""
    if isinstance(slot.content, dict):
        return [(key, child.data()) for key, child in slot.content.items() if child.node is None]
    return [(None, child.data()) for child in slot.children() if child.node is None]


def _flow_text(name: str | None, value: Any) -> str:
    text = inline(value, flow=True)
    return text if name is None else f"{key(name, flow=True)}: {text}"


def _has_anchor(node: Node) -> bool:
    match node:
        case MappingNode():
            return node.anchored or any(_has_anchor(value) for _, value in node.entries.values())
        case SequenceNode():
            return node.anchored or any(map(_has_anchor, node.items))
    return node.anchored


def _is_block(node: Node) -> TypeGuard[Collection]:
    return isinstance(node, MappingNode | SequenceNode) and not node.flow


def _is_block_scalar(node: Node) -> TypeGuard[ScalarNode]:
    return isinstance(node, ScalarNode) and node.style in ("|", ">")

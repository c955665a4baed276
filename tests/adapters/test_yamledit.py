"""Edits of YAML text: only what is set changes, whatever the file's style."""

from __future__ import annotations

import copy
import json
import re
from itertools import count
from typing import Any, TypeVar

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mreg.adapters.yaml.edit import Append, Remove, Set, edit
from mreg.adapters.yaml.nodes import YamlFault
from mreg.adapters.yaml.text import load
from mreg.adapters.yaml.write import UnwritableValue

Path = tuple[str | int, ...]
T = TypeVar("T")


def read(text: str) -> dict[str, Any]:
    return load(text.encode(), source="card.yaml").data


# Each row: what is shown, the text, the changes, the result.
EDITS = [
    ("comment", "version: 1.2.0  # bumped by CI\n", [Set(("version",), "1.3.0")], "version: 1.3.0  # bumped by CI\n"),
    ("single quotes", "version: '1.2.0'\n", [Set(("version",), "1.3.0")], "version: '1.3.0'\n"),
    ("double quotes", 'version: "1.2.0" # x\n', [Set(("version",), "1.3.0")], 'version: "1.3.0" # x\n'),
    ("quoted to number", "value: '0.9'\n", [Set(("value",), 0.95)], "value: 0.95\n"),
    ("quote in quotes", "a: 'x'\n", [Set(("a",), "it's")], "a: 'it''s'\n"),
    ("quoted key", "'a': 1\n\"b\" : 2\n", [Set(("b",), 3)], "'a': 1\n\"b\" : 3\n"),
    ("no final newline", "a: 1", [Set(("b",), 2)], "a: 1\nb: 2"),
    ("remove at the end", "a: 1\nb: 2", [Remove(("b",))], "a: 1\n"),
    ("CR LF", "a: 1\r\nb:\r\n- x\r\n", [Append(("b",), "z"), Set(("c",), 3)], "a: 1\r\nb:\r\n- x\r\n- z\r\nc: 3\r\n"),
    ("byte order mark", "\ufeffa: é\n", [Set(("a",), "ü")], "\ufeffa: ü\n"),
    ("markers", "%YAML 1.2\n---\na: 1\n...\n", [Set(("b",), 2)], "%YAML 1.2\n---\na: 1\nb: 2\n...\n"),
    ("beyond the plane", "a: '🎯' # 🎯\nb: 1\n", [Set(("b",), 2)], "a: '🎯' # 🎯\nb: 2\n"),
    ("empty value", "a:  # why\nb: 1\n", [Set(("a",), "x")], "a: x  # why\nb: 1\n"),
    ("empty parent", "a:\nb: 1\n", [Set(("a", "c", "d"), 1)], "a:\n  c:\n    d: 1\nb: 1\n"),
    ("missing parents", "a: 1\n", [Set(("t", "code", "clean"), True)], "a: 1\nt:\n  code:\n    clean: true\n"),
    ("own indent", "a:\n    b: 1\n", [Set(("c",), {"d": {"e": 1}})], "a:\n    b: 1\nc:\n    d:\n        e: 1\n"),
    ("own dashes", "a:\n- b\n", [Set(("c",), ["d"])], "a:\n- b\nc:\n- d\n"),
    ("own gap", "a:\n  -   b: 1\n", [Append(("a",), {"c": 1, "d": 2})], "a:\n  -   b: 1\n  -   c: 1\n      d: 2\n"),
    (
        "comments below belong to the value",
        "a:\n  b: 1\n  # c: 2\n\n# d\n",
        [Set(("e",), 1)],
        "a:\n  b: 1\n  # c: 2\ne: 1\n\n# d\n",
    ),
    ("flow mapping", "a: {b: 1, c: 2}  # x\n", [Set(("a", "d"), "y")], "a: {b: 1, c: 2, d: 'y'}  # x\n"),
    ("flow remove", "a: [1, 2, 3]\n", [Remove(("a", 1))], "a: [1, 3]\n"),
    ("flow remove last", "a: [1, 2, 3]\n", [Remove(("a", 2))], "a: [1, 2]\n"),
    ("flow remove all", "a: [1, 2]\n", [Remove(("a", 0)), Remove(("a", 0))], "a: []\n"),
    ("flow replace last", "a: [1, 2]\n", [Remove(("a", 1)), Append(("a",), 3)], "a: [1, 3]\n"),
    ("flow trailing comma", "a: {b: 1, }\n", [Set(("a", "c"), 2)], "a: {b: 1, c: 2, }\n"),
    ("flow key alone", "a: {b , c: 1}\n", [Set(("a", "b"), 2)], "a: {b: 2 , c: 1}\n"),
    ("flow comment", "a: [1, # one, or so\n    2]\n", [Remove(("a", 1))], "a: [1 # one, or so\n    ]\n"),
    ("flow pair", "a: [b: 1]\n", [Set(("a", 0, "c"), 2)], "a: [{b: 1, c: 2}]\n"),
    ("flow pair value", "a: [b: 1]\n", [Set(("a", 0, "b"), 2)], "a: [b: 2]\n"),
    ("flow becomes block", "a: []\nb: 1\n", [Append(("a",), {"c": 1})], "a:\n  - c: 1\nb: 1\n"),
    ("JSON", '{\n  "a": 1\n}\n', [Set(("b",), [1])], '{\n  "a": 1,\n  b: [1]\n}\n'),
    ("JSON remove", '{\n  "a": 1,\n  "b": 2\n}\n', [Remove(("b",))], '{\n  "a": 1\n}\n'),
    ("empty root", "{}\n", [Set(("a", "b"), 1)], "a:\n  b: 1\n"),
    ("empty root beside its marker", "--- {}\n", [Set(("a", "b"), 1)], "--- {a: {b: 1}}\n"),
    ("block scalar", "a: |  # poem\n  x\n\n  y\n\nb: 1\n", [Set(("a",), "z")], "a: z  # poem\n\nb: 1\n"),
    ("beside a block scalar", "a: >-\n  x\nb: 1\n", [Set(("b",), 2)], "a: >-\n  x\nb: 2\n"),
    ("open block scalar", "a: |\n  x", [Set(("b",), 2)], "a: |-\n  x\nb: 2"),
    ("open block scalar, twice", "a:\n- |\n  x", [Append(("a",), 1), Set(("b",), 2)], "a:\n- |-\n  x\n- 1\nb: 2"),
    ("open block scalar, gone", "a: |\n  x", [Set(("a",), 1), Set(("b",), 2)], "a: 1\nb: 2"),
    ("keeping block scalar", "a: |+\n  x\n\n", [Set(("b",), 2)], "a: |+\n  x\n\nb: 2\n"),
    ("scalar becomes mapping", "a: 1  # one\nb: 2\n", [Set(("a",), {"c": 1})], "a:  # one\n  c: 1\nb: 2\n"),
    ("mapping becomes scalar", "a:  # one\n  # two\n  b: 1\nc: 2\n", [Set(("a",), 1)], "a: 1  # one\nc: 2\n"),
    (
        "text below its key becomes a mapping",
        "a: # x\n  'one'\nb: 2\n",
        [Set(("a",), {"c": 1})],
        "a: # x\n  c: 1\nb: 2\n",
    ),
    ("block scalar becomes a list", "a: |  # x\n  one\n\nb: 2\n", [Set(("a",), [1])], "a:  # x\n  - 1\n\nb: 2\n"),
    (
        "list merged",
        "a: [1, 2, 3] # x\nb: [1]\n",
        [Set(("a",), [1, 4]), Set(("b",), [1, 2])],
        "a: [1, 4] # x\nb: [1, 2]\n",
    ),
    ("remove with its line", "a: 1\nb: 2  # gone\n# stays\nc: 3\n", [Remove(("b",))], "a: 1\n# stays\nc: 3\n"),
    ("remove the last of a list", "a:\n  # why\n  - b: 1\nc: 2\n", [Remove(("a", 0))], "a: []\n  # why\nc: 2\n"),
    ("replace the last of a list", "a:\n# why\n- b\n", [Remove(("a", 0)), Append(("a",), 1)], "a:\n# why\n- 1\n"),
    ("remove beside a dash", "a:\n  - b: 1\n    c: 2\n", [Remove(("a", 0, "b"))], "a:\n  -\n    c: 2\n"),
    ("append beside a comment", "a:\n  - b  # b\n\nc: 1\n", [Append(("a",), "d")], "a:\n  - b  # b\n  - d\n\nc: 1\n"),
    (
        "text on lines",
        "a: one\n  two  # x\nb: 'three\n  four'\n",
        [Set(("a",), 1), Set(("b",), 2)],
        "a: 1  # x\nb: 2\n",
    ),
    ("explicit key", "? a\n: 1\n", [Set(("a",), 2), Set(("b",), 3)], "? a\n: 2\nb: 3\n"),
    ("alias replaced", "a: &x 1\nb: *x # b\n", [Set(("b",), 2)], "a: &x 1\nb: 2 # b\n"),
    ("mapping merged", "p:\n  a: 1 # a\n  b: 2\n", [Set(("p",), {"c": 3, "a": 1})], "p:\n  a: 1 # a\n  c: 3\n"),
    ("number as it is written", "a: 1.50\nb: 1e-4\n", [Set(("a",), 1.5), Set(("b",), 0.0001)], "a: 1.50\nb: 1e-4\n"),
    ("a number is not a boolean", "a: 1\n", [Set(("a",), True)], "a: true\n"),
    ("nothing to remove", "a: 1\n", [Remove(("b", "c")), Remove(("a", "b")), Remove(("a", 0))], "a: 1\n"),
]


@pytest.mark.parametrize(("text", "changes", "result"), [pytest.param(*row[1:], id=row[0]) for row in EDITS])
def test_edit_changes_only_what_it_sets(text: str, changes: list[Any], result: str) -> None:
    assert edit(text, changes) == result


REFUSED = [
    ("an anchored value", "a: &x 1\nb: *x\n", Set(("a",), 2), "1:4: this value is shared"),
    ("below an anchor", "a: &x {c: 1}\nb: *x\n", Set(("a", "c"), 2), "1:4: this value is shared"),
    ("an anchored value removed", "a: &x 1\nb: *x\n", Remove(("a",)), "1:4: this value is shared"),
    ("through an alias", "a: &x {c: 1}\nb: *x\n", Set(("b", "c"), 2), "2:4: an alias stands here"),
    ("removed through an alias", "a: &x {c: 1}\nb: *x\n", Remove(("b", "c")), "2:4: an alias stands here"),
    ("into text", "a: b\n", Set(("a", "c"), 1), "1:4: a mapping is expected here, not text"),
    ("into a number", "a: 1\n", Append(("a",), 1), "1:4: a list is expected here, not a number"),
    ("beyond a list", "a: [1]\n", Set(("a", 3), 1), "1:4: there is no item 3 here"),
    ("blank lines of the text above", "a: |+\n  x\nb: 1\n\nc: 2\n", Remove(("b",)), "1:1: the change cannot be made"),
    ("a bare explicit key", "? a\n? b\n: 1\n", Set(("a",), 2), "1:1: the change cannot be made"),
]


@pytest.mark.parametrize(("text", "change", "message"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED])
def test_what_cannot_be_edited_alone_is_refused(text: str, change: Any, message: str) -> None:
    with pytest.raises(YamlFault) as caught:
        edit(text, [change], source="f.yaml")
    assert str(caught.value).startswith(f"f.yaml:{message}")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**100, "\ud800", {"k" * 1001: 1}, object()])
def test_unwritable_values_are_refused(value: Any) -> None:
    with pytest.raises(UnwritableValue, match="cannot be written"):
        edit("a: 1\n", [Set(("b",), value)])


# Laws, over files of every style

_words = st.sampled_from(["a", "b", "metric-1", "é🎯", "no", "1.10", "x y", "k#", "v: w", "", "-", "?", "it's", '"q"'])
_lines = st.sampled_from(["one\ntwo\n", "one\n\n  two", "\n", " x\n"])
_texts = _words | _lines | st.text(st.characters(codec="utf-8"), max_size=8)
_scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _texts
)
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=3),
    max_leaves=8,
)


def _double_quoted(text: str) -> str:
    # JSON with real characters, since libyaml does not take JSON's surrogate escapes.
    odd = "[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]"
    return re.sub(odd, lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))


class _Writer:
    """Writes a value as YAML, in a style drawn anew at every node, in lines that end in LF."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw, self._notes = draw, count()
        self._step, self._dash = draw(st.integers(1, 4)), draw(st.integers(0, 3))

    def either(self, *choices: T) -> T:
        return self.draw(st.sampled_from(choices))

    def _note(self, indent: str) -> list[str]:
        note = f"# note {next(self._notes)}: x, [y"
        return self.either([], [], [], [""], [indent + note], [f"{indent}   {note}"])

    def _tail(self) -> str:
        return self.either("", "", f"  # tail {next(self._notes)}: {{")

    def _scalar(self, value: Any, *, flow: bool = False) -> str:
        if value is None:
            return self.either("null", "~", *([] if flow else [""]))
        if not isinstance(value, str):
            return json.dumps(value)
        plain = value.isalpha() and value.isascii() and value not in ("no", "null", "true")
        single = value.isprintable() and (value.strip(" ") or not value)
        quoted = "'" + value.replace("'", "''") + "'"
        return self.either(_double_quoted(value), *([value] if plain else []), *([quoted] if single else []))

    def flow(self, value: Any) -> str:
        if isinstance(value, dict):
            parts = [f"{self._scalar(k, flow=True)}: {self.flow(v)}" for k, v in value.items()]
        elif isinstance(value, list):
            parts = [self.flow(v) for v in value]
        else:
            return self._scalar(value, flow=True)
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        if not parts or self.either(True, False):
            return opening + ", ".join(parts) + self.either("", " ") + closing
        line_start = "\n" + " " * 12
        return opening + line_start + f",{line_start}".join(parts) + self.either("", ",") + line_start + closing

    def _literal(self, text: str, indent: str) -> list[str]:
        """A text as a block scalar, where it can simply be one."""
        lines = text.removesuffix("\n").split("\n")
        if len(lines) < 2 or not lines[0] or not lines[-1] or any(not s.isprintable() or s != s.strip() for s in lines):
            return []
        chomp = "" if text.endswith("\n") else "-"
        return [f"|{chomp}{self._tail()}", *(indent + line if line else "" for line in lines)]

    def _entry(self, head: str, value: Any, column: int) -> list[str]:
        """A key or dash at a column, with its value."""
        indent, item = " " * column, head == "-"
        if isinstance(value, str) and (lines := self._literal(value, indent + " " * self._step)):
            return [f"{indent}{head} {lines[0]}", *lines[1:]]
        if not isinstance(value, dict | list):
            return [f"{indent}{head} {self._scalar(value)}{self._tail()}"]
        if not value or self.either(True, False, False):
            return [f"{indent}{head} {self.flow(value)}{self._tail()}"]
        if item and self.either(True, False):
            first, *rest = self.block(value, column + 2, notes=False)
            return [f"{indent}- {first.lstrip()}", *rest]
        inner = self._step if item or isinstance(value, dict) else self._dash
        return [f"{indent}{head}{self._tail()}", *self.block(value, column + inner)]

    def block(self, value: Any, column: int, *, notes: bool = True) -> list[str]:
        lines: list[str] = []
        for key, item in value.items() if isinstance(value, dict) else ((None, item) for item in value):
            lines += self._note(" " * column) if notes else []
            lines += self._entry("-" if key is None else f"{self._scalar(key, flow=True)}:", item, column)
        return lines


@st.composite
def _files(draw: st.DrawFn) -> str:
    """A YAML file."""
    data = draw(st.dictionaries(_words, _values, min_size=1, max_size=4))
    writer = _Writer(draw)
    body = writer.either([writer.flow(data)], *[writer.block(data, 0)] * 4)
    text = "\n".join([*writer.either([], ["---"], ["# top", ""]), *body]) + writer.either(
        "\n", "", "\n# end\n", "\n...\n"
    )
    return text.replace("\n", writer.either("\n", "\n", "\r\n"))


def _paths(data: Any, path: Path = ()) -> list[Path]:
    """Every path in a value, its own first."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(p for step, item in inner for p in _paths(item, (*path, step)))]


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _applied(data: Any, change: Set | Append | Remove) -> Any:
    data = copy.deepcopy(data)
    match change:
        case Set((), value):
            return value
        case Set(path, value):
            _at(data, path[:-1])[path[-1]] = value
        case Append(path, value):
            _at(data, path).append(value)
        case Remove(path):
            del _at(data, path[:-1])[path[-1]]
    return data


def _is_subsequence(short: str, long: str) -> bool:
    rest = iter(long)
    return all(c in rest for c in short)


@given(_files(), st.data())
def test_setting_what_is_there_changes_no_byte(text: str, data: st.DataObject) -> None:
    value = read(text)
    path = data.draw(st.sampled_from(_paths(value)))
    assert edit(text, [Set(path, _at(value, path))]) == text


@given(_files(), _values, st.data())
def test_set_writes_that_value_and_no_other(text: str, new: Any, data: st.DataObject) -> None:
    value = read(text)
    path = data.draw(st.sampled_from(_paths(value)[1:]))
    assert read(edit(text, [Set(path, new)])) == _applied(value, Set(path, new))


@given(_files(), _scalars, st.data())
def test_a_scalar_is_replaced_where_it_stands(text: str, new: Any, data: st.DataObject) -> None:
    value = read(text)
    scalars = [p for p in _paths(value) if isinstance(_at(value, p), int | float)]
    assume(scalars)
    path = data.draw(st.sampled_from(scalars))
    line, column = load(text.encode(), source="f").position(path)
    start = sum(map(len, re.split(r"(?<=\n)", text)[: line - 1])) + column - 1
    end = start + len(re.match(r"[-+.\w]+", text[start:])[0])  # type: ignore[index] # a number stands there
    result = edit(text, [Set(path, new)])
    assert result.startswith(text[:start])
    assert result.endswith(text[end:])


@given(_files(), _values, st.data())
def test_what_is_added_leaves_the_rest_as_it_was(text: str, new: Any, data: st.DataObject) -> None:
    value = read(text)
    filled = [p for p in _paths(value) if isinstance(_at(value, p), dict | list) and _at(value, p)]
    path = data.draw(st.sampled_from(filled))
    change = Append(path, new) if isinstance(_at(value, path), list) else Set((*path, "added"), new)
    result = edit(text, [change])
    assert _is_subsequence(text, result)
    assert read(result) == _applied(value, change)


@given(_files(), st.data())
def test_what_is_removed_leaves_the_rest_as_it_was(text: str, data: st.DataObject) -> None:
    value = read(text)
    path = data.draw(st.sampled_from(_paths(value)[1:]))
    result = edit(text, [Remove(path)])
    if _at(value, path[:-1]) != [_at(value, path)] and len(_at(value, path[:-1])) > 1:
        assert _is_subsequence(result, text)
    assert read(result) == _applied(value, Remove(path))


@given(_files(), st.data())
def test_changes_apply_one_after_the_other(text: str, data: st.DataObject) -> None:
    value, changes = read(text), []
    for _ in range(data.draw(st.integers(1, 5))):
        change = data.draw(_changes(value))
        changes.append(change)
        value = _applied(value, change)
    result = edit(text, changes)
    assert read(result) == value
    assert edit(result, [Set((), value)]) == result


@st.composite
def _changes(draw: st.DrawFn, value: Any) -> Set | Append | Remove:
    path = draw(st.sampled_from(_paths(value)))
    match _at(value, path):
        case dict() if not path or draw(st.booleans()):
            return Set((*path, draw(_words)), draw(_values))
        case list() if draw(st.booleans()):
            return Append(path, draw(_values))
    return Remove(path) if draw(st.booleans()) else Set(path, draw(_values))

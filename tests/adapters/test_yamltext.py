"""Reading YAML: what it means, where it stands, and everything that is refused."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from mreg.adapters.yaml.nodes import YamlFault
from mreg.adapters.yaml.text import load


def read(text: str) -> dict[str, Any]:
    return load(text.encode(), source="card.yaml").data


def fault(data: bytes | str) -> str:
    with pytest.raises(YamlFault) as caught:
        load(data.encode() if isinstance(data, str) else data, source="card.yaml")
    error = caught.value
    assert str(error) == f"card.yaml:{error.line}:{error.column}: {error.problem}"
    assert error.exit_code == 1
    return str(error).removeprefix("card.yaml:")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[(text, text) for text in ("no", "on", "yes", "off", "y", "n", "NO", "1.2.0", "1_000", "1:30", "190:20:30")],
        *[(text, text) for text in ("2024-01-01", "2001-12-14t21:59:43.10-05:00", "=", "0b1", "tRUE")],
        *[(text, text) for text in ("1e", "0x", "+0x1F", ".")],
        *[("true", True), ("True", True), ("TRUE", True), ("false", False)],
        *[("", None), ("~", None), ("null", None), ("NULL", None)],
        *[("0", 0), ("-12", -12), ("+3", 3), ("007", 7), ("0o17", 15), ("0x1F", 31)],
        *[("1e-4", 1e-4), ("1e5", 1e5), ("1E+5", 1e5), ("-1.5", -1.5), ("1.", 1.0), (".5", 0.5), ("1.10", 1.1)],
        *[("'1'", "1"), ('"true"', "true"), ("''", ""), ('"\\x41\\u00e9\\U0001F3AF"', "Aé🎯"), ("'no'", "no")],
        *[("[1, [a]]", [1, ["a"]]), ("{a: }", {"a": None}), ("|\n  x\n  y\n", "x\ny\n"), (">-\n  x\n  y\n", "x y")],
    ],
)
def test_values_follow_the_core_schema_of_yaml_1_2(text: str, value: object) -> None:
    data = read(f"k: {text}")
    assert data == {"k": value}
    assert type(data["k"]) is type(value)


def test_aliases_within_bounds_are_read() -> None:
    assert read("a: &x {b: [1, 2]}\nc: *x\nd: [*x, *x]\ne: &x 1\nf: *x\n") == {
        "a": {"b": [1, 2]},
        "c": {"b": [1, 2]},
        "d": [{"b": [1, 2]}, {"b": [1, 2]}],
        "e": 1,
        "f": 1,
    }


def test_a_byte_order_mark_and_any_line_end_are_read() -> None:
    assert load(b"\xef\xbb\xbfa: 1\r\nb: 2\rc: 3\n", source="f").data == {"a": 1, "b": 2, "c": 3}


BILLION_LAUGHS = "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb:\n  name: 1\n  name: 2\n", "4:3: duplicate key 'name'"),
        ("{a: 1, 'a': 2}", "1:8: duplicate key 'a'"),
        ("a: .nan", "1:4: .nan is not a finite number"),
        ("a: [-.INF]", "1:5: -.INF is not a finite number"),
        ("a: 1e999", "1:4: 1e999 is too large for a number"),
        (f"a: {'9' * 101}", "1:4: a number of 101 characters; write it in quotes if it is text"),
        ("a:\n\tb: 1\n", "2:1: a tab indents this line; use spaces"),
        ("a: 1\n\tb: 1\n", "2:1: a tab indents this line; use spaces"),
        ("a: {b: 1,\n  \tc: 2}\n", "2:1: a tab indents this line; use spaces"),
        ("a: {b: 1\n\t}\n", "2:1: a tab indents this line; use spaces"),
        ("a: |\n\tb\n", "2:1: a tab indents this line; use spaces"),
        ("a: [1\n", "2:1: did not find expected ',' or ']' (while parsing a flow sequence from 1:4 on)"),
        ("a: b: c\n", "1:5: mapping values are not allowed in this context"),
        ("a: @b\n", "1:4: '@' cannot start a value; write the value in quotes"),
        ("a: 'b\n", "2:1: found unexpected end of stream (while scanning a quoted scalar from 1:4 on)"),
        ("%FOO\n---\na: 1\n", "1:5: found unknown directive name"),
        (b"a: 1\nb: caf\xe9\n", "2:7: the byte 0xe9 is not UTF-8"),
        ("é: é\né: \ud800".encode("utf-8", "surrogatepass"), "2:4: the byte 0xed is not UTF-8"),
        ("a: 1".encode("utf-16"), "1:1: the byte 0xff is not UTF-8"),
        ("a: b\x00", "1:5: the character U+0000 cannot stand in YAML; write it as an escape in double quotes"),
        ("# comment\u2028b: 1", "1:10: the character U+2028 cannot stand in YAML"),
        ("a: 1\n---\nb: 2\n", "2:1: a second document starts here; a file holds one"),
        ("a: 1\n...\n---\n", "3:1: a second document starts here; a file holds one"),
        ("", "1:1: the file holds no mapping: it is empty"),
        ("# nothing\n", "1:1: the file holds no mapping: it is empty"),
        ("---\n", "2:1: a mapping (key: value) is expected here, not empty"),
        ("- a\n", "1:1: a mapping (key: value) is expected here, not a list"),
        ("text", "1:1: a mapping (key: value) is expected here, not text"),
        ("a: !!python/object/apply:os.system [id]", "1:4: the tag tag:yaml.org,2002:python/object/"),
        ("a: !foo b", "1:4: the tag !foo is not allowed"),
        ("a: !!str 1", "1:4: the tag tag:yaml.org,2002:str is not allowed"),
        ("a: ! b", "1:4: the tag ! is not allowed"),
        ("!foo a: 1", "1:1: the tag !foo is not allowed"),
        ("1: a", "1:1: the key '1' is a number, not text; write it in quotes"),
        ("true: a", "1:1: the key 'true' is true or false, not text; write it in quotes"),
        ("~: a", "1:1: the key '~' is empty, not text; write it in quotes"),
        ("? [a]\n: 1", "1:3: a key must be text, without an anchor or alias"),
        ("&x a: 1", "1:1: a key must be text, without an anchor or alias"),
        ("a: &x b\n*x : 1", "2:1: a key must be text, without an anchor or alias"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", "3:3: merge keys (<<) are not read; write the keys out"),
        ("a: *x", "1:4: the alias *x names no anchor before it"),
        ("a: &x [*x]", "1:8: the alias *x holds itself"),
        (BILLION_LAUGHS, "4:8: aliases repeat more than 1000 values; write the values out"),
        ("a: " + "[" * 32 + "]" * 32, "1:35: nested deeper than 32 levels"),
        ("a:\n" + "".join(" " * i + "a:\n" for i in range(1, 40)), "33:33: nested deeper than 32 levels"),
    ],
)
def test_what_is_refused(text: str | bytes, message: str) -> None:
    assert fault(text).startswith(message)


def test_the_deepest_nesting_that_is_read() -> None:
    assert read("a: " + "[" * 31 + "]" * 31)


def test_tabs_inside_text_are_read() -> None:
    assert read("a: |\n  x\n  \ty\nb: 'c\n\td'\ne:\t1\n") == {"a": "x\n\ty\n", "b": "c d", "e": 1}


@pytest.mark.parametrize(
    "data",
    [
        BILLION_LAUGHS.encode(),
        b"a: 1\n" * 10_000_000,
        b"a: " + b"[" * 1_000_000,
        b"a: " + b"{" * 1_000_000,
        b"a:\n " + b"- " * 500_000,
        b"a: " + b"&a " * 300_000,
        b"a: &x 1\nb: [" + b"*x," * 300_000 + b"]",
        b"\xff" * 1_000_000,
    ],
    ids=["billion laughs", "50 MB", "brackets", "braces", "dashes", "anchors", "aliases", "not UTF-8"],
)
def test_hostile_files_are_refused_at_once(data: bytes) -> None:
    started = time.process_time()
    fault(data)
    assert time.process_time() - started < 0.1


def test_many_tabs_in_a_text_cost_no_more_than_other_characters() -> None:
    data = b"a: [" + b"'', " * 50_000 + b"]\nb: |\n  x\n" + b"  \ty\n" * 100_000
    started = time.process_time()
    assert load(data, source="f").data["b"].count("\t") == 100_000
    assert time.process_time() - started < 5


def test_a_file_over_the_limit_says_its_size() -> None:
    assert fault(b"a" * (1 << 20) + b"b") == "1:1: the file has 1,048,577 bytes, more than the 1,048,576 that are read"
    assert load(b"a: 1", source="f", max_bytes=4).data == {"a": 1}
    with pytest.raises(YamlFault, match="4 bytes, more than the 3"):
        load(b"a: 1", source="f", max_bytes=3)


def test_positions_are_of_the_value_or_of_its_nearest_parent() -> None:
    text = "é: '🎯'\nlist:\r\n- a\r\n- b: 1   \n  c: {d: [x, 'y']}\nempty:\n"
    document = load(text.encode(), source="f")
    places = {
        (): (1, 1),
        ("é",): (1, 4),
        ("list",): (3, 1),
        ("list", 1): (4, 3),
        ("list", 1, "b"): (4, 6),
        ("list", 1, "c", "d", 1): (5, 14),
        ("list", 1, "c", "d", 2): (5, 10),
        ("list", 1, "missing", "deeper"): (4, 3),
        ("list", "a"): (3, 1),
        ("empty",): (6, 7),
        ("missing",): (1, 1),
    }
    assert {path: document.position(path) for path in places} == places
    assert document.position(("list", 1, "c"), key=True) == (5, 3)


@given(st.binary(max_size=200))
@example(b"a: [")
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(YamlFault):
        load(data, source="f")


_marks = st.sampled_from([*"a1:-?,[]{}#&*!|>'\"%@ \t\n\r", "\n  ", ": ", "- ", "é", "\ufeff", "---\n", "*a", "&a "])


@given(st.lists(_marks))
def test_any_punctuation_is_read_or_refused(marks: list[str]) -> None:
    with suppress(YamlFault):
        load("".join(marks).encode(), source="f")


_text = st.text(st.characters(codec="utf-8", exclude_characters="0123456789"))  # PyYAML leaves '1e5' unquoted
_data = st.dictionaries(
    _text,
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**20), 10**20) | _text,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    ),
    min_size=1,
)


@given(_data, st.booleans())
def test_what_pyyaml_writes_is_read_back(data: dict[str, Any], flow: bool) -> None:
    text = yaml.safe_dump(data, default_flow_style=flow, allow_unicode=False, encoding=None)
    assert read(text) == data

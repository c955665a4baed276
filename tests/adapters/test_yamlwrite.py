"""Values as YAML text: what is written is read alike by readers of YAML 1.1 and 1.2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from mreg.adapters.yaml.nodes import YamlFault
from mreg.adapters.yaml.text import load
from mreg.adapters.yaml.write import Layout, block, inline, key

Reader = Callable[[str], Any]


def _ruamel(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def _mreg(text: str) -> Any:
    return load(text.encode(), source="f").data


YAML_1_1: list[Reader] = [yaml.safe_load, lambda text: yaml.load(text, Loader=yaml.CSafeLoader)]
READERS: list[Reader] = [_mreg, *YAML_1_1]

# Texts around everything that some reader takes for something else.
_odd = st.sampled_from(
    """~ null Null true TRUE no No on off y N yes 1 -1 +1 0 007 0o17 0x1F 0b1 1_000 1e5 1e-4 1E+4 1.5 1. .5 -.5 .inf
    -.INF .nan 1:30 190:20:30 1:30.5 2024-01-01 2001-12-14t21:59:43.10-05:00 = << - -- --- ... ? : # & * ! | > % @ `
    a:b a:b: a: :a ?a -a [ ] { } , a,b a[b] 'a "a a'b a#b a/b ~a http://x/y?z=1 md5:00 1.2.0 v1.2.0 1.10 12e03 +.inf
    00:00 1__0 0x 0o 0o8 e5""".split()  # noqa: SIM905 - a list of these would be unreadable
)
_texts = _odd | st.builds("{} {}".format, _odd, _odd) | st.text(st.characters(codec="utf-8"), max_size=12)


@given(_texts)
@example("no")
@example("1e5")
def test_text_is_read_as_itself_by_every_reader(text: str) -> None:
    block_style, flow_style = f"k: {inline(text, flow=False)}\n", f"{{a: {inline(text, flow=True)}, b: 1}}\n"
    assert all(read(block_style) == {"k": text} for read in (*READERS, _ruamel))
    assert all(read(flow_style) == {"a": text, "b": 1} for read in (*READERS, _ruamel))


@given(_texts)
def test_keys_are_read_as_themselves_by_every_reader(text: str) -> None:
    for written in (f"{key(text, flow=False)}: 1\n", f"{{{key(text, flow=True)}: 1}}\n"):
        assert all(read(written) == {text: 1} for read in READERS)


@given(_texts)
def test_text_is_quoted_only_where_a_reader_would_misread_it(text: str) -> None:
    if inline(text, flow=False) == text or text in ("y", "Y", "n", "N") or "\t" in text:
        return  # y and n are booleans to YAML 1.1, if not to PyYAML; on tabs readers differ
    assert any(_misreads(read, text) for read in READERS)


def _misreads(read: Reader, text: str) -> bool:
    try:
        return bool(read(f"k: {text}\n") != {"k": text} or read(f"{text}: k\n") != {text: "k"})
    except (YamlFault, yaml.YAMLError, ValueError):  # a ValueError of dates such as 2024-99-99
        return True


@given(st.integers(-(10**99), 10**99) | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none())
def test_numbers_keep_their_type_and_every_digit(value: float | None) -> None:
    for read in READERS:
        data = read(f"k: {inline(value, flow=False)}\n")
        assert data == {"k": value}
        assert type(data["k"]) is type(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-05, "1.0e-05"),
        (1e22, "1.0e+22"),
        (0.1, "0.1"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (True, "true"),
        (None, "null"),
        ([], "[]"),
        ({}, "{}"),
        ([1, {"a": "x, y"}], "[1, {a: 'x, y'}]"),
        ("a, b", "a, b"),
        ("one\ntwo\t\x07\u2028", '"one\\ntwo\\t\\u0007\\u2028"'),
    ],
)
def test_inline_values(value: object, text: str) -> None:
    assert inline(value, flow=False) == text


def test_block_values_follow_the_layout() -> None:
    value = {"a": {"b": 1}, "c": [{"d": 1, "e": []}, [2, 3]]}
    assert block(value, Layout(step=4, dash=0, gap=3)) == [
        "a:",
        "    b: 1",
        "c:",
        "-  d: 1",
        "   e: []",
        "-  -  2",
        "   -  3",
    ]


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_a_text_keeps_its_quote(text: str) -> None:
    assert inline(text, flow=False, style='"')[0] == '"'
    single = inline(text, flow=False, style="'")
    assert single[0] == "'" or not text.isprintable()
    assert _mreg(f"k: {single}\n") == {"k": text}

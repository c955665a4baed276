"""Named values, inputs and texts side by side."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mreg.core.annotations import Scalar
from mreg.core.compare.code import FileChange, differing, with_uses
from mreg.core.compare.difference import ABSENT, Difference, value_rows
from mreg.core.compare.environment import Held, compared, paired
from mreg.core.compare.inputs import Input, input_rows
from mreg.core.compare.sections import overall
from mreg.core.compare.wording import Piece, text_rows, word_diff

SAME, CHANGED, MOVED, ADDED, REMOVED, UNKNOWN = Difference

names = st.sampled_from("abcdef")
values = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.5, 1.0, "a", ""])


@pytest.mark.parametrize(
    ("before", "after", "difference"),
    [
        (1, 1, SAME),
        (1, 1.0, SAME),
        (1, True, CHANGED),
        (0, False, CHANGED),
        ("1", 1, CHANGED),
        (None, None, SAME),
        (None, 0, CHANGED),
        (0.1, 0.2, CHANGED),
    ],
)
def test_a_value(before: Scalar, after: Scalar, difference: Difference) -> None:
    (row,) = value_rows([{"x": before}, {"x": after}])
    assert row.changes == (difference,)
    assert row.differs is (difference is not SAME)


def test_values_that_are_not_there() -> None:
    rows = value_rows([{"a": None, "b": 1}, {"c": 2, "b": 1}, {"c": 3}])
    assert [(row.name, row.values, row.changes) for row in rows] == [
        ("a", (None, ABSENT, ABSENT), (REMOVED, REMOVED)),
        ("b", (1, 1, ABSENT), (SAME, REMOVED)),
        ("c", (ABSENT, 2, 3), (ADDED, ADDED)),
    ]


@given(st.lists(st.dictionaries(names, values), min_size=1, max_size=3))
def test_rows_hold_every_value_once(columns: list[dict[str, Scalar]]) -> None:
    rows = value_rows(columns)
    for index, column in enumerate(columns):
        held = {row.name: row.values[index] for row in rows if row.values[index] is not ABSENT}
        assert held == column
    assert not any(row.differs for row in value_rows([columns[0], columns[0]]))


def item(name: str, identity: str | None = None, **more: Any) -> Input:
    return Input(name=name, role=more.pop("role", "input"), identity=identity, **more)


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ([item("a", "md5:1")], [item("a", "md5:1")], {"a": SAME}),
        ([item("a", "md5:1")], [item("a", "md5:2")], {"a": CHANGED}),
        ([item("a", "md5:1")], [item("b", "md5:1")], {"a": MOVED}),
        ([item("a", "md5:1")], [item("b", "md5:2")], {"a": REMOVED, "b": ADDED}),
        ([item("a", "md5:1")], [], {"a": REMOVED}),
        ([], [item("a", "md5:1")], {"a": ADDED}),
        ([item("a")], [item("a")], {"a": UNKNOWN}),
        ([item("a", "md5:1")], [item("a")], {"a": UNKNOWN}),
        ([item("a")], [item("b")], {"a": REMOVED, "b": ADDED}),
        # Hashes of different kinds say nothing about each other, nor does a date beside a hash.
        ([item("a", "md5:1")], [item("a", "sha256:9")], {"a": UNKNOWN}),
        ([item("a", "md5:1")], [item("a", "2026-01-01")], {"a": UNKNOWN}),
        ([item("a", "2026-01-01T10:00")], [item("a", "2026-01-02T10:00")], {"a": CHANGED}),
        # A copy is not a move: the old name is still there.
        ([item("a", "md5:1")], [item("a", "md5:1"), item("b", "md5:1")], {"a": SAME, "b": ADDED}),
        # Two files change places.
        ([item("a", "1"), item("b", "2")], [item("a", "2"), item("b", "1")], {"a": CHANGED, "b": CHANGED}),
        ([item("a", "md5:1"), item("b", "md5:1")], [item("c", "md5:1"), item("d", "md5:1")], {"a": MOVED, "b": MOVED}),
        # A dataset of the card is not an input of the pipeline.
        ([item("a", "1")], [item("b", "1", role="dataset")], {"a": REMOVED, "b": ADDED}),
    ],
)  # fmt: skip
def test_inputs(before: list[Input], after: list[Input], changes: dict[str, Difference]) -> None:
    rows = input_rows([before, after])
    assert {row.name: row.changes[0] for row in rows} == changes
    assert [row.differs for row in rows] == [change is not SAME for change in changes.values()]


def test_a_name_that_comes_twice() -> None:
    """A model that merges two versions of another."""
    rows = input_rows([[item("a", "1"), item("a", "2")], [item("a", "1"), item("a", "3")]])
    assert [row.changes for row in rows] == [(SAME,), (CHANGED,)]


def test_a_name_that_moved_in_one_version_and_stands_beside_the_old_one_in_another() -> None:
    rows = input_rows([[item("a", "md5:1")], [item("b", "md5:1")], [item("a", "md5:1"), item("b", "md5:1")]])
    assert [(row.name, row.changes) for row in rows] == [("a", (MOVED, SAME)), ("b", (SAME, ADDED))]


@given(
    st.lists(st.dictionaries(names, st.none() | st.sampled_from(["md5:1", "md5:2", "md5:3"])), min_size=1, max_size=3)
)
def test_each_input_is_in_one_row(columns: list[dict[str, str | None]]) -> None:
    items = [[item(name, identity) for name, identity in column.items()] for column in columns]
    rows = input_rows(items)
    for index, column in enumerate(items):
        held = [row.inputs[index] for row in rows if row.inputs[index]]
        assert sorted(map(repr, held)) == sorted(map(repr, column))
    known = [[one for one in items[0] if one.identity]] * 2
    assert all(row.changes == (SAME,) for row in input_rows(known))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ([SAME, CHANGED, UNKNOWN], CHANGED),
        ([ADDED], CHANGED),
        ([SAME, UNKNOWN, MOVED], UNKNOWN),
        ([SAME, MOVED], MOVED),
        ([SAME], SAME),
        ([], None),
    ],
)
def test_one_word_for_many(changes: list[Difference], word: Difference | None) -> None:
    assert overall(changes) is word


def test_environment_files() -> None:
    first, second = {"requirements.txt": "1", "Dockerfile": "2"}, {"requirements.txt": "3", "docker/Dockerfile": "2"}
    files = [compared(held, []) for held in paired([first, second])]
    assert [(file.name, file.changes) for file in files] == [("requirements.txt", (CHANGED,)), ("Dockerfile", (MOVED,))]
    held = (Held("a", "1"), Held("a", "2"))
    packages = [{"numpy": "1", "scipy": "2"}, {"numpy": "1", "scipy": "3"}]
    assert [row.name for row in compared(held, packages).packages] == ["scipy"]
    assert compared(held, packages, problem="it is a picture").packages == ()


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("a b c", "a b c", [("same", "a b c")]),
        ("a b c", "a x c", [("same", "a "), ("removed", "b "), ("added", "x "), ("same", "c")]),
        ("leaves", "leaves in May", [("same", "leaves "), ("added", "in May")]),
        ("", "new text", [("added", "new text")]),
        ("old", "", [("removed", "old")]),
        ("a\nb", "a b", [("same", "a b")]),
    ],
)
def test_words(before: str, after: str, pieces: list[tuple[str, str]]) -> None:
    assert [(piece.kind, piece.text) for piece in word_diff(before, after)] == pieces


texts = st.lists(st.sampled_from(["a", "b", "c", " ", "\n"]), max_size=12).map(" ".join)


@given(texts, texts)
def test_the_words_of_both_texts_are_in_a_diff(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    without = {kind: " ".join(piece.text for piece in pieces if piece.kind != kind) for kind in ("added", "removed")}
    assert without["added"].split() == before.split()
    assert without["removed"].split() == after.split()


def test_texts_of_one_word_again_and_again_are_not_compared() -> None:
    before, after = "word " * 200, "word " * 101
    assert word_diff(before, after) == [Piece("removed", before), Piece("added", after)]


def test_fields_of_cards() -> None:
    first = {
        "schema": "mreg/v1",
        "version": "1.0.0",
        "description": "Tells who leaves",
        "intended_use": {"primary": ["Offers", "Planning"], "users": []},
        "risks": [{"risk": "Bias", "harm": "No offer"}],
        "training": {"parameters": {"depth": 3}, "compute": {"hours": 2}},
        "x-audit": True,
    }
    second = {**first, "version": "1.1.0", "description": "Tells  who\nleaves", "intended_use": {"primary": ["Offers"]}}
    rows = text_rows([first, second])
    assert [(row.name, row.texts[0], row.changes) for row in rows] == [
        ("description", "Tells who leaves", (SAME,)),
        ("intended_use.primary", "Offers\nPlanning", (CHANGED,)),
        ("risks", "risk: Bias; harm: No offer", (SAME,)),
        ("x-audit", "true", (SAME,)),
        ("training.compute.hours", "2", (SAME,)),
    ]
    assert rows[1].pieces(1) == [Piece("same", "Offers"), Piece("removed", "Planning")]
    assert [row.changes for row in text_rows([{}, {"description": "x"}])] == [(ADDED,)]


def test_files_that_the_pipeline_uses_no_more() -> None:
    before, after = {"a.py": "1", "src": "2", "b.py": "3"}, {"a.py": "9", "c.py": "4"}
    assert differing(before, after) == ["a.py", "src", "b.py", "c.py"]
    touched = (FileChange(path="a.py", change=CHANGED, added=1), FileChange(path="src/x.py", change=REMOVED))
    files = with_uses(touched, before, after)
    assert [(file.path, file.change, file.touched) for file in files] == [
        ("a.py", CHANGED, True),
        ("src/x.py", REMOVED, True),
        ("b.py", REMOVED, False),
        ("c.py", ADDED, False),
    ]

"""Metrics side by side, and the sentence about them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mreg.core.compare.code import Between, CodeChange, FileChange
from mreg.core.compare.difference import Difference, ValueRow, value_rows
from mreg.core.compare.environment import EnvironmentFile, Held
from mreg.core.compare.inputs import Input, InputRow, input_rows
from mreg.core.compare.metrics import Judgement, known_direction, metric_rows, short_names
from mreg.core.compare.sections import Sections
from mreg.core.compare.verdict import signed, verdict
from mreg.core.metrics import score
from mreg.core.policy import Direction, MetricRule, Policy
from mreg.core.summary import Bounds, Measure

POLICY = Policy(metrics={"odd": MetricRule(direction="min"), "weighed": MetricRule(weight=1)})
BETTER, WORSE, EQUAL, UNJUDGED = Judgement


def m(metric: str, value: float, **more: Any) -> Measure:
    return Measure(metric=metric, value=value, **more)


@pytest.mark.parametrize(
    ("metric", "direction"),
    [
        ("f1", "max"),
        ("val_loss", "min"),
        ("latency.p95", "min"),
        ("accuracy.of_it", "max"),
        ("neg_log_loss", "max"),
        ("odd", "min"),
        ("weighed", None),
        ("wobble", None),
        ("a.b:c", None),
        ("", None),
    ],
)
def test_directions_that_are_known(metric: str, direction: Direction | None) -> None:
    assert known_direction(metric, POLICY) == direction


@pytest.mark.parametrize(
    ("first", "other", "delta", "judgement", "overlap"),
    [
        (m("f1", 0.5), m("f1", 0.75), 0.25, BETTER, None),
        (m("f1", 0.5), m("f1", 0.25), -0.25, WORSE, None),
        (m("loss", 0.5), m("loss", 0.25), -0.25, BETTER, None),
        (m("f1", 0.5), m("f1", 0.5), 0, EQUAL, None),
        (m("wobble", 1), m("wobble", 2), 1, UNJUDGED, None),
        (m("wobble", 1), m("wobble", 1), 0, EQUAL, None),
        # The card's word counts more than the name, and one version's word is enough.
        (m("f1", 0.5, direction="min"), m("f1", 0.75), 0.25, WORSE, None),
        (m("f1", 0.5), m("f1", 0.75, direction="min"), 0.25, WORSE, None),
        (m("f1", 0.5, direction="max"), m("f1", 0.75, direction="min"), 0.25, UNJUDGED, None),
        # Milliseconds and seconds.
        (m("latency", 12, unit="ms"), m("latency", 1, unit="s"), None, UNJUDGED, None),
        (m("latency", 12, unit="ms"), m("latency", 13), 1, WORSE, None),
        (m("f1", 0.5, ci=Bounds(0.4, 0.6)), m("f1", 0.75, ci=Bounds(0.6, 0.8)), 0.25, BETTER, True),
        (m("f1", 0.5, ci=Bounds(0.4, 0.6)), m("f1", 0.75, ci=Bounds(0.61, 0.8)), 0.25, BETTER, False),
        (m("f1", 0.75, ci=Bounds(0.7, 0.8)), m("f1", 0.5, ci=Bounds(0.4, 0.6)), -0.25, WORSE, False),
        (m("f1", 0.5, ci=Bounds(0.4, 0.6)), m("f1", 0.75), 0.25, BETTER, None),
        (m("f1", -1.7e308), m("f1", 1.7e308), None, BETTER, None),
    ],
)
def test_shifts(
    first: Measure, other: Measure, delta: float | None, judgement: Judgement, overlap: bool | None
) -> None:
    (row,) = metric_rows([[first], [other]], POLICY)
    (shift,) = row.shifts
    assert shift is not None
    assert (shift.delta, shift.judgement, shift.overlap) == (delta, judgement, overlap)


def test_what_belongs_into_one_row() -> None:
    first = [m("f1", 1, dataset="a", split="test"), m("f1", 2, dataset="b"), m("f1", 3, slice={"age": 1}), m("auc", 4)]
    other = [m("auc", 5), m("f1", 6, dataset="b"), m("f1", 7, slice={"age": 2}), m("loss", 8)]
    rows = metric_rows([first, other], POLICY)
    told = [(row.name, [measure and measure.value for measure in row.measures]) for row in rows]
    assert told == [
        ("f1 (a, test)", [1, None]),
        ("f1 (b)", [2, 6]),
        ("f1 [age=1]", [3, None]),
        ("auc", [4, 5]),
        ("f1 [age=2]", [None, 7]),
        ("loss", [None, 8]),
    ]
    assert short_names(rows[:2]) == ["f1 (a, test)", "f1 (b)"]
    assert short_names(rows[1:]) == ["f1", "f1 [age=1]", "auc", "f1 [age=2]", "loss"]


def test_a_dataset_that_one_version_leaves_unsaid() -> None:
    said, unsaid = [m("f1", 1, dataset="holdout", split="test")], [m("f1", 2)]
    for columns in ([said, unsaid], [unsaid, said], [said, [m("f1", 2, dataset="holdout")]]):
        (row,) = metric_rows(columns, POLICY)
        assert row.name == "f1 (holdout, test)"
    both = [m("f1", 1, dataset="a"), m("f1", 2, dataset="b")]
    assert len(metric_rows([both, unsaid], POLICY)) == 3  # which of both it was is not known
    assert len(metric_rows([unsaid, both], POLICY)) == 3
    assert len(metric_rows([[m("f1", 1, dataset="a")], [m("f1", 2, dataset="b")]], POLICY)) == 2
    (one, two) = metric_rows([said, unsaid, [m("f1", 3, dataset="other")]], POLICY)
    assert [bool(measure) for measure in one.measures] == [True, True, False]
    assert [bool(measure) for measure in two.measures] == [False, False, True]


def test_the_first_of_equal_measures_counts() -> None:
    (row,) = metric_rows([[m("f1", 1), m("f1", 2)], [m("f1", 3)]], POLICY)
    assert [measure and measure.value for measure in row.measures] == [1, 3]


measures = st.lists(
    st.builds(
        m,
        st.sampled_from(["f1", "loss", "wobble"]),
        st.integers(-3, 3).map(float),
        dataset=st.sampled_from([None, "a", "b"]),
        slice=st.sampled_from([{}, {"age": 1}]),
    ),
    max_size=4,
)


@given(measures, measures)
def test_the_other_way_round_is_the_opposite(first: list[Measure], other: list[Measure]) -> None:
    opposite = {BETTER: WORSE, WORSE: BETTER, EQUAL: EQUAL, UNJUDGED: UNJUDGED}
    there, back = (metric_rows(pair, POLICY) for pair in ((first, other), (other, first)))
    by_measures = {tuple(map(id, reversed(row.measures))): row.shifts[0] for row in back}
    for row in there:
        shift, reverse = row.shifts[0], by_measures[tuple(map(id, row.measures))]
        assert (shift is None) is (reverse is None)
        if shift and reverse and shift.delta is not None and reverse.delta is not None:
            assert shift.delta == -reverse.delta
            assert shift.judgement is opposite[reverse.judgement]


@given(measures)
def test_nothing_differs_from_itself(column: list[Measure]) -> None:
    for row in metric_rows([column, column], POLICY):
        assert row.shifts[0]
        assert row.shifts[0].judgement is EQUAL


@pytest.mark.parametrize(
    ("delta", "text"), [(0.021000000000000019, "+0.021"), (-4, "-4"), (0, "0"), (1e16, "+1e+16"), (-1e-9, "-1e-09")]
)
def test_signs(delta: float, text: str) -> None:
    assert signed(float(delta)) == text


def judged(first: list[Measure], other: list[Measure]) -> str:
    return verdict(["v1", "v2"], 1, Sections(metrics=metric_rows([first, other], POLICY)))


WIDE, NARROW = Bounds(0, 1), Bounds(0.5, 0.6)


@pytest.mark.parametrize(
    ("first", "other", "sentence"),
    [
        ([m("f1", 0.5)], [m("f1", 0.75)], "v2 is better than v1 on f1 +0.25"),
        ([m("f1", 0.5)], [m("f1", 0.25)], "v2 is worse than v1 on f1 -0.25"),
        ([m("f1", 0.5)], [m("f1", 0.5)], "v2 is equal to v1 on f1"),
        ([m("wobble", 1)], [m("wobble", 3)], "v2 differs from v1, not judged: wobble +2"),
        (
            [m("f1", 0.5, ci=WIDE)],
            [m("f1", 0.75, ci=NARROW)],
            "v2 is better than v1 on f1 +0.25, but the intervals overlap",
        ),
        # An overlap is worth a word only where there is a difference.
        ([m("f1", 0.5, ci=WIDE)], [m("f1", 0.5, ci=NARROW)], "v2 is equal to v1 on f1"),
        (
            [m("f1", 0.5), m("auc", 0.5), m("r2", 0.5), m("latency", 12)],
            [m("f1", 0.75), m("auc", 0.625), m("r2", 0.75), m("latency", 16)],
            "v2 is better than v1 on 3 of 4 metrics (f1 +0.25, auc +0.125, r2 +0.25), worse on latency +4",
        ),
        (
            [m("f1", 0.5), m("auc", 0.5, ci=WIDE), m("loss", 1)],
            [m("f1", 0.75), m("auc", 0.75, ci=NARROW), m("loss", 0.5)],
            "v2 is better than v1 on all 3 metrics (f1 +0.25, auc +0.25, loss -0.5), but the intervals of auc overlap",
        ),
        (
            [m("f1", 0.5), m("loss", 1), m("mse", 1)],
            [m("f1", 0.75), m("loss", 2), m("mse", 3)],
            "v2 is worse than v1 on 2 of 3 metrics (loss +1, mse +2), better on f1 +0.25",
        ),
        (
            [m("f1", 0.5), m("loss", 1), m("auc", 0.5)],
            [m("f1", 0.75), m("loss", 2), m("auc", 0.5)],
            "v2 is better than v1 on 1 of 3 metrics (f1 +0.25), worse on loss +1, equal on auc",
        ),
        (
            [m(f"f1_{i}", 0.5) for i in range(5)],
            [m(f"f1_{i}", 0.75) for i in range(5)],
            "v2 is better than v1 on all 5 metrics (f1_0 +0.25, f1_1 +0.25, f1_2 +0.25, …)",
        ),
        ([m("f1", 1), m("loss", 1)], [m("f1", 1), m("loss", 1)], "v2 is equal to v1 on both metrics (f1, loss)"),
        ([m("f1", 1)], [m("auc", 1)], "v2 and v1 have no metric in common; v2 has no f1; v1 had no auc"),
        (
            [m("f1", 1), m("auc", 1)],
            [m("f1", 1), m("r2", 1), m("mcc", 1)],
            "v2 is equal to v1 on f1; v2 has no auc; v1 had no r2 or mcc",
        ),
        ([], [m("f1", 1)], "v2 and v1 have no metric in common; v1 had no f1"),
        ([], [], "neither v1 nor v2 has a metric"),
        ([m("latency", 1, unit="s")], [m("latency", 9, unit="ms")], "v2 differs from v1, not judged: latency"),
        (
            [m("f1", 0.5), m("f1", 0.5, slice={"age": "18-25"}), m("f1", 0.5, slice={"age": "26-"})],
            [m("f1", 0.75), m("f1", 0.25, slice={"age": "18-25"}), m("f1", 0.75, slice={"age": "26-"})],
            "v2 is better than v1 on f1 +0.25; worse on 1 of 2 slices (f1 [age=18-25] -0.25)",
        ),
    ],
)
def test_what_metrics_say(first: list[Measure], other: list[Measure], sentence: str) -> None:
    assert judged(first, other) == sentence


def one(identity: str | None, name: str = "data.csv", role: Any = "input") -> Input:
    return Input(name=name, role=role, identity=identity)


def code(**more: Any) -> tuple[CodeChange, ...]:
    return (CodeChange(**{"between": Between(ahead=3), **more}),)


FILE = FileChange(path="train.py", change=Difference.CHANGED)
PACKAGES = (ValueRow("numpy", ("1", "2")), ValueRow("scipy", ("1", "1.1")))


@pytest.mark.parametrize(
    ("sections", "sentence"),
    [
        ({"data": input_rows([[one("1")], [one("2")]])}, "data changed"),
        ({"data": input_rows([[one("1")], [one("1")]])}, "same data"),
        ({"data": input_rows([[one("1")], [one("1", "new.csv")]])}, "data moved, its content is the same"),
        ({"data": input_rows([[one(None)], [one(None)]])}, "whether the data changed is not known"),
        ({"data": ()}, "data not recorded"),
        (
            {"data": input_rows([[one("v1", "base", "base model")], [one("v2", "base", "base model")]])},
            "data not recorded; base model changed",
        ),
        ({"artifacts": (InputRow((one("1"), one("1"))),)}, "the artifact is the same"),
        ({"artifacts": (InputRow((one("1"), one("2"))),)}, "no difference in what was asked for"),
        ({"params": value_rows([{"a": 1, "b": 2}, {"a": 2}])}, "2 parameters changed"),
        ({"params": value_rows([{"a": 1}, {"a": 2}])}, "1 parameter changed"),
        ({"params": value_rows([{"a": 1}, {"a": 1}])}, "same parameters"),
        ({"params": ()}, "no difference in what was asked for"),
        ({"code": code()}, "code: 3 commits"),
        ({"code": code(between=Between())}, "same commit"),
        ({"code": code(between=Between(ahead=1), files=(FILE,), basis="pipeline")}, "code: 1 commit, 1 file changed"),
        ({"code": code(basis="pipeline")}, "code: 3 commits, the pipeline's files are the same"),
        ({"code": code(basis="card")}, "code: 3 commits"),
        ({"code": code(basis="pipeline", commands=PACKAGES[:1])}, "code: 3 commits, 1 command changed"),
        ({"code": code(between=Between(ahead=2, behind=1))}, "code: 3 commits (1 of them only in v1)"),
        ({"code": code(between=Between(behind=2))}, "code: 2 commits back"),
        (
            {"environment": (EnvironmentFile(held=(Held("a", "1"), Held("a", "2")), packages=PACKAGES),)},
            "environment changed (2 packages)",
        ),
        ({"environment": (EnvironmentFile(held=(Held("a", "1"), Held("a", "2"))),)}, "environment changed"),
        ({"environment": (EnvironmentFile(held=(Held("a", "1"), Held("a", "1"))),)}, "same environment"),
        ({"environment": ()}, "no difference in what was asked for"),
        ({"score": (score({"f1": 0.5}, {"f1": 2}), score({"f1": 0.75}, {"f1": 2}))}, "score 1 → 1.5"),
        ({"score": (score({}, {"f1": 2}), score({"f1": 0.75}, {"f1": 2}))}, "no score: v1 has no f1"),
        ({"score": (score({"f1": 1}, {"f1": 1}), score({}, {"f1": 1, "auc": 1}))}, "no score: v2 has no f1 or auc"),
        ({"score": (score({"f1": 1e308}, {"f1": 9}), score({"f1": 1}, {"f1": 9}))}, "no score"),
        ({"score": ()}, "no score: no metric has a weight"),
    ],
)
def test_what_else_is_said(sections: dict[str, Any], sentence: str) -> None:
    assert verdict(["v1", "v2"], 1, Sections(**sections)) == f"v2 against v1: {sentence}"


def test_one_sentence_of_many_versions() -> None:
    columns = [[m("f1", 0.5)], [m("f1", 0.25)], [m("f1", 0.75)]]
    sections = Sections(metrics=metric_rows(columns, POLICY), params=value_rows([{"a": 1}, {"a": 1}, {"a": 2}]))
    names = ["churn@v1.0.0", "churn@v1.1.0", "other@v1.0.0"]
    assert [verdict(names, index, sections) for index in (1, 2)] == [
        "churn@v1.1.0 is worse than churn@v1.0.0 on f1 -0.25; same parameters",
        "other@v1.0.0 is better than churn@v1.0.0 on f1 +0.25; 1 parameter changed",
    ]


def test_thousands_of_measures_without_a_partner() -> None:
    columns = [[m("f1", 1, slice={"id": number}) for number in numbers] for numbers in (range(3000), range(3000, 6000))]
    rows = metric_rows(columns, POLICY)
    assert len(rows) == 6000

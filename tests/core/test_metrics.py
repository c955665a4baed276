from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mreg.core.metrics import (
    BadAssignment,
    Term,
    combine,
    flatten,
    infer_direction,
    parse_assignment,
    parse_metric,
    score,
)

KEYS = st.text("abé_1", min_size=1, max_size=3)
LEAVES = st.one_of(st.integers(), st.booleans(), st.none(), st.text(max_size=3))
TREES = st.recursive(
    st.dictionaries(KEYS, LEAVES, max_size=4), lambda nested: st.dictionaries(KEYS, nested | LEAVES, max_size=4)
)


def unflatten(flat: dict[str, object]) -> dict[str, object]:
    tree: dict[str, object] = {}
    for name, value in flat.items():
        *folders, leaf = name.split(".")
        node = tree
        for folder in folders:
            node = node.setdefault(folder, {})  # type: ignore[assignment]
        node[leaf] = value
    return tree


def without_empty(tree: dict[str, object]) -> dict[str, object]:
    pruned = {key: without_empty(value) if isinstance(value, dict) else value for key, value in tree.items()}
    return {key: value for key, value in pruned.items() if value != {}}


@given(TREES)
def test_flat_names_tell_the_tree(tree: dict[str, object]) -> None:
    assert unflatten(dict(flatten(tree))) == without_empty(tree)


def test_leaves_keep_their_order_and_type() -> None:
    tree = {"z": 1, "test": {"f1": 0.5, "by": {"region": {"north": True}}}, "a": None, "t": "x"}
    assert list(flatten(tree).items()) == [
        ("z", 1),
        ("test.f1", 0.5),
        ("test.by.region.north", True),
        ("a", None),
        ("t", "x"),
    ]


def test_lists_are_left_out_or_kept_as_text() -> None:
    tree = {"layers": [64, 32], "names": ["ä"], "nested": {"curve": [[0.1, {"x": 1}]]}, "n": 1}
    assert flatten(tree) == {"n": 1}
    assert flatten(tree, lists=True) == {
        "layers": "[64, 32]",
        "names": '["ä"]',
        "nested.curve": '[[0.1, {"x": 1}]]',
        "n": 1,
    }


@pytest.mark.parametrize(
    ("tree", "problem"),
    [
        ({"a.b": 1, "a": {"b": 2}}, "a.b is there twice"),
        ({"": 1}, "an empty key"),
        ({"a": {"b": {"": 1}}}, "an empty key in a.b"),
    ],
)
def test_a_tree_without_distinct_names_is_refused(tree: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        flatten(tree)


def words(text: str) -> list[str]:
    return text.split()


LOWER = words("""
    loss val_loss valLoss train/loss test.loss Loss log_loss logloss LogLoss rmse RMSE test/rmse valRMSE mse mae MAE
    mean_squared_error max_error error-rate ErrorRate err false_positive_rate false-negatives fpr fnr ece brier_score
    latency latency_ms latency.p95 latency-p99 time_per_step train_time inference.time.mean memory_mb peakMemory
    model_size size perplexity eval/perplexity wer cer test.cer duration elapsed_seconds ms_per_token rmse2 mse@10
    top1_error cross_entropy kl_divergence accuracy.loss f1_std energy_kwh top5Error errors_per_second loss.north
""")
HIGHER = words("""
    accuracy acc f1 F1 f1_score roc_auc auc precision recall r2 map map50 mAP50 bleu rouge.l test/f1 val.accuracy
    valAcc throughput samples_per_second tokens_per_sec steps_per_ms neg_log_loss neg_mean_squared_error negLogLoss
    loss.accuracy error_analysis.f1 true_positive_rate n x score likelihood flair timeline glossy
    measured sizeable
""")


@pytest.mark.parametrize("name", LOWER)
def test_these_are_better_when_lower(name: str) -> None:
    assert infer_direction(name) == "min"


@pytest.mark.parametrize("name", HIGHER)
def test_these_are_better_when_higher(name: str) -> None:
    assert infer_direction(name) == "max"


@given(st.text(max_size=30))
def test_every_name_has_a_direction(name: str) -> None:
    assert infer_direction(name) in ("min", "max")


def test_a_score_shows_its_terms() -> None:
    result = score({"f1": 0.9, "rmse": 2.0, "other": 7}, {"f1": 0.7, "rmse": -0.3})
    assert result.terms == (Term("f1", 0.7, 0.9), Term("rmse", -0.3, 2.0))
    assert result.value == pytest.approx(0.03)
    assert result.missing == ()


def test_a_missing_metric_means_no_score() -> None:
    result = score({"f1": 0.9}, {"rmse": -0.3, "f1": 0.7, "auc": 1})
    assert (result.value, result.missing) == (None, ("rmse", "auc"))
    assert [term.metric for term in result.terms] == ["f1"]


@pytest.mark.parametrize(
    ("values", "weights"),
    [
        ({"f1": 1.0}, {}),
        ({"a": 1e308}, {"a": 10.0}),
        ({"a": 1e308, "b": 1e308}, {"a": 1.0, "b": 1.0}),
        ({"a": 1e308, "b": 1e308}, {"a": 10.0, "b": -10.0}),
    ],
)
def test_nothing_weighed_or_too_large_is_no_score(values: dict[str, float], weights: dict[str, float]) -> None:
    assert score(values, weights).value is None


NUMBERS = st.floats(-1e6, 1e6)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=8), st.randoms())
def test_the_order_of_the_weights_does_not_change_a_score(pairs: list[tuple[float, float]], random: object) -> None:
    names = [f"m{index}" for index in range(len(pairs))]
    values = dict(zip(names, (value for value, _ in pairs), strict=True))
    weights = list(zip(names, (weight for _, weight in pairs), strict=True))
    expected = score(values, dict(weights)).value
    random.shuffle(weights)  # type: ignore[attr-defined]
    assert score(values, dict(weights)).value == expected
    exact = float(sum((Fraction(weight * value) for value, weight in pairs), Fraction()))
    assert expected == exact


def test_files_are_combined_and_equal_names_told_apart() -> None:
    files = {"train": {"f1": 1, "n": 5}, "test": {"f1": 2}, "speed": {"ms": 3}}
    assert combine(files) == {"train.f1": 1, "n": 5, "test.f1": 2, "ms": 3}
    with pytest.raises(ValueError, match=r"a\.f1 is there twice"):
        combine({"a": {"f1": 1, "a.f1": 2}, "b": {"f1": 3}})


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a=1", ("a", "1")), ("a=b=c", ("a", "b=c")), ("a=", ("a", "")), (" a b = c ", ("a b", "c")), ("ä=ö", ("ä", "ö"))],
)
def test_assignments(text: str, expected: tuple[str, str]) -> None:
    assert parse_assignment(text) == expected


@pytest.mark.parametrize("text", ["", "a", "=1", " =1", "a:1"])
def test_no_assignments(text: str) -> None:
    with pytest.raises(BadAssignment) as caught:
        parse_assignment(text)
    assert caught.value.exit_code == 2
    assert repr(text) in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("m=1", 1),
        ("m=-3", -3),
        ("m=+4", 4),
        ("m=0.5", 0.5),
        ("m=.5", 0.5),
        ("m=2.", 2.0),
        ("m=1e-4", 1e-4),
        ("m=1E3", 1e3),
    ],
)
def test_metrics_are_numbers(text: str, number: float) -> None:
    name, value = parse_metric(text)
    assert (name, value, type(value)) == ("m", number, type(number))


@pytest.mark.parametrize(
    "value",
    ["", "x", "nan", "NaN", "inf", "-inf", ".inf", "1e999", "9" * 400, "1_000", "0x10", "1,5", "true", "null", "½"],
)
def test_metrics_that_are_no_finite_numbers(value: str) -> None:
    with pytest.raises(BadAssignment) as caught:
        parse_metric(f"m={value}")
    assert repr(f"m={value}") in str(caught.value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_can_be_given(value: float) -> None:
    assert parse_metric(f"m={value!r}") == ("m", value)
    assert math.isfinite(parse_metric(f"m={value!r}")[1])

"""What is taken from a card, and that whatever a card holds, something is."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mreg.core.summary import (
    BaseModel,
    Bounds,
    CardSummary,
    DatasetUse,
    Measure,
    TrackedRun,
    TrainingCode,
    as_measure,
    summarize,
)

CARD: dict[str, Any] = {
    "name": "churn",
    "version": "1.2.0",
    "description": "Tells who leaves",
    "artifact": {"path": "m.pkl", "format": "pickle", "framework": "scikit-learn"},
    "tags": ["nlp", 3, "text"],
    "training": {
        "datasets": [
            {"name": "raw", "path": "data/raw.csv", "revision": "md5:00"},
            {"name": "web", "uri": "https://example.com"},
            {"license": "MIT"},
            "data",
        ],
        "undisclosed": "a contract",
        "parameters": {"lr": 0.1, "deep": True, "none": None, "name": "x", "list": [1]},
        "code": {"commit": "abc", "clean": False},
        "run": {"tracker": "mlflow", "id": "7", "url": "https://example.com/7"},
    },
    "evaluations": [
        {
            "metric": "f1",
            "value": 0.93,
            "direction": "max",
            "dataset": "holdout",
            "split": "test",
            "slice": {"region": "eu"},
            "unit": "%",
            "ci": {"lower": 0.9, "upper": 0.95, "level": 0.95},
            "n": 100,
            "source": "metrics.json",
        },
        {"metric": "loss", "value": 1},
        {"metric": "text", "value": "high"},
    ],
    "base_models": [{"ref": "hf:bert@1", "relation": "finetune"}, {"ref": "churn@v1.0.0"}, {"relation": "merge"}],
}


def test_a_whole_card() -> None:
    assert summarize(CARD) == CardSummary(
        name="churn",
        version="1.2.0",
        path="m.pkl",
        format="pickle",
        framework="scikit-learn",
        description="Tells who leaves",
        evaluations=(
            Measure(
                metric="f1",
                value=0.93,
                direction="max",
                dataset="holdout",
                split="test",
                slice={"region": "eu"},
                unit="%",
                ci=Bounds(0.9, 0.95, 0.95),
                n=100,
                source="metrics.json",
            ),
            Measure(metric="loss", value=1.0),
        ),
        parameters={"lr": 0.1, "deep": True, "none": None, "name": "x"},
        tags=("nlp", "text"),
        datasets=(
            DatasetUse(name="raw", path="data/raw.csv", uri=None, revision="md5:00"),
            DatasetUse(name="web", path=None, uri="https://example.com", revision=None),
        ),
        undisclosed="a contract",
        base_models=(BaseModel("hf:bert@1", "finetune"), BaseModel("churn@v1.0.0", None)),
        code=TrainingCode("abc", False),
        run=TrackedRun("mlflow", "7", "https://example.com/7"),
    )
    assert [use.label for use in summarize(CARD).datasets] == ["data/raw.csv", "https://example.com"]


def test_an_empty_card() -> None:
    assert summarize({}) == CardSummary()


@pytest.mark.parametrize("value", ["0.9", None, True, [], {}, math.nan, math.inf, -math.inf, 10**400])
def test_what_is_no_value(value: object) -> None:
    assert as_measure({"metric": "f1", "value": value}) is None


@pytest.mark.parametrize(
    ("ci", "bounds"),
    [
        ({"lower": 1, "upper": 2}, Bounds(1.0, 2.0)),
        ({"lower": 1, "upper": 1, "level": "x"}, Bounds(1.0, 1.0)),
        ({"lower": 2, "upper": 1}, None),
        ({"lower": 1}, None),
        ({"lower": "1", "upper": 2}, None),
        ([1, 2], None),
    ],
)
def test_confidence_intervals(ci: object, bounds: Bounds | None) -> None:
    measure = as_measure({"metric": "f1", "value": 1, "ci": ci})
    assert measure is not None
    assert measure.ci == bounds


@pytest.mark.parametrize(("direction", "known"), [("min", "min"), ("max", "max"), ("up", None), ([], None), ({}, None)])
def test_directions(direction: object, known: str | None) -> None:
    measure = as_measure({"metric": "f1", "value": 1, "direction": direction})
    assert measure is not None
    assert measure.direction == known


@pytest.mark.parametrize(("n", "known"), [(5, 5), (True, None), (5.0, None), ("5", None)])
def test_counts(n: object, known: int | None) -> None:
    measure = as_measure({"metric": "f1", "value": 1, "n": n})
    assert measure is not None
    assert measure.n == known


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def _some_of(value: Any) -> st.SearchStrategy[Any]:
    """What is in the place of a part of a card: the part, with its own parts replaced, or anything."""
    if isinstance(value, dict):
        parts = {key: _some_of(item) for key, item in value.items()}
        return st.fixed_dictionaries({}, optional=parts) | _anything
    if isinstance(value, list):
        return st.lists(st.one_of(*map(_some_of, value)), max_size=3) | _anything
    return st.just(value) | _anything


@given(_some_of(CARD).filter(lambda card: isinstance(card, dict)))
def test_any_card_has_a_summary(card: dict[str, Any]) -> None:
    found = summarize(card)
    assert all(math.isfinite(measure.value) and measure.metric is not None for measure in found.evaluations)
    assert all(use.label for use in found.datasets)
    assert all(base.ref for base in found.base_models)

"""`mreg score`: the sum of weight times metric."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from mreg import Registry, Scores
from mreg.usecases.comparing.scoring import BadWeight, parse_weights
from tests.cli.snapshot import check

if TYPE_CHECKING:
    from tests.cli.projects import Project
    from tests.pipelines import GtoRepository

WEIGHTS = "f1=0.7,log_loss=-0.3"


def test_scores(registry: Project) -> None:
    ran = registry.mreg("score", "cancer", "--weights", WEIGHTS)
    check("score.txt", ran.out + ran.err)
    check("score.json", registry.mreg("score", "cancer", "--weights", WEIGHTS, "--json").out)


def test_weights_of_the_project(registry: Project) -> None:
    registry.write(".mreg.yaml", "metrics:\n  f1: {weight: 0.7}\n  log_loss: {weight: -0.3}\n")
    found = registry.data("score", "cancer")
    assert found == registry.data("score", "cancer", "--weights", WEIGHTS)
    listed = {row["version"]: row["score"] for row in registry.data("ls", "cancer", "--all")["versions"]}
    assert {row["version"]: row["score"] for row in found["versions"]}.items() <= listed.items()
    assert registry.data("score", "cancer", "--weights", "f1=1")["weights"] == {"f1": 1}


def test_a_metric_that_is_missing(registry: Project) -> None:
    measured = ("--metric", "f1=0.99", "--metric", "auc=1")
    registry.mreg("register", "cancer", "model.joblib", "--version", "2.0.0", *measured)
    weights = ("--weights", "f1=1,auc=-0.5")
    ran = registry.mreg("score", "cancer", *weights)
    check("score-missing.txt", ran.out + ran.err)
    ran = registry.mreg("score", "cancer", *weights, "--missing", "zero")
    check("score-missing-zero.txt", ran.out + ran.err)


def test_a_metric_that_no_version_has(registry: Project) -> None:
    ran = registry.mreg("score", "cancer", "--weights", "f1=1,log_los=1")
    assert "note: no version has log_los; did you mean log_loss?\n" in ran.err
    rows = registry.data("score", "cancer", "--weights", "nothing=1")["versions"]
    assert [row["score"]["value"] for row in rows] == [None, None, None]


def test_of_a_pipeline_without_cards(gto_repository: GtoRepository) -> None:
    found = gto_repository.project.data("score", "churn", "--weights", "f1=1,log_loss=-1")["versions"]
    facts = gto_repository.facts
    expected = {
        version: facts[f"churn@v{version}"].metrics["f1"] - facts[f"churn@v{version}"].metrics["log_loss"]
        for version in ("0.1.0", "0.2.0", "0.3.0")
    }
    assert {row["version"]: pytest.approx(row["score"]["value"]) for row in found} == expected
    assert [row["version"] for row in found] == sorted(expected, key=lambda version: -expected[version])


ERRORS: list[tuple[tuple[str, ...], int]] = [
    (("cancer",), 2),
    (("cancre", "--weights", "f1=1"), 1),
    (("cancer@v1.0.0", "--weights", "f1=1"), 2),
    (("cancer", "--weights", ""), 2),
    (("cancer", "--weights", "f1"), 2),
    (("cancer", "--weights", "f1=1,"), 2),
    (("cancer", "--weights", "f1=high"), 2),
    (("cancer", "--weights", "f1=nan"), 2),
    (("cancer", "--weights", "=1"), 2),
    (("cancer", "--weights", "f1=1,f1=2"), 2),
    (("cancer", "--weights", "f1=1", "--missing", "guess"), 2),
]


def test_what_cannot_be_scored(registry: Project) -> None:
    told = []
    for arguments, code in ERRORS:
        ran = registry.mreg("score", *arguments, code=code)
        assert ran.out == ""
        told.append(f"$ mreg score {shlex.join(arguments)}\n{ran.err}")
    check("score-errors.txt", "".join(told))


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("f1=0.7,latency=-0.3", {"f1": 0.7, "latency": -0.3}),
        (" f1 = 1e-3 , auc=2 ", {"f1": 0.001, "auc": 2}),
        ("f1 (holdout, test)=1,auc=2", {"f1 (holdout, test)": 1, "auc": 2}),
        ("a=b=2", {"a=b": 2}),
    ],
)
def test_weights(text: str, weights: dict[str, float]) -> None:
    assert parse_weights(text) == weights


@pytest.mark.parametrize("text", ["f1=1,", ",f1=1", "f1=1,,auc=1", "f1=1,auc"])
def test_weights_with_too_many_commas(text: str) -> None:
    with pytest.raises(BadWeight):
        parse_weights(text)


def test_from_python(registry: Project) -> None:
    found = Registry(registry.root).score("cancer", weights={"f1": 0.7, "log_loss": -0.3})
    assert isinstance(found, Scores)
    frame = found.to_pandas()
    assert list(frame.columns) == ["version", "stage", "score", "f1", "log_loss"]
    assert list(frame.version) == ["1.1.0", "1.0.0", "2.0.0-rc.1"]
    with pytest.raises(BadWeight):
        Registry(registry.root).score("cancer", weights={"f1": float("nan")})

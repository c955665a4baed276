"""One version after the other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mreg.core.compare.difference import Difference
from mreg.core.compare.inputs import artifact_of, inputs_of
from mreg.core.compare.sketch import Sketch
from mreg.core.compare.trend import TrendRow, best, directions, trend_rows
from mreg.core.dossier import Dossier
from mreg.core.pointer import Pointer
from mreg.core.policy import MetricRule, Policy
from mreg.core.provenance import File, Origin, Provenance, Source, Step
from tests.core.strategies import Author

SAME, CHANGED, MOVED, ADDED, REMOVED, UNKNOWN = Difference


def dossiers(*papers: dict[str, Any]) -> list[Dossier]:
    """A version for each, with a card of these keys, or a provenance."""
    author = Author()
    for number in range(len(papers)):
        author.register(f"1.{number}.0")
    states = author.state.versions.values()
    return [Dossier(state=state, **paper) for state, paper in zip(states, papers, strict=True)]


def sketches(*papers: dict[str, Any]) -> list[Sketch]:
    """The same as sketches, by way of the cache's JSON."""
    return [Sketch.unpack(json.loads(json.dumps(Sketch.of(dossier).pack()))) for dossier in dossiers(*papers)]


def rows_of(*papers: dict[str, Any]) -> tuple[TrendRow, ...]:
    return trend_rows([dossier.state for dossier in dossiers(*papers)], sketches(*papers))


def card(f1: float | None = None, *, direction: str = "", **training: Any) -> dict[str, Any]:
    evaluation = {"metric": "f1", "value": f1} | ({"direction": direction} if direction else {})
    return {"card": {"evaluations": [] if f1 is None else [evaluation], "training": training}}


def step(command: str, *deps: File, name: str = "train", outs: tuple[str, ...] = ("model.pkl",), **more: Any) -> Step:
    return Step(pipeline="dvc.yaml", name=name, command=command, deps=deps, outs=tuple(map(File, outs)), **more)


def ran(command: str = "python train.py", data: str | None = "md5:1", code: str = "1") -> dict[str, Any]:
    deps = (File("data.csv", data), File("train.py", f"md5:{code}"))
    return {"provenance": Provenance(steps=(step(command, *deps),), code={"train.py": code})}


@pytest.mark.parametrize(
    ("before", "after", "differences"),
    [
        (ran(), ran(), (SAME, None, SAME)),
        (ran(), ran(data="md5:2"), (CHANGED, None, SAME)),
        (ran(), ran(data=None), (UNKNOWN, None, SAME)),
        (ran(), ran(code="2"), (SAME, None, CHANGED)),
        (ran(), ran("python -O train.py"), (SAME, None, CHANGED)),
        (ran(), {}, (CHANGED, None, UNKNOWN)),
        (card(), card(), (None, None, UNKNOWN)),
        (card(parameters={"depth": 1}), card(parameters={"depth": 2}), (None, CHANGED, UNKNOWN)),
        (card(code={"commit": "a", "clean": True}), card(code={"commit": "a", "clean": True}), (None, None, SAME)),
        (card(code={"commit": "a"}), card(code={"commit": "a"}), (None, None, UNKNOWN)),
        (card(code={"commit": "a", "clean": True}), card(code={"commit": "b", "clean": True}), (None, None, UNKNOWN)),
    ],
)
def test_what_changed(
    before: dict[str, Any], after: dict[str, Any], differences: tuple[Difference | None, ...]
) -> None:
    first, second = rows_of(before, after)
    assert (first.data, first.params, first.code) == (None, None, None)
    assert (second.data, second.params, second.code) == differences


def test_no_versions() -> None:
    assert rows_of() == ()


def test_the_best_value() -> None:
    rows = rows_of(card(0.5), card(0.75), card(), card(0.75))
    assert [row.metrics.get("f1") for row in rows] == [0.5, 0.75, None, 0.75]
    assert (best(rows, "f1", "max"), best(rows, "f1", "min"), best(rows, "f1", None)) == (0.75, 0.5, None)
    assert best(rows[1:3], "f1", "max") is None  # of one value nothing is the best
    assert best(rows, "auc", "max") is None


def test_directions_of_a_trend() -> None:
    policy = Policy(metrics={"wobble": MetricRule(direction="min")})
    assert directions(sketches(card(1), card(2)), policy) == {"f1": "max"}
    assert directions(sketches(card(1), card(2, direction="min")), policy) == {"f1": "min"}
    assert directions(sketches(card(1, direction="max"), card(2, direction="min")), policy) == {"f1": None}
    several = [{"metric": name, "value": 1, "dataset": where} for name in ("wobble", "odd") for where in ("a", "b")]
    assert directions(sketches({"card": {"evaluations": several}}), policy) == {
        "wobble": "min",
        "wobble (b)": "min",
        "odd": None,
        "odd (b)": None,
    }


def test_what_went_into_a_version() -> None:
    deps = (File("data.csv", "md5:1", 12, None), File("src/x.py", "md5:2"), File("train.py", "md5:3"))
    named = [
        {"path": "data.csv", "revision": "md5:0"},
        {"name": "Events", "uri": "s3://lake/events", "revision": "v7"},
        {"name": "Survey"},
    ]
    bases = [{"ref": "base@v1.0.0"}, {"ref": "hf:acme/base@86b5"}, {"ref": "https://x.org/w#sha256=1f"}, {"ref": "x"}]
    (dossier,) = dossiers(
        {
            "card": {"training": {"datasets": named}, "base_models": bases},
            "provenance": Provenance(
                artifact=Pointer(path="model.pkl", file="dvc.lock", hash_name="md5-dos2unix", hash="4f", size=3),
                steps=(step("train", *deps),),
                # What another step uses, which makes a model of its own from this one.
                checks=(step("tune", File("eu.csv", "md5:4"), File("tune.py", "md5:5"), outs=("tuned",)),),
                sources=(Source("data.csv.dvc", File("data.csv", "md5:1")), Source("eu.csv.dvc", File("eu.csv"))),
                code={"src": "2", "train.py": "3", "tune.py": "5"},
            ),
        }
    )
    told = [(item.role, item.name, item.identity, item.size) for item in inputs_of(dossier)]
    assert told == [
        ("input", "data.csv", "md5:1", 12),
        ("dataset", "s3://lake/events", "v7", None),
        ("dataset", "Survey", None, None),
        ("base model", "base", "v1.0.0", None),
        ("base model", "hf:acme/base", "86b5", None),
        ("base model", "https://x.org/w", "sha256=1f", None),
        ("base model", "x", None, None),
    ]
    artifact = artifact_of(dossier)
    assert artifact
    assert (artifact.name, artifact.identity, artifact.size) == ("model.pkl", "md5:4f", 3)


def test_an_artifact_that_was_imported() -> None:
    pointer = Pointer(path="model.pkl", file="model.pkl.dvc", hash_name="md5", hash="4f", imported=True)
    origin = Origin("https://git.example/models", "out/model.pkl", None, "1f3a")
    source = Source("model.pkl.dvc", File("model.pkl", "md5:4f"), origin)
    (dossier,) = dossiers({"provenance": Provenance(artifact=pointer, sources=(source,))})
    assert [(item.name, item.identity) for item in inputs_of(dossier)] == [
        ("https://git.example/models:out/model.pkl", "1f3a")
    ]


def test_a_sketch_survives_the_cache() -> None:
    named = [{"path": "a.csv", "revision": "md5:1"}, {"name": "b"}]
    told = card(0.5, direction="max", parameters={"depth": 1, "x": None}, datasets=named, code={"commit": "a"})
    (whole,) = dossiers({**told, **ran(), "problems": ("a problem",)})
    assert Sketch.unpack(json.loads(json.dumps(Sketch.of(whole).pack()))) == Sketch.of(whole)

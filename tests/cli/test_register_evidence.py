"""`mreg register`: metrics, parameters, data and base models, from wherever they come."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.adapters.dvcrepos import dvc
from tests.cli.projects import data, train
from tests.gitrepos import write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.projects import Project


def measured(project: Project, model: str = "cancer") -> dict[str, Any]:
    """The metrics of the card at HEAD."""
    return {entry["metric"]: entry["value"] for entry in project.card(model)["evaluations"]}


def register(project: Project, *options: str | Path) -> None:
    project.mreg("register", "cancer", "model.joblib", *options)


@pytest.fixture
def project(project: Project) -> Project:
    """A project with a model that is not registered yet."""
    project.write("model.joblib", train(3).model)
    return project


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("m.json", '{"test": {"f1": 0.93, "loss": 1}, "curve": [1, 2]}'),
        ("m.yaml", "test:\n  f1: 0.93\n  loss: 1\n"),
        ("m.yml", "test: {f1: 0.93, loss: 1}\n"),
        ("m.toml", "[test]\nf1 = 0.93\nloss = 1\n"),
        ("live/metrics.json", '{"test": {"f1": 0.93, "loss": 1}}'),
    ],
)
def test_metrics_of_every_format(project: Project, file: str, content: str) -> None:
    project.write(file, content)
    named = file.removesuffix("/metrics.json")
    register(project, "--metrics", named)
    assert measured(project) == {"test.f1": 0.93, "test.loss": 1}
    assert {entry["source"] for entry in project.card()["evaluations"]} == {named}


def test_several_files(project: Project) -> None:
    project.write("train.json", '{"f1": 0.99, "seconds": 4}')
    project.write("test.json", '{"f1": 0.93, "rows": 143}')
    register(project, "--metrics", "train.json", "--metrics", "test.json")
    assert measured(project) == {"train.f1": 0.99, "seconds": 4, "test.f1": 0.93, "rows": 143}


@pytest.mark.parametrize("names", [("a/m.json", "b/m.json"), ("m.json", "m.yaml")])
def test_several_files_of_one_name(project: Project, names: tuple[str, str]) -> None:
    for name in names:
        project.write(name, '{"f1": 0.9}')
    register(project, "--metrics", names[0], "--metrics", names[1])
    expected = {"a.m.f1", "b.m.f1"} if "/" in names[0] else {"m.json.f1", "m.yaml.f1"}
    assert set(measured(project)) == expected


def test_two_files_that_nothing_tells_apart(project: Project, tmp_path: Path) -> None:
    one, other = write(tmp_path / "a" / "m.json", '{"f1": 1}'), write(tmp_path / "b" / "m.json", '{"f1": 2}')
    ran = project.mreg("register", "cancer", "model.joblib", "--metrics", one, "--metrics", other, code=1)
    assert "two files outside the repository are called m.json" in ran.err
    register(project, "--metrics", one, "--metrics", one)
    assert measured(project) == {"f1": 1}


def test_the_command_line_wins(project: Project) -> None:
    project.write("m.json", '{"f1": 0.9, "auc": 0.8}')
    project.write("p.yaml", "depth: 3\nseed: 0\n")
    register(project, "--metrics", "m.json", "--metric", "f1=0.95", "--params", "p.yaml", "--param", "depth=4")
    assert measured(project) == {"f1": 0.95, "auc": 0.8}
    assert project.card()["training"]["parameters"] == {"depth": 4, "seed": 0}
    sources = {entry["metric"]: entry["source"] for entry in project.card()["evaluations"]}
    assert sources == {"f1": "command line", "auc": "m.json"}


def test_directions(project: Project) -> None:
    project.write(".mreg.yaml", "metrics:\n  cost: {direction: max}\n")
    names = ("val_loss", "error", "test.rmse", "mae", "p95_latency_ms", "f1", "roc_auc", "cost", "zorp")
    register(project, *(f"--metric={name}=1" for name in names))
    found = {entry["metric"]: entry["direction"] for entry in project.card()["evaluations"]}
    assert [name for name in names if found[name] == "min"] == [
        *("val_loss", "error", "test.rmse", "mae", "p95_latency_ms")
    ]


def test_params_of_every_kind(project: Project) -> None:
    project.write("p.py", "DEPTH = 3\nclass Model:\n    rate = 1e-4\n")
    project.write("p.toml", "[model]\nseed = 0\nnames = ['a', 'b']\n")
    register(project, "--params", "p.py", "--params", "p.toml", "--param", "fast=true", "--param", "version='1.10'")
    assert project.card()["training"]["parameters"] == {
        "DEPTH": 3,
        "Model.rate": 0.0001,
        "model.seed": 0,
        "model.names": '["a", "b"]',
        "fast": True,
        "version": "1.10",
    }


def test_plain_data(project: Project) -> None:
    project.write("raw/a.csv", "1\n")
    register(project, "--data", "data.csv", "--data", "raw")
    first, second = project.card()["training"]["datasets"]
    assert first == {
        "name": "data.csv",
        "path": "data.csv",
        "revision": f"sha256:{hashlib.sha256(data()).hexdigest()}",
    }
    assert (second["path"], second["revision"][:7]) == ("raw", "sha256:")


def test_data_that_dvc_tracks(project: Project) -> None:
    project.write("big.csv", "1,2,3\n")
    dvc(project.root, "add", "big.csv")
    register(project, "--data", "big.csv")
    (dataset,) = project.card()["training"]["datasets"]
    assert dataset["revision"] == f"md5:{hashlib.md5(b'1,2,3' + bytes([10]), usedforsecurity=False).hexdigest()}"


def test_data_from_outside(project: Project, tmp_path: Path) -> None:
    outside = write(tmp_path / "lake" / "events.csv", "1\n")
    register(project, "--data", outside)
    (dataset,) = project.card()["training"]["datasets"]
    assert dataset["uri"] == outside.resolve().as_uri()
    assert dataset["revision"] == f"sha256:{hashlib.sha256(outside.read_bytes()).hexdigest()}"


def test_base_models(registry: Project) -> None:
    registry.write("child.joblib", train(2).model)
    bases = ("cancer@production", "nlp/sentiment", "hf:google-bert/bert-base-uncased@86b5e09", "s3://lake/base@v3")
    options = (option for base in bases for option in ("--base-model", base))
    registry.mreg("register", "child", "child.joblib", *options)
    assert [entry["ref"] for entry in registry.card("child")["base_models"]] == [
        *("cancer@v1.0.0", "nlp/sentiment@v1.0.0", "hf:google-bert/bert-base-uncased@86b5e09", "s3://lake/base@v3")
    ]


PIPELINE = """\
stages:
  train:
    cmd: python train.py
    deps: [train.py, data.csv]
    params: [depth]
    outs: [model.joblib]
    metrics:
      - scores.json: {cache: false}
"""
TRAIN = """\
import json, pathlib
depth = int(pathlib.Path("params.yaml").read_text().split()[1])
pathlib.Path("model.joblib").write_text(f"a tree of depth {depth}")
pathlib.Path("scores.json").write_text(json.dumps({"f1": round(0.9 + depth / 100, 2)}))
"""


@pytest.fixture
def pipeline(project: Project) -> Project:
    """A project whose model is the output of a pipeline that has run."""
    (project.root / "model.joblib").unlink()
    project.write("params.yaml", "depth: 3\nseed: 0\n")
    project.write("dvc.yaml", PIPELINE)
    project.write("train.py", TRAIN)
    dvc(project.root, "repro")
    project.commit("Train by a pipeline")
    return project


def test_the_output_of_a_pipeline(pipeline: Project) -> None:
    ran = pipeline.mreg("register", "cancer", "model.joblib")
    assert ran.err == ""
    card = pipeline.card()
    assert measured(pipeline) == {"f1": 0.93}
    assert card["evaluations"][0]["source"] == "scores.json"
    assert card["training"]["parameters"] == {"depth": 3, "seed": 0}
    assert card["training"]["code"]["clean"] is True
    assert pipeline.changed() == ["models/cancer/card.yaml"]
    assert not (pipeline.root / "model.joblib.dvc").exists()
    pointer = pipeline.data("resolve", "cancer")["artifact"]
    lock = yaml.safe_load(pipeline.read("dvc.lock"))["stages"]["train"]["outs"]
    assert (pointer["file"], pointer["stage"]) == ("dvc.lock", "train")
    assert pointer["hash"] == next(out["md5"] for out in lock if out["path"] == "model.joblib")


def test_a_pipeline_that_ran_again(pipeline: Project) -> None:
    pipeline.mreg("register", "cancer", "model.joblib")
    pipeline.write("params.yaml", "depth: 4\nseed: 0\n")
    dvc(pipeline.root, "repro")
    pipeline.git("commit", "--quiet", "--all", "--message", "Deeper")
    pipeline.mreg("register", "cancer", "model.joblib")
    assert measured(pipeline) == {"f1": 0.94}
    assert pipeline.mreg("verify", "--deep").code == 0


def test_dvc_lock_enters_the_commit(pipeline: Project) -> None:
    pipeline.write("params.yaml", "depth: 4\nseed: 0\n")
    dvc(pipeline.root, "repro")
    pipeline.mreg("register", "cancer", "model.joblib")
    assert pipeline.changed() == ["dvc.lock", "models/cancer/card.yaml"]
    assert pipeline.mreg("verify").code == 0


def test_what_is_named_counts_alone(pipeline: Project) -> None:
    pipeline.mreg("register", "cancer", "model.joblib", "--metric", "auc=0.5")
    assert measured(pipeline) == {"auc": 0.5}
    assert "parameters" not in pipeline.card()["training"]


def test_an_output_that_is_out_of_date(pipeline: Project) -> None:
    pipeline.write("model.joblib", "by hand")
    ran = pipeline.mreg("register", "cancer", "model.joblib", code=1)
    assert "model.joblib is not as dvc.lock says" in ran.err
    assert "dvc repro" in ran.err
    assert pipeline.tags() == []

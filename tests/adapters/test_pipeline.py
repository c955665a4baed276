"""What a pipeline declares, compared with what `dvc metrics show` and `dvc params show` say of the same repository."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mreg.adapters.dvc.dvcyaml import parse_pipeline
from mreg.adapters.dvc.pipeline import Declared, ParamsFile, declared
from mreg.adapters.git import Git
from mreg.adapters.measurements import read_metrics, read_params
from mreg.adapters.structured import BrokenFile
from mreg.core.metrics import flatten

ENVIRONMENT = {
    **os.environ,
    "DVC_NO_ANALYTICS": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
}


def run(root: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=root, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def dvc(root: Path, *arguments: str) -> str:
    return run(root, sys.executable, "-m", "dvc", *arguments)


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def repository(folder: Path) -> Path:
    root = folder / "repository"
    root.mkdir()
    run(root, "git", "init", "--quiet")
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path)


SHOW = "import json, sys; from dvc.repo import Repo; print(json.dumps(getattr(Repo(), sys.argv[1]).show()))"


def shown(root: Path, what: str) -> dict[str, dict[str, Any]]:
    """File → flat values, as DVC shows them; from Python, because its command line cannot show parameters."""
    (workspace,) = json.loads(run(root, sys.executable, "-c", SHOW, what)).values()
    files = workspace["data"].items()
    return {file: flatten(result["data"], lists=what == "params") for file, result in files if result["data"]}


def metrics_of(root: Path, what: Declared) -> dict[str, dict[str, Any]]:
    return {str(path.relative_to(root)): dict(read_metrics(path)) for path in what.metrics}


def params_of(root: Path, what: Declared) -> dict[str, dict[str, Any]]:
    read = {str(file.path.relative_to(root)): dict(read_params(file.path, keys=file.keys)) for file in what.params}
    return {file: values for file, values in read.items() if values}


TRAIN = """
import json, pathlib, sys
for path, text in zip(sys.argv[1::2], sys.argv[2::2]):
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(path).write_text(text)
"""

LINEAR = """\
vars:
  - hyper.yaml
  - inline: {note: hello}
stages:
  prepare:
    cmd: python write.py data/clean.csv ok eval/data.json '{"rows":7}'
    deps: [write.py]
    params: [prepare.seed]
    outs: [data/clean.csv]
    metrics:
      - eval/data.json: {cache: false}
  train:
    cmd: python write.py models/model.pkl "${inline.note} ${depth}"
    deps: [data/clean.csv]
    params:
      - train.lr
      - hyper.json: [epochs, nested]
      - settings.py: [Train.layers]
      - whole.toml:
    outs: [models/model.pkl]
  evaluate:
    wdir: eval
    cmd: >-
      python ../write.py scores.json '{"test":{"f1":0.9,"curve":[1,2]},"loss":0.25}' cached.yaml 'auc: 0.8'
    deps: [../models/model.pkl]
    metrics:
      - scores.json: {cache: false}
      - cached.yaml
metrics: [extra.toml, live]
params: [more.yaml]
"""

LINEAR_FILES = {
    "write.py": TRAIN,
    "dvc.yaml": LINEAR,
    "params.yaml": "prepare: {seed: 7}\ntrain: {lr: 1e-3, unused: [1, 2]}\nother: text\n",
    "hyper.yaml": "depth: 4\nhidden: 1\n",
    "hyper.json": '{"epochs": 3, "nested": {"a": {"b": 1}}, "left": 2}',
    "settings.py": "class Train:\n    layers = [64, 32]\n    other = 1\n",
    "whole.toml": "x = 1\n[table]\ny = true\n",
    "more.yaml": "m: 1\n",
    "extra.toml": "speed = 5\n",
    "live/metrics.json": '{"step": 2, "train": {"loss": 0.5}}',
    "eval/.keep": "",
}


@pytest.fixture(scope="module")
def linear_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = repository(tmp_path_factory.mktemp("linear"))
    dvc(root, "init", "--quiet")
    write(root, LINEAR_FILES)
    dvc(root, "repro", "--quiet")
    return root


@pytest.fixture
def linear(linear_once: Path, tmp_path: Path) -> Path:
    return shutil.copytree(linear_once, tmp_path / "linear", symlinks=True)


def test_a_pipeline_that_ran_is_read_as_dvc_reads_it(linear: Path) -> None:
    metrics, params = shown(linear, "metrics"), shown(linear, "params")
    for artifact in ("models/model.pkl", "models", "somewhere/else.pkl", None):
        what = declared(Git(linear), artifact)
        assert what.pipeline == "dvc.yaml"
        assert what.skipped == ()
        assert metrics_of(linear, what) == metrics
        assert params_of(linear, what) == params
    assert metrics_of(linear, what)["eval/scores.json"] == {"test.f1": 0.9, "loss": 0.25}
    assert params_of(linear, what)["hyper.yaml"] == {"depth": 4}
    assert params_of(linear, what)["settings.py"] == {"Train.layers": "[64, 32]"}


def test_parameters_are_those_of_the_work_tree(linear: Path) -> None:
    (linear / "params.yaml").write_text("train: {lr: 0.5}\n")
    assert params_of(linear, declared(Git(linear), "models/model.pkl"))["params.yaml"] == {"train.lr": 0.5}


def test_what_is_declared_and_not_there_is_said(linear: Path) -> None:
    (linear / "eval/scores.json").unlink()
    (linear / "whole.toml").unlink()
    what = declared(Git(linear), "models/model.pkl")
    assert set(what.skipped) == {
        "eval/scores.json is declared, but it is not there",
        "whole.toml is declared, but it is not there",
    }
    assert "eval/scores.json" not in metrics_of(linear, what)


LOOP = """\
stages:
  prepare:
    cmd: python write.py data.csv ok
    deps: [write.py]
    outs: [data.csv]
  train:
    foreach: [north, south]
    do:
      cmd: python write.py models/${item}.pkl ${item} metrics/${item}.json '{"loss":0.1}'
      deps: [data.csv]
      params: ["${item}.lr", common.yaml: [seed]]
      outs: ["models/${item}.pkl"]
      metrics: ["metrics/${item}.json": {cache: false}]
  scale:
    matrix:
      size: [s, m]
    cmd: python write.py models/${item.size}.onnx ${item.size} metrics/${item.size}.json '{"size":1}'
    deps: [models/north.pkl]
    outs: ["models/${item.size}.onnx"]
    metrics: ["metrics/${item.size}.json"]
  evaluate:
    cmd: python write.py eval.json '{"f1":0.9}'
    deps: [models]
    metrics: [eval.json: {cache: false}]
"""


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The DVC project is the folder `ml/` of the repository."""
    root = repository(tmp_path_factory.mktemp("loop"))
    ml = root / "ml"
    ml.mkdir()
    dvc(ml, "init", "--subdir", "--quiet")
    write(ml, {"write.py": TRAIN, "dvc.yaml": LOOP, "common.yaml": "seed: 1\nx: 2\n"})
    write(ml, {"params.yaml": "north: {lr: 0.1}\nsouth: {lr: 0.2}\n"})
    dvc(ml, "repro", "--quiet")
    return root


def test_the_stages_of_a_loop_together_are_what_dvc_shows(loop: Path) -> None:
    what = declared(Git(loop), None)
    assert what.skipped == ()
    assert metrics_of(loop / "ml", what) == shown(loop / "ml", "metrics")
    assert params_of(loop / "ml", what) == shown(loop / "ml", "params")


@pytest.mark.parametrize(
    ("artifact", "metrics"),
    [
        ("ml/models/south.pkl", ["south", "eval"]),
        ("ml/models/north.pkl", ["north", "eval"]),  # scale makes other models of it
        ("ml/models/s.onnx", ["north", "s", "eval"]),
        ("ml/data.csv", ["north", "south"]),
    ],
)
def test_the_metrics_of_a_neighbour_are_left_out(loop: Path, artifact: str, metrics: list[str]) -> None:
    what = declared(Git(loop), artifact)
    assert {path.stem for path in what.metrics} == set(metrics)


def test_a_loop_that_never_ran_says_what_is_unknown(root: Path) -> None:
    write(root, {"dvc.yaml": LOOP, "eval.json": "{}"})
    what = declared(Git(root), "models/north.pkl")
    assert [path.name for path in what.metrics] == ["eval.json"]
    assert "metrics/${item}.json in dvc.yaml is a template that dvc.lock does not resolve" in what.skipped


def simple(name: str) -> str:
    return f"stages:\n  t:\n    cmd: x\n    outs: [{name}.pkl]\n    params: [lr]\nmetrics: [m.json]\n"


@pytest.fixture
def monorepo(root: Path) -> Path:
    write(root, {"dvc.yaml": "metrics: [top.json]\n", "top.json": "{}"})
    for folder in ("a", "a/b", "c"):
        name = folder.replace("/", "")
        write(root / folder, {"dvc.yaml": simple(name), "m.json": '{"x": 1}', "params.yaml": "lr: 1\nn: 2\n"})
    write(root, {"d/dvc.yaml": "stages:\n  t:\n    wdir: ../e\n    cmd: x\n    outs: [e.pkl]\n    metrics: [e.json]\n"})
    write(root, {"e/e.json": '{"y": 1}', "broken/dvc.yaml": "stages: [", "ignored/dvc.yaml": simple("top")})
    write(root, {".gitignore": "ignored/\n"})
    run(root, "git", "add", ".")
    return root


@pytest.mark.parametrize(
    ("artifact", "pipeline", "metrics"),
    [
        ("a/a.pkl", "a/dvc.yaml", ["a/m.json"]),
        ("a/b/ab.pkl", "a/b/dvc.yaml", ["a/b/m.json"]),
        ("a/b/untracked.pkl", "a/b/dvc.yaml", ["a/b/m.json"]),
        ("a/x/untracked.pkl", "a/dvc.yaml", ["a/m.json"]),
        ("ab/untracked.pkl", "dvc.yaml", ["top.json"]),
        ("e/e.pkl", "d/dvc.yaml", ["e/e.json"]),
        ("top.pkl", "dvc.yaml", ["top.json"]),
        (None, "dvc.yaml", ["top.json"]),
    ],
)
def test_the_pipeline_that_makes_the_artifact_or_the_nearest(
    monorepo: Path, artifact: str | None, pipeline: str, metrics: list[str]
) -> None:
    what = declared(Git(monorepo), artifact)
    assert what.pipeline == pipeline
    assert [str(path.relative_to(monorepo)) for path in what.metrics] == metrics


def test_the_default_parameters_file_lies_beside_the_pipeline(monorepo: Path) -> None:
    what = declared(Git(monorepo), "a/b/ab.pkl")
    assert what.params == (ParamsFile(monorepo / "a/b/params.yaml", ("lr",)),)


def test_without_a_pipeline_nothing_is_declared(root: Path) -> None:
    assert declared(Git(root), "model.pkl") == Declared()


def test_the_only_pipeline_is_asked_wherever_it_lies(root: Path) -> None:
    write(root, {"dvclive/dvc.yaml": "params: [params.yaml]\nmetrics: [metrics.json]\n"})
    write(root, {"dvclive/metrics.json": '{"loss": 1}', "dvclive/params.yaml": "lr: 1\n"})
    what = declared(Git(root), "models/model.pkl")
    assert metrics_of(root, what) == {"dvclive/metrics.json": {"loss": 1}}
    assert params_of(root, what) == {"dvclive/params.yaml": {"lr": 1}}


def test_files_that_cannot_be_read_are_said(root: Path) -> None:
    write(root, {"dvc.yaml": "metrics: [auc.metric, s3://b/m.json, ../m.json, /m.json, empty]\n"})
    write(root, {"auc.metric": "0.9", "empty/readme.md": ""})
    assert declared(Git(root), None).skipped == (
        "auc.metric is of a format that is not read",
        "s3://b/m.json lies outside the repository",
        "../m.json lies outside the repository",
        "/m.json lies outside the repository",
        "empty is of a format that is not read",
    )


@pytest.mark.parametrize("text", ["stages: [", "stages: [a]", "- a", "stages: {a: x}", "metrics: {a: b}", "a: 1\na: 2"])
def test_a_broken_pipeline_is_named(root: Path, text: str) -> None:
    write(root, {"dvc.yaml": text})
    with pytest.raises(BrokenFile, match=r"^dvc\.yaml: "):
        declared(Git(root), "model.pkl")


def test_an_empty_pipeline_declares_nothing() -> None:
    assert parse_pipeline(b"", "dvc.yaml").stages == ()
    assert parse_pipeline(b"stages:\nmetrics:\n", "dvc.yaml").metrics == ()


def test_a_lock_of_the_old_schema_is_read() -> None:
    text = b"stages:\n  t:\n    foreach: [a]\n    do: {cmd: x, metrics: ['${item}.json']}\n"
    lock = b"t@a:\n  cmd: x\n  outs:\n  - path: a.json\n    md5: 00\n"
    (stage,) = parse_pipeline(text, "sub/dvc.yaml", lock).stages
    assert (stage.name, stage.metrics) == ("t@a", ("sub/a.json",))

"""`mreg lineage` on real DVC pipelines, on a registry without one, and where something is missing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pandas as pd
import pytest
import yaml

from mreg.registry import Registry
from tests.cli.program import run
from tests.cli.snapshot import check
from tests.gitrepos import git

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.projects import Project
    from tests.pipelines import GtoRepository, Pipelines


def shown(text: str, datasets: Path | None = None) -> str:
    """A tree without what differs between machines: sizes of models, and where another repository lies."""
    text = text if datasets is None else text.replace(str(datasets), "<datasets>")
    return re.sub(r" +[\d.]+ k?B\b", lambda found: "<size>".rjust(len(found[0])), text)


@pytest.mark.parametrize("ref", ["churn-eu@v1.0.0", "churn@v1.2.0", "forecast/north"])
def test_a_tree(pipelines: Pipelines, ref: str) -> None:
    ran = pipelines.project.mreg("lineage", ref)
    check(f"lineage-{ref.replace('/', '-').replace('@', '-')}.txt", shown(ran.out, pipelines.datasets))
    assert ran.err == ""


def test_upstream_or_downstream_alone(pipelines: Pipelines) -> None:
    project = pipelines.project
    check("lineage-up.txt", shown(project.mreg("lineage", "churn@v1.2.0", "--up", "--depth", "2").out))
    check("lineage-down.txt", shown(project.mreg("lineage", "churn@v1.2.0", "--down").out))
    both = project.mreg("lineage", "churn@v1.2.0").out
    for options in (("--both",), ("--up", "--down"), ("--both", "--up")):
        assert project.mreg("lineage", "churn@v1.2.0", *options).out == both


def test_a_repository_that_never_saw_mreg(gto_repository: GtoRepository) -> None:
    check("lineage-gto.txt", shown(gto_repository.project.mreg("lineage", "churn@v0.3.0").out))
    # dvc.lock of schema 1.0 has no sizes.
    check("lineage-gto-old.txt", shown(gto_repository.project.mreg("lineage", "churn@v0.1.0", "--up").out))


def test_all_that_dvc_says_went_into_a_model_is_upstream(pipelines: Pipelines) -> None:
    """Stages as `dvc dag` orders them, files with the hashes of dvc.lock."""
    project, fact = pipelines.project, pipelines.facts["churn-eu@v1.1.0"]
    project.git("checkout", "--quiet", fact.ref)
    command = [sys.executable, "-m", "dvc", "dag", "--dot", "finetune"]
    dot = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=True).stdout
    stages = set(re.findall(r'"([\w/.]+)"', dot)) - {"data/raw.csv.dvc", "data/eu.csv.dvc"}
    data = project.data("lineage", fact.ref, "--up")
    steps = {node["name"] for node in data["nodes"] if node["kind"] == "step"}
    assert steps == stages == {"prepare", "featurize", "train", "finetune"}
    files = {node["path"]: node["hash"] for node in data["nodes"] if node["kind"] == "file"}
    assert fact.inputs.items() <= {path: value.removeprefix("md5:") for path, value in files.items()}.items()
    lock = yaml.safe_load(project.read("dvc.lock"))["stages"]
    for name in steps:
        (node,) = (node for node in data["nodes"] if node["kind"] == "step" and node["name"] == name)
        assert node["command"] == lock[name]["cmd"]
        used = {edge["target"] for edge in data["edges"] if edge["kind"] == "used" and edge["source"] == node["id"]}
        assert used == {f"file:md5:{dep['md5']}" for dep in lock[name]["deps"]}


def test_an_import_is_pinned_to_the_commit_that_it_came_from(pipelines: Pipelines) -> None:
    nodes = pipelines.project.data("lineage", "churn-eu@v1.0.0")["nodes"]
    (origin,) = (node for node in nodes if node["kind"] == "external")
    assert (origin["uri"], origin["path"]) == (str(pipelines.datasets), "eu/customers.csv")
    assert (origin["rev"], origin["revision"]) == ("v1", pipelines.imported)


def test_the_commit_is_the_one_of_the_tag_and_git_says_who_made_it(pipelines: Pipelines) -> None:
    project = pipelines.project
    data = project.data("lineage", "churn@v1.2.0", "--up")
    (commit,) = (edge["target"] for edge in data["edges"] if edge["kind"] == "at" and edge["relation"] is None)
    (maker,) = (edge["source"] for edge in data["edges"] if edge["kind"] == "made" and edge["target"] == commit)
    nodes = {node["id"]: node for node in data["nodes"]}
    log = project.git("log", "-1", "--format=%H%n%an%n%ae%n%s", "churn@v1.2.0").splitlines()
    assert [nodes[commit]["commit"], nodes[maker]["name"], nodes[maker]["email"], nodes[commit]["subject"]] == log


def test_a_registry_without_pipelines(registry: Project) -> None:
    check("lineage-no-pipeline.txt", shown(registry.mreg("lineage", "cancer@v1.0.0").out))
    check("lineage-unknown.txt", shown(registry.mreg("lineage", "nlp/sentiment").out))
    check("lineage.json", registry.mreg("lineage", "cancer@v1.1.0", "--json").out)
    assert registry.mreg("lineage", "cancer@v1.1.0", "--format", "json").json["kind"] == "lineage"


def test_what_a_card_declares(project: Project) -> None:
    project.write("base.bin", "weights")
    project.mreg("register", "base", "base.bin")
    project.write("again.bin", "weights")
    project.mreg("register", "base-copy", "again.bin")
    project.write("tuned.bin", "tuned")
    project.write(
        "models/tuned/card.yaml",
        """\
schema: mreg/v1
name: tuned
version: 1.0.0
artifact: {path: tuned.bin}
training:
  datasets:
    - {uri: s3://lake/events, revision: v7}
  run: {tracker: mlflow, id: 4f2a9c, url: 'https://mlflow.example.com/runs/4f2a9c'}
base_models:
  - {ref: base@v1.0.0, relation: finetune}
  - {ref: 'hf:acme/base@86b5e09', relation: adapter}
  - {ref: gone@v2.0.0}
""",
    )
    project.mreg("register", "tuned", "tuned.bin", "--stage", "production")
    check("lineage-card.txt", shown(project.mreg("lineage", "tuned").out))
    check("lineage-base.txt", shown(project.mreg("lineage", "base", "--down").out))


def test_data_that_only_the_card_names_leads_to_where_it_was_imported_from(pipelines: Pipelines) -> None:
    project = pipelines.project
    project.write("by-hand.bin", "weights")
    project.mreg("register", "by-hand", "by-hand.bin", "--data", "data/eu.csv")
    nodes = project.data("lineage", "by-hand")["nodes"]
    (origin,) = (node for node in nodes if node["kind"] == "external")
    assert origin["revision"] == pipelines.imported


def test_as_of_a_date(pipelines: Pipelines) -> None:
    project = pipelines.project
    now = project.data("lineage", "churn@v1.2.0", "--down")
    then = project.data("lineage", "churn@v1.2.0", "--down", "--at", "2026-02-20")
    assert {node["ref"] for node in now["nodes"] if node["kind"] == "version"} == {"churn@v1.2.0", "churn-eu@v1.0.0"}
    assert {node["ref"] for node in then["nodes"] if node["kind"] == "version"} == {"churn@v1.2.0"}
    assert (now["stage"], then["stage"]) == ("production", "none")


def test_a_depth_ends_the_graph(pipelines: Pipelines) -> None:
    data = pipelines.project.data("lineage", "churn@v1.2.0", "--up", "--depth", "1")
    assert "models/churn/model.json" in [node["path"] for node in data["nodes"] if node["kind"] == "file"]
    assert not [node for node in data["nodes"] if node["kind"] == "step"]
    assert pipelines.project.mreg("lineage", "churn", "--depth", "0", code=2).err.startswith("mreg: Invalid value")


def test_a_shallow_clone_says_what_it_lacks(pipelines: Pipelines, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{pipelines.project.root}", "clone")
    git(tmp_path / "clone", "fetch", "--quiet", "--depth", "1", "origin", "tag", "churn@v1.0.0", "--no-tags")
    ran = run("lineage", "churn@v1.0.0", folder=tmp_path / "clone")
    assert "- this clone is shallow, so commits and versions may be missing: git fetch --unshallow --tags" in ran.out


def test_a_bare_repository(pipelines: Pipelines, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(pipelines.project.root), "bare.git")
    here = pipelines.project.mreg("lineage", "churn@v1.2.0").out
    assert run("lineage", "churn@v1.2.0", folder=tmp_path / "bare.git").out == here


def test_errors(pipelines: Pipelines) -> None:
    project = pipelines.project
    assert project.mreg("lineage", "chrun", code=1).err == (
        "mreg: no model chrun is registered here\nhint: did you mean churn or churn-eu?\n"
    )
    assert project.mreg("lineage", "churn@v9.0.0", code=1).err.startswith("mreg: churn has no version, stage or alias")
    assert project.mreg("lineage", "churn", "--format", "svg", code=2).err.startswith("mreg: Invalid value")


def test_the_library(pipelines: Pipelines) -> None:
    found = Registry(pipelines.project.root).lineage("churn-eu@v1.0.0", direction="up")
    frame = found.to_pandas()
    assert isinstance(frame, pd.DataFrame)
    (derived,) = (
        frame[frame["edge"] == "derivedFrom"].loc[lambda rows: rows["target_kind"] == "version"].to_dict("records")
    )
    assert (derived["source_label"], derived["target_label"]) == ("churn-eu@v1.0.0", "churn@v1.2.0")
    assert derived["relation"] == "base model"
    assert found.version.live
    assert json.dumps(found.records())

"""The repository of a team that uses DVC and GTO, and has never heard of mreg."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from tests.gitrepos import copy_repository
from tests.pipelines.churn import GRACE, INPUTS, MODEL, rows
from tests.pipelines.team import Fact, Made, Team

if TYPE_CHECKING:
    from tests.pipelines.churn import Pipelines

ARTIFACTS = f"""\
artifacts:
  churn:
    path: {MODEL}
    type: model
    desc: Tells who is about to leave
    labels:
      - tabular
  customers:
    path: data/raw.csv
    type: dataset
"""


@dataclass(frozen=True, kw_only=True)
class GtoRepository(Made):
    """What GTO tagged:

    - `churn@v0.1.0`: its dvc.lock is of schema 1.0, its objects lie in the cache where DVC 1 put them. `churn#prod#1`.
    - `churn@v0.2.0`: train.C 1.0 → 0.1. `churn#prod#2`.
    - `churn@v0.3.0`: more data; by Grace. `churn#dev#3`.
    - `customers@v1.0.0`: a data set, data/raw.csv, at the commit of churn@v0.3.0; without parameters and metrics.
    - `text=tagger@v1.0.0`: what GTO calls `text:tagger`, the artifact `tagger` of text/dvc.yaml. `text/tagger@v1.0.0`
      is the same with the name that mreg can have; `facts` knows it under this one.

    There is no card, no .mreg.yaml, and no ref of mreg's.
    """

    def copy(self, target: Path) -> GtoRepository:
        return replace(self, project=self.project.copy(target))


def build_gto_repository(first_repository: Path, pipelines: Pipelines, folder: Path) -> GtoRepository:
    """Make it, in about three seconds: what was run for `pipelines` before comes out of DVC's run cache."""
    project = Team(copy_repository(first_repository, folder / "project"))
    project.dvc("init")
    shutil.copytree(pipelines.root / ".dvc" / "cache", project.root / ".dvc" / "cache")
    facts = [_first(project), _second(project), *_third(project), _tagger(project)]
    for stage, version, count in (("prod", "0.1.0", 1), ("prod", "0.2.0", 2), ("dev", "0.3.0", 3)):
        _tag(
            project,
            f"churn#{stage}#{count}",
            f"churn@v{version}",
            f"Assigning stage {stage} to artifact churn version v{version}",
        )
    return GtoRepository(project=project, facts={fact.ref: fact for fact in facts})


def _tag(project: Team, name: str, rev: str, message: str) -> None:
    # As GTO writes it: without a line end.
    project.git("tag", "--annotate", "--cleanup=verbatim", "--file=-", name, f"{rev}^{{commit}}", stdin=message)


def _release(project: Team, artifact: str, version: str) -> str:
    _tag(project, f"{artifact}@v{version}", "HEAD", f"Registering artifact {artifact} version v{version}")
    return project.git("rev-parse", "HEAD")


def _release_churn(project: Team, version: str) -> Fact:
    made = _release(project, "churn", version)
    ref = f"churn@v{version}"
    return project.fact(ref, MODEL, made=made, inputs=INPUTS, params="params.yaml", metrics="metrics.json")


def _first(project: Team) -> Fact:
    project.git("rm", "--quiet", "train.py")
    project.put("src", "params.yaml", "dvc.yaml")
    project.write("dvc.yaml", project.read("dvc.yaml") + ARTIFACTS)
    project.write("data/raw.csv", rows(0, 300))
    project.dvc("add", "data/raw.csv")
    project.dvc("repro")
    project.write("dvc.lock", as_schema_1(project.read("dvc.lock")))
    cache = project.root / ".dvc" / "cache"
    shutil.copytree(cache / "files" / "md5", cache, dirs_exist_ok=True)  # where DVC 1 kept objects
    project.commit("Train a first model")
    return _release_churn(project, "0.1.0")


def as_schema_1(lock: str) -> str:
    """A lock as DVC 1 wrote it: stages at the top, files with path and md5 alone."""
    stages = yaml.safe_load(lock)["stages"]
    for stage in stages.values():
        for key in {"deps", "outs"} & stage.keys():
            stage[key] = [{"path": entry["path"], "md5": entry["md5"]} for entry in stage[key]]
    return yaml.safe_dump(stages, sort_keys=False)


def _second(project: Team) -> Fact:
    project.go_to("2026-02-09")
    project.edit("params.yaml", "C: 1.0", "C: 0.1")
    Path(project.root, "dvc.lock").unlink()  # which today's DVC cannot read
    project.dvc("repro")
    project.commit("Regularize more, with a new DVC")
    return _release_churn(project, "0.2.0")


def _third(project: Team) -> list[Fact]:
    project.go_to("2026-02-16")
    project.person = GRACE
    project.write("data/raw.csv", rows(0, 450))
    project.dvc("add", "data/raw.csv")
    project.dvc("repro")
    made = project.commit("Train on the data of January too")
    churn = _release_churn(project, "0.3.0")
    _release(project, "customers", "1.0.0")
    customers = replace(churn, ref="customers@v1.0.0", path="data/raw.csv", md5=project.md5("data/raw.csv"))
    project.person = ""
    return [churn, replace(customers, made=made, inputs={}, params={}, metrics={})]


def _tagger(project: Team) -> Fact:
    project.go_to("2026-02-23")
    project.put("text")
    project.dvc("repro", "text/dvc.yaml")
    made = project.commit("Tag texts")
    for name in ("text=tagger", "text/tagger"):
        _release(project, name, "1.0.0")
    return project.fact(
        "text/tagger@v1.0.0",
        "text/tagger.json",
        made=made,
        inputs=("text/corpus.txt", "text/learn.py"),
        params="text/params.yaml",
        metrics="text/scores.yaml",
    )

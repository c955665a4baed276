"""`mreg compare` says what DVC says, wherever DVC speaks."""

from __future__ import annotations

import contextlib
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from dvc.repo import Repo

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.projects import Project
    from tests.pipelines import GtoRepository, Pipelines

VERSIONS = ("1.0.0", "1.1.0", "1.2.0", "2.0.0")
PAIRS = list(combinations([f"churn@v{version}" for version in VERSIONS], 2))


def dvc_diff(root: Path, first: str, second: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `dvc metrics diff` and `dvc params diff` print as JSON: file → name → old, new, diff."""
    with contextlib.chdir(root), Repo() as repo:
        metrics, params = repo.metrics.diff(first, second), repo.params.diff(first, second)
    return metrics.get("diff", {}), params.get("diff", {})


def found_metrics(project: Project, first: str, second: str) -> dict[str, Any]:
    rows = project.data("compare", first, second)["metrics"]
    found = {}
    for row in rows:
        old, new = (measure and measure["value"] for measure in row["measures"])
        if old != new:
            found[row["metric"]] = {"old": old, "new": new, "diff": row["shifts"][0]["delta"]}
    return found


def found_params(project: Project, first: str, second: str) -> dict[str, Any]:
    rows = project.data("compare", first, second)["params"]
    return {row["name"]: tuple(row["values"]) for row in rows if row["changes"] != ["same"]}


@pytest.fixture(scope="module")
def pipelines(first_pipelines: Pipelines, tmp_path_factory: pytest.TempPathFactory) -> Pipelines:
    """A copy for all the questions here: none of them changes it."""
    return first_pipelines.copy(tmp_path_factory.mktemp("asked") / "pipelines")


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_metrics_and_parameters(pipelines: Pipelines, first: str, second: str) -> None:
    metrics, params = dvc_diff(pipelines.root, first, second)
    # DVC tells of churn-eu too, which is another model.
    assert found_metrics(pipelines.project, first, second) == metrics.get("metrics.json", {})
    expected = {name: (one["old"], one["new"]) for name, one in params.get("params.yaml", {}).items()}
    expected.pop("finetune.steps", None)
    assert found_params(pipelines.project, first, second) == expected


def test_of_a_repository_without_cards(gto_repository: GtoRepository) -> None:
    first, second = "churn@v0.2.0", "churn@v0.3.0"  # DVC 3 cannot read what is older
    metrics, params = dvc_diff(gto_repository.root, first, second)
    assert metrics["metrics.json"]
    assert found_metrics(gto_repository.project, first, second) == metrics["metrics.json"]
    assert (found_params(gto_repository.project, first, second), params) == ({}, {})


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_data(pipelines: Pipelines, first: str, second: str) -> None:
    with contextlib.chdir(pipelines.root), Repo() as repo:
        diff = repo.diff(first, second)
    modified = {entry["path"] for entry in diff["modified"]}
    found = pipelines.project.data("compare", first, second, "--only", "data")
    changed = {row["name"] for row in (*found["artifact"], *found["data"]) if row["changes"] == ["changed"]}
    told = {row["name"] for row in (*found["artifact"], *found["data"])}
    assert changed == modified & told
    assert "models/churn/model.json" in changed


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_commits_and_code(pipelines: Pipelines, first: str, second: str) -> None:
    git = pipelines.project.git
    (code,) = pipelines.project.data("compare", first, second, "--only", "code")["code"]
    commits = git("log", "--format=%H", f"{first}..{second}").splitlines()
    assert (code["ahead"], code["behind"]) == (len(commits), 0)
    assert [commit["id"] for commit in code["commits"]] == commits[:10]
    own = ["src/model.py", "src/prepare.py", "src/featurize.py", "src/train.py", "src/evaluate.py"]
    stat = git("diff", "--numstat", first, second, "--", *own).splitlines()
    assert [f"{file['added']}\t{file['deleted']}\t{file['path']}" for file in code["files"]] == stat

"""The pipelines that other tests stand on are what they say."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

import pytest
import yaml
from dvc.repo import Repo

from tests.gitrepos import git

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pipelines import Fact, GtoRepository, Pipelines
    from tests.pipelines.team import Made


def status(root: Path) -> object:
    with contextlib.chdir(root), Repo() as repo:
        return repo.status()


def locked(made: Made, fact: Fact, file: str = "dvc.lock") -> dict[str, str]:
    """Path → hash of everything in a lock at a version's commit."""
    document = yaml.safe_load(made.project.git("show", f"{fact.commit}:{file}"))
    stages = document.get("stages", document)
    files = [entry for stage in stages.values() for key in ("deps", "outs") for entry in stage.get(key, ())]
    return {entry["path"]: entry["md5"] for entry in files}


@pytest.mark.parametrize("fixture", ["pipelines", "gto_repository"])
def test_nothing_is_left_to_run_or_to_commit(fixture: str, request: pytest.FixtureRequest) -> None:
    made: Made = request.getfixturevalue(fixture)
    assert status(made.root) == {}
    assert made.project.git("status", "--porcelain") == ""


def test_a_change_is_noticed(pipelines: Pipelines) -> None:
    pipelines.project.edit("params.yaml", "C: 0.1", "C: 0.2")
    assert status(pipelines.root) == {"train": [{"changed deps": {"params.yaml": {"train": "modified"}}}]}


def test_each_version_of_churn_changes_one_thing(pipelines: Pipelines) -> None:
    first, params, data, code = (pipelines.facts[f"churn@v{v}"] for v in ("1.0.0", "1.1.0", "1.2.0", "2.0.0"))
    assert (first.inputs, first.params["train"]["C"]) == (params.inputs, 1.0)
    assert params.params["train"] == {"C": 0.1, "max_iter": 200}
    assert {name for name in data.inputs if data.inputs[name] != params.inputs[name]} == {"data/raw.csv"}
    assert {name for name in code.inputs if code.inputs[name] != data.inputs[name]} == {"src/featurize.py"}
    assert len({fact.md5 for fact in pipelines.facts.values()}) == len(pipelines.facts)
    assert all(0.9 < fact.metrics["f1"] < 1 for fact in (first, params, data, code))


def test_facts_are_what_the_locks_say(pipelines: Pipelines, gto_repository: GtoRepository) -> None:
    for made in (pipelines, gto_repository):
        for ref, fact in made.facts.items():
            if ref.startswith("churn"):
                expected = {fact.path: fact.md5, **fact.inputs}
                assert expected.items() <= locked(made, fact).items()


def test_versions_of_the_pipelines_are_where_they_say(pipelines: Pipelines) -> None:
    for fact in pipelines.facts.values():
        git(pipelines.root, "merge-base", "--is-ancestor", fact.made, fact.commit)
    assert pipelines.project.git("rev-parse", f"{pipelines.merge}^2") == pipelines.facts["churn@v2.0.0"].made
    stages = {row["model"]: row["stages"] for row in pipelines.project.data("ls")}
    assert stages["churn"] == {"archived": ["1.0.0", "1.1.0"], "production": ["1.2.0"], "staging": ["2.0.0"]}
    assert stages["churn-eu"]["production"] == ["1.0.0"]


def test_the_import_is_pinned_to_an_older_revision(pipelines: Pipelines) -> None:
    assert yaml.safe_load(pipelines.project.read("data/eu.csv.dvc"))["deps"] == [
        {
            "path": "eu/customers.csv",
            "repo": {"url": str(pipelines.datasets), "rev": "v1", "rev_lock": pipelines.imported},
        }
    ]
    assert git(pipelines.datasets, "rev-parse", "main") != pipelines.imported


def test_the_loop_in_the_folder_made_two_models(pipelines: Pipelines) -> None:
    north = pipelines.facts["forecast/north@v1.0.0"]
    found = locked(pipelines, north, "forecast/dvc.lock")
    assert (found["north/model.json"], found["data/raw.csv"]) == (north.md5, north.inputs["data/raw.csv"])
    assert pipelines.facts["forecast/south@v1.0.0"].metrics == json.loads(
        pipelines.project.read("forecast/regions/south/metrics.json")
    )


def test_gto_reads_its_tags(gto_repository: GtoRepository) -> None:
    from gto.api import show

    found = show(str(gto_repository.root))
    assert {name: row["version"] for name, row in found.items()} == {
        "churn": "v0.3.0",
        "customers": "v1.0.0",
        "text:tagger": "v1.0.0",
        "text/tagger": "v1.0.0",
    }
    assert found["churn"]["stage"] == {"prod": "v0.2.0", "dev": "v0.3.0"}


@pytest.mark.parametrize("call", ["register", "assign"])
def test_its_tags_are_as_gto_writes_them(gto_repository: GtoRepository, call: str) -> None:
    from gto import api

    root, project = str(gto_repository.root), gto_repository.project
    if call == "register":
        api.register(root, "churn", "HEAD", version="v0.4.0")
        theirs, ours = "churn@v0.4.0", "churn@v0.3.0"
    else:
        api.assign(root, "churn", "dev", version="v0.2.0")
        theirs, ours = "churn#dev#4", "churn#dev#3"

    def message(tag: str) -> str:
        return project.git("for-each-ref", "--format=%(objecttype) %(contents)", f"refs/tags/{tag}")

    expected = message(ours).replace("0.3.0", "0.4.0" if call == "register" else "0.2.0")
    assert message(theirs) == expected


def test_the_first_lock_of_gto_is_of_the_old_schema(gto_repository: GtoRepository) -> None:
    old = yaml.safe_load(gto_repository.project.git("show", "churn@v0.1.0:dvc.lock"))
    assert list(old) == ["prepare", "featurize", "train", "evaluate"]
    assert old["train"]["outs"] == [
        {"path": "models/churn/model.json", "md5": gto_repository.facts["churn@v0.1.0"].md5}
    ]


def test_mreg_never_was_there(gto_repository: GtoRepository) -> None:
    assert not [
        path for path in gto_repository.project.git("ls-files").splitlines() if "mreg" in path or "card" in path
    ]
    assert "mreg" not in gto_repository.project.git("for-each-ref")
    assert not (gto_repository.root / ".git" / "mreg").exists()

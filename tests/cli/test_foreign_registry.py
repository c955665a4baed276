"""A repository that DVC and GTO made and where `mreg init` never ran: mreg reads it as it is."""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from dvc.repo import Repo

from tests.cli.snapshot import check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.pipelines import Fact, GtoRepository, Pipelines, Team


@pytest.fixture
def team(gto_repository: GtoRepository) -> Team:
    return gto_repository.project


REFS = ["churn@v0.1.0", "churn@v0.2.0", "churn@v0.3.0", "text/tagger@v1.0.0"]


@pytest.fixture(params=REFS)
def fact(gto_repository: GtoRepository, request: pytest.FixtureRequest) -> Fact:
    return gto_repository.facts[request.param]


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested parameters by their dotted names."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return found


def test_models_and_versions(team: Team) -> None:
    check("foreign-ls.txt", team.mreg("ls").out)
    check("foreign-ls-churn.txt", team.mreg("ls", "churn").out)
    assert [row["model"] for row in team.data("ls")] == ["churn", "customers", "text/tagger"]
    check("foreign-history.txt", team.mreg("history").out)


def test_a_version(team: Team) -> None:
    ran = team.mreg("show", "churn@v0.3.0")
    check("foreign-show.txt", ran.out)
    assert ran.err == ""


def test_everything_about_each_is_what_the_files_said(team: Team, fact: Fact) -> None:
    shown = team.data("show", fact.ref)
    assert (shown["commit"], shown["card"]) == (fact.commit, None)
    assert (shown["artifact"]["path"], shown["artifact"]["hash"]) == (fact.path, fact.md5)
    assert shown["metrics"] == fact.metrics
    assert shown["parameters"] == flat(fact.params)


def test_resolve_and_get(team: Team, fact: Fact) -> None:
    found = team.data("resolve", fact.ref)
    assert (found["commit"], found["artifact"]["hash"], found["sha256"]) == (fact.commit, fact.md5, None)
    delivered = team.data("get", fact.ref, "-o", "out")["delivered"]
    assert hashlib.md5((team.root / delivered).read_bytes(), usedforsecurity=False).hexdigest() == fact.md5


def test_a_data_set_is_an_artifact_too(team: Team, gto_repository: GtoRepository) -> None:
    fact = gto_repository.facts["customers@v1.0.0"]
    shown = team.data("show", "customers")
    assert (shown["artifact"]["path"], shown["artifact"]["hash"]) == (fact.path, fact.md5)
    assert (shown["metrics"], shown["parameters"]) == ({}, {})


@pytest.mark.parametrize("name", ["churn", "customers", "text:tagger"])
def test_artifacts_are_where_dvc_finds_them(team: Team, name: str) -> None:
    with Repo(str(team.root)) as repo:
        expected = repo.artifacts.get_path(name)
    assert team.data("resolve", name.replace(":", "/"))["artifact"]["path"] == expected


def test_a_name_that_mreg_cannot_have_is_told(team: Team) -> None:
    ran = team.mreg("verify")
    assert "text=tagger@v1.0.0: 'text=tagger' cannot name a model: it contains '='" in ran.err


def test_comparing_says_what_dvc_says(team: Team) -> None:
    with contextlib.chdir(team.root), Repo() as repo:
        metrics, params = (kind.diff("churn@v0.2.0", "churn@v0.3.0") for kind in (repo.metrics, repo.params))
    expected = {name: [change["old"], change["new"]] for name, change in metrics["diff"]["metrics.json"].items()}
    compared = team.data("compare", "churn@v0.2.0", "churn@v0.3.0")
    assert {entry["metric"]: [side["value"] for side in entry["measures"]] for entry in compared["metrics"]} == expected
    assert params == {}
    assert {change for entry in compared["params"] for change in entry["changes"]} == {"same"}


def test_comparing_with_a_lock_that_dvc_no_longer_reads(team: Team, gto_repository: GtoRepository) -> None:
    old, new = (gto_repository.facts[f"churn@v{version}"] for version in ("0.1.0", "0.2.0"))
    compared = team.data("compare", old.ref, new.ref)
    metrics = {entry["metric"]: [side["value"] for side in entry["measures"]] for entry in compared["metrics"]}
    assert metrics == {name: [old.metrics[name], new.metrics[name]] for name in old.metrics}
    changed = {entry["name"]: entry["values"] for entry in compared["params"] if entry["changes"] != ["same"]}
    assert changed == {"train.C": [1.0, 0.1]}


def test_what_changed_in_the_data(team: Team, gto_repository: GtoRepository) -> None:
    old, new = (gto_repository.facts[f"churn@v{version}"] for version in ("0.2.0", "0.3.0"))
    [entry] = team.data("compare", old.ref, new.ref)["data"]
    assert entry["name"] == "data/raw.csv"
    assert [side["identity"] for side in entry["inputs"]] == [
        f"md5:{fact.inputs['data/raw.csv']}" for fact in (old, new)
    ]
    [same] = team.data("compare", "churn@v0.1.0", old.ref)["data"]
    assert same["changes"] == ["same"]


def test_lineage_reaches_back_to_the_raw_data(team: Team, fact: Fact) -> None:
    found = team.data("lineage", fact.ref)
    nodes = {node["id"]: node for node in found["nodes"]}
    files = {node["path"]: node["hash"] for node in nodes.values() if node["kind"] == "file"}
    expected = {fact.path: fact.md5, **fact.inputs}
    assert {path: f"md5:{value}" for path, value in expected.items()}.items() <= files.items()
    [made] = [edge["target"] for edge in found["edges"] if edge["source"] == f"file:md5:{fact.md5}"]
    assert nodes[made]["name"] == ("learn" if fact.path.startswith("text/") else "train")


def test_impact_of_the_raw_data(team: Team) -> None:
    assert {entry["ref"] for entry in team.data("impact", "data/raw.csv")["versions"]} == {
        "customers@v1.0.0",
        "churn@v0.3.0",
    }
    before = team.data("impact", "data/raw.csv", "--at", "churn@v0.1.0")["versions"]
    assert {entry["ref"] for entry in before} == {"churn@v0.1.0", "churn@v0.2.0"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("metrics.f1 > 0.95", ["churn@v0.3.0"]),
        ("params.train.C == 1.0", ["churn@v0.1.0"]),
        ("metrics.coverage > 0", ["text/tagger@v1.0.0"]),
        ("owner:ada or author:Grace", ["churn@v0.3.0", "customers@v1.0.0"]),
        ("model ~ text/*", ["text/tagger@v1.0.0"]),
    ],
)
def test_search(team: Team, query: str, expected: list[str]) -> None:
    found = team.data("search", query)["versions"]
    assert sorted(f"{row['model']}@v{row['version']}" for row in found) == expected


def test_score(team: Team, gto_repository: GtoRepository) -> None:
    rows = team.data("score", "churn", "--weights", "f1=1,log_loss=-0.5")["versions"]
    for row in rows:
        metrics = gto_repository.facts[f"churn@v{row['version']}"].metrics
        assert row["score"]["value"] == pytest.approx(metrics["f1"] - 0.5 * metrics["log_loss"])
    assert [row["version"] for row in rows] == ["0.3.0", "0.1.0", "0.2.0"]


def test_nothing_is_written_by_reading(team: Team, gto_repository: GtoRepository) -> None:
    before = team.state()
    for words in (
        ("ls",),
        ("show", "churn"),
        ("compare", "churn"),
        ("lineage", "churn"),
        ("search",),
        ("who", "churn"),
    ):
        team.mreg(*words)
    after = team.state()
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == set()


def test_working_on_with_mreg(team: Team, gto_repository: GtoRepository) -> None:
    """The first event that mreg writes here, without `mreg init`."""
    team.go_to("2026-03-02")
    team.mreg("promote", "churn@v0.2.0", "production", "-m", "as GTO says")
    assert team.data("resolve", "churn@production")["artifact"]["hash"] == gto_repository.facts["churn@v0.2.0"].md5
    team.mreg("register", "churn", "models/churn/model.json")
    shown = team.data("show", "churn")
    assert (shown["version"], shown["metrics"]) == ("0.4.0", gto_repository.facts["churn@v0.3.0"].metrics)


class TestAtADay:
    """Git's approxidate, wherever `--at` stands: each of these is 3 March 2026."""

    FORMS = (
        "2026-03-03",
        "2026-03-03T10:00",
        "2026-03-03 10:00:00 +0100",
        "2026-03-03T10:00:00Z",
        "20260303",
        "2026/03/03",
        "2026.03.03",
        "Mar 3 2026",
        "March 3, 2026",
        "3 Mar 2026 10:00",
        "Tue, 3 Mar 2026 10:00:00 +0000",
        "1772532000",
        "@1772532000 +0000",
    )

    @pytest.fixture
    def project(self, pipelines: Pipelines) -> Team:
        return pipelines.project

    @pytest.mark.parametrize("at", FORMS)
    def test_of_any_form(self, project: Team, at: str) -> None:
        shown = project.data("show", "churn@production", "--at", at)
        assert (shown["version"], shown["stage"]) == ("1.2.0", "production")
        stages = {row["model"]: row["stages"] for row in project.data("ls", "--at", at)}
        assert {model: held["production"] for model, held in stages.items()} == {
            "churn": ["1.2.0"],
            "churn-eu": ["1.0.0"],
        }

    @pytest.mark.parametrize(
        ("at", "version"),
        [("2026-02-02", "1.0.0"), ("2026-02-09", "1.0.0"), ("2026-02-10", "1.1.0"), ("2026-02-23", "1.1.0")],
    )
    def test_what_was_in_production(self, project: Team, at: str, version: str) -> None:
        assert project.data("show", "churn@production", "--at", at)["version"] == version

    @pytest.mark.parametrize("at", ["now", "today", "yesterday", "two weeks ago", "3.weeks.ago", "last friday", "noon"])
    def test_in_words(self, project: Team, at: str) -> None:
        assert project.data("show", "churn@production", "--at", at)["version"] == "1.2.0"

    @pytest.mark.parametrize("command", ["show", "resolve", "who", "lineage"])
    def test_before_there_was_any(self, project: Team, command: str) -> None:
        ran = project.mreg(command, "churn", "--at", "2026-01-31", code=1)
        assert "churn had no version yet: its first is of 2026-02-02 17:00 UTC" in ran.err

    @pytest.mark.parametrize("at", ["", "soon", "2026-02-30", "2026-13-01"])
    def test_what_is_no_date(self, project: Team, at: str) -> None:
        assert "is not a date" in project.mreg("show", "churn", "--at", at, code=2).err

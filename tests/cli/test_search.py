"""`mreg search`: versions of any model by what is known of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from mreg import Registry
from tests.cli.program import run, run_program
from tests.cli.snapshot import check

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.projects import Project

CHURN = """\
schema: mreg/v1
name: churn
version: 1.0.0
artifact: {path: churn.pkl, format: pickle, framework: scikit-learn}
description: |
  Predicts which customers leave
  within 90 days.
task: tabular-classification
license: {id: LicenseRef-acme, url: https://acme.example/license}
owners:
  - {name: Growth analytics, contact: growth@example.org}
  - {name: Ann Lee, contact: ann@example.com}
training:
  datasets:
    - {name: Customers 2025, path: customers.csv, revision: md5:1f3a, sensitive: [age]}
    - {uri: s3://lake/events, revision: v7}
  parameters: {learning_rate: 1e-4, layers: '[64, 64]', bagging: true, seed: '7', train.epochs: 30}
  compute: {hours: 3.5}
evaluations:
  - {metric: f1, value: 0.95, direction: max, dataset: holdout, split: test}
  - {metric: f1, value: 0.845, dataset: holdout, split: night}
  - {metric: recall, value: 0.2, slice: {age: 18-25}}
  - {metric: latency, value: 12, unit: ms, direction: min}
limitations: [Trained on customers in the EU only.]
base_models:
  - {ref: 'hf:acme/base@86b5e09', relation: finetune}
tags: [tabular, churn]
x-team: {slo.ms: 20}
"""
ODD = """\
artifact: [1]
tags: {a: nlp}
owners: [5, {name: [x]}, {name: "\\e[31mMallory\\u202E"}]
task: 7
license: {id: 3}
description: "one\\ttwo"
training: {parameters: [1], datasets: x}
evaluations: [1, {metric: f1, value: high}, {metric: [f1], value: 1}, {metric: f1, value: -1}]
base_models: {ref: 1}
"""
NAMES = {"cancer": "cancer", "churn": "churn", "odd": "odd", "nlp/sentiment": "nlp"}
ALL = "cancer-2.0.0-rc.1 cancer-1.1.0 cancer-1.0.0 churn-1.0.0 nlp-1.0.0 odd-1.0.0"


@pytest.fixture(scope="session")
def searched(first_registry: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The registry with a model whose card is full, and one whose card is odd. Not to be changed."""
    project = first_registry.copy(tmp_path_factory.mktemp("searched") / "project")
    project.go_to("2026-03-02")
    project.write("models/churn/card.yaml", CHURN)
    project.write("churn.pkl", "weights")
    project.mreg("register", "churn", "churn.pkl", "-m", "Asked for by the board")
    project.mreg("annotate", "churn", "reviewed=2026-03-02", "approved=true", "drift=0.5", "owner=Ann")
    project.mreg("annotate", "nlp/sentiment", "approved=false", "drift=high")
    project.write("models/odd/card.yaml", ODD)
    project.commit("An odd card")
    project.git("tag", "odd@v1.0.0")
    return project


def found(project: Project, *arguments: str) -> str:
    """The versions that a search finds, in its order."""
    return " ".join(f"{NAMES[row['model']]}-{row['version']}" for row in project.data("search", *arguments)["versions"])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ALL),
        # Events.
        ("model == cancer", "cancer-2.0.0-rc.1 cancer-1.1.0 cancer-1.0.0"),
        ("name = CANCER and latest", "cancer-1.1.0"),
        ("model != cancer", "churn-1.0.0 nlp-1.0.0 odd-1.0.0"),
        ("model ~ nlp/*", "nlp-1.0.0"),
        ("model:nlp/*", "nlp-1.0.0"),
        ("model ~ c?n", "" ),
        ("model ~ can", "cancer-2.0.0-rc.1 cancer-1.1.0 cancer-1.0.0"),
        ("model !~ *c*", "nlp-1.0.0 odd-1.0.0"),
        ("model in (churn, odd)", "churn-1.0.0 odd-1.0.0"),
        ("model not in (churn, 'cancer')", "nlp-1.0.0 odd-1.0.0"),
        ("version >= 1.1.0", "cancer-2.0.0-rc.1 cancer-1.1.0"),
        ("version < v2.0.0-rc.2 version > 1.1.0", "cancer-2.0.0-rc.1"),
        ("version == 2.0.0", ""),
        ("version ~ v1.1.*", "cancer-1.1.0"),
        ("version:2.0.0-*", "cancer-2.0.0-rc.1"),
        ("stage == production", "cancer-1.0.0"),
        ("stage != None", "cancer-2.0.0-rc.1 cancer-1.1.0 cancer-1.0.0"),
        ("stage in (staging, archived)", "cancer-2.0.0-rc.1 cancer-1.1.0"),
        ("stage:archived", "cancer-1.1.0"),
        ("alias == champion", "cancer-1.1.0"),
        ("exists alias", "cancer-1.1.0"),
        ("yanked", "cancer-1.2.0"),
        ("yanked == true", "cancer-1.2.0"),
        ("model == cancer and not yanked", "cancer-2.0.0-rc.1 cancer-1.1.0 cancer-1.0.0"),
        ("registered > 2026-02-09", "cancer-2.0.0-rc.1 churn-1.0.0 nlp-1.0.0 odd-1.0.0"),
        ("registered >= 2026-02-09 registered < 2026-02-23", "cancer-1.1.0"),
        ("registered == 2026-02-02", "cancer-1.0.0"),
        ("registered:2026-02-02", "cancer-1.0.0"),
        ("registered <= 2026-02-02T13:00", "cancer-1.0.0"),
        ("registered < '30 years ago'", ""),
        ("changed == 2026-02-16", "cancer-1.1.0 cancer-1.0.0"),
        ("author:ada", ALL),
        ("author == 'Ada Lovelace' author:ada@example.com latest model:churn", "churn-1.0.0"),
        ("email == ada@example.org", ""),
        # Cards.
        ("metrics.f1 > 0.93", "cancer-2.0.0-rc.1 cancer-1.1.0 churn-1.0.0"),
        ("metrics.f1 <= 0.9017", "cancer-1.0.0 odd-1.0.0"),
        ("metrics.f1 == -1", "odd-1.0.0"),
        ("metrics.f1 != -1 and not model:cancer", "churn-1.0.0"),
        ('metrics."f1 (holdout, night)" < 0.9', "churn-1.0.0"),
        ("exists metrics.recall", ""),
        ("metrics.accuracy", "nlp-1.0.0"),
        ("params.depth >= 3", "cancer-2.0.0-rc.1 cancer-1.1.0"),
        ("params.learning_rate == 0.0001", "churn-1.0.0"),
        ("params.train.epochs:30", "churn-1.0.0"),
        ("params.seed == 7", "churn-1.0.0"),
        ("params.seed > 6", ""),
        ("params.bagging", "churn-1.0.0"),
        ("params.bagging == 1", ""),
        ("params.layers ~ '[64*'", "churn-1.0.0"),
        ("task == tabular-classification", "churn-1.0.0"),
        ("license:LicenseRef-*", "churn-1.0.0"),
        ("format == pickle", "churn-1.0.0"),
        ("framework ~ scikit", "churn-1.0.0"),
        ("owner:ann", "churn-1.0.0"),
        ("owner == 'ann lee'", "churn-1.0.0"),
        ("owner:growth@example.org", "churn-1.0.0"),
        ("owner:gro", ""),
        ("tag:churn tag:tabular", "churn-1.0.0"),
        ("tag != churn", ""),
        ("tag:nlp", ""),
        ("dataset:customers.csv dataset ~ s3://*", "churn-1.0.0"),
        ("dataset == data.csv", "cancer-2.0.0-rc.1 cancer-1.1.0 cancer-1.0.0"),
        ("base:hf:acme/base@86b5e09", "churn-1.0.0"),
        ("description ~ 'leave within'", ""),
        ("description ~ 'customers leave*90*'", ""),
        ("description ~ '*customers leave*90*'", "churn-1.0.0"),
        ("card.training.compute.hours > 3", "churn-1.0.0"),
        ("card.training.datasets.sensitive == age", "churn-1.0.0"),
        ("card.x-team.slo.ms == 20", "churn-1.0.0"),
        ("exists card.limitations", "churn-1.0.0"),
        ("card.task == null and not model:cancer", "nlp-1.0.0"),
        ("card.task == 7", "odd-1.0.0"),
        ("card.task in (7, tabular-classification)", "churn-1.0.0 odd-1.0.0"),
        # Annotations.
        ("annotations.approved", "churn-1.0.0"),
        ("annotations.approved == false", "nlp-1.0.0"),
        ("exists annotations.approved", "churn-1.0.0 nlp-1.0.0"),
        ("annotations.drift > 0.1", "churn-1.0.0"),
        ("annotations.drift == HIGH", "nlp-1.0.0"),
        ("annotations.reviewed >= 2026-03-01", "churn-1.0.0"),
        ("annotations.validation_status == passed", "cancer-1.0.0"),
        # Words.
        ("'customers leave within'", "churn-1.0.0"),
        ("LEAVE days", "churn-1.0.0"),
        ("sentiment", "nlp-1.0.0"),
        ("senti*ent", "nlp-1.0.0"),
        ("passed", "cancer-1.0.0"),
        ("champion", "cancer-1.1.0"),
        ("'the board'", "churn-1.0.0"),
        ("cancer production", "cancer-1.0.0"),
        ("none", ""),
        ("1.1.0 ada@example.com", "cancer-1.1.0"),
        ("'one two'", "odd-1.0.0"),
        ("mreg/v1", ""),
        # What joins them.
        ("tag:churn or stage == production", "cancer-1.0.0 churn-1.0.0"),
        ("not (tag:churn or model:cancer)", "nlp-1.0.0 odd-1.0.0"),
        ("model:cancer and (stage:staging or stage:production) metrics.f1 > 0.93", "cancer-2.0.0-rc.1"),
        ("not metrics.f1 > -5", "nlp-1.0.0"),
        ("NOT model:c* AND NOT odd", "nlp-1.0.0"),
    ],
)  # fmt: skip
def test_queries(searched: Project, query: str, expected: str) -> None:
    assert found(searched, query) == expected


def test_hashes_may_be_abbreviated(searched: Project) -> None:
    state = searched.data("resolve", "churn")
    assert found(searched, f"digest:sha256:{state['sha256']}") == "churn-1.0.0"
    for field, value in (("commit", state["commit"]), ("sha256", state["sha256"]), ("digest", state["sha256"])):
        assert (
            found(searched, f"{field} == {value}") == found(searched, f"{field}:{value[:9].upper()}") == "churn-1.0.0"
        )


def test_a_table(searched: Project) -> None:
    ran = searched.mreg("search", "metrics.f1 > 0.9 and (stage == production or exists alias or tag:churn)")
    check("search.txt", ran.out)
    assert ran.err == ""


def test_columns_of_every_type(searched: Project) -> None:
    query = "exists owner or annotations.approved == false or exists card.training and changed > 2026-01-01 email:ada*"
    ran = searched.mreg("search", query, "--sort", "params.train.epochs", "--limit", "3")
    check("search-columns.txt", ran.out + ran.err)


def test_json(searched: Project) -> None:
    query = (
        "(tag:tabular or stage = production) registered > 2026-01-01 metrics.f1 > 0.5 card.training.compute.hours < 4"
    )
    check("search.json", searched.mreg("search", query, "--sort", "commit", "--json").out)


def test_a_query_that_is_not_unicode(searched: Project) -> None:
    broken = b"tag:\xff".decode("utf-8", "surrogateescape")
    ran = run_program("search", broken, folder=searched.root)
    assert (ran.code, ran.out, ran.err) == (0, "", "note: none of 7 versions matches\n")
    assert run_program("search", broken, "--json", folder=searched.root).data["query"] == "tag:\udcff"
    assert run_program("search", broken + " or", folder=searched.root).err.startswith("mreg: nothing follows or\n")
    assert run_program("search", broken + " or", "--json", folder=searched.root).data["type"] == "InvalidQuery"


def test_several_arguments_are_one_query(searched: Project) -> None:
    assert found(searched, "stage", "==", "production", "tumours") == ""
    assert found(searched, "model:cancer", "stage == production") == "cancer-1.0.0"


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("model", ALL),
        ("-model", "odd-1.0.0 nlp-1.0.0 churn-1.0.0 cancer-2.0.0-rc.1 cancer-1.1.0 cancer-1.0.0"),
        ("version", "cancer-2.0.0-rc.1 cancer-1.1.0 cancer-1.0.0 churn-1.0.0 nlp-1.0.0 odd-1.0.0"),
        ("registered", "odd-1.0.0 churn-1.0.0 nlp-1.0.0 cancer-2.0.0-rc.1 cancer-1.1.0 cancer-1.0.0"),
        ("-registered", "cancer-1.0.0 cancer-1.1.0 cancer-2.0.0-rc.1 nlp-1.0.0 churn-1.0.0 odd-1.0.0"),
        ("stage", "churn-1.0.0 nlp-1.0.0 odd-1.0.0 cancer-2.0.0-rc.1 cancer-1.0.0 cancer-1.1.0"),
        ("metrics.f1", "churn-1.0.0 cancer-1.1.0 cancer-2.0.0-rc.1 cancer-1.0.0 odd-1.0.0 nlp-1.0.0"),
        ("-metrics.f1", "odd-1.0.0 cancer-1.0.0 cancer-2.0.0-rc.1 cancer-1.1.0 churn-1.0.0 nlp-1.0.0"),
        ("metrics.log_loss", "cancer-1.1.0 cancer-1.0.0 cancer-2.0.0-rc.1 churn-1.0.0 nlp-1.0.0 odd-1.0.0"),
        ("params.seed", "cancer-2.0.0-rc.1 cancer-1.1.0 cancer-1.0.0 churn-1.0.0 nlp-1.0.0 odd-1.0.0"),
        ("annotations.drift", "churn-1.0.0 nlp-1.0.0 cancer-2.0.0-rc.1 cancer-1.1.0 cancer-1.0.0 odd-1.0.0"),
        ("latest", "cancer-1.1.0 churn-1.0.0 nlp-1.0.0 odd-1.0.0 cancer-2.0.0-rc.1 cancer-1.0.0"),
        ("card.tags", "churn-1.0.0 odd-1.0.0"),
        ("tag", "churn-1.0.0 cancer-2.0.0-rc.1 cancer-1.1.0 cancer-1.0.0 nlp-1.0.0 odd-1.0.0"),
    ],
)
def test_sorted(searched: Project, key: str, expected: str) -> None:
    assert found(searched, "exists card.tags" if key == "card.tags" else "", "--sort", key).startswith(expected)


def test_limits(searched: Project) -> None:
    ran = searched.mreg("search", "exists metrics.f1", "--sort", "metrics.f1", "--limit", "2")
    assert [line.split()[:2] for line in ran.out.splitlines()[1:]] == [["churn", "v1.0.0"], ["cancer", "v1.1.0"]]
    assert ran.err == "note: the first 2 of 5 matches\nnote: 1 match is yanked: see --all\n"
    data = searched.data("search", "exists metrics.f1", "--limit", "2")
    assert (data["searched"], data["matched"], len(data["versions"])) == (7, 5, 2)


def test_yanked_versions(searched: Project) -> None:
    """They are found only on request; archived ones always are."""
    ran = searched.mreg("search", "model:cancer version ~ 1.*")
    assert ran.err == "note: 1 match is yanked: see --all\n"
    assert "v1.2.0" not in ran.out
    assert "archived" in ran.out
    ran = searched.mreg("search", "model:cancer version ~ 1.*", "--all")
    assert (ran.err, ran.out.count("\n"), ran.out.count("yanked")) == ("", 4, 1)
    assert searched.mreg("search", "model:cancer not yanked").err == ""


def test_a_score(registry: Project) -> None:
    assert registry.data("search", "", "--limit", "1")["versions"][0]["score"] is None
    ran = registry.mreg("search", "score > 0.5")
    check("search-no-score.txt", ran.out + ran.err)
    registry.write(".mreg.yaml", "metrics: {f1: {weight: 0.7}, log_loss: {weight: -0.1}}\n")
    check("search-score.txt", registry.mreg("search", "model:cancer", "--all", "--sort", "score").out)
    assert found(registry, "score < 0.5 or nlp", "--sort", "-score") == "cancer-2.0.0-rc.1 nlp-1.0.0"
    assert found(registry, "not exists score") == "nlp-1.0.0"


def test_a_direction_of_the_project(searched: Project, tmp_path: Path) -> None:
    project = searched.copy(tmp_path / "project")
    project.write(".mreg.yaml", "metrics: {f1: {direction: min}}\n")
    assert found(project, "exists metrics.f1", "--sort", "metrics.f1").startswith("odd-1.0.0")


def test_as_of_a_date(searched: Project) -> None:
    def at(day: str, query: str) -> str:
        return found(searched, query, "--at", day)

    assert at("2026-02-02", "") == "cancer-1.0.0"
    assert at("2026-02-10", "stage == production") == "cancer-1.1.0"
    assert at("2026-02-16T10:00", "passed or exists annotations.drift_psi") == ""
    assert at("2026-02-16", "passed and exists annotations.drift_psi") == "cancer-1.0.0"
    assert at("2026-02-16T09:30", "version == 1.2.0") == "cancer-1.2.0"
    assert at("2026-02-10", "latest") == "cancer-1.1.0"
    ran = searched.mreg("search", "tag:x", "--at", "2026-02-01")
    assert (ran.out, ran.err) == ("", "note: no model was registered by then (2026-02-01)\n")
    assert searched.mreg("search", "", "--at", "someday", code=2).err.startswith("mreg: 'someday' is not a date\n")


def test_nothing_matches(searched: Project) -> None:
    ran = searched.mreg("search", "tag:nlp stage == production")
    assert (ran.out, ran.err) == ("", "note: none of 7 versions matches\n")
    ran = searched.mreg("search", "metrics.f2 > 0.5 or annotations.aproved or params.x or card.owner == ann")
    check("search-nothing.txt", ran.out + ran.err)
    assert searched.mreg("search", "metrics.f1 > 1", "--json").json["notices"] == ["none of 7 versions matches"]


def test_a_field_that_nothing_has(searched: Project) -> None:
    """It may be misspelt: that is said whether anything matches or not."""
    ran = searched.mreg("search", "model:cancer latest not metrics.log_los > 1")
    assert ran.out.count("\n") == 2
    assert ran.err == "note: no version that was looked at has metrics.log_los; did you mean log_loss?\n"
    ran = searched.mreg("search", "model:odd", "--sort", "metrics.loss")
    assert ran.err == "note: no version that was looked at has metrics.loss; known: f1\n"
    assert searched.mreg("search", "model:cancer version == 1.0.0 not annotations.drift_psi > 1 not tag:x").err == ""


def test_no_models_yet(repository: Path) -> None:
    ran = run("search", "stage == production", folder=repository)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "note: no models yet: mreg register MODEL PATH registers the first\n"


def test_a_stage_that_the_project_no_longer_has(registry: Project) -> None:
    registry.write(".mreg.yaml", "stages:\n  canary:\n")
    registry.mreg("promote", "nlp/sentiment", "canary")
    registry.write(".mreg.yaml", "")
    assert found(registry, "stage == canary", "--sort", "stage") == "nlp-1.0.0"
    assert registry.mreg("search", "stage == shadow", code=2).err.endswith(
        "hint: the stages here are none, staging, production, archived, canary\n"
    )


ERRORS = [
    "metrics.f1 > high",
    "metrics.f1 > '0.9'",
    "metrics.f1 ~ 0.9*",
    "stag == production",
    "stage == prod",
    "stage == yanked",
    "stage > staging",
    "loss < 0.3",
    "metrcs.f1 > 0.9",
    "training.hours > 3",
    "yanked == maybe",
    "latest < 1.0.0",
    "version >= 1.2",
    "registered > someday",
    "registered ~ 2026-*",
    "https://example.com",
    "(tag:nlp or tag:text",
    "tag:nlp)",
    "tag:nlp and",
    "()",
    "and tag:nlp",
    "tag: nlp",
    "> 0.9",
    "0.9 < metrics.f1",
    "metrics.f1 >",
    "metrics.f1 => 0.9",
    "stage in staging",
    "stage in (staging production)",
    "stage in (staging, production",
    "exists",
    '"metrics.f1" > 0.9',
    "it's",
    "a && b",
    "!yanked",
    "tag:x\nor\x1b[31m \u202e(",
    "部署 数据 stag == x",
    "a " * 200 + "stag == x" + " b" * 200,
    "(" * 60,
    "x" * 2001,
]  # fmt: skip


def test_errors(searched: Project) -> None:
    """Each points at the place, and says what to write."""
    told = []
    for query in ERRORS:
        ran = searched.mreg("search", query, code=2)
        assert ran.out == ""
        told.append(ran.err)
    check("search-errors.txt", "\n".join(told))


def test_an_error_as_json(searched: Project) -> None:
    check("search-error.json", searched.mreg("search", "tag:nlp stag == x", "--json", code=2).err)


def test_nothing_to_sort_by(searched: Project) -> None:
    check("search-sort.txt", searched.mreg("search", "", "--sort", "-f1", code=2).err)
    assert searched.mreg("search", "", "--sort", "", code=2).err.startswith("mreg: nothing to sort by is named\n")


def test_what_an_odd_card_says_is_harmless(searched: Project) -> None:
    fields = "owner tag task license base description dataset format card.owners card.tags card.evaluations.value"
    query = f"model:odd ({' or '.join(f'exists {name}' for name in fields.split())})"
    ran = searched.mreg("search", query)
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out
    check("search-odd.txt", ran.out)
    values = searched.data("search", query)["versions"][0]["values"]
    assert values["owner"] == ["x", "\x1b[31mMallory\u202e"]
    assert values["card.evaluations.value"] == ["high", 1, -1]
    assert values["card.tags"] == {"a": "nlp"}
    assert (values["task"], values["tag"]) == (None, [])


def test_notes_of_many_objects(registry: Project) -> None:
    """Git spreads a large tree of notes over folders."""
    registry.git("config", "notes.rewriteRef", "refs/notes/mreg")
    ids = registry.git("rev-list", "--all", "--objects", "--no-object-names").split()
    head = registry.git("rev-parse", "refs/notes/mreg")
    stream = f"commit refs/notes/mreg\ncommitter A <a@example.com> 0 +0000\ndata 1\nx\nfrom {head}\n"
    stream += "".join(f"N inline {oid}\ndata 1\n-\n" for oid in ids if registry.git("cat-file", "-t", oid) == "commit")
    registry.git("fast-import", "--quiet", stdin=stream)
    assert found(registry, "annotations.validation_status == passed") == "cancer-1.0.0"
    registry.mreg("annotate", "cancer@v1.0.0", "--remove", "validation_status")
    assert found(registry, "annotations.validation_status == passed") == ""


def test_the_library(searched: Project) -> None:
    result = Registry(searched.root).search("tag:churn or stage == production", sort="registered", limit=1)
    assert result.matched == 2
    assert result.records() == [
        {
            "model": "churn",
            "version": "1.0.0",
            "stage": "none",
            "registered": datetime(2026, 3, 2, 9, tzinfo=UTC),
            "author": "Ada Lovelace",
            "score": None,
            "tag": ["tabular", "churn"],
        }
    ]
    frame = result.to_pandas()
    assert list(frame.columns) == ["model", "version", "stage", "registered", "author", "score", "tag"]
    assert frame["model"].tolist() == ["churn"]

"""`mreg show` and `mreg resolve`: one version, for people and for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.snapshot import check

if TYPE_CHECKING:
    from tests.cli.projects import Project

CARD = """\
schema: mreg/v1
name: churn
version: 1.0.0
artifact: {path: model.pkl, format: pickle, framework: scikit-learn}
description: |
  Predicts which customers leave
  within 90 days.
task: tabular-classification
license: {id: LicenseRef-acme, url: https://acme.example/license}
owners:
  - {name: Growth analytics, contact: growth@example.org}
  - {name: Ada Lovelace, contact: ada@example.com}
training:
  datasets:
    - {name: Customers 2025, path: data.csv, revision: md5:1f3a, sensitive: [age]}
    - {uri: s3://lake/events, revision: v7}
  parameters: {learning_rate: 1e-4, layers: '[64, 64]', dropout: 1.0}
  run: {tracker: mlflow, id: 4f2a9c}
  compute: {hardware: 1x A100 80 GB, hours: 3.5}
evaluations:
  - {metric: f1, value: 0.91, direction: max, dataset: holdout, split: test, n: 12000}
  - {metric: f1, value: 0.845, dataset: holdout, split: test, slice: {age: 18-25}, ci: {lower: 0.81, upper: 0.87}}
  - {metric: latency, value: 12, unit: ms, direction: min}
intended_use:
  primary: [Choosing who gets a retention offer, Planning capacity]
  users: [Growth analytics]
  out_of_scope: [Credit decisions]
limitations:
  - Trained on customers in the EU only.
risks:
  - {risk: Lower recall for new customers, harm: They get no offer, mitigation: Rules decide for them}
base_models:
  - {ref: 'hf:acme/base@86b5e09', relation: finetune}
tags: [tabular, churn]
languages: [en]
"""


def test_a_version(registry: Project) -> None:
    ran = registry.mreg("show", "cancer@v1.0.0")
    check("show.txt", ran.out)
    assert ran.err == ""
    check("show.json", registry.mreg("show", "cancer@v1.0.0", "--json").out)


@pytest.mark.parametrize("ref", ["cancer@champion", "cancer@v1.2.0", "nlp/sentiment"])
def test_other_versions(registry: Project, ref: str) -> None:
    check(f"show-{ref.replace('/', '-').replace('@', '-')}.txt", registry.mreg("show", ref).out)


def test_a_full_card(project: Project) -> None:
    project.write("models/churn/card.yaml", CARD)
    project.write("model.pkl", "weights")
    project.mreg("register", "churn", "model.pkl")
    check("show-full.txt", project.mreg("show", "churn").out)


def test_a_card_that_is_not_valid(registry: Project) -> None:
    """Anybody may tag anything by hand: what can be read is shown."""
    registry.write(
        "models/odd/card.yaml",
        "artifact: [1]\ntraining: x\nevaluations: [1, {metric: f1, value: high}]\nowners: {}\nlimitations: [{}, []]\n"
        "intended_use: [1]\nrisks: {a: 1}\nlicense: []\ndescription: 7\n",
    )
    registry.git("add", "models/odd")
    registry.git("commit", "--quiet", "--message", "An odd card")
    registry.git("tag", "odd@v1.0.0")
    ran = registry.mreg("show", "odd")
    check("show-odd.txt", ran.out + ran.err)
    registry.mreg("ls", "odd")
    registry.mreg("show", "odd", "--json")


def test_a_version_without_a_card(registry: Project) -> None:
    registry.git("tag", "-a", "-m", "by hand", "plain@v1.0.0")
    ran = registry.mreg("show", "plain")
    check("show-plain.txt", ran.out + ran.err)
    check("resolve-plain.txt", registry.mreg("resolve", "plain", code=1).err)


def test_as_of_a_date(registry: Project) -> None:
    assert registry.data("show", "cancer@production", "--at", "2026-02-10")["version"] == "1.1.0"
    early = registry.data("show", "cancer@v1.0.0", "--at", "2026-02-02")
    assert (early["stage"], early["annotations"], len(early["events"])) == ("production", {}, 2)
    ran = registry.mreg("show", "cancer@staging", "--at", "2026-02-02", code=1)
    assert ran.err.startswith("mreg: cancer has no version in staging")


def test_resolve(registry: Project) -> None:
    ran = registry.mreg("resolve", "cancer@production")
    check("resolve.txt", ran.out)
    assert ran.err == ""
    check("resolve.json", registry.mreg("resolve", "cancer@production", "--json").out)


def test_resolve_a_folder(registry: Project) -> None:
    check("resolve-folder.json", registry.mreg("resolve", "nlp/sentiment", "--json").out)


@pytest.mark.parametrize(
    ("ref", "version"),
    [
        ("cancer", "1.1.0"),
        ("cancer@latest", "1.1.0"),
        ("cancer@v1.0.0", "1.0.0"),
        ("cancer@1.0.0", "1.0.0"),
        ("cancer@Production", "1.0.0"),
        ("cancer@staging", "2.0.0-rc.1"),
        ("cancer@champion", "1.1.0"),
        ("models:/cancer/Production", "1.0.0"),
        ("models:/cancer/1.2.0", "1.2.0"),
        ("models:/cancer@champion", "1.1.0"),
    ],
)
def test_what_people_type(registry: Project, ref: str, version: str) -> None:
    assert registry.data("resolve", ref)["version"] == version


def test_resolve_as_of_a_date(registry: Project) -> None:
    assert registry.data("resolve", "cancer@production", "--at", "2026-02-10")["version"] == "1.1.0"


def test_a_yanked_version_is_said_to_be(registry: Project) -> None:
    ran = registry.mreg("resolve", "cancer@v1.2.0")
    assert ran.err == "note: cancer v1.2.0 is yanked: trained on the test set\n"
    document = registry.mreg("resolve", "cancer@v1.2.0", "--json").json
    assert document["data"]["yanked"] is True
    assert document["notices"] == ["cancer v1.2.0 is yanked: trained on the test set"]


def test_unknown_refs(registry: Project) -> None:
    check("resolve-unknown.txt", registry.mreg("resolve", "cancer@chmpion", code=1).err)
    check("resolve-invalid.txt", registry.mreg("resolve", "cancer@", code=2).err)

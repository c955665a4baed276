"""`mreg card`: a skeleton, what is wrong or missing, and the schema."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from mreg.core.card import json_schema
from tests.cli.snapshot import check
from tests.gitrepos import write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.projects import Project

COMPLETE = """\
schema: mreg/v1
name: churn
version: 1.0.0
artifact: {path: model.pkl, format: pickle, framework: scikit-learn}
description: Predicts which customers leave within 90 days.
task: tabular-classification
license: Apache-2.0
owners: [{name: Growth analytics, contact: growth@example.org}]
training: {undisclosed: The raw events belong to a customer.}
evaluations: [{metric: f1, value: 0.91}]
intended_use: {primary: [Offers], users: [Growth analytics], out_of_scope: [Credit]}
limitations: [Trained on customers in the EU only.]
risks: [{risk: Lower recall for new customers}]
"""
FAULTY = """\
schema: mreg/v1
name: churn
version: one
artifact:
  pth: model.pkl
description: TODO
evaluations:
  - metric: f1
    value: high
"""


def test_a_skeleton(project: Project) -> None:
    before = project.git("for-each-ref")
    ran = project.mreg("card", "new", "churn")
    check("card-new.txt", ran.out + ran.err, folder=project.root)
    assert project.git("for-each-ref") == before
    assert project.git("status", "--porcelain") == "?? models/"
    ran = project.mreg("card", "check", "churn")
    check("card-check-new.txt", ran.out)


def test_a_skeleton_json(project: Project) -> None:
    check("card-new.json", project.mreg("card", "new", "churn", "--json").out, folder=project.root)


def test_a_skeleton_is_filled_by_a_registration(project: Project) -> None:
    project.mreg("card", "new", "cancer")
    project.train(3)
    project.mreg("register", "cancer", "model.joblib", "--metrics", "metrics.json")
    text = project.read("models/cancer/card.yaml")
    assert "# What the model does, in at most 300 characters. (complete)" in text
    assert project.card()["evaluations"][0]["metric"] == "f1"


def test_a_card_is_never_overwritten(project: Project) -> None:
    project.write("models/churn/card.yaml", "mine")
    check("card-new-exists.txt", project.mreg("card", "new", "churn", code=1).err)
    assert project.read("models/churn/card.yaml") == "mine"


def test_a_complete_card(project: Project) -> None:
    project.write("models/churn/card.yaml", COMPLETE)
    check("card-check-complete.txt", project.mreg("card", "check", "churn").out)
    [data] = project.data("card", "check", "churn")
    assert (data["valid"], data["complete"], data["faults"], data["missing"]) == (True, True, [], [])


def test_every_fault_has_its_place(project: Project) -> None:
    project.write("models/churn/card.yaml", FAULTY)
    ran = project.mreg("card", "check", "churn", code=1)
    check("card-check-faulty.txt", ran.out)
    assert ran.err == ""
    lines = FAULTY.splitlines()
    for line, column in re.findall(r"card\.yaml:(\d+):(\d+): ", ran.out):
        assert lines[int(line) - 1][int(column) - 1 :]
    check("card-check-faulty.json", project.mreg("card", "check", "churn", "--json", code=1).out)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("name: a\nname: b\n", "card.yaml:2:1: "),
        ("a: [1, 2\n", "card.yaml:"),
        ("a: !!python/object x\n", "card.yaml:1:4: "),
        ("\tname: a\n", "card.yaml:1:1: "),
        ("value: .nan\n", "card.yaml:1:8: "),
    ],
)
def test_broken_yaml_has_its_place(project: Project, text: str, place: str) -> None:
    project.write("models/churn/card.yaml", text)
    assert place in project.mreg("card", "check", "churn", code=1).out


def test_any_file(project: Project, tmp_path: Path) -> None:
    card = write(tmp_path / "other.yaml", COMPLETE)
    assert "is valid and complete" in project.mreg("card", "check", card).out
    project.write("drafts/a.yaml", FAULTY)
    ran = project.mreg("card", "check", "a.yaml", folder=project.root / "drafts", code=1)
    assert ran.out.startswith("a.yaml:3:10: ")
    ran = project.mreg("-C", project.root / "drafts", "card", "check", "a.yaml", folder=tmp_path, code=1)
    assert ran.out.startswith("drafts/a.yaml:3:10: ")


def test_several_files_as_a_hook_passes_them(project: Project) -> None:
    project.write("a.yaml", COMPLETE)
    project.write("b.yaml", FAULTY)
    ran = project.mreg("card", "check", "a.yaml", "b.yaml", code=1)
    assert "a.yaml is valid and complete\nb.yaml:3:10: " in ran.out


def test_faults_as_facts(project: Project) -> None:
    """A registration that a card forbids says the faults of the card to programs too."""
    project.write("models/churn/card.yaml", FAULTY)
    project.write("model.pkl", "weights")
    ran = project.mreg("register", "churn", "model.pkl", "--json", code=1)
    check("register-faulty-card.json", ran.err)
    assert ran.data["facts"]["faults"][0]["line"] == 3


def test_no_card(project: Project) -> None:
    check("card-check-none.txt", project.mreg("card", "check", "churn", code=1).err)


def test_the_schema(tmp_path: Path, project: Project) -> None:
    plain = project.mreg("card", "schema").out
    assert json.loads(plain) == json_schema()
    document = project.mreg("card", "schema", "--json").json
    assert document["kind"] == "card-schema"
    assert document["data"] == json_schema()


def test_the_schema_needs_no_repository(tmp_path: Path, project: Project) -> None:
    assert project.mreg("card", "schema", folder=tmp_path).err == ""

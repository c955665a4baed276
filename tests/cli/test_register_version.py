"""`mreg register`: which version, when nothing is to be done, and what is only tried or drafted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.adapters.dvcrepos import dvc
from tests.cli.projects import Project, train
from tests.cli.snapshot import check

if TYPE_CHECKING:
    from pathlib import Path


def register(project: Project, depth: int, *options: str) -> None:
    """Train anew and register."""
    project.write("model.joblib", train(depth).model)
    project.mreg("register", "cancer", "model.joblib", *options)


@pytest.fixture
def project(project: Project) -> Project:
    """A project with a model that is not registered yet."""
    project.write("model.joblib", train(3).model)
    return project


def test_the_first_is_one_then_minor(project: Project) -> None:
    for depth in (1, 2, 3):
        register(project, depth)
    assert project.tags() == ["cancer@v1.0.0", "cancer@v1.1.0", "cancer@v1.2.0"]


@pytest.mark.parametrize(
    ("bump", "version"), [("major", "2.0.0"), ("minor", "1.3.0"), ("patch", "1.2.4"), (None, "1.3.0")]
)
def test_bumps(project: Project, bump: str | None, version: str) -> None:
    register(project, 1, "--version", "1.2.3")
    register(project, 2, *(["--bump", bump] if bump else []))
    assert project.data("ls", "cancer")["versions"][0]["version"] == version


def test_a_bump_of_nothing(project: Project) -> None:
    register(project, 1, "--bump", "patch")
    assert project.tags() == ["cancer@v1.0.0"]


def test_prereleases(project: Project) -> None:
    register(project, 1, "--version", "2.0.0-rc.1")
    register(project, 2, "--version", "2.0.0-rc.2")
    assert project.data("resolve", "cancer@latest")["version"] == "2.0.0-rc.2"
    register(project, 3, "--bump", "major")
    assert project.data("resolve", "cancer@latest")["version"] == "2.0.0"
    versions = [row["version"] for row in project.data("ls", "cancer")["versions"]]
    assert versions == ["2.0.0", "2.0.0-rc.2", "2.0.0-rc.1"]


def test_backwards_is_said(project: Project) -> None:
    register(project, 1, "--version", "2.0.0")
    project.write("model.joblib", train(2).model)
    ran = project.mreg("register", "cancer", "model.joblib", "--version", "v1.5.0")
    check("register-backwards.txt", ran.out + ran.err)
    assert project.data("resolve", "cancer")["version"] == "2.0.0"


def test_a_version_is_registered_once(project: Project) -> None:
    register(project, 1, "--version", "1.0.0")
    before = project.tags()
    project.write("model.joblib", train(2).model)
    ran = project.mreg("register", "cancer", "model.joblib", "--version", "1.0.0", code=1)
    check("register-exists.txt", ran.err)
    assert project.tags() == before


def test_both_version_and_bump(project: Project) -> None:
    ran = project.mreg("register", "cancer", "model.joblib", "--version", "1.0.0", "--bump", "major", code=2)
    assert "contradict" in ran.err


def test_again_is_nothing(project: Project) -> None:
    project.train(3)
    command = ("register", "cancer", "model.joblib", "--metrics", "metrics.json", "--params", "params.yaml")
    project.mreg(*command)
    before = project.state()
    ran = project.mreg(*command)
    check("register-again.txt", ran.out)
    assert project.state() == before
    assert project.data(*command)["changed"] is False
    assert project.data(*command, "--version", "1.0.0")["repeated"] is True


def test_again_after_other_commits(project: Project) -> None:
    project.mreg("register", "cancer", "model.joblib")
    project.write("train.py", "print('other')\n")
    project.commit()
    before = project.state()
    project.mreg("register", "cancer", "model.joblib")
    assert project.state() == before


def test_an_old_artifact_again(project: Project) -> None:
    register(project, 1)
    register(project, 2)
    project.write("model.joblib", train(1).model)
    assert project.data("register", "cancer", "model.joblib")["version"] == "1.0.0"
    assert len(project.tags()) == 2


def test_again_can_promote(project: Project) -> None:
    project.mreg("register", "cancer", "model.joblib")
    ran = project.mreg("register", "cancer", "model.joblib", "--stage", "production")
    check("register-again-stage.txt", ran.out)
    again = project.mreg("register", "cancer", "model.joblib", "--stage", "production")
    check("register-again-stage-again.txt", again.out)


def test_other_metrics_are_another_version(project: Project) -> None:
    project.mreg("register", "cancer", "model.joblib", "--metric", "f1=0.9")
    project.mreg("register", "cancer", "model.joblib", "--metric", "f1=0.8")
    assert len(project.tags()) == 2


def test_a_dry_run_changes_nothing(project: Project) -> None:
    project.train(3)
    before = project.state()
    command = ("register", "cancer", "model.joblib", "--metrics", "metrics.json", "--params", "params.yaml")
    ran = project.mreg(*command, "--stage", "production", "--dry-run")
    check("register-dry-run.txt", ran.out + ran.err)
    check("register-dry-run.json", project.mreg(*command, "--stage", "production", "--dry-run", "--json").out)
    project.mreg(*command, "--draft", "--dry-run")
    assert project.state() == before


def test_a_dry_run_of_what_is_there(project: Project) -> None:
    project.mreg("register", "cancer", "model.joblib")
    assert project.data("register", "cancer", "model.joblib", "--dry-run")["repeated"] is True
    project.write("model.joblib", train(2).model)
    before = project.state()
    assert project.data("register", "cancer", "model.joblib", "--dry-run")["version"] == "1.1.0"
    assert project.state() == before


def test_a_draft_and_its_version(project: Project) -> None:
    project.mreg("register", "cancer", "model.joblib")
    project.write("model.joblib", train(2).model)
    project.git("switch", "--quiet", "--create", "deeper")
    ran = project.mreg("register", "cancer", "model.joblib", "--draft", "--bump", "major", "-m", "for review")
    check("register-draft.txt", ran.out)
    assert project.tags() == ["cancer@v1.0.0"]
    assert project.card()["version"] == "2.0.0"
    assert project.git("log", "-1", "--format=%s") == "Draft cancer v2.0.0"
    head = project.git("rev-parse", "HEAD")
    ran = project.mreg("register", "cancer")
    check("register-drafted.txt", ran.out)
    assert project.git("rev-parse", "cancer@v2.0.0^{commit}", "HEAD").splitlines() == [head, head]
    assert project.mreg("verify", "--deep").code == 0


def test_a_draft_that_was_reviewed(project: Project) -> None:
    project.mreg("register", "cancer", "model.joblib", "--draft")
    project.write("models/cancer/card.yaml", project.read("models/cancer/card.yaml") + "description: A tree\n")
    project.commit("Describe the model")
    project.mreg("register", "cancer", "-m", "reviewed")
    assert project.card(rev="cancer@v1.0.0")["description"] == "A tree"
    assert project.data("history")[0]["reason"] == "reviewed"


def test_a_draft_again(project: Project) -> None:
    project.mreg("register", "cancer", "model.joblib", "--draft")
    before = project.state()
    ran = project.mreg("register", "cancer", "model.joblib", "--draft")
    check("register-draft-again.txt", ran.out)
    assert project.state() == before


def test_a_draft_in_a_clone_without_the_bytes(project: Project, tmp_path: Path) -> None:
    dvc(project.root, "remote", "add", "-d", "store", str(tmp_path / "store"))
    project.git("commit", "--quiet", "--all", "--message", "A DVC remote")
    project.mreg("register", "cancer", "model.joblib", "--draft")
    dvc(project.root, "push")
    clone = Project(tmp_path / "clone", project.now)
    project.git("clone", "--quiet", str(project.root), str(clone.root))
    clone.mreg("register", "cancer")
    assert clone.tags() == ["cancer@v1.0.0"]
    assert clone.git("rev-parse", "cancer@v1.0.0^{commit}") == project.git("rev-parse", "HEAD")
    assert clone.mreg("verify", "--deep").code == 0


def test_the_code_of_a_draft(project: Project) -> None:
    code = project.git("rev-parse", "HEAD")
    project.mreg("register", "cancer", "model.joblib", "--draft")
    project.write("train.py", "print('merged meanwhile')\n")
    project.git("commit", "--quiet", "--all", "--message", "Work")
    project.mreg("register", "cancer")
    assert project.card(rev="cancer@v1.0.0")["training"]["code"]["commit"] == code


def test_a_draft_trained_anew(project: Project) -> None:
    project.mreg("register", "cancer", "model.joblib", "--draft")
    draft = project.git("rev-parse", "HEAD")
    project.write("model.joblib", train(2).model)
    project.mreg("register", "cancer", "model.joblib", "--draft")
    assert project.card()["training"]["code"]["commit"] == draft
    assert project.card()["version"] == "1.0.0"


def test_a_draft_has_no_stage(project: Project) -> None:
    before = project.state()
    ran = project.mreg("register", "cancer", "model.joblib", "--draft", "--stage", "staging", code=2)
    assert "contradict" in ran.err
    assert project.state() == before


def test_nothing_to_register(project: Project) -> None:
    ran = project.mreg("register", "cancer", code=2)
    check("register-nothing.txt", ran.err)


def test_a_stage_that_cannot_be_entered_from_nowhere(project: Project) -> None:
    project.write(".mreg.yaml", "stages:\n  production: {from: [staging]}\n")
    ran = project.mreg("register", "cancer", "model.joblib", "--stage", "production", code=1)
    assert "only a version in staging may enter production" in ran.err
    assert project.tags() == []
    assert project.git("log", "-1", "--format=%s") == "Begin a model registry"

"""`mreg register`: every kind of artifact, and what a registration leaves alone."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.cli.projects import train
from tests.cli.snapshot import check
from tests.gitrepos import write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.projects import Project

MEASURED = ("--metrics", "metrics.json", "--params", "params.yaml")


def test_a_file(project: Project) -> None:
    model = project.train(3)
    ran = project.mreg("register", "cancer", "model.joblib", *MEASURED, "--data", "data.csv", "-m", "A tree")
    check("register.txt", ran.out + ran.err)
    check("register.card.yaml", project.git("show", "cancer@v1.0.0:models/cancer/card.yaml"))
    assert project.changed() == [".gitignore", "model.joblib.dvc", "models/cancer/card.yaml"]
    assert project.git("rev-parse", "HEAD") == project.git("rev-parse", "cancer@v1.0.0^{commit}")
    message = project.git("for-each-ref", "--format=%(contents)", "refs/tags/cancer@v1.0.0")
    assert f"Artifact-SHA256: {hashlib.sha256(model.read_bytes()).hexdigest()}" in message
    assert project.git("for-each-ref", "--format=%(objectname)", "refs/mreg/cancer@head") == project.git(
        "rev-parse", "cancer@v1.0.0"
    )
    assert project.git("status", "--porcelain") == " M params.yaml"


def test_json(project: Project) -> None:
    project.train(3)
    check("register.json", project.mreg("register", "cancer", "model.joblib", *MEASURED, "--json").out)


def test_a_folder(project: Project) -> None:
    project.write("net/weights.txt", "1 2 3\n")
    project.write("net/inner/vocabulary.txt", "good\nbad\n")
    ran = project.mreg("register", "net", "net/", "--metric", "accuracy=0.81")
    check("register-folder.txt", ran.out)
    pointer = yaml.safe_load(project.read("net.dvc"))["outs"][0]
    assert pointer["path"] == "net"
    assert pointer["nfiles"] == 2
    assert project.card("net")["artifact"] == {"path": "net"}


def test_from_outside_the_repository(project: Project, tmp_path: Path) -> None:
    outside = write(tmp_path / "runs" / "best.joblib", train(3).model)
    project.mreg("register", "cancer", outside)
    assert project.card()["artifact"]["path"] == "models/cancer/best.joblib"
    assert (project.root / "models/cancer/best.joblib").read_bytes() == outside.read_bytes()
    assert project.changed() == [
        "models/cancer/.gitignore",
        "models/cancer/best.joblib.dvc",
        "models/cancer/card.yaml",
    ]
    assert project.mreg("verify", "--deep").code == 0


def test_a_folder_from_outside(project: Project, tmp_path: Path) -> None:
    write(tmp_path / "net" / "a", "1")
    write(tmp_path / "net" / "b" / "c", "2")
    project.mreg("register", "net", tmp_path / "net")
    assert (project.root / "models/net/net/b/c").read_text() == "2"


def test_tracked_by_dvc_already(project: Project, tmp_path: Path) -> None:
    project.train(1)
    project.mreg("register", "cancer", "model.joblib")
    project.write("model.joblib", train(3).model)
    project.mreg("register", "cancer", "model.joblib")
    assert project.tags() == ["cancer@v1.0.0", "cancer@v1.1.0"]
    assert project.changed() == ["model.joblib.dvc", "models/cancer/card.yaml"]
    project.mreg("get", "cancer@v1.0.0", "-o", tmp_path / "old")
    assert (tmp_path / "old" / "model.joblib").read_bytes() == train(1).model


def test_from_a_folder_below(project: Project) -> None:
    project.write("training/model.joblib", train(3).model)
    project.write("training/metrics.json", '{"f1": 0.9}')
    project.mreg("register", "cancer", "model.joblib", "--metrics", "metrics.json", folder=project.root / "training")
    card = project.card()
    assert card["artifact"]["path"] == "training/model.joblib"
    assert card["evaluations"][0]["source"] == "training/metrics.json"


def test_from_elsewhere(project: Project, tmp_path: Path) -> None:
    project.train(3)
    project.mreg("-C", project.root, "register", "cancer", "model.joblib", *MEASURED, folder=tmp_path)
    assert project.card()["training"]["parameters"] == {"depth": 3, "seed": 0}


def test_what_is_staged_or_changed_stays_so(project: Project) -> None:
    project.train(3)
    project.write("train.py", "print('changed')\n")
    project.write("staged.py", "print('staged')\n")
    project.write("new.py", "print('new')\n")
    project.git("add", "staged.py")
    project.mreg("register", "cancer", "model.joblib", *MEASURED)
    assert project.changed() == [".gitignore", "model.joblib.dvc", "models/cancer/card.yaml"]
    assert project.git("status", "--porcelain").splitlines() == [
        " M params.yaml",
        "A  staged.py",
        " M train.py",
        "?? new.py",
    ]


def test_a_dirty_tree_is_said(project: Project) -> None:
    project.train(3)
    project.write("new.py", "print('new')\n")
    ran = project.mreg("register", "cancer", "model.joblib", *MEASURED)
    check("register-dirty.txt", ran.err)
    assert project.card()["training"]["code"]["clean"] is False
    assert "not committed" in project.mreg("show", "cancer").out


def test_a_dirty_tree_can_be_refused(project: Project) -> None:
    project.train(3)
    before = project.state()
    ran = project.mreg("register", "cancer", "model.joblib", *MEASURED, "--require-clean", code=1)
    check("register-require-clean.txt", ran.err)
    assert project.state() == before
    project.git("checkout", "params.yaml")
    project.mreg("register", "cancer", "model.joblib", "--metrics", "metrics.json", "--require-clean")
    assert project.card()["training"]["code"]["clean"] is True


def test_the_code_is_the_commit_that_trained(project: Project) -> None:
    project.train(3)
    project.git("add", "params.yaml")
    project.git("commit", "--quiet", "--message", "Grow a deeper tree")
    commit = project.git("rev-parse", "HEAD")
    project.mreg("register", "cancer", "model.joblib", *MEASURED)
    assert project.card()["training"]["code"] == {"commit": commit, "clean": True}


def test_format_and_framework(project: Project) -> None:
    project.write("model.bin", train(3).model)
    project.mreg("register", "cancer", "model.bin", "--format", "joblib", "--framework", "scikit-learn")
    assert project.card()["artifact"] == {"path": "model.bin", "format": "joblib", "framework": "scikit-learn"}


@pytest.mark.parametrize(("name", "form", "framework"), [("m.onnx", "onnx", None), ("m.pt", "pytorch", "pytorch")])
def test_the_name_tells_the_format(project: Project, name: str, form: str, framework: str | None) -> None:
    project.write(name, "weights")
    project.mreg("register", "net", name)
    artifact = project.card("net")["artifact"]
    assert (artifact["format"], artifact.get("framework")) == (form, framework)


def test_a_card_of_ones_own(project: Project, tmp_path: Path) -> None:
    text = (
        "# ours\nschema: mreg/v1\nname: cancer\nversion: 3.0.0\n"
        "artifact: {path: model.joblib}\ndescription: 'A tree'   # short\n"
    )
    card = write(tmp_path / "card.yaml", text)
    project.train(3)
    project.mreg("register", "cancer", "model.joblib", "--card", card)
    assert project.tags() == ["cancer@v3.0.0"]
    written = project.read("models/cancer/card.yaml")
    assert written.startswith("# ours\nschema: mreg/v1\n")
    assert "description: 'A tree'   # short\n" in written


def test_a_message_stays_prose(project: Project) -> None:
    project.train(3)
    project.mreg("register", "cancer", "model.joblib", "-m", "Better.\n\nVersion: 9.9.9\nStage: production")
    assert project.data("ls", "cancer")["versions"][0]["version"] == "1.0.0"
    assert project.data("show", "cancer")["events"][0]["reason"] == "Better.\n\nVersion: 9.9.9\nStage: production"


def test_promoted_at_once(project: Project) -> None:
    project.train(3)
    ran = project.mreg("register", "cancer", "model.joblib", "--stage", "production", "-m", "hotfix")
    check("register-stage.txt", ran.out)
    assert project.tags() == ["cancer@v1.0.0", "cancer@v1.0.0-production"]
    reasons = [event["reason"] for event in project.data("history")]
    assert reasons == ["hotfix", "hotfix"]

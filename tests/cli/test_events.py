"""Commands that write one event: promote, rollback, archive, yank, alias, unalias."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.projects import Project, train
from tests.cli.snapshot import check

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def stages(project: Project, model: str = "cancer") -> dict[str, str]:
    """Each version's stage."""
    return {row["version"]: row["stage"] for row in project.data("ls", model, "--all")["versions"]}


@pytest.fixture(scope="session")
def first_three(first_project: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with v1.0.0, v1.1.0 and v1.2.0, none of which is in any stage. Not to be changed."""
    project = first_project.copy(tmp_path_factory.mktemp("first-three") / "project")
    for depth in (1, 2, 3):
        project.write("model.joblib", train(depth).model)
        project.mreg("register", "cancer", "model.joblib")
    return project


@pytest.fixture
def three(first_three: Project, tmp_path: Path) -> Project:
    return first_three.copy(tmp_path / "project")


def test_promote(three: Project) -> None:
    ran = three.mreg("promote", "cancer@v1.0.0", "staging")
    check("promote.txt", ran.out + ran.err)
    ran = three.mreg("promote", "cancer@1.0.0", "production", "-m", "good enough")
    check("promote-on.txt", ran.out + ran.err)
    ran = three.mreg("promote", "cancer@latest", "Production", "--message", "better")
    check("promote-over.txt", ran.out + ran.err)
    assert stages(three) == {"1.0.0": "archived", "1.1.0": "none", "1.2.0": "production"}
    assert three.tags()[-2:] == ["cancer@v1.2.0", "cancer@v1.2.0-production"]
    assert three.git("rev-parse", "cancer@v1.2.0^{commit}") == three.git(
        "rev-parse", "cancer@v1.2.0-production^{commit}"
    )


def test_promote_as_mlflow_writes_it(three: Project) -> None:
    three.mreg("promote", "models:/cancer/1.1.0", "production")
    three.mreg("promote", "models:/cancer/Production", "staging")
    assert stages(three)["1.1.0"] == "staging"


def test_promote_json(three: Project) -> None:
    three.mreg("promote", "cancer@v1.0.0", "production")
    check("promote.json", three.mreg("promote", "cancer@v1.1.0", "production", "-m", "better", "--json").out)


def test_promote_again(three: Project) -> None:
    three.mreg("promote", "cancer@v1.0.0", "production")
    before = three.state()
    ran = three.mreg("promote", "cancer@v1.0.0", "production")
    check("promote-again.txt", ran.out + ran.err)
    check("promote-again.json", three.mreg("promote", "cancer@production", "production", "--json").out)
    assert three.state() == before


def test_several_versions_in_a_stage(three: Project) -> None:
    three.mreg("promote", "cancer@v1.0.0", "staging")
    three.mreg("promote", "cancer@v1.2.0", "staging")
    check("ls-two-staged.txt", three.mreg("ls").out)
    assert three.data("resolve", "cancer@staging")["version"] == "1.2.0"


def test_back_to_no_stage(three: Project) -> None:
    three.mreg("promote", "cancer@v1.0.0", "staging")
    check("promote-none.txt", three.mreg("promote", "cancer@v1.0.0", "none").out)
    check("promote-none-again.txt", three.mreg("promote", "cancer@v1.0.0", "none").out)
    assert stages(three)["1.0.0"] == "none"
    assert "cancer@v1.0.0-none" in three.tags()


def test_rules_and_force(three: Project) -> None:
    three.write(".mreg.yaml", "stages:\n  production: {from: [staging]}\n")
    ran = three.mreg("promote", "cancer@v1.0.0", "production", code=1)
    check("promote-forbidden.txt", ran.err)
    three.mreg("promote", "cancer@v1.0.0", "production", "--force", "-m", "an emergency")
    check("promote-forced.txt", three.mreg("history", "cancer", "--limit", "1").out)
    assert three.data("history")[0]["forced"] is True


def test_rollback_walks_back(three: Project) -> None:
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        three.mreg("promote", f"cancer@{version}", "production")
    ran = three.mreg("rollback", "cancer", "-m", "times out")
    check("rollback.txt", ran.out + ran.err)
    assert stages(three) == {"1.0.0": "archived", "1.1.0": "production", "1.2.0": "archived"}
    three.mreg("rollback", "cancer")
    assert stages(three)["1.0.0"] == "production"
    ran = three.mreg("rollback", "cancer", code=1)
    check("rollback-none.txt", ran.err)
    assert "cancer@v1.0.0-production.2" in three.tags()


def test_rollback_of_a_stage_to_a_version(three: Project) -> None:
    three.write(".mreg.yaml", "stages:\n  canary: {exclusive: true}\n")
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        three.mreg("promote", f"cancer@{version}", "canary")
    three.mreg("rollback", "cancer", "--stage", "canary", "--to", "v1.0.0")
    assert stages(three)["1.0.0"] == "canary"
    ran = three.mreg("rollback", "cancer", "--stage", "canary", "--to", "1.0.0")
    check("rollback-again.txt", ran.out)
    assert three.mreg("rollback", "cancer", code=1).err.startswith("mreg: no version of cancer ever")


def test_rollback_passes_over_yanked(three: Project) -> None:
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        three.mreg("promote", f"cancer@{version}", "production")
    three.mreg("yank", "cancer@v1.1.0", "-m", "wrong data")
    three.mreg("rollback", "cancer")
    assert stages(three)["1.0.0"] == "production"


def test_rollback_ignores_rules(three: Project) -> None:
    for version in ("1.0.0", "1.1.0"):
        three.mreg("promote", f"cancer@{version}", "production")
    three.write(".mreg.yaml", "stages:\n  production: {exclusive: true, from: [staging]}\n")
    three.mreg("rollback", "cancer")
    assert stages(three)["1.0.0"] == "production"


def test_rollback_takes_a_model(three: Project) -> None:
    check("rollback-version.txt", three.mreg("rollback", "cancer@v1.0.0", code=2).err)


def test_archive_several(three: Project) -> None:
    three.mreg("promote", "cancer@v1.0.0", "staging")
    ran = three.mreg("archive", "cancer@v1.0.0", "cancer@v1.1.0", "-m", "old")
    check("archive.txt", ran.out + ran.err)
    assert stages(three) == {"1.0.0": "archived", "1.1.0": "archived", "1.2.0": "none"}
    check("archive-again.txt", three.mreg("archive", "cancer@v1.0.0").out)


def test_archive_json(three: Project) -> None:
    check("archive.json", three.mreg("archive", "cancer@v1.0.0", "cancer@v1.1.0", "--json").out)


@pytest.mark.parametrize(
    ("command", "event", "tag"),
    [
        (("rollback", "cancer", "-m", "slow"), "rollback", "cancer@v1.0.0-production.2"),
        (("yank", "cancer@v1.2.0", "-m", "wrong"), "yank", "cancer@v1.2.0-yanked"),
        (("alias", "cancer@v1.2.0", "champion"), "alias", "cancer@v1.2.0-champion"),
        (("unalias", "cancer", "eu"), "unalias", "cancer@v1.1.0-unalias_eu"),
    ],
)
def test_json_of_every_event(three: Project, command: Sequence[str], event: str, tag: str) -> None:
    for version in ("1.0.0", "1.1.0"):
        three.mreg("promote", f"cancer@{version}", "production")
    three.mreg("alias", "cancer@v1.1.0", "eu")
    document = three.mreg(*command, "--json").json
    assert document["kind"] == "event-written"
    assert (document["data"]["event"]["event"], document["data"]["event"]["tag"]) == (event, tag)


def test_archive_all_or_none(three: Project) -> None:
    before = three.state()
    three.mreg("archive", "cancer@v1.0.0", "cancer@v9.9.9", code=1)
    assert three.state() == before


def test_archive_out_of_production(three: Project) -> None:
    three.mreg("promote", "cancer@v1.0.0", "production")
    three.mreg("archive", "cancer@production")
    assert "cancer has no version in production" in three.mreg("resolve", "cancer@production", code=1).err


def test_yank(three: Project) -> None:
    ran = three.mreg("yank", "cancer@v1.2.0", "-m", "trained on the test set")
    check("yank.txt", ran.out + ran.err)
    assert three.data("resolve", "cancer@latest")["version"] == "1.1.0"
    check("yank-promote.txt", three.mreg("promote", "cancer@v1.2.0", "production", code=1).err)
    check("yank-again.txt", three.mreg("yank", "cancer@v1.2.0", "-m", "again").out)
    assert three.mreg("alias", "cancer@v1.2.0", "champion", code=1).err.startswith("mreg: cancer v1.2.0 is yanked")


def test_yank_needs_a_reason(three: Project) -> None:
    before = three.state()
    check("yank-no-reason.txt", three.mreg("yank", "cancer@v1.2.0", code=2).err)
    three.mreg("yank", "cancer@v1.2.0", "-m", "  ", code=2)
    assert three.state() == before


def test_yank_what_is_in_use(three: Project) -> None:
    three.mreg("promote", "cancer@v1.2.0", "production")
    check("yank-in-use.txt", three.mreg("yank", "cancer@v1.2.0", "-m", "oh", code=1).err)


def test_aliases(three: Project) -> None:
    ran = three.mreg("alias", "cancer@v1.0.0", "champion")
    check("alias.txt", ran.out + ran.err)
    assert three.data("resolve", "cancer@champion")["version"] == "1.0.0"
    check("alias-again.txt", three.mreg("alias", "cancer@champion", "champion").out)
    three.mreg("alias", "cancer@v1.1.0", "champion", "-m", "beats it")
    three.mreg("alias", "cancer@v1.1.0", "eu")
    assert three.data("resolve", "cancer@champion")["aliases"] == ["champion", "eu"]
    check("unalias.txt", three.mreg("unalias", "cancer", "champion").out)
    assert three.data("resolve", "cancer@v1.1.0")["aliases"] == ["eu"]
    check("unalias-unknown.txt", three.mreg("unalias", "cancer", "champion", code=1).err)
    names = [event["alias"] for event in three.data("history") if event["alias"]]
    assert names == ["champion", "eu", "champion", "champion"]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("promote", "cancr", "production"), ["no model cancr is registered here", "did you mean cancer?"]),
        (("promote", "cancer@v1.3.0", "production"), ["cancer has no version, stage or alias v1.3.0", "did you mean"]),
        (("promote", "cancer", "prodction"), ["there is no stage prodction", "did you mean production?"]),
        (("alias", "cancer", "staging"), ["staging is a stage here"]),
    ],
)
def test_what_is_not_there(three: Project, command: Sequence[str], words: Sequence[str]) -> None:
    before = three.state()
    code = 2 if command[0] == "alias" else 1
    ran = three.mreg(*command, code=code)
    assert ran.out == ""
    assert all(word in ran.err for word in words)
    assert three.state() == before

"""Where the branch of a registration goes, and what is kept out of other branches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.teams import register

if TYPE_CHECKING:
    from tests.cli.projects import Project
    from tests.cli.teams import Team

MAIN = "refs/heads/main"


def begin_branch(ada: Project) -> None:
    """A branch of Ada's with work in progress, made as Git's own pages say: main on the server is its upstream."""
    ada.git("checkout", "--quiet", "-b", "feat", "origin/main")
    assert ada.git("config", "branch.feat.merge") == MAIN
    ada.write("train.py", "print('unfinished')\n")
    ada.commit("Work in progress")


@pytest.mark.parametrize("default", [None, "simple", "current", "matching", "nothing"])
def test_work_in_progress_goes_to_no_other_branch(team: Team, default: str | None) -> None:
    if default:
        team.ada.git("config", "push.default", default)
    begin_branch(team.ada)
    before = team.refs()[MAIN]
    assert "published the branch feat" in register(team.ada, 3) + team.ada.mreg("push").out
    assert team.refs()[MAIN] == before
    assert team.refs()["refs/heads/feat"] == team.ada.git("rev-parse", "HEAD")


@pytest.mark.parametrize("default", ["upstream", "tracking"])
def test_a_branch_goes_to_its_upstream_where_git_is_told_so(team: Team, default: str) -> None:
    team.ada.git("config", "push.default", default)
    begin_branch(team.ada)
    register(team.ada, 3)
    assert team.ada.data("push", "--dry-run")["branch"] == team.ada.data("push")["branch"] == "main"
    assert team.refs()[MAIN] == team.ada.git("rev-parse", "HEAD")
    assert "refs/heads/feat" not in team.refs()


def test_an_upstream_elsewhere_counts_for_nothing(team: Team) -> None:
    team.ada.git("config", "push.default", "upstream")
    team.ada.git("checkout", "--quiet", "-b", "feat", "--track", "main")
    register(team.ada, 3, "--push")
    assert team.refs()["refs/heads/feat"] == team.ada.git("rev-parse", "HEAD")


def test_the_usual_branch(team: Team) -> None:
    team.grace.git("config", "branch.main.merge", MAIN)
    register(team.grace, 3, "--push")
    assert team.refs()[MAIN] == team.grace.git("rev-parse", "HEAD")

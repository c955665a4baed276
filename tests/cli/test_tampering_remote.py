"""What was published and is gone: noticed however it went, and neither forgotten nor built upon."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.cli.snapshot import check
from tests.cli.teams import register
from tests.gitrepos import git

if TYPE_CHECKING:
    from tests.cli.projects import Project
    from tests.cli.teams import Team

TAG, HEAD = "cancer@v1.1.0-production", "refs/mreg/cancer@head"


@pytest.fixture
def rewound(team: Team) -> Team:
    """The newest event is gone from the server, and the head is back where it was before; both clones had seen it."""
    before = team.refs()[HEAD]
    team.ada.mreg("promote", "cancer@v1.1.0", "production", "--push")
    team.grace.mreg("pull")
    team.there("update-ref", HEAD, before)
    team.there("tag", "--delete", TAG)
    return team


def said(project: Project, *command: str, code: int = 0) -> str:
    ran = project.mreg(*command, code=code)
    return ran.out + ran.err


def test_the_newest_event_is_gone_when_the_next_is_published(team: Team) -> None:
    """The head still is there, so that its lease alone would hold."""
    team.ada.mreg("promote", "cancer@v1.1.0", "production", "--push")
    team.there("tag", "--delete", TAG)
    before = team.refs()
    team.ada.mreg("alias", "cancer@v1.0.0", "best")
    assert f"differs: {TAG} was deleted" in said(team.ada, "push", "cancer", code=1)
    assert team.refs() == before
    assert f"{TAG} was deleted on origin" in said(team.ada, "status")


@pytest.mark.parametrize("first", ["pull", "push", "push cancer"])
def test_what_is_gone_stays_known(rewound: Team, first: str) -> None:
    there = rewound.refs()
    for command in (first, "push", "pull", first):
        assert f"differs: {TAG} was deleted" in said(rewound.grace, *command.split(), code=1), command
        assert f"{TAG} was deleted on origin" in said(rewound.grace, "status")
    assert TAG in rewound.grace.mreg("verify", "--remote", code=1).out
    assert rewound.refs() == there
    check("push-rewound.txt", said(rewound.grace, "push", code=1))


def test_a_fetch_by_git_does_not_make_it_forgotten(rewound: Team) -> None:
    rewound.grace.git("fetch", "--quiet", "origin")
    rewound.grace.git("fetch", "--quiet", "--prune", "origin")
    assert f"differs: {TAG} was deleted" in said(rewound.grace, "push", "cancer", code=1)


def test_nothing_is_built_on_what_is_gone(rewound: Team) -> None:
    there = rewound.refs()
    rewound.ada.mreg("alias", "cancer@v1.1.0", "best")
    rewound.ada.mreg("push", code=1)
    assert rewound.refs() == there
    rewound.ada.git("push", "--quiet", "origin", TAG)
    rewound.ada.mreg("push")
    rewound.grace.mreg("pull")
    assert rewound.grace.data("resolve", "cancer@best")["version"] == "1.1.0"
    assert rewound.grace.data("verify", "--remote")["faults"] == []


def test_a_server_made_anew(team: Team) -> None:
    """Nothing is published as if it were new, until somebody says that it may."""
    shutil.rmtree(team.origin)
    git(team.root, "init", "--quiet", "--bare", "origin.git")
    for command in ("push", "push cancer", "push"):
        assert "was deleted on origin" in said(team.ada, *command.split(), code=1)
        assert not [ref for ref in team.refs() if not ref.startswith("refs/notes/")]
    check("push-anew.txt", said(team.ada, "push", code=1))
    known = team.ada.git("for-each-ref", "--format=delete %(refname)", "refs/mreg-known/origin")
    team.ada.git("update-ref", "--stdin", stdin=known + "\n")
    team.ada.mreg("push")
    assert team.ada.data("verify", "--remote")["faults"] == []
    register(team.ada, 3, "--push")
    assert team.clone("new").data("resolve", "cancer")["version"] == "1.2.0"


def test_others_go_on_where_a_tag_is_gone(team: Team) -> None:
    """A clone that never had it publishes what follows: the head there is an event, and says nothing against it."""
    team.ada.mreg("alias", "cancer@v1.0.0", "best", "--push")
    team.grace.mreg("promote", "cancer@v1.1.0", "staging", "--push")
    team.there("tag", "--delete", "cancer@v1.0.0-best")
    (line,) = [line for line in said(team.ada, "push", code=1).splitlines() if line.startswith("differs")]
    assert line.startswith("differs: cancer@v1.0.0-best was deleted on origin")
    (fault,) = team.ada.mreg("verify", "--remote", "--json", code=1).data["faults"]
    assert fault["where"] == "cancer@v1.0.0-best"


def test_what_is_gone_on_both_sides_comes_back_here(rewound: Team) -> None:
    """As where git prunes tags that the server has no more."""
    rewound.grace.git("fetch", "--quiet", "--prune", "--prune-tags", "origin")
    assert TAG not in rewound.grace.tags()
    assert f"differs: {TAG} was deleted" in said(rewound.grace, "pull", code=1)
    rewound.grace.git("push", "--quiet", "origin", TAG)
    rewound.grace.mreg("push")
    assert rewound.grace.data("verify", "--remote")["faults"] == []


def test_two_remotes_with_different_histories(team: Team) -> None:
    """What is published on one is not written anew for the other."""
    git(team.root, "clone", "--quiet", "--mirror", "origin.git", "backup.git")
    for project in (team.ada, team.grace):
        project.git("remote", "add", "backup", "../backup.git")
    team.grace.mreg("promote", "cancer@v1.1.0", "production")
    team.grace.mreg("push", "--remote", "backup")
    team.ada.mreg("promote", "cancer@v1.1.0", "staging", "--push")
    before = team.ada.tags()
    check("push-two-histories.txt", said(team.ada, "push", "--remote", "backup", code=1))
    assert team.ada.tags() == before
    assert team.ada.data("status")["models"] == []


def test_only_the_head_has_it_still(team: Team) -> None:
    """Whoever made it is away, and nobody else ever had it."""
    team.ada.mreg("promote", "cancer@v1.1.0", "production", "--push")
    team.there("tag", "--delete", TAG)
    head = team.refs()[HEAD]
    assert f"git push origin {head}:refs/tags/TAG" in said(team.grace, "push", "cancer", code=1)
    assert f"\ntag {TAG}\n" in team.grace.git("cat-file", "tag", head)
    team.grace.git("push", "--quiet", "origin", f"{head}:refs/tags/{TAG}")
    team.grace.mreg("pull")
    assert team.grace.data("resolve", "cancer@production")["version"] == "1.1.0"


def test_an_own_event_in_the_middle_is_deleted(team: Team) -> None:
    """What was built on it is not published as if it meant the same without it."""
    register(team.grace, 3)
    team.grace.mreg("promote", "cancer@v1.2.0", "production")
    team.grace.git("tag", "--delete", "cancer@v1.2.0")
    assert "no longer holds: what it was built on is not on the remote" in said(team.grace, "push", code=1)
    assert [event["tag"] for event in team.grace.data("status")["set_aside"]] == ["cancer@v1.2.0-production"]
    assert team.clone("new").data("resolve", "cancer@production")["version"] == "1.0.0"


def test_what_was_set_aside_and_came_back(team: Team) -> None:
    team.grace.mreg("promote", "cancer@v1.1.0", "production")
    lost = team.grace.git("rev-parse", TAG)
    team.ada.mreg("promote", "cancer@v1.1.0", "staging", "--push")
    team.grace.mreg("push", code=1)
    team.grace.git("tag", TAG, lost)
    assert "came too late" in said(team.grace, "push", code=1)
    assert team.grace.data("status")["models"] == []

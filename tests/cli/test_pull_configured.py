"""mreg pull and push where Git is configured, or its folder looks, otherwise than `git clone` leaves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.projects import Project
from tests.cli.teams import register
from tests.gitrepos import git

if TYPE_CHECKING:
    from tests.cli.program import Ran
    from tests.cli.teams import Team

HEAD, SEEN = "refs/mreg/cancer@head", "refs/mreg-remotes/origin/cancer@head"
NOTES = "refs/notes/mreg"


def said(ran: Ran) -> str:
    return ran.out + ran.err


def facts(project: Project, ref: str = "cancer@v1.0.0") -> dict[str, object]:
    return {key: fact["value"] for key, fact in project.data("show", ref)["annotations"].items()}


def alike(*projects: Project) -> bool:
    """Whether they all have the same tags and annotations."""
    return len({project.git("for-each-ref", "refs/tags", NOTES) for project in projects}) == 1


# Refspecs that would write over what is here


def also_fetch(project: Project, *refspecs: str) -> None:
    for refspec in refspecs:
        project.git("config", "--add", "remote.origin.fetch", refspec)


EVERYTHING = "+refs/*:refs/*"


@pytest.mark.parametrize("refspec", ["+refs/notes/*:refs/notes/*", "+refs/notes/mreg:refs/notes/mreg", EVERYTHING])
def test_own_annotations_stay(team: Team, refspec: str) -> None:
    also_fetch(team.grace, refspec)
    team.ada.mreg("annotate", "cancer@v1.0.0", "a=1", "--push")
    team.grace.mreg("annotate", "cancer@v1.0.0", "b=2")
    assert "new annotations" in team.grace.mreg("pull").out
    assert facts(team.grace) == {"drift": 0.1, "a": 1, "b": 2}
    team.grace.mreg("push")
    team.ada.mreg("pull")
    assert alike(team.ada, team.grace)


@pytest.mark.parametrize("refspec", ["+refs/tags/*:refs/tags/*", "+tags/*:tags/*", EVERYTHING])
def test_a_tag_moved_there_is_not_taken(team: Team, refspec: str) -> None:
    also_fetch(team.grace, refspec)
    before = team.grace.git("rev-parse", "cancer@v1.0.0-production")
    team.there("tag", "--force", "cancer@v1.0.0-production", "main")
    assert "differs: cancer@v1.0.0-production is " in said(team.grace.mreg("pull", code=1))
    assert team.grace.git("rev-parse", "cancer@v1.0.0-production") == before


def test_own_heads_stay(team: Team) -> None:
    also_fetch(team.grace, "+refs/mreg/*:refs/mreg/*")
    team.ada.mreg("alias", "cancer@v1.1.0", "champion", "--push")
    team.grace.mreg("promote", "cancer@v1.1.0", "production")
    team.grace.mreg("pull")
    team.grace.mreg("push")
    team.ada.mreg("pull")
    assert alike(team.ada, team.grace)
    assert team.grace.data("verify")["faults"] == []


def test_what_else_is_configured_is_fetched(team: Team) -> None:
    also_fetch(team.grace, "+refs/changes/*:refs/remotes/changes/*", "^refs/heads/secret*", "main")
    for ref in ("refs/changes/1", "refs/heads/secret-plan", "refs/heads/open"):
        team.there("update-ref", ref, "main")
    team.grace.mreg("pull")
    remotes = team.grace.git("for-each-ref", "--format=%(refname)", "refs/remotes").splitlines()
    assert {"refs/remotes/changes/1", "refs/remotes/origin/open"} < set(remotes)
    assert "refs/remotes/origin/secret-plan" not in remotes


# Mirrors


def mirror(team: Team) -> Project:
    found = team.clone("mirror.git", "--mirror")
    found.go_to("2026-03-16")
    return found


def test_a_mirror_shares_like_any_clone(team: Team) -> None:
    here = mirror(team)
    here.mreg("promote", "cancer@v1.1.0", "staging")
    here.mreg("annotate", "cancer@v1.0.0", "b=2")
    register(team.ada, 3, "--push")
    team.ada.mreg("annotate", "cancer@v1.0.0", "a=1", "--push")
    assert "published cancer v1.1.0 promote" in here.mreg("push").out
    team.ada.mreg("pull")
    here.mreg("pull")
    assert alike(team.ada, here)
    assert facts(here) == {"drift": 0.1, "a": 1, "b": 2}
    assert here.git("rev-parse", "main") == team.refs()["refs/heads/main"] == team.ada.git("rev-parse", "HEAD")
    assert here.data("verify")["faults"] == []


@pytest.mark.parametrize("fetched", ["mreg pull", "git fetch, then mreg pull"])
def test_a_pull_into_a_mirror_unites(team: Team, fetched: str) -> None:
    here = mirror(team)
    here.mreg("promote", "cancer@v1.1.0", "staging")
    team.ada.mreg("alias", "cancer@v1.1.0", "champion", "--push")
    if fetched.startswith("git"):  # takes over the remote's head
        here.git("fetch", "--quiet")
        assert here.git("rev-parse", HEAD) == team.refs()[HEAD]
    assert "1 event of yours follows" in here.mreg("pull").err
    assert here.data("verify")["faults"] == []
    here.mreg("push")
    team.ada.mreg("pull")
    assert alike(team.ada, here)


def test_a_remote_that_is_pushed_to_as_a_mirror(team: Team) -> None:
    """With a name that Git's own syntax for settings would break in two."""
    git(team.root, "init", "--quiet", "--bare", "copy.git")
    team.ada.git("remote", "add", "--mirror=push", "a=b.c", "../copy.git")
    team.ada.git("update-ref", "refs/heads/mine", "HEAD")
    assert "published cancer v1.0.0 register" in team.ada.mreg("push", "--remote", "a=b.c", "--no-branch").out
    copied = git(team.root / "copy.git", "for-each-ref", "--format=%(refname)").splitlines()
    assert copied == [ref for ref in sorted(team.refs()) if not ref.startswith("refs/heads/")]


# Refs that git cannot write here


def test_a_lock_that_was_left(team: Team) -> None:
    team.ada.mreg("promote", "cancer@v1.1.0", "production", "--push")
    lock = team.grace.root / ".git/refs/tags/cancer@v1.1.0-production.lock"
    lock.touch()
    ran = team.grace.mreg("pull", code=3)
    assert ran.err.startswith("mreg: cannot store what came from origin: cannot lock ref 'refs/tags/cancer@v1.1.0-prod")
    assert "remove the file if none runs" in ran.err
    assert ran.err.count("\n") == 2
    assert "nothing new" not in ran.out
    lock.unlink()
    assert team.grace.mreg("pull").out == "cancer: 1 new event\n"


@pytest.mark.parametrize(("old", "new"), [("feat", "feat/x"), ("feat/x", "feat")])
def test_a_branch_that_is_called_otherwise_now(team: Team, old: str, new: str) -> None:
    team.there("branch", old, "main")
    team.grace.mreg("pull")
    team.there("branch", "--move", old, "other")
    team.there("branch", "--move", "other", new)
    team.ada.mreg("promote", "cancer@v1.1.0", "production", "--push")
    ran = team.grace.mreg("pull", code=3)
    command = ran.err.rpartition("there before: ")[2].partition(", then")[0]
    assert command == f"git branch --delete --remotes origin/{old}"
    team.grace.git(*command.split()[1:])
    team.grace.mreg("pull")
    assert team.grace.git("rev-parse", f"origin/{new}") == team.refs()["refs/heads/main"]
    assert team.grace.data("resolve", "cancer@production")["version"] == "1.1.0"


def test_a_tag_that_is_in_the_way(team: Team) -> None:
    team.grace.git("tag", "tumour")
    register(team.ada, 3, "--push", model="tumour/size")
    ran = team.grace.mreg("pull", code=3)
    assert "hint: refs/tags/tumour here is in the way: rename or delete it, then run the same command again" in ran.err
    team.grace.git("tag", "--delete", "tumour")
    assert team.grace.mreg("pull").out == "tumour/size: 1 new event\n"


def test_a_branch_that_may_not_be_rewritten(team: Team) -> None:
    """What the configuration forbids is no failure, nor a tag that differs."""
    team.grace.git("config", "--replace-all", "remote.origin.fetch", "refs/heads/*:refs/remotes/origin/*", "heads")
    before = team.grace.git("rev-parse", "origin/main")
    team.there("update-ref", "refs/heads/main", "main~1")
    assert said(team.grace.mreg("pull")) == "origin has nothing new\n"
    assert team.grace.git("rev-parse", "origin/main") == before


# Annotations on the server that are none


@pytest.mark.parametrize("kind", ["blob", "tree"])
def test_annotations_that_are_none(team: Team, kind: str) -> None:
    team.ada.mreg("annotate", "cancer@v1.0.0", "a=1", "--push")
    team.grace.mreg("annotate", "cancer@v1.0.0", "b=2")
    bad = team.there("rev-parse", "main:train.py" if kind == "blob" else "main^{tree}")
    team.there("update-ref", NOTES, bad)
    team.ada.mreg("promote", "cancer@v1.1.0", "production", "--push")
    ran = team.grace.mreg("pull")
    assert ran.out == "cancer: 1 new event\n"
    notice = f"note: {NOTES} on origin is a {kind} and not a commit, so that no annotations came: "
    assert ran.err.startswith(notice)
    assert facts(team.grace) == {"drift": 0.1, "b": 2}
    assert "annotations that origin lacks" in team.grace.mreg("status").out
    refused = team.grace.mreg("push", code=3).err
    assert refused.startswith(f"mreg: {NOTES} on origin is no commit with annotations; nothing was published\n")
    assert team.refs()[NOTES] == bad
    command = refused.partition("remove it there, git ")[2].partition(", then")[0]
    team.grace.git(*command.split())
    assert "published annotations" in team.grace.mreg("push").out
    assert "published annotations" in team.ada.mreg("push").out
    team.grace.mreg("pull")
    assert facts(team.grace) == facts(team.ada) == {"drift": 0.1, "a": 1, "b": 2}
    assert said(team.grace.mreg("pull")) == "origin has nothing new\n"


# Tags that git itself removed


@pytest.mark.parametrize("command", ["pull", "push", "push cancer"])
def test_what_git_pruned_is_set_aside(team: Team, command: str) -> None:
    team.grace.mreg("promote", "cancer@v1.1.0", "production")
    team.grace.mreg("alias", "cancer@v1.1.0", "champion")
    lost = [team.grace.git("rev-parse", f"cancer@v1.1.0-{name}") for name in ("production", "champion")]
    team.grace.git("fetch", "--quiet", "--prune", "--prune-tags")
    ran = team.grace.mreg(*command.split())
    assert ran.out in ("origin has nothing new\n", "origin has everything already: nothing to publish\n")
    for oid, name in zip(lost, ("production", "champion"), strict=True):
        assert f"note: cancer@v1.1.0-{name} is not published, and its tag is gone here" in ran.err
        assert team.grace.git("rev-parse", f"refs/mreg-aside/{oid}") == oid
    assert team.grace.data("verify")["faults"] == []
    assert {event["tag_object"] for event in team.grace.data("status")["set_aside"]} == set(lost)
    assert said(team.grace.mreg("pull")) == "origin has nothing new\n"
    for oid, name in zip(lost, ("production", "champion"), strict=True):
        command = f"git tag cancer@v1.1.0-{name} {oid}"
        assert command in ran.err
        team.grace.git(*command.split()[1:])
    team.grace.mreg("push")
    assert team.grace.data("status")["set_aside"] == []
    assert team.refs()[HEAD] == lost[1]


def test_a_published_event_whose_tag_is_gone_here_comes_back(team: Team) -> None:
    team.grace.mreg("promote", "cancer@v1.1.0", "production", "--push")
    team.grace.git("tag", "--delete", "cancer@v1.1.0-production")
    assert said(team.grace.mreg("pull")) == "cancer: 1 new event\n"
    assert team.grace.git("for-each-ref", "refs/mreg-aside") == ""


# Annotations on registrations


def draft(team: Team) -> None:
    """A version that both may register, at the same commit."""
    register(team.ada, 3, "--draft")
    team.ada.git("push", "--quiet", "origin", "main")
    team.grace.git("pull", "--quiet", "origin", "main")
    register(team.ada, 3)
    register(team.grace, 3)


@pytest.mark.parametrize("command", ["push", "pull"])
def test_annotations_follow_a_registration_that_was_not_needed(team: Team, command: str) -> None:
    draft(team)
    team.grace.mreg("annotate", "cancer@v1.2.0", "mine=true")
    team.ada.mreg("annotate", "cancer@v1.2.0", "theirs=true")
    team.ada.mreg("push")
    assert "left out: " in team.grace.mreg(command).out
    team.grace.mreg("push")
    team.ada.mreg("pull")
    assert facts(team.ada, "cancer@v1.2.0") == facts(team.grace, "cancer@v1.2.0") == {"mine": True, "theirs": True}
    assert alike(team.ada, team.grace)


def test_annotations_of_a_registration_that_lost_are_said_to_stay(team: Team) -> None:
    register(team.ada, 3, "--push")
    register(team.grace, 4)
    team.grace.mreg("annotate", "cancer@v1.2.0", "mine=true")
    ran = team.grace.mreg("pull", code=1)
    words = "note: your annotations of cancer v1.2.0 stay with the registration that was set aside: git "
    assert words in ran.err
    command = ran.err.partition(words)[2].partition("\n")[0]
    assert '"key":"mine"' in team.grace.git(*command.split())


# Several places


def test_two_push_urls(team: Team) -> None:
    """Nobody is told that all is published where the second one lacks something."""
    git(team.root, "init", "--quiet", "--bare", "copy.git")
    for url in ("../origin.git", "../copy.git"):
        team.ada.git("remote", "set-url", "--add", "--push", "origin", url)
    ran = team.ada.mreg("promote", "cancer@v1.1.0", "production", "--push", code=3)
    said = "of its 2 push URLs, ../copy.git did not take what the rest took: "
    assert f"{said}{HEAD} [rejected]" in ran.err
    assert "hint: it is written here and may be published or not; make ../copy.git a copy of origin" in ran.err
    assert team.refs()[HEAD] == team.ada.git("rev-parse", HEAD)
    git(team.root, "clone", "--quiet", "--mirror", "origin.git", "mirror.git")
    git(team.root / "mirror.git", "push", "--quiet", "--mirror", "../copy.git")
    team.ada.mreg("push")
    team.ada.mreg("alias", "cancer@v1.1.0", "champion", "--push")
    assert git(team.root / "copy.git", "for-each-ref") == team.there("for-each-ref")


def test_a_race_with_two_push_urls(team: Team) -> None:
    git(team.root, "clone", "--quiet", "--mirror", "origin.git", "copy.git")
    for url in ("../origin.git", "../copy.git"):
        for person in (team.ada, team.grace):
            person.git("remote", "set-url", "--add", "--push", "origin", url)
    team.ada.mreg("alias", "cancer@v1.1.0", "champion", "--push")
    team.grace.mreg("promote", "cancer@v1.1.0", "production", "--push")
    assert git(team.root / "copy.git", "for-each-ref") == team.there("for-each-ref")

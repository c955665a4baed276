"""mreg pull: what others published, and what becomes of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.snapshot import check
from tests.cli.teams import as_person, register
from tests.gitrepos import git

if TYPE_CHECKING:
    from tests.cli.program import Ran
    from tests.cli.teams import Team

HEAD, SEEN = "refs/mreg/cancer@head", "refs/mreg-remotes/origin/cancer@head"


def said(ran: Ran) -> str:
    return ran.out + ran.err


def test_what_others_published(team: Team) -> None:
    register(team.ada, 3, "--stage", "staging")
    register(team.ada, 4, model="tumour/size")
    team.ada.mreg("annotate", "cancer@v1.2.0", "checked=true")
    team.ada.mreg("push")
    check("pull.txt", said(team.grace.mreg("pull")))
    check("pull-nothing.txt", said(team.grace.mreg("pull")))
    assert team.grace.git("for-each-ref", "refs/tags") == team.ada.git("for-each-ref", "refs/tags")
    assert team.grace.git("rev-parse", SEEN) == team.ada.git("rev-parse", HEAD)
    assert team.grace.data("show", "cancer@v1.2.0")["annotations"]["checked"]["value"] is True
    before = team.grace.git("rev-parse", "HEAD")
    assert team.grace.git("rev-parse", "origin/main") != before


def test_artifacts(team: Team) -> None:
    register(team.ada, 3, "--push")
    assert team.grace.data("pull")["artifacts"] == []
    check("pull-artifacts.txt", said(team.grace.mreg("pull", "--artifacts")))
    team.ada.git("remote", "set-url", "origin", "../nowhere.git")
    assert team.grace.data("pull", "--artifacts")["artifacts"] == []


def test_own_events_follow(team: Team) -> None:
    team.ada.mreg("alias", "cancer@v1.1.0", "champion", "--push")
    team.grace.mreg("promote", "cancer@v1.1.0", "production")
    check("pull-followed.txt", said(team.grace.mreg("pull")))
    newest = team.grace.data("history", "--limit", "1")[0]
    assert (newest["event"], newest["sequence"], newest["parent"]) == ("promote", 5, team.refs()[HEAD])
    assert team.grace.data("verify")["faults"] == []
    assert team.grace.git("rev-parse", HEAD) == newest["tag_object"]
    team.grace.mreg("push")


def test_json(team: Team) -> None:
    register(team.ada, 3)
    team.ada.mreg("promote", "cancer@v1.2.0", "production")
    team.ada.mreg("push")
    team.grace.mreg("promote", "cancer@v1.1.0", "production")
    team.grace.mreg("alias", "cancer@v1.1.0", "champion")
    check("pull.json", team.grace.mreg("pull", "--json", code=1).out)


def test_what_lost_is_set_aside_until_it_is_done_again(team: Team) -> None:
    register(team.ada, 3, "--stage", "production", "--push")
    team.grace.mreg("promote", "cancer@v1.1.0", "production", "-m", "mine")
    check("pull-lost.txt", said(team.grace.mreg("pull", code=1)))
    assert team.grace.data("resolve", "cancer@production")["version"] == "1.2.0"
    check("status-set-aside.txt", said(team.grace.mreg("status")))
    team.grace.mreg("promote", "cancer@v1.1.0", "production", "--push")
    assert team.grace.data("status")["set_aside"] == []
    assert git(team.grace.root, "for-each-ref", "refs/mreg-aside") == ""


def test_what_is_set_aside_can_be_forgotten(team: Team) -> None:
    register(team.ada, 3, "--stage", "production", "--push")
    team.grace.mreg("promote", "cancer@v1.1.0", "production")
    team.grace.mreg("pull", code=1)
    command = team.grace.mreg("status").err.rpartition("forget it: ")[2].split()
    team.grace.git(*command[1:])
    assert said(team.grace.mreg("status")) == "1 model is the same here and on origin\n"


def test_two_register_the_same_version(team: Team) -> None:
    register(team.ada, 3, "--push")
    register(team.grace, 4)
    team.grace.mreg("annotate", "cancer@v1.2.0", "mine=true")
    check("pull-registered.txt", said(team.grace.mreg("pull", code=1)))
    assert team.grace.data("resolve", "cancer@v1.2.0")["commit"] == team.ada.git("rev-parse", "HEAD")
    team.grace.git("pull", "--quiet", "--no-rebase", "--no-edit", "-X", "ours", "origin", "main")
    assert "v1.3.0 is registered" in register(team.grace, 4, "--push")
    team.ada.mreg("pull")
    assert team.ada.data("verify")["faults"] == team.grace.data("verify")["faults"] == []
    assert "mine" not in team.ada.data("show", "cancer@v1.3.0")["annotations"]


def test_annotations_follow_a_registration_that_is_written_anew(team: Team) -> None:
    team.ada.mreg("promote", "cancer@v1.1.0", "staging", "--push")
    register(team.grace, 4)
    team.grace.mreg("annotate", "cancer@v1.2.0", "mine=true")
    team.grace.mreg("push")
    team.ada.mreg("pull")
    assert team.ada.data("show", "cancer@v1.2.0")["annotations"]["mine"]["value"] is True


# Forks that git itself brings, and refs that are missing


@pytest.mark.parametrize("command", ["pull", "push"])
def test_a_plain_fetch_leaves_a_fork_that_is_mended(team: Team, command: str) -> None:
    team.ada.mreg("alias", "cancer@v1.1.0", "champion", "--push")
    team.grace.mreg("promote", "cancer@v1.1.0", "production")
    team.grace.git("fetch", "--quiet")
    assert "two clones wrote at once" in str(team.grace.mreg("verify", "--json", code=1).data)
    team.grace.mreg(command)
    team.grace.mreg("push")
    assert team.grace.data("verify")["faults"] == []
    team.ada.mreg("pull")
    assert team.ada.git("for-each-ref", "refs/tags") == team.grace.git("for-each-ref", "refs/tags")


def test_without_a_head_that_was_seen(team: Team) -> None:
    """The tags alone tell that there is a fork."""
    team.ada.mreg("alias", "cancer@v1.1.0", "champion", "--push")
    team.there("update-ref", "-d", HEAD)
    team.grace.git("update-ref", "-d", SEEN)
    team.grace.mreg("promote", "cancer@v1.1.0", "production")
    assert [pair["tag"] for pair in team.grace.data("pull")["rewritten"]] == ["cancer@v1.1.0-production"]
    assert team.grace.data("verify")["faults"] == []


@pytest.mark.parametrize("gone", [[HEAD], [SEEN], [HEAD, SEEN]])
def test_missing_refs_here(team: Team, gone: list[str]) -> None:
    for ref in gone:
        team.grace.git("update-ref", "-d", ref)
    team.ada.mreg("alias", "cancer@v1.1.0", "champion", "--push")
    team.grace.mreg("promote", "cancer@v1.1.0", "production", "--push")
    team.ada.mreg("pull")
    assert team.ada.data("verify")["faults"] == team.grace.data("verify")["faults"] == []


def test_a_stale_memory_of_the_remote(team: Team) -> None:
    old = team.grace.git("rev-parse", SEEN)
    team.ada.mreg("alias", "cancer@v1.1.0", "champion", "--push")
    team.grace.mreg("pull")
    team.grace.git("update-ref", SEEN, old)
    team.grace.mreg("promote", "cancer@v1.1.0", "production", "--push")
    assert team.refs()[HEAD] == team.grace.git("rev-parse", HEAD)


def test_a_clone_that_git_made(team: Team) -> None:
    plain = team.clone("plain")
    check("pull-plain-clone.txt", said(plain.mreg("pull")))
    plain.mreg("promote", "cancer@v1.1.0", "production", "--push")
    team.ada.mreg("pull")
    assert team.ada.data("resolve", "cancer@production")["version"] == "1.1.0"


def test_nothing_unpublished_is_pruned(team: Team) -> None:
    """A person who wants stale branches gone keeps their tags."""
    for key in ("fetch.prune", "fetch.pruneTags", "remote.origin.prune", "remote.origin.pruneTags"):
        team.grace.git("config", key, "true")
    team.grace.mreg("promote", "cancer@v1.1.0", "production")
    team.grace.mreg("alias", "cancer@v1.1.0", "champion")
    team.grace.mreg("pull")
    assert [event["event"] for event in team.grace.data("status")["models"][0]["unpublished"]] == ["promote", "alias"]


# Tags that are not the same


def test_a_tag_deleted_there(team: Team) -> None:
    team.there("tag", "--delete", "cancer@v1.0.0-production")
    check("push-deleted.txt", said(team.ada.mreg("push", code=1)))
    assert "refs/tags/cancer@v1.0.0-production" not in team.refs()
    team.ada.mreg("promote", "cancer@v1.1.0", "staging")
    team.ada.mreg("push", code=1)
    assert "refs/tags/cancer@v1.0.0-production" not in team.refs()
    assert "cancer@v1.0.0-production" in team.ada.tags()


def test_the_newest_tag_deleted_there(team: Team) -> None:
    """Nothing is published on top of it, and its head stays as the proof, until somebody restores the tag."""
    team.ada.mreg("promote", "cancer@v1.1.0", "production", "--push")
    team.there("tag", "--delete", "cancer@v1.1.0-production")
    team.ada.mreg("alias", "cancer@v1.1.0", "champion")
    before = team.refs()
    for _ in range(2):
        check("push-on-deleted.txt", said(team.ada.mreg("push", code=1)))
        assert team.refs() == before
    team.grace.mreg("alias", "cancer@v1.0.0", "first")
    assert "differs: refs/mreg/cancer@head is " in said(team.grace.mreg("push", code=1))
    assert team.refs() == before
    team.ada.git("push", "--quiet", "origin", "cancer@v1.1.0-production")
    team.ada.mreg("push")
    team.grace.mreg("push")
    assert team.grace.data("verify")["faults"] == []


def test_a_tag_moved_there(team: Team) -> None:
    team.there("tag", "--force", "cancer@v1.0.0-production", "main")
    check("pull-moved.txt", said(team.ada.mreg("pull", code=1)))
    assert team.ada.git("cat-file", "-t", "cancer@v1.0.0-production") == "tag"
    check("status-moved.txt", said(team.ada.mreg("status")))
    assert "differs: " in said(team.ada.mreg("push", code=1))
    assert team.refs()["refs/tags/cancer@v1.0.0-production"] == team.there("rev-parse", "main")


def test_tags_made_by_hand(team: Team) -> None:
    team.ada.git("tag", "-a", "-m", "By hand", "cancer@v0.1.0", "main")
    assert [event["tag"] for event in team.ada.data("push", "cancer")["events"]] == ["cancer@v0.1.0"]
    team.there("tag", "cancer@v0.2.0", "main")
    team.ada.mreg("pull")
    assert {"cancer@v0.1.0", "cancer@v0.2.0"} < set(team.ada.tags())
    team.ada.mreg("promote", "cancer@v0.2.0", "staging", "--push")
    team.grace.mreg("pull")
    assert team.grace.data("verify")["faults"] == team.ada.data("verify")["faults"]
    assert said(team.ada.mreg("push")) == "origin has everything already: nothing to publish\n"


def test_a_tag_of_that_name_there_that_is_no_event(team: Team) -> None:
    tree = team.there("rev-parse", "main^{tree}")
    team.there("update-ref", "refs/tags/cancer@v1.2.0", tree)
    register(team.ada, 3)
    before = team.refs()
    check("push-taken.txt", said(team.ada.mreg("push", code=1)))
    assert {ref: oid for ref, oid in team.refs().items() if ref in before} == before
    assert said(team.ada.mreg("push")) == "origin has everything already: nothing to publish\n"


# Others


def test_another_persons_event(team: Team) -> None:
    team.ada.mreg("alias", "cancer@v1.1.0", "champion", "--push")
    team.grace.mreg("promote", "cancer@v1.1.0", "production")
    as_person(team.grace, "ada")
    check("pull-not-ours.txt", said(team.grace.mreg("pull", code=1)))


RACES: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    # what Ada does, what Grace does, what Grace hears
    "promote": (("promote", "cancer@v1.1.0", "production"), ("promote", "cancer@v1.1.0", "production"), "left out: "),
    "archive": (("archive", "cancer@v1.0.0"), ("promote", "cancer@v1.1.0", "production"), "came too late"),
    "yank": (("yank", "cancer@v1.1.0", "-m", "bad"), ("promote", "cancer@v1.1.0", "staging"), "came too late"),
    "alias": (("alias", "cancer@v1.1.0", "best"), ("alias", "cancer@v1.0.0", "best"), "came too late"),
    "aliases": (("alias", "cancer@v1.1.0", "best"), ("alias", "cancer@v1.0.0", "good"), "published"),
    "annotate": (("annotate", "cancer@v1.0.0", "a=1"), ("annotate", "cancer@v1.0.0", "b=2"), "published"),
    "same annotation": (("annotate", "cancer@v1.0.0", "a=1"), ("annotate", "cancer@v1.0.0", "a=2"), "published"),
    "staging": (("promote", "cancer@v1.0.0", "staging"), ("promote", "cancer@v1.1.0", "staging"), "published"),
}


@pytest.mark.parametrize("case", RACES)
def test_races(team: Team, case: str) -> None:
    theirs, own, heard = RACES[case]
    team.ada.mreg(*theirs, "--push")
    team.grace.mreg(*own)
    assert heard in said(team.grace.mreg("push", code=int(heard == "came too late")))
    team.ada.mreg("pull")
    for person in (team.ada, team.grace):
        assert said(person.mreg("status")).startswith("1 model is the same here and on origin\n")
        assert person.data("verify")["faults"] == []
    assert team.ada.git("for-each-ref", "refs/tags", "refs/notes") == team.grace.git(
        "for-each-ref", "refs/tags", "refs/notes"
    )


@pytest.mark.parametrize("case", ["promote", "yank", "aliases"])
def test_races_of_commands_that_push(team: Team, case: str) -> None:
    theirs, own, heard = RACES[case]
    team.ada.mreg(*theirs, "--push")
    before = team.refs()
    ran = team.grace.mreg(*own, "--push", code=int(heard == "came too late"))
    check(f"push-at-once-{case}.txt", said(ran))
    assert (team.refs() == before) == (case != "aliases")
    assert team.grace.data("verify")["faults"] == []


def test_a_registration_lands_whose_promotion_is_lost(team: Team) -> None:
    team.ada.mreg("promote", "cancer@v1.1.0", "production", "--push")
    check("register-push-lost.txt", register(team.grace, 4, "--stage", "production", "--push", code=1))
    team.ada.mreg("pull")
    assert team.ada.data("resolve", "cancer@production")["version"] == "1.1.0"
    assert team.ada.data("resolve", "cancer@v1.2.0")["stage"] == "none"
    assert team.grace.data("status")["set_aside"][0]["stage"] == "production"

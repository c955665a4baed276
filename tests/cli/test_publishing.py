"""`--push` of the commands that write: what they say is so is published, and what is not is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mreg.registry import Registry
from tests.cli.projects import train
from tests.cli.snapshot import check
from tests.cli.teams import register
from tests.gitrepos import run_git, sign_with

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.program import Ran
    from tests.cli.projects import Project
    from tests.cli.teams import Team

SIGNED = (
    'case $1 in *%s*) git cat-file tag $3 | grep -q "BEGIN SSH SIGNATURE" || { echo "sign it" >&2; exit 1; };; esac'
)

BESIDES = "; what was lost to others besides is set aside: mreg status shows it\n"


def said(ran: Ran) -> str:
    return ran.out + ran.err


def aside(project: Project) -> list[tuple[str, str]]:
    return [(event["event"], event["version"]) for event in project.data("status")["set_aside"]]


def unpublished(project: Project) -> list[str]:
    return [event["tag"] for model in project.data("status")["models"] for event in model["unpublished"]]


@pytest.fixture
def late(team: Team) -> Team:
    """Ada's promotion waits in her clone, and came too late."""
    register(team.ada, 3, "--push")
    team.ada.mreg("promote", "cancer@v1.2.0", "production")
    team.grace.mreg("promote", "cancer@v1.1.0", "production", "--push")
    return team


# What waited, and was lost


def test_what_waited_and_is_lost_is_said(late: Team) -> None:
    check("publishing-lost-alias.txt", said(late.ada.mreg("alias", "cancer@v1.0.0", "old", "--push", code=1)))
    assert "refs/tags/cancer@v1.0.0-old" in late.refs()
    assert aside(late.ada) == [("promote", "1.2.0")]
    late.ada.mreg("promote", "cancer@v1.0.0", "staging", "--push")
    assert late.ada.mreg("alias", "cancer@v1.0.0", "old", "--push").err == ""


def test_what_waited_in_json(late: Team) -> None:
    ran = late.ada.mreg("alias", "cancer@v1.0.0", "old", "--push", "--json", code=1)
    check("publishing-lost-alias.json", ran.out)
    assert ran.data["published"] == "origin"


def test_what_waited_while_facts_are_published(late: Team) -> None:
    """An annotation alone asks nothing of the models' tags: what others changed is seen once it is fetched."""
    late.ada.git("fetch", "--quiet")
    check("publishing-lost-annotate.txt", said(late.ada.mreg("annotate", "cancer@v1.0.0", "k=1", "--push", code=1)))
    late.grace.mreg("pull")
    assert late.grace.data("show", "cancer@v1.0.0")["annotations"]["k"]["value"] == 1


def test_what_waited_while_a_version_is_registered(late: Team) -> None:
    text = register(late.ada, 4, "--push", code=1)
    assert 'published on origin\nnot published: "Promote cancer v1.2.0 to production" came too late' in text
    assert "refs/tags/cancer@v1.3.0" in late.refs()


def test_what_waited_while_several_are_archived(late: Team) -> None:
    register(late.ada, 4, model="tumour/size")
    ran = late.ada.mreg("archive", "cancer@v1.0.0", "tumour/size@v1.0.0", "--push", code=1)
    assert ran.out.count("not published: ") == 1
    assert ran.out.count("published on origin") == 1


def test_what_waited_is_mentioned_by_an_error_too(late: Team) -> None:
    late.grace.mreg("alias", "cancer@v1.1.0", "champion", "--push")
    ran = late.ada.mreg("alias", "cancer@v1.0.0", "champion", "--push", code=1)
    assert 'came too late: Grace Hopper was first with "Name' in ran.err
    assert ran.err.endswith(BESIDES)


@pytest.mark.parametrize("command", ["push", "alias cancer@v1.0.0 old --push"])
def test_what_was_lost_is_mentioned_where_the_rest_is_refused(late: Team, command: str) -> None:
    late.ada.mreg("alias", "cancer@v1.0.0", "older")
    late.hook("update", "echo 'ask Grace' >&2; exit 1")
    assert late.ada.mreg(*command.split(), code=1).err.endswith(BESIDES)
    assert ("promote", "1.2.0") in aside(late.ada)
    assert not late.ada.mreg("push", code=1).err.endswith(BESIDES)


def test_the_library_tells_of_what_waited(late: Team) -> None:
    pushed = Registry(late.ada.root).alias("cancer@v1.0.0", "old", push=True).pushed
    assert pushed
    assert pushed.refused
    assert [lost.event.tag for lost in pushed.lost] == ["cancer@v1.2.0-production"]


# Where a tag was deleted on the server


@pytest.fixture
def torn(team: Team) -> Team:
    """The newest tag is gone on the server; Grace never had it."""
    team.ada.mreg("promote", "cancer@v1.1.0", "production", "--push")
    team.there("update-ref", "-d", "refs/tags/cancer@v1.1.0-production")
    return team


def test_nothing_is_said_to_be_published_that_is_not(torn: Team) -> None:
    before = torn.refs()
    ran = torn.grace.mreg("alias", "cancer@v1.0.0", "best", "--push", code=1)
    check("publishing-torn.txt", said(ran))
    assert torn.refs() == before
    assert unpublished(torn.grace) == ["cancer@v1.0.0-best"]
    again = torn.grace.mreg("alias", "cancer@v1.0.0", "best", "--push", code=1)
    check("publishing-torn-again.txt", said(again))
    error = torn.grace.mreg("alias", "cancer@v1.0.0", "best", "--push", "--json", code=1).json["data"]
    assert error["type"] == "NotPublished"
    assert error["facts"]["differing"][0]["tag"] == "refs/mreg/cancer@head"
    torn.ada.git("push", "--quiet", "origin", "refs/tags/cancer@v1.1.0-production")
    torn.grace.mreg("alias", "cancer@v1.0.0", "best", "--push")
    assert "refs/tags/cancer@v1.0.0-best" in torn.refs()


def test_no_registration_is_said_to_be_published_that_is_not(torn: Team) -> None:
    text = register(torn.grace, 3, "--stage", "staging", "--push", code=1)
    assert 'mreg: "Register cancer v1.2.0" is written here and not published: refs/mreg/cancer@head is ' in text
    assert "refs/tags/cancer@v1.2.0" not in torn.refs()
    text = register(torn.grace, 3, "--push", code=1)
    assert "mreg: cancer v1.2.0 is so here, and cancer is not the same on origin: " in text


def test_facts_are_published_where_tags_differ(torn: Team) -> None:
    ran = torn.grace.mreg("annotate", "cancer@v1.0.0", "k=1", "--push")
    torn.grace.git("fetch", "--quiet")
    torn.grace.mreg("alias", "cancer@v1.0.0", "best")
    ran = torn.grace.mreg("annotate", "cancer@v1.0.0", "k=2", "--push", code=1)
    assert "published on origin\ndiffers: refs/mreg/cancer@head is " in ran.out
    torn.ada.mreg("pull")
    assert torn.ada.data("show", "cancer@v1.0.0")["annotations"]["k"]["value"] == 2


def test_what_is_so_here_is_not_said_to_be_published_where_tags_differ(team: Team) -> None:
    team.there("update-ref", "-d", "refs/tags/cancer@v1.0.0-production")
    ran = team.ada.mreg("promote", "cancer@v1.0.0", "production", "--push", code=1)
    check("publishing-differs.txt", said(ran))
    team.grace.mreg("alias", "cancer@v1.1.0", "best", "--push")
    ran = team.ada.mreg("alias", "cancer@v1.0.0", "old", "--push", code=1)  # which follows Grace's
    check("publishing-differs-elsewhere.txt", said(ran))
    assert "refs/tags/cancer@v1.0.0-old" in team.refs()


def test_other_models_are_published(torn: Team) -> None:
    register(torn.grace, 4, "--push", model="tumour/size")
    ran = torn.grace.mreg("archive", "cancer@v1.0.0", "tumour/size@v1.0.0", "--push", code=1)
    assert '"Archive cancer v1.0.0" is written here and not published: ' in ran.err
    assert "hint: the rest was published; " in ran.err
    assert "refs/tags/tumour/size@v1.0.0-archived" in torn.refs()


# Where somebody else has the version


def take(team: Team, *options: str) -> Project:
    """Ada's v1.2.0 waits on a branch of her own, while Grace registers and publishes another one."""
    team.ada.git("checkout", "--quiet", "-b", "mine")
    register(team.ada, 3, *options)
    register(team.grace, 4, "--push")
    return team.ada


def test_another_ones_version_is_not_ours(team: Team) -> None:
    ada = take(team)
    check("publishing-version-lost.txt", register(ada, 3, "--push", code=1))
    assert aside(ada) == [("register", "1.2.0")]
    assert "cancer v1.3.0 is registered" in register(ada, 3, "--push")
    assert team.there("cat-file", "-p", "cancer@v1.2.0") != team.there("cat-file", "-p", "cancer@v1.3.0")


def test_a_promotion_goes_with_its_version(team: Team) -> None:
    ada = take(team, "--stage", "staging")
    check("publishing-staged-lost.txt", said(ada.mreg("promote", "cancer@v1.2.0", "staging", "--push", code=1)))
    assert sorted(aside(ada)) == [("promote", "1.2.0"), ("register", "1.2.0")]


def test_a_promotion_of_anothers_version_is_not_ours(team: Team) -> None:
    """Both versions are in staging: only the commit tells them apart."""
    ada = take(team, "--stage", "staging")
    team.grace.mreg("promote", "cancer@v1.2.0", "staging", "--push")
    ran = ada.mreg("promote", "cancer@v1.2.0", "staging", "--push", code=1)
    assert 'mreg: "Register cancer v1.2.0" came too late: Grace Hopper was first' in ran.err


def test_facts_of_a_version_that_is_lost(team: Team) -> None:
    ada = take(team)
    assert "would clobber existing tag" in run_git(ada.root, "fetch").stderr.decode()
    ran = ada.mreg("annotate", "cancer@v1.2.0", "k=1", "--push", code=1)
    assert 'mreg: "Register cancer v1.2.0" came too late: Grace Hopper was first' in ran.err


def test_what_is_somebody_elses_to_publish(team: Team) -> None:
    """Grace's events in Ada's clone, and others' meanwhile: nothing of the version is left here."""
    team.ada.git("config", "user.email", "eve@example.com")
    register(team.ada, 3, "--stage", "staging")
    team.ada.git("config", "user.email", "ada@example.com")
    team.grace.mreg("alias", "cancer@v1.0.0", "best", "--push")
    ran = team.ada.mreg("promote", "cancer@v1.2.0", "staging", "--push", code=1)
    assert "who alone can publish it" in ran.err
    register(team.ada, 4, model="tumour/size")
    register(team.grace, 5, "--push", model="tumour/size")
    ran = team.ada.mreg("archive", "tumour/size@v1.0.0", "--push", code=1)
    assert "Grace Hopper was first" in ran.err


# What the server refuses


@pytest.fixture
def unsigned(team: Team) -> Team:
    """The server wants signatures of what changes production; Ada's promotion has none, and waits."""
    team.hook("update", SIGNED % "-production")
    team.ada.mreg("promote", "cancer@v1.1.0", "production")
    return team


def test_the_way_out_of_a_refusal(unsigned: Team, keys: dict[str, Path]) -> None:
    ada = unsigned.ada
    check("publishing-unsigned.txt", said(ada.mreg("push", code=1)))
    sign_with(ada.root, keys["ada"])
    promote = ("promote", "cancer@v1.1.0", "production", "--push")
    hint = ada.mreg(*promote, code=1).err.partition("hint: ")[2]
    assert "git tag -d cancer@v1.1.0-production, then the command that wrote it" in hint
    ada.git("tag", "-d", "cancer@v1.1.0-production")
    ada.mreg(*promote)
    refs = unsigned.refs()
    assert refs["refs/mreg/cancer@head"] == refs["refs/tags/cancer@v1.1.0-production"]
    assert ada.data("verify")["faults"] == []


def test_what_is_not_refused_itself_stays_and_waits(unsigned: Team, keys: dict[str, Path]) -> None:
    ada = unsigned.ada
    check("publishing-behind-refused.txt", said(ada.mreg("alias", "cancer@v1.0.0", "best", "--push", code=1)))
    assert unpublished(ada) == ["cancer@v1.1.0-production", "cancer@v1.0.0-best"]
    assert aside(ada) == []
    sign_with(ada.root, keys["ada"])
    ada.git("tag", "-d", "cancer@v1.1.0-production")
    ada.mreg("alias", "cancer@v1.0.0", "best", "--push")
    ada.mreg("promote", "cancer@v1.1.0", "production", "--push")
    assert {"refs/tags/cancer@v1.0.0-best", "refs/tags/cancer@v1.1.0-production"} <= {*unsigned.refs()}
    assert ada.data("verify")["faults"] == []


def test_what_was_built_on_the_refused_goes_with_it(unsigned: Team, keys: dict[str, Path]) -> None:
    ada = unsigned.ada
    sign_with(ada.root, keys["ada"])
    ada.mreg("alias", "cancer@v1.0.0", "best")
    ada.mreg("rollback", "cancer")
    for ran in (ada.mreg("push", code=1), ada.mreg("rollback", "cancer", "--push", code=1)):
        assert "git tag -d cancer@v1.1.0-production cancer@v1.0.0-production.2, then " in ran.err
    ada.git("tag", "-d", "cancer@v1.1.0-production", "cancer@v1.0.0-production.2")
    assert ada.data("push")["lost"] == []
    assert "refs/tags/cancer@v1.0.0-best" in unsigned.refs()
    assert ada.data("resolve", "cancer@production")["version"] == "1.0.0"


def test_a_refused_promotion_of_a_new_version_is_undone(team: Team, keys: dict[str, Path]) -> None:
    """The version stays: the same command again promotes it anew, and publishes both."""
    ada = team.ada
    team.hook("update", SIGNED % "-production")
    check("publishing-register-refused.txt", register(ada, 3, "--stage", "production", "--push", code=1))
    assert aside(ada) == [("promote", "1.2.0")]
    assert unpublished(ada) == ["cancer@v1.2.0"]
    sign_with(ada.root, keys["ada"])
    register(ada, 3, "--stage", "production", "--push")
    assert {"refs/tags/cancer@v1.2.0", "refs/tags/cancer@v1.2.0-production"} <= {*team.refs()}
    assert aside(ada) == []


def test_a_refused_registration_is_undone(team: Team, keys: dict[str, Path]) -> None:
    """Its commit stays, and the same command again tags that."""
    ada = team.ada
    team.hook("update", SIGNED % "@v")
    ran = register(ada, 3, "--stage", "staging", "--push", code=1)
    assert "hint: it is undone here too, and nothing was published: " in ran
    assert sorted(aside(ada)) == [("promote", "1.2.0"), ("register", "1.2.0")]
    assert unpublished(ada) == []
    commit = ada.git("rev-parse", "HEAD")
    sign_with(ada.root, keys["ada"])
    register(ada, 3, "--stage", "staging", "--push")
    assert team.there("rev-parse", "cancer@v1.2.0^{commit}", "main").split() == [commit, commit]
    assert aside(ada) == []
    assert ada.data("verify")["faults"] == []


def test_the_way_out_of_a_refused_registration(team: Team, keys: dict[str, Path]) -> None:
    ada = team.ada
    team.hook("update", SIGNED % "@v")
    register(ada, 3, "--stage", "staging")
    command = "git tag -d cancer@v1.2.0 cancer@v1.2.0-staging"
    assert f"{command}, then the commands that wrote them" in ada.mreg("push", code=1).err
    ada.git(*command.split()[1:])
    sign_with(ada.root, keys["ada"])
    register(ada, 3, "--stage", "staging", "--push")
    refs = team.refs()
    assert refs["refs/mreg/cancer@head"] == refs["refs/tags/cancer@v1.2.0-staging"]
    assert refs["refs/heads/main"] == team.there("rev-parse", "cancer@v1.2.0^{commit}").strip()
    assert ada.data("verify")["faults"] == []


def test_what_is_refused_together(unsigned: Team) -> None:
    """Nobody can tell which of them the server minds: what the command wrote is undone, and what waited stays."""
    (unsigned.origin / "hooks" / "update").unlink()
    unsigned.hook("pre-receive", "echo 'only on weekdays' >&2; exit 1")
    ran = unsigned.ada.mreg("alias", "cancer@v1.0.0", "best", "--push", code=1)
    assert "hint: it is undone here too, and nothing was published: " in ran.err
    assert "git tag -d cancer@v1.1.0-production, then " in ran.err
    assert unpublished(unsigned.ada) == ["cancer@v1.1.0-production"]
    ran = unsigned.ada.mreg("annotate", "cancer@v1.0.0", "k=1", "--push", code=1)
    assert "hint: it is written here and not published: " in ran.err


def test_some_of_several_are_refused(team: Team) -> None:
    register(team.ada, 3, "--push", model="tumour/size")
    team.hook("update", 'case $1 in refs/tags/cancer*) echo "ask Grace" >&2; exit 1;; esac')
    ran = team.ada.mreg("archive", "cancer@v1.0.0", "tumour/size@v1.0.0", "--push", code=1)
    assert "hint: cancer@v1.0.0-archived is undone here too, and nothing was published: " in ran.err
    assert unpublished(team.ada) == ["tumour/size@v1.0.0-archived"]
    team.hook("update", "exit 0")
    team.ada.mreg("archive", "cancer@v1.0.0", "tumour/size@v1.0.0", "--push")
    assert {"refs/tags/cancer@v1.0.0-archived", "refs/tags/tumour/size@v1.0.0-archived"} <= {*team.refs()}


@pytest.mark.parametrize("hook", ["pre-receive", "update"])
def test_a_protected_branch(team: Team, hook: str) -> None:
    refuse = "{ echo 'open a pull request' >&2; exit 1; }"
    script = f"while read old new ref; do [ $ref = refs/heads/main ] && {refuse}; done; exit 0"
    team.hook(hook, script if hook == "pre-receive" else f"[ $1 = refs/heads/main ] && {refuse}; exit 0")
    check("publishing-protected-branch.txt", register(team.ada, 3, "--stage", "staging", "--push", code=1))
    assert "or leave the branch to a pull request: mreg push --no-branch" in team.ada.mreg("push", code=1).err
    ran = team.ada.mreg("push", "--no-branch")
    assert ran.out == "published cancer v1.2.0 register\npublished cancer v1.2.0 promote: none → staging\n"


# What cannot be published


def test_a_draft_has_nothing_to_publish(team: Team) -> None:
    before = team.ada.state()
    team.ada.write("model.joblib", train(3).model)
    changed = team.ada.state()
    ran = team.ada.mreg("register", "cancer", "model.joblib", "--draft", "--push", code=2)
    check("publishing-draft.txt", said(ran))
    assert team.ada.state() == changed != before


def test_several_remotes(team: Team) -> None:
    ada = team.ada
    ada.git("remote", "rename", "origin", "central")
    ada.git("remote", "add", "other", "../other.git")
    ran = ada.mreg("promote", "cancer@v1.1.0", "production", "--push", code=1)
    check("publishing-several-remotes.txt", said(ran))
    tags = ada.tags()
    ran = ada.mreg("rollback", "cancer", "--push", code=1)
    assert ran.err.endswith("hint: run it without --push, then mreg push --remote central\n")
    assert ada.tags() == tags
    ada.mreg("push", "--remote", "central")
    assert "refs/tags/cancer@v1.1.0-production" in team.refs()

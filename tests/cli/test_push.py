"""mreg push: what goes where, and what stops it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from mreg.adapters.git.outgoing import FEW
from mreg.registry import Registry
from tests.cli.projects import Project
from tests.cli.snapshot import check
from tests.cli.teams import as_person, register
from tests.cli.test_startup import processes
from tests.gitrepos import git, new_repository

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.program import Ran
    from tests.cli.teams import Team


def said(ran: Ran) -> str:
    return ran.out + ran.err


# What is published


def test_first_push(unpublished: Team) -> None:
    ada = unpublished.ada
    ada.mreg("annotate", "cancer@v1.0.0", "drift=0.1")
    check("push-first-dry-run.txt", said(ada.mreg("push", "--dry-run")))
    assert unpublished.refs() == {}
    check("push-first.txt", said(ada.mreg("push")))
    refs = unpublished.refs()
    assert sorted(refs) == [
        "refs/heads/main",
        "refs/mreg/cancer@head",
        "refs/notes/mreg",
        "refs/tags/cancer@v1.0.0",
        "refs/tags/cancer@v1.0.0-production",
        "refs/tags/cancer@v1.1.0",
    ]
    assert refs["refs/mreg/cancer@head"] == refs["refs/tags/cancer@v1.1.0"]
    assert refs["refs/heads/main"] == ada.git("rev-parse", "HEAD")
    assert len(unpublished.objects()) == 2
    check("push-nothing.txt", said(ada.mreg("push")))


def test_json(unpublished: Team) -> None:
    unpublished.ada.mreg("annotate", "cancer@v1.0.0", "drift=0.1")
    check("push.json", unpublished.ada.mreg("push", "--json").out)


def test_dry_run_changes_nothing(team: Team) -> None:
    register(team.ada, 3)
    team.grace.mreg("promote", "cancer@v1.1.0", "production", "--push")
    team.ada.mreg("promote", "cancer@v1.2.0", "production")
    before, refs, objects = team.ada.state(), team.refs(), team.objects()
    check("push-dry-run.txt", said(team.ada.mreg("push", "--dry-run", code=1)))
    assert (team.ada.state(), team.refs(), team.objects()) == (before, refs, objects)


def test_of_one_model_only(team: Team) -> None:
    register(team.ada, 3)
    register(team.ada, 4, model="tumour/size")
    team.ada.mreg("push", "tumour/size")
    refs = team.refs()
    assert "refs/tags/tumour/size@v1.0.0" in refs
    assert refs["refs/mreg/tumour/size@head"] == refs["refs/tags/tumour/size@v1.0.0"]
    assert "refs/tags/cancer@v1.2.0" not in refs
    assert "no model cancre" in said(team.ada.mreg("push", "cancre", code=1))
    assert [event["model"] for event in team.ada.data("push")["events"]] == ["cancer"]


def test_many_at_once(team: Team) -> None:
    """More than git pushes by name in good time."""
    commit = team.ada.git("rev-parse", "cancer@v1.1.0^{commit}")
    tags = [f"refs/tags/other{number}@v1.0.0" for number in range(FEW)]
    team.ada.git("update-ref", "--stdin", stdin="".join(f"create {tag} {commit}\n" for tag in tags))
    register(team.ada, 3)
    ran = team.ada.mreg("push")
    assert ran.out.count("published ") == FEW + 2
    refs = team.refs()
    assert {refs.pop(tag) for tag in tags} == {commit}
    assert refs["refs/mreg/cancer@head"] == refs["refs/tags/cancer@v1.2.0"]
    assert refs["refs/heads/main"] == team.ada.git("rev-parse", "HEAD")
    assert said(team.ada.mreg("push")) == "origin has everything already: nothing to publish\n"


def test_work_in_progress_stays_here(team: Team) -> None:
    """A promotion publishes no branch; a registration publishes the one that its commit is on."""
    team.ada.write("train.py", "print('unfinished')\n")
    team.ada.commit("Work in progress")
    before = team.refs()["refs/heads/main"]
    team.ada.mreg("promote", "cancer@v1.1.0", "staging", "--push")
    assert team.refs()["refs/heads/main"] == before
    register(team.ada, 3)
    assert team.ada.data("push", "--no-branch")["branch"] is None
    assert team.refs()["refs/heads/main"] == before
    assert "refs/tags/cancer@v1.2.0" in team.refs()
    register(team.ada, 4, "--push")
    assert team.refs()["refs/heads/main"] == team.ada.git("rev-parse", "HEAD")


def test_a_detached_head_publishes_no_branch(team: Team) -> None:
    team.ada.git("checkout", "--quiet", "--detach")
    register(team.ada, 3)
    assert team.ada.data("push")["branch"] is None
    assert "refs/tags/cancer@v1.2.0" in team.refs()


def test_a_branch_that_moved(team: Team) -> None:
    team.grace.write("notes.md", "# Notes\n")
    team.grace.commit("Take notes")
    team.grace.git("push", "--quiet", "origin", "main")
    register(team.ada, 3)
    before = team.refs()
    ran = team.ada.mreg("push", code=1)
    check("push-branch-moved.txt", said(ran))
    assert team.refs() == before
    hint = ran.err.split("hint: ")[1]
    command = hint.split(", then mreg push")[0]
    team.ada.git(*command.split()[1:], "--quiet", "--no-edit")
    team.ada.mreg("push")
    assert team.refs()["refs/heads/main"] == team.ada.git("rev-parse", "HEAD")
    assert "refs/tags/cancer@v1.2.0" in team.refs()


# Where to


def test_remotes(team: Team, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "other.git")
    team.ada.git("remote", "add", "backup", str(tmp_path / "other.git"))
    assert said(team.ada.mreg("push", "--remote", "backup")).startswith("published cancer v1.0.0 register\n")
    assert git(tmp_path / "other.git", "for-each-ref") == team.there("for-each-ref")
    check("push-no-such-remote.txt", said(team.ada.mreg("push", "--remote", "orign", code=2)))
    team.ada.git("remote", "rename", "origin", "central")
    check("push-several-remotes.txt", said(team.ada.mreg("push", code=1)))
    team.ada.git("remote", "remove", "backup")
    assert said(team.ada.mreg("push")) == "central has everything already: nothing to publish\n"
    team.ada.git("remote", "remove", "central")
    check("push-no-remote.txt", said(team.ada.mreg("push", code=1)))


def test_an_unreachable_remote_and_the_same_command_again(team: Team) -> None:
    team.ada.git("remote", "set-url", "origin", "../nowhere.git")
    ran = team.ada.mreg("promote", "cancer@v1.1.0", "production", "--push", code=3)
    check("push-unreachable.txt", said(ran).replace(str(team.root), "<root>"))
    assert "cancer@v1.1.0-production" in team.ada.tags()
    team.ada.git("remote", "set-url", "origin", "../origin.git")
    ran = team.ada.mreg("promote", "cancer@v1.1.0", "production", "--push")
    assert said(ran) == "cancer v1.1.0 is in production already: nothing to do\npublished on origin\n"
    assert "refs/tags/cancer@v1.1.0-production" in team.refs()


def test_a_rollback_that_waits_is_published_and_not_made_again(team: Team) -> None:
    for version in ("1.0.0", "1.1.0"):
        team.ada.mreg("promote", f"cancer@v{version}", "staging", "--push")
    team.ada.git("remote", "set-url", "origin", "../nowhere.git")
    team.ada.mreg("rollback", "cancer", "--stage", "staging", "--push", code=3)
    waiting = team.ada.tags()
    team.ada.git("remote", "set-url", "origin", "../origin.git")
    again = team.ada.data("rollback", "cancer", "--stage", "Staging", "--push")
    assert (again["version"], again["event"]["event"], again["published"]) == ("1.0.0", "rollback", "origin")
    assert team.ada.tags() == waiting
    assert f"refs/tags/{again['event']['tag']}" in team.refs()
    team.ada.mreg("rollback", "cancer", "--stage", "staging", "--push", code=1)  # a new one, and nothing is below


def test_an_annotation_waits_too(team: Team) -> None:
    team.ada.git("remote", "set-url", "origin", "../nowhere.git")
    ran = team.ada.mreg("annotate", "cancer@v1.1.0", "checked=true", "--push", code=3)
    assert "hint: it is written here and not published; " in ran.err
    team.ada.git("remote", "set-url", "origin", "../origin.git")
    ran = team.ada.mreg("annotate", "cancer@v1.1.0", "checked=true", "--push")
    check("annotate-push.txt", said(ran))
    team.grace.mreg("pull")
    assert team.grace.data("show", "cancer@v1.1.0")["annotations"]["checked"]["value"] is True


def test_credentials_are_never_shown(team: Team) -> None:
    team.ada.git("remote", "set-url", "origin", "https://ada:secret@127.0.0.1:1/x.git")
    for command in (("push",), ("pull",), ("status",), ("promote", "cancer@v1.1.0", "staging", "--push")):
        for form in ((), ("--json",)):
            ran = team.ada.mreg(*command, *form, code=3)
            assert "secret" not in said(ran)
            assert "127.0.0.1" in said(ran)


def test_a_remote_without_heads(team: Team) -> None:
    """Pushed by git alone, which leaves heads and annotations behind."""
    for ref in ("refs/mreg/cancer@head", "refs/notes/mreg"):
        team.there("update-ref", "-d", ref)
    for ref in ("refs/mreg-remotes/origin/cancer@head", "refs/notes/mreg-remotes/origin"):
        team.ada.git("update-ref", "-d", ref)
    team.ada.mreg("push")
    refs = team.refs()
    assert refs["refs/mreg/cancer@head"] == refs["refs/tags/cancer@v1.1.0"]
    assert "refs/notes/mreg" in refs
    assert said(team.ada.mreg("push")) == "origin has everything already: nothing to publish\n"


def test_a_remote_that_keeps_no_heads(team: Team) -> None:
    team.there("config", "receive.hideRefs", "refs/mreg")
    for folder, ref in ((team.origin, "refs/mreg/"), (team.ada.root, "refs/mreg-remotes/origin/")):
        git(folder, "update-ref", "-d", f"{ref}cancer@head")
    team.ada.mreg("promote", "cancer@v1.1.0", "production")
    check("push-heads-refused.txt", said(team.ada.mreg("push", "cancer", code=3)))
    team.ada.write(".mreg.yaml", "push: {leases: false}\n")
    team.ada.mreg("push")
    assert "refs/tags/cancer@v1.1.0-production" in team.refs()
    assert "refs/mreg/cancer@head" not in team.refs()
    assert said(team.ada.mreg("push")) == "origin has everything already: nothing to publish\n"
    team.grace.write(".mreg.yaml", "push: {leases: false}\n")
    team.grace.mreg("promote", "cancer@v1.1.0", "production")
    team.grace.mreg("alias", "cancer@v1.1.0", "champion")
    check("push-left-out.txt", said(team.grace.mreg("push")))
    team.ada.mreg("pull")
    assert team.ada.data("verify")["faults"] == []


def test_a_remote_that_hides_the_heads_it_has(team: Team) -> None:
    """From those who push, so that a lease never holds."""
    team.there("config", "receive.hideRefs", "refs/mreg")
    team.ada.mreg("promote", "cancer@v1.1.0", "production")
    ran = team.ada.mreg("push", code=3)
    assert re.sub(r"\d+ times", "N times", said(ran)).startswith(
        "mreg: origin refused N times what was made for the refs"
    )
    assert "refs/tags/cancer@v1.1.0-production" not in team.refs()


@pytest.mark.parametrize("hook", ["pre-receive", "update"])
def test_a_server_that_declines(team: Team, hook: str) -> None:
    team.hook(hook, "echo 'only on weekdays' >&2; exit 1")
    register(team.ada, 3)
    before = team.refs()
    check("push-refused.txt", said(team.ada.mreg("push", code=1)))
    assert team.refs() == before
    assert "cancer@v1.2.0" in team.ada.tags()


@pytest.mark.parametrize("behind", [False, True])
def test_what_the_server_declines_is_undone_here(team: Team, behind: bool) -> None:
    if behind:
        team.grace.mreg("alias", "cancer@v1.1.0", "champion", "--push")
    team.hook("update", 'case $1 in *production*) echo "ask Grace" >&2; exit 1;; esac')
    ran = team.ada.mreg("promote", "cancer@v1.1.0", "production", "--push", code=1)
    check("push-undone.txt", said(ran))
    assert team.ada.data("resolve", "cancer@production")["version"] == "1.0.0"
    assert team.ada.data("verify")["faults"] == []
    (aside,) = team.ada.data("status")["set_aside"]
    assert (aside["event"], aside["stage"]) == ("promote", "production")
    team.ada.mreg("promote", "cancer@v1.1.0", "staging", "--push")


# Artifacts go first


def test_without_a_dvc_remote(team: Team) -> None:
    team.ada.write(".dvc/config", "")
    team.ada.commit("No DVC remote")
    register(team.ada, 3)
    before = team.refs()
    assert "dvc remote add" in said(team.ada.mreg("push", code=3))
    assert team.refs() == before
    team.ada.mreg("promote", "cancer@v1.1.0", "production")
    assert "dvc remote add" in said(team.ada.mreg("push", code=3))


def test_an_artifact_that_is_nowhere(team: Team) -> None:
    register(team.ada, 3)
    pointer = team.ada.data("resolve", "cancer@v1.2.0")["artifact"]["hash"]
    cached = team.ada.root / ".dvc" / "cache" / "files" / "md5" / pointer[:2] / pointer[2:]
    before = team.refs()
    kept = cached.read_bytes()
    cached.unlink()
    assert pointer[:10] in said(team.ada.mreg("push", code=3))
    cached.write_bytes(b"something else")
    team.ada.mreg("push", code=3)
    assert team.refs() == before
    cached.unlink()
    cached.write_bytes(kept)
    team.ada.mreg("push")


# Places


def test_from_other_folders(team: Team) -> None:
    team.ada.mreg("promote", "cancer@v1.1.0", "staging")
    assert "published" in said(team.ada.mreg("push", "-C", team.ada.root, folder=team.root))
    team.ada.git("worktree", "add", "--quiet", "../beside", "-b", "beside")
    beside = Project(team.root / "beside", team.ada.now)
    register(beside, 3, "--push")
    assert "refs/tags/cancer@v1.2.0" in team.refs()
    assert "refs/heads/beside" in team.refs()


def test_from_a_bare_clone(team: Team) -> None:
    bare = team.clone("bare", "--bare")
    bare.mreg("promote", "cancer@v1.1.0", "staging", "--push")
    assert "refs/tags/cancer@v1.1.0-staging" in team.refs()
    bare.mreg("pull")
    assert said(bare.mreg("status")) == "1 model is the same here and on origin\n"


@pytest.mark.parametrize("options", [("--depth", "1"), ("--filter", "blob:none"), ("--no-tags",)])
def test_from_lean_clones(team: Team, options: tuple[str, ...]) -> None:
    team.there("config", "uploadpack.allowFilter", "true")
    lean = team.clone("lean", *options)
    lean.mreg("pull")
    lean.mreg("promote", "cancer@v1.1.0", "production", "--push")
    team.ada.mreg("pull")
    assert team.ada.data("resolve", "cancer@production")["version"] == "1.1.0"
    register(lean, 3, "--push")
    team.ada.mreg("pull")
    assert team.ada.data("verify")["faults"] == []


def test_a_repository_of_longer_ids(first_project: Project, tmp_path: Path) -> None:
    project = Project(new_repository(tmp_path / "long", object_format="sha256"))
    git(tmp_path, "init", "--quiet", "--bare", "--object-format=sha256", "origin.git")
    project.git("remote", "add", "origin", "../origin.git")
    project.git("tag", "-a", "churn@v0.1.0", "-m", "By hand")
    project.mreg("promote", "churn@v0.1.0", "production", "--push")
    git(tmp_path, "clone", "--quiet", "origin.git", "other")
    other = as_person(Project(tmp_path / "other", project.now), "grace")
    other.mreg("alias", "churn@v0.1.0", "best", "--push")
    project.mreg("alias", "churn@v0.1.0", "good", "--push")
    other.mreg("pull")
    assert other.data("verify")["faults"] == []
    assert len(other.data("history")) == 4


def test_a_promotion_takes_few_processes(team: Team, tmp_path: Path) -> None:
    """Of git; and no more where there are more models and tags."""
    counts = []
    for number, stage in enumerate(("staging", "production")):
        for count in range(5 * number):
            team.ada.git("tag", "-a", f"other{count}@v1.0.0", "-m", "By hand")
        team.ada.mreg("promote", "cancer@v1.1.0", stage)
        started = processes(team.ada, tmp_path / stage, "push", "cancer")
        counts.append(sum("git-" not in command for command in started))
    assert counts[0] == counts[1] <= 20


def test_the_library(team: Team) -> None:
    registry = Registry(team.ada.root)
    written = registry.promote("cancer@v1.1.0", "production", push=True)
    assert written.pushed
    assert written.event in written.pushed.events
    assert registry.push().events == ()
    assert registry.status().models == ()
    assert registry.pull().tags == {}

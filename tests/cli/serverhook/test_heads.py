"""What the hook says to heads and annotations."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mreg.core.messages import format_message
from tests.cli.serverhook.team import HEAD, Team, new_server
from tests.cli.snapshot import check
from tests.gitrepos import copy_repository, git, sign_with


def test_deleting(team: Team) -> None:
    check("hook-head-delete.txt", team.refused(f":{HEAD}"))


def test_back(team: Team) -> None:
    check("hook-head-back.txt", team.refused(f"refs/tags/churn@v1.0.0:{HEAD}", force=True))


def test_one_of_two_who_race(team: Team, tmp_path: Path) -> None:
    teams = [team, Team(copy_repository(team.clone, tmp_path / "other"), team.server)]
    names = [one.write("alias", alias=alias) for one, alias in zip(teams, ("left", "right"), strict=True)]
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda pair: pair[0].push(pair[1], HEAD), zip(teams, names, strict=True)))
    assert sorted(bool(one.returncode) for one in done) == [False, True]
    winner = next(one for one, pushed in zip(teams, done, strict=True) if not pushed.returncode)
    assert git(team.server, "rev-parse", HEAD) == winner.newest()
    loser = next(one for one in teams if one is not winner)
    assert "it is not built on the newest event here" in loser.refused(HEAD, force=True)
    assert len(git(team.server, "tag", "--list", "*@v1.0.0-*t").split()) == 1


def test_several_events_at_once(team: Team) -> None:
    names = [team.write("alias", alias=f"alias{number}") for number in range(3)]
    team.passes(HEAD, *names)


def test_without_the_events_before_it(team: Team) -> None:
    team.write("alias", alias="first")
    name = team.write("alias", alias="second")
    assert "before it is not here" in team.refused(HEAD)
    assert "its Parent is no event of churn that is here" in team.refused(name)


def test_a_new_model(team: Team, tmp_path: Path) -> None:
    server = new_server(tmp_path / "other.git")
    other = Team(team.clone, server)
    other.passes("churn@v1.0.0", "churn@v1.1.0", "churn@v1.0.0-staging", HEAD)


def test_a_first_event_that_is_none(team: Team, tmp_path: Path) -> None:
    other = Team(team.clone, new_server(tmp_path / "other.git"))
    message = format_message(other.change("archive", parent=None))
    other.raw("churn@v1.0.0-archived", message)
    assert "its first event has the Sequence 4" in other.refused(f"refs/tags/churn@v1.0.0-archived:{HEAD}")


def test_what_is_no_event(team: Team) -> None:
    for target in ("HEAD", "HEAD^{tree}"):
        oid = git(team.clone, "rev-parse", target)
        git(team.clone, "update-ref", "refs/other/it", oid)
        assert f"the head of churn cannot move to {oid}" in team.refused(f"refs/other/it:{HEAD}", force=True)


def test_one_without_a_tag_binds_nobody(team: Team) -> None:
    """Eve moves the head to events that she cannot or does not tag; nobody needs to build on them."""
    before = team.newest()
    for name in (team.write("alias", alias="eves"), team.write("alias", alias="own")):
        team.push(f"refs/tags/{name}:refs/other/{name}")
    team.passes(HEAD)
    git(team.clone, "update-ref", HEAD, str(before))
    name = team.write("alias", alias="ours")
    assert team.push(name, HEAD, force=True).returncode == 0
    assert "it is not built on the newest event here" in team.refused(f"refs/tags/churn@v1.0.0-own:{HEAD}", force=True)


def test_another_model(team: Team) -> None:
    assert "is about the model churn" in team.refused(f"refs/tags/churn@v1.0.0:{HEAD.replace('churn', 'fraud')}")


def test_a_tag_by_hand_begins_it(team: Team) -> None:
    git(team.clone, "tag", "fraud@v1.0.0")
    git(team.clone, "tag", "--annotate", "-m", "by hand", "nlp/x@v1.0.0")
    for model in ("fraud", "nlp/x"):
        head = f"refs/tags/{model}@v1.0.0:refs/mreg/{model}@head"
        assert f"no tag of {model} holds it" in team.refused(head)
        team.passes(f"{model}@v1.0.0")
        team.passes(head)


def test_a_model_that_is_not_there_yet(team: Team) -> None:
    """Nobody can keep others from beginning it."""
    for target in ("HEAD", "refs/tags/by-hand@v1.0.0", "refs/tags/churn@v1.0.0"):
        git(team.clone, "tag", "--force", "--annotate", "-m", "by hand", "by-hand@v1.0.0")
        assert "the head of fraud cannot move to" in team.refused(f"{target}:refs/mreg/fraud@head")
    check("hook-head-no-tag.txt", team.refused("HEAD:refs/mreg/fraud@head"))


@pytest.mark.parametrize("target", ["HEAD", "refs/tags/churn@v1.0.0-staging"])
@pytest.mark.parametrize("deleted", [False, True])
def test_a_head_without_a_tag_that_is_there_already(target: str, deleted: bool, team: Team, tmp_path: Path) -> None:
    """It binds nobody; and where nothing is registered yet, it can go."""
    other = Team(team.clone, new_server(tmp_path / "other.git"))
    git(other.server, "fetch", "--quiet", "--no-tags", str(team.clone), f"{target}:{HEAD}")
    if deleted:
        other.passes(f":{HEAD}")
    other.write("alias", alias="best")
    tags = [name for name in git(team.clone, "tag").splitlines() if name.startswith("churn")]
    done = other.push(*tags, HEAD, force=True)
    assert done.returncode == 0, done.stderr.decode()
    assert "cannot be deleted" in other.refused(f":{HEAD}")


def test_signed_events_with_a_parent_in_their_prose(team: Team, keys: dict[str, Path]) -> None:
    sign_with(team.clone, keys["ada"])
    name = team.write("alias", alias="first", reason=f"Parent: {'1' * 40}\n\nEvent: yank\nParent: {'2' * 40}")
    team.passes(name, team.write("alias", alias="second"), HEAD)


def test_they_only_grow(team: Team) -> None:
    notes = "refs/notes/mreg"
    git(team.clone, "notes", "--ref", notes, "append", "-m", "one", "churn@v1.0.0")
    team.passes(notes)
    git(team.clone, "update-ref", "refs/other/notes", notes)
    git(team.clone, "notes", "--ref", notes, "append", "-m", "two", "churn@v1.0.0")
    team.passes(notes)
    assert "annotations are refused that lack some of those here" in team.refused(
        f"refs/other/notes:{notes}", force=True
    )
    check("hook-notes-delete.txt", team.refused(f":{notes}"))
    assert "lack some" in team.refused(f"refs/tags/churn@v1.0.0:{notes}", force=True)

"""What the hook says to tags, by real pushes to a real bare repository."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from mreg.core.messages import format_message
from tests.cli.projects import Project
from tests.cli.serverhook.team import HEAD, Team, new_server
from tests.cli.snapshot import check
from tests.gitrepos import git, new_repository


def test_what_mreg_writes(registry: Project, tmp_path: Path) -> None:
    server = new_server(tmp_path / "server.git")
    git(server, "config", "mreg.strict", "true")
    registry.git("push", "--quiet", str(server), "main")
    registry.git("push", "--quiet", str(server), "refs/tags/*", "refs/mreg/*", "refs/notes/mreg")
    registry.mreg("archive", "cancer@v1.0.0", "-m", "Event: yank\n\nEvent: yank\nModel: other")
    registry.mreg("alias", "cancer@v2.0.0-rc.1", "next")
    registry.mreg("unalias", "cancer", "next")
    registry.mreg("annotate", "cancer@v1.0.0", "seen=true")
    registry.git("push", "--quiet", "--atomic", str(server), "refs/tags/*", "refs/mreg/*", "refs/notes/mreg")
    assert git(server, "for-each-ref", "refs/tags", "refs/mreg", "refs/notes") == registry.git(
        "for-each-ref", "refs/tags", "refs/mreg", "refs/notes"
    )


def test_an_event_with_its_head(team: Team) -> None:
    team.passes(team.write("promote", "1.1.0", stage="production", origin="none"), HEAD)


def test_sha256(tmp_path: Path) -> None:
    clone = new_repository(tmp_path / "clone", object_format="sha256")
    team = Team(clone, new_server(tmp_path / "server.git", object_format="sha256"))
    name = team.write("register")
    team.passes(name, team.write("archive"), HEAD)
    assert "cannot be deleted" in team.refused(f":refs/tags/{name}")


def test_deleting(team: Team) -> None:
    check("hook-delete.txt", team.refused(":refs/tags/churn@v1.0.0"))


def test_deleting_what_the_client_says_is_not_there(team: Team) -> None:
    """A client of its own can claim any old value; git would then delete without looking."""
    zeros = "0" * 40
    done = subprocess.run(
        [team.server / "hooks" / "update", "refs/tags/churn@v1.0.0", zeros, zeros],
        cwd=team.server,
        env=os.environ | {"GIT_DIR": "."},
        check=False,
        capture_output=True,
    )
    assert done.returncode == 1


def test_moving(team: Team) -> None:
    check("hook-move.txt", team.refused("HEAD:refs/tags/churn@v1.0.0", force=True))


def test_the_same_again(team: Team) -> None:
    team.passes("churn@v1.0.0", "refs/tags/churn@v1.1.0", HEAD)


def test_other_refs(team: Team) -> None:
    for ref in ("refs/tags/v1.0", "refs/tags/@scope/package@v1.0", "refs/heads/churn@v1.0.0", "refs/mregs/x"):
        team.passes(f"HEAD:{ref}")
        team.passes(f":{ref}")


def test_tags_by_hand(team: Team) -> None:
    git(team.clone, "tag", "churn@v3.0.0")
    team.tag("churn@v3.1.0", "By hand\n\nReviewed-by: Grace\n")
    team.passes("churn@v3.0.0", "churn@v3.1.0")
    assert "cannot be moved" in team.refused("HEAD:refs/tags/churn@v3.1.0", force=True)


@pytest.mark.parametrize("by_hand", ["churn@v0.1.0", "churn@v0.2.0"])
def test_an_event_after_a_tag_by_hand(by_hand: str, team: Team, tmp_path: Path) -> None:
    git(team.clone, "tag", "churn@v0.1.0")
    git(team.clone, "tag", "--annotate", "-m", "by hand", "churn@v0.2.0")
    name = team.write("alias", alias="oldest", sequence=1, parent=git(team.clone, "rev-parse", by_hand))
    Team(team.clone, new_server(tmp_path / "other.git")).passes(by_hand, name, HEAD)


def test_a_second_beginning(team: Team) -> None:
    """Neither by no Parent, nor by a commit that anybody can make."""
    names = [
        team.write("alias", alias=f"a{number}", sequence=1, parent=parent)
        for number, parent in enumerate([None, git(team.clone, "rev-parse", "HEAD")])
    ]
    assert team.why(*names) == dict.fromkeys(names, "churn has its first event here already, churn@v1.0.0")
    check("hook-second-root.txt", team.refused(names[0]))


def test_tags_one_by_one_in_the_order_of_their_names(team: Team, tmp_path: Path) -> None:
    """The first event need not be the first in that order."""
    team.passes(team.write("register", "0.9.0"), team.write("alias", "0.9.0", alias="best"), HEAD)
    server = new_server(tmp_path / "other.git")
    git(team.clone, "push", "--quiet", str(server), "refs/tags/*")
    assert git(server, "for-each-ref", "refs/tags") == git(team.clone, "for-each-ref", "refs/tags")


def test_tags_by_hand_where_only_mreg_may(team: Team) -> None:
    team.config("mreg.strict", "yes")
    git(team.clone, "tag", "churn@v3.0.0")
    team.tag("churn@v3.1.0", "By hand\n")
    why = "it was not written by mreg, and this server demands that"
    assert team.why("churn@v3.0.0", "churn@v3.1.0") == {"churn@v3.0.0": why, "churn@v3.1.0": why}
    team.passes(team.write("register", "2.0.0"), HEAD)


def test_a_tag_of_another_name(team: Team) -> None:
    copies = "churn@v9.0.0", "other@v1.0.0"
    for copy in copies:
        git(team.clone, "update-ref", f"refs/tags/{copy}", "refs/tags/churn@v1.0.0")
    assert team.why(*copies) == dict.fromkeys(copies, "the tag object calls itself churn@v1.0.0")


def test_what_is_no_commit(team: Team) -> None:
    targets = {"tree": "HEAD^{tree}", "blob": "HEAD:train.py", "tag": "churn@v1.0.0"}
    expected = {}
    for kind, target in targets.items():
        git(team.clone, "tag", "--annotate", "-m", "by hand", f"{kind}@v4.0.0", target)
        expected[f"{kind}@v4.0.0"] = f"it points at a {kind}, not at a commit"
        if kind != "tag":
            git(team.clone, "tag", f"{kind}@v4.1.0", target)
            expected[f"{kind}@v4.1.0"] = f"it points at a {kind}, not at a commit"
    assert team.why(*expected) == expected


def test_another_model(team: Team) -> None:
    message = format_message(team.change("register", "5.0.0"))
    team.tag("fraud@v5.0.0", message)
    assert "its trailers tell of churn@v5.0.0" in team.refused("fraud@v5.0.0")


def test_a_name_that_says_something_else(team: Team) -> None:
    names = "churn@v1.1.0-production", "churn@v1.0.0-staging.2", "churn@v1.1.0-staging.1"
    for name in names:
        team.tag(name, format_message(team.change("promote", "1.1.0", stage="staging", origin="none")))
    assert team.why(*names) == dict.fromkeys(names, "its trailers tell of churn@v1.1.0-staging")


def test_a_repetition(team: Team) -> None:
    team.passes(team.write("promote", stage="staging", origin="staging", count=2), HEAD)


def test_on_top_of_what_no_hook_saw(team: Team) -> None:
    """An event that mreg reads, though it would not have named it so, was here before the hook."""
    team.tag("churn@v1.0.0-odd", format_message(team.change("alias", alias="best")))
    git(team.clone, "update-ref", HEAD, "refs/tags/churn@v1.0.0-odd")
    git(team.server, "fetch", "--quiet", str(team.clone), "refs/tags/churn@v1.0.0-odd:refs/tags/churn@v1.0.0-odd")
    team.passes(team.write("alias", alias="champion"), HEAD)


def test_a_parent_that_is_not_there(team: Team) -> None:
    name = team.write("archive", parent="1" * 40)
    check("hook-no-parent.txt", team.refused(name))


def test_a_parent_that_is_no_event_of_the_model(team: Team) -> None:
    team.tag("fraud@v1.0.0", format_message(team.change("register", parent=None, sequence=1)).replace("churn", "fraud"))
    team.passes("fraud@v1.0.0")
    parents = [git(team.clone, "rev-parse", name) for name in ("fraud@v1.0.0", "HEAD^{tree}")]
    names = [team.write("alias", alias=f"a{i}", parent=parent, sequence=2) for i, parent in enumerate(parents)]
    assert team.why(*names) == dict.fromkeys(names, "its Parent is no event of churn that is here")


def test_a_sequence_out_of_order(team: Team) -> None:
    parent = team.newest()
    above = {name: {"sequence": int(name[1:]), "parent": parent} for name in ("a9", "a3")} | {
        "a2": {"sequence": 2, "parent": None}
    }
    names = {team.write("alias", alias=alias, **values): values["sequence"] for alias, values in above.items()}  # type: ignore[arg-type]
    why = team.why(*names)
    assert all(why[name].startswith(f"its Sequence is {sequence}, and that") for name, sequence in names.items())

"""mreg status: what is unpublished, behind, in conflict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.snapshot import check
from tests.cli.teams import register

if TYPE_CHECKING:
    from tests.cli.program import Ran
    from tests.cli.teams import Team


def said(ran: Ran) -> str:
    return ran.out + ran.err


def diverge(team: Team) -> None:
    """Both go on: Grace publishes, and Ada does not."""
    register(team.grace, 4, model="tumour/size")
    team.grace.mreg("promote", "cancer@v1.1.0", "production")
    team.grace.mreg("annotate", "cancer@v1.0.0", "seen=true")
    team.grace.mreg("push")
    register(team.ada, 3, "--stage", "production")
    team.ada.mreg("alias", "cancer@v1.1.0", "champion")
    team.ada.mreg("annotate", "cancer@v1.1.0", "checked=true")


def test_nothing_here_and_there(unpublished: Team) -> None:
    check("status-unpublished.txt", said(unpublished.ada.mreg("status")))
    other = unpublished.clone("other")
    assert said(other.mreg("status")) == "no models here and on origin\n"


def test_the_same(team: Team) -> None:
    check("status-same.txt", said(team.ada.mreg("status")))


def test_it_changes_nothing(team: Team) -> None:
    diverge(team)
    before, refs = team.ada.state(), team.refs()
    check("status.txt", said(team.ada.mreg("status")))
    check("status.json", team.ada.mreg("status", "--json").out)
    assert (team.ada.state(), team.refs()) == (before, refs)


def test_annotations(team: Team) -> None:
    team.ada.mreg("annotate", "cancer@v1.1.0", "checked=true")
    assert team.ada.data("status")["annotations"] == "here"
    team.ada.mreg("push")
    assert team.ada.data("status")["annotations"] == "neither"
    assert team.grace.data("status")["annotations"] == "there"
    team.grace.mreg("annotate", "cancer@v1.0.0", "seen=true")
    assert team.grace.data("status")["annotations"] == "both"
    team.grace.mreg("pull")
    assert team.grace.data("status")["annotations"] == "here"


def test_a_remote_by_name(team: Team) -> None:
    team.ada.git("remote", "add", "backup", "../store")
    assert team.ada.mreg("status", "--remote", "backup", code=3).err.startswith("mreg: cannot read backup: ")
    assert team.ada.mreg("status", "--remote", "none", code=2).err.startswith("mreg: there is no remote none\n")

"""`mreg history`: who did what, when and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.snapshot import check

if TYPE_CHECKING:
    from tests.cli.projects import Project


def test_of_all_models(registry: Project) -> None:
    ran = registry.mreg("history")
    check("history.txt", ran.out)
    assert ran.err == ""


def test_of_one(registry: Project) -> None:
    check("history-model.txt", registry.mreg("history", "cancer").out)
    check("history-model.json", registry.mreg("history", "nlp/sentiment", "--json").out)


def test_whole_reasons_in_json(registry: Project) -> None:
    reasons = [event["reason"] for event in registry.data("history", "cancer")]
    assert "better on the holdout\n\nAsked for by the clinic." in reasons


def test_by_stage(registry: Project) -> None:
    check("history-stage.txt", registry.mreg("history", "cancer", "--stage", "production").out)
    assert len(registry.data("history", "--stage", "staging")) == 3
    assert [event["alias"] for event in registry.data("history", "--stage", "none") if event["alias"]] == []


@pytest.mark.parametrize(
    ("options", "events"),
    [
        (("--since", "2026-02-23"), ["register", "promote", "register"]),
        (("--until", "2026-02-02"), ["promote", "register"]),
        (("--since", "2026-02-09", "--until", "2026-02-09"), ["alias", "promote", "promote", "register"]),
        (("--since", "2026-02-16T10:00", "--until", "2026-02-16T10:30Z"), ["yank"]),
        (("--since", "2026-02-16", "--until", "2026-02-17", "--limit", "1"), ["rollback"]),
        (("--until", "2026-02-01"), []),
        (("--since", "yesterday", "--until", "yesterday"), []),
    ],
)
def test_by_date(registry: Project, options: tuple[str, ...], events: list[str]) -> None:
    assert [event["event"] for event in registry.data("history", *options)] == events


def test_by_clock_zones(registry: Project) -> None:
    assert len(registry.data("history", "--since", "2026-02-16T12:00+02:00", "--until", "2026-02-16T11:30+01:00")) == 1


def test_limits(registry: Project) -> None:
    assert len(registry.data("history", "--limit", "3")) == 3
    assert registry.mreg("history", "--limit", "x", code=2).out == ""


def test_nothing_happened(registry: Project) -> None:
    ran = registry.mreg("history", "--until", "2020-01-01")
    assert (ran.out, ran.err) == ("", "note: no event matches\n")


def test_what_cannot_be_asked(registry: Project) -> None:
    assert "'soonish' is not a date" in registry.mreg("history", "--since", "soonish", code=2).err
    assert "there is no stage prod" in registry.mreg("history", "--stage", "prod", code=1).err
    assert "no model x is registered here" in registry.mreg("history", "x", code=1).err

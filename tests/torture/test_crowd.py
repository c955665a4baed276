"""Many clones promote, register and annotate the same models at once: who was told of success is in the history."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.gitrepos import git
from tests.servers.fixtures import Servers, servers_fixture  # noqa: F401
from tests.torture.conftest import LONG
from tests.torture.crowds import Diary, at_once, contend
from tests.torture.teams import MODELS, Member, Team, check_agreement, facts_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from random import Random

_CLONES = 10 if LONG else 3
_SECONDS, _COMMANDS = 60, 4


def _check_diary(diary: Diary, member: Member, history: Counter[str]) -> None:
    assert [did.document for did in diary.others] == []
    status = member.done("status").data
    assert (status["models"], status["annotations"]) == ([], "neither")
    aside = Counter(event["reason"] for event in status["set_aside"])
    assert aside == Counter(diary.aside.keys()), member.clone.name
    assert not history.keys() & set(diary.lost)


def _check_history(origin: Path, members: list[Member], diaries: list[Diary], before: set[str]) -> None:
    events = [event for model in MODELS for event in members[0].history(model) if event["tag_object"] not in before]
    key = ("tag_object", "event", "model", "version", "stage", "reason", "sequence", "sha256", "commit")
    reported = [event for diary in diaries for event in diary.published]
    for name in key:
        assert Counter(str(e[name]) for e in events) == Counter(str(e[name]) for e in reported), name
    assert len({event["reason"] for event in events}) == len(events)
    noted = {version for diary in diaries for version, _ in diary.facts}
    for version in noted:
        keys = Counter(key for diary in diaries for v, key in diary.facts if v == version)
        assert keys == facts_on(origin, version) - Counter(["seen", "warm"])


def _objects(team: Team) -> set[str]:
    return set(git(team.origin, "for-each-ref", "--format=%(objectname)", "refs/tags").splitlines())


@pytest.mark.parametrize(
    "kind", ["path", pytest.param("http", marks=pytest.mark.skipif(not LONG, reason="MREG_TORTURE=long only"))]
)
def test_what_was_reported_is_so(
    kind: str,
    fresh_team: Callable[[int], Team],
    crowd: Callable[[Team], list[Member]],
    servers: Servers,
    chance: Random,
    tally: Counter[str],
) -> None:
    team = fresh_team(_CLONES)
    origin = team.origin if kind == "path" else team.move_to(servers.git(kind))
    members, before, begin = crowd(team), _objects(team), time.monotonic()
    go_on = (lambda _: time.monotonic() - begin < _SECONDS) if LONG else (lambda done: done < _COMMANDS)
    diaries = at_once(members, chance.randrange(1 << 30), go_on)
    check_agreement(members, origin)
    _check_history(origin, members, diaries, before)
    history = Counter(event["reason"] for model in MODELS for event in members[0].history(model))
    for diary, member in zip(diaries, members, strict=True):
        _check_diary(diary, member, history)
    tally["events of a crowd"] += sum(len(diary.published) for diary in diaries)
    tally["losses in a crowd"] += sum(len(diary.lost) for diary in diaries)
    tally["facts of a crowd"] += sum(len(diary.facts) for diary in diaries)


@pytest.mark.skipif(not LONG, reason="MREG_TORTURE=long only")
def test_throughput(
    fresh_team: Callable[[int], Team], crowd: Callable[[Team], list[Member]], tally: Counter[str]
) -> None:
    team = fresh_team(_CLONES)
    members = crowd(team)
    measured = contend(members, 20)
    tally[f"contended promotions in 10 s by {measured.clones} clones"] = round(10 * measured.per_second)
    check_agreement(members, team.origin)

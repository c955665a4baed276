"""A server or a network that goes away before, during and after a push: nothing is doubled, and nothing lost."""

from __future__ import annotations

import os
import select
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.gitrepos import git
from tests.servers.fixtures import Servers, servers_fixture  # noqa: F401
from tests.servers.wire import Wire
from tests.torture.conftest import LONG
from tests.torture.registries import left_behind
from tests.torture.teams import Did, Member, Team, check_agreement, check_chain, written_because

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from random import Random

    from tests.servers import GitServer

KINDS = ("daemon", "http") if LONG else ("daemon",)
_PATIENCE = 60.0


def _promotion(number: int) -> tuple[str, ...]:
    """One that changes something each time, and says which time it is."""
    return ("promote", "churn@1.0.0", ("staging", "production")[number % 2], "-m", f"cut {number}", "--push")


def _check_not_told(did: Did, *, landed: bool = False) -> None:
    """It must say that it failed, and what to do, and not that others were faster, nor that nothing can have landed."""
    assert (did.code, did.error) == (3, "RemoteFailed"), did.document
    unclear = did.data["hint"].startswith("it is written here and may be published or not; ")
    assert unclear or (not landed and "not published; " in did.data["hint"]), str(did.data)


def _check_once(origin: Path, member: Member, number: int) -> None:
    check_chain(origin, "churn")
    assert [written_because(root, "churn", f"cut {number}") for root in (origin, member.clone)] == [1, 1]
    assert left_behind(member.clone) == []


def _go_on(member: Member, number: int) -> None:
    """As a person would: the same command again, or `mreg push`."""
    member.done(*(_promotion(number) if number % 4 < 2 else ("push",)))


@contextmanager
def _waiting(server: GitServer, hook: str, when: str, fifo: Path) -> Iterator[Callable[[], None]]:
    """Let the server stop in a hook until it is killed; what is handed over waits until it is there."""
    os.mkfifo(fifo)
    script = server.write_hook(hook, f"{when} || exit 0; echo > '{fifo}'; exec cat '{fifo}' > /dev/null")
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)

    def wait() -> None:
        assert select.select([reader], [], [], _PATIENCE)[0]

    try:
        yield wait
    finally:
        os.close(reader)
        script.unlink()
        fifo.unlink()


MOMENTS = {
    "before anything moved": ("pre-receive", "true", False),
    "after the refs moved": ("reference-transaction", '[ "$1" = committed ]', True),
    "after the answer": ("post-receive", "true", True),
}
if not LONG:
    del MOMENTS["after the answer"]


def test_nothing_to_do_is_not_said_of_an_old_state(
    fresh_team: Callable[[int], Team], crowd: Callable[[Team], list[Member]]
) -> None:
    """A job that runs again learns that somebody else has changed meanwhile what it did the first time."""
    team = fresh_team(2)
    ada, grace = crowd(team)
    ada.done("promote", "churn@1.0.0", "production", "--push")
    again = ada.done("promote", "churn@1.0.0", "production", "--push")
    assert (again.data["changed"], again.data["published"]) == (False, "origin")
    grace.done("pull")
    grace.done("promote", "churn@1.1.0", "production", "--push")
    did = ada.mreg("promote", "churn@1.0.0", "production", "--push")
    assert (did.code, did.error) == (1, "NoLongerSo"), did.document
    ada.done("promote", "churn@1.0.0", "production", "--push")
    check_agreement([ada, grace], team.origin)


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_is_killed(
    kind: str,
    fresh_team: Callable[[int], Team],
    crowd: Callable[[Team], list[Member]],
    servers: Servers,
    tmp_path: Path,
) -> None:
    team, server = fresh_team(2), servers.git(kind)
    origin, (ada, grace) = team.move_to(server), crowd(team)
    server.stop()
    _check_not_told(ada.mreg(*_promotion(0)))
    server.start()
    _go_on(ada, 0)
    _check_once(origin, ada, 0)
    for number, (hook, when, landed) in enumerate(MOMENTS.values(), 1):
        head = git(origin, "rev-parse", "refs/mreg/churn@head")
        with _waiting(server, hook, when, tmp_path / "waiting") as wait:
            victim = ada.start(*_promotion(number))
            wait()
            server.stop()
            _check_not_told(ada.result(victim), landed=landed)
        server.start()
        assert (git(origin, "rev-parse", "refs/mreg/churn@head") != head) == landed, hook
        # Somebody else may come in between, on top of what landed or instead of it.
        if number % 2:
            grace.done("annotate", "churn@1.0.0", f"between.{number}=1", "--push")
        _go_on(ada, number)
        _check_once(origin, ada, number)
    check_agreement([ada, grace], origin)


def test_a_wire_that_is_cut(
    fresh_team: Callable[[int], Team],
    crowd: Callable[[Team], list[Member]],
    servers: Servers,
    chance: Random,
    rounds: Callable[[int, int], int],
) -> None:
    """At any byte of what the client sends, or when all is sent and no answer came."""
    team, server = fresh_team(2), servers.git("daemon")
    origin, (ada, grace) = team.move_to(server), crowd(team)
    port = int(server.url.split(":")[2].partition("/")[0])
    with Wire(port) as wire:
        team.use(server.url.replace(str(port), str(wire.port)))
        ada.done(*_promotion(0))
        whole, request = wire.sent, len(f"0000git-receive-pack /{server.name}\0host=127.0.0.1:{wire.port}\0")
        assert whole > request
        cuts = [whole - 1, *(chance.randrange(0, whole) for _ in range(rounds(1, 30)))]
        for number, cut in enumerate((*cuts, None), 1):
            print(f"cut at {cut} of {whole}")
            wire.cut_at, wire.deaf_after = cut, request if cut is None else None
            head = git(origin, "rev-parse", "refs/mreg/churn@head")
            _check_not_told(ada.mreg(*_promotion(number)), landed=cut is None)
            assert (git(origin, "rev-parse", "refs/mreg/churn@head") != head) == (cut is None)
            wire.cut_at = wire.deaf_after = None
            if number % 2:
                grace.done("promote", "fraud@1.0.0", ("staging", "production")[number // 2 % 2], "--push")
            _go_on(ada, number)
            _check_once(origin, ada, number)
    team.use(server.url)
    check_agreement([ada, grace], origin)

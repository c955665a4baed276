"""SIGKILL of who publishes, at any instant: others go on, and the same command run again completes it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.gitrepos import git, write
from tests.torture.registries import left_behind
from tests.torture.teams import Did, Member, Team, check_agreement, check_chain, written_because

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator
    from random import Random

    from tests.torture.victims import Victim


@dataclass(slots=True)
class Course:
    """Two clones: one whose pushes are killed, and one that goes on."""

    team: Team
    victim: Member
    other: Member
    number: int = 0

    def command(self) -> tuple[str, ...]:
        """The next one to be killed."""
        self.number += 1
        reason = ("-m", f"killed {self.number}", "--push")
        if self.number % 3 == 0:
            file = write(self.victim.clone / "churn.bin", f"{self.number}\n" * 1000)
            return ("register", "churn", str(file), *reason)
        stage = self.victim.done("show", "churn@1.0.0").data["stage"]
        return ("promote", "churn@1.0.0", "production" if stage == "staging" else "staging", *reason)

    def others_go_on(self, *, rival: bool) -> None:
        """Publish something of the same model and of another one, and where asked what makes a promotion void."""
        self.other.done("annotate", "churn@1.0.0", f"meanwhile.{self.number}=1", "--push")
        self.other.done("promote", "fraud@1.0.0", ("staging", "production")[self.number % 2], "--push")
        if rival:
            self.other.mreg("rollback", "churn", "--push")

    def check_whole(self, *, server_killed: bool = False) -> None:
        """What holds at any instant: the server has whole histories, whose artifacts have arrived.

        Where git was killed on the server too, an administrator removes the locks, and a head may lag behind its tags.
        """
        for lock in self.team.origin.rglob("*.lock"):
            assert server_killed, lock
            lock.unlink()
        check_chain(self.team.origin, "churn", head=not server_killed)
        listed = git(self.team.origin, "for-each-ref", "--format=%(refname)", "refs/tags/churn@v*")
        for tag in (name for name in listed.splitlines() if "-" not in name):
            pointer = git(self.team.origin, "show", f"{tag}:churn.bin.dvc")
            md5 = pointer.partition("md5: ")[2][:32]
            assert (self.team.store / "files" / "md5" / md5[:2] / md5[2:]).exists(), tag

    def run_again(self, argv: tuple[str, ...]) -> Did:
        """Run the command again; what it says is so, and nothing is left of the kill."""
        did = self.victim.mreg(*argv)
        reason = argv[argv.index("-m") + 1]
        assert did.code == 0 or (did.code, did.error) in {(1, "LostRace"), (1, "NoLongerSo")}, did.document
        # What is no longer so had arrived before the kill.
        assert written_because(self.team.origin, "churn", reason) == (did.error != "LostRace"), (did.document, argv)
        assert left_behind(self.victim.clone) == []
        self.check_whole()
        return did


@pytest.fixture
def course(fresh_team: Callable[[int], Team], crowd: Callable[[Team], list[Member]]) -> Iterator[Course]:
    team = fresh_team(2)
    victim, other = crowd(team)
    course = Course(team, victim, other)
    yield course
    check_agreement([course.victim, course.other], team.origin)


def _kill(victim: Victim, seconds: float, *, group: bool) -> bool:
    if not victim.ends_within(seconds):
        victim.kill(group=group)
    return victim.wait() < 0


def test_at_random_instants(
    course: Course, chance: Random, rounds: Callable[[int, int], int], tally: Counter[str]
) -> None:
    began = time.monotonic()
    course.victim.done("promote", "churn@1.1.0", "staging", "--push")
    seconds, kills = time.monotonic() - began, 0
    while kills < rounds(3, 50):
        argv, group, at_once = course.command(), chance.random() < 0.5, chance.random() < 0.3
        instant, rival = chance.uniform(0, seconds * 1.2), chance.random() < 0.2
        at_once = at_once and not group  # who is killed with the server has to see to it first
        print(f"{argv} at {instant}: {group=}, {at_once=}, {rival=}")
        victim = course.victim.start(*argv)
        if _kill(victim, instant, group=group):
            kills += 1
        if not at_once:
            victim.settle()
            course.check_whole(server_killed=group)
            course.others_go_on(rival=rival)
        tally[f"killed pushes that {'were done' if course.run_again(argv).code == 0 else 'others had made void'}"] += 1
        victim.settle()


def test_at_every_step(course: Course, chance: Random, rounds: Callable[[int, int], int], tally: Counter[str]) -> None:
    """Just before each change to a file and each new process, of a push that has to follow what others published."""
    course.other.done("annotate", "churn@1.0.0", "first=1", "--push")
    victim = course.victim.start("promote", "churn@1.1.0", "staging", "--push", die_at=1_000_000)
    assert victim.wait() == 0, victim.output
    assert victim.steps > 0
    steps = range(1, victim.steps + 1)
    for step in sorted(chance.sample(steps, min(len(steps), rounds(2, len(steps))))):
        course.other.done("annotate", "churn@1.0.0", f"step.{step}=1", "--push")
        argv, group = course.command(), chance.random() < 0.5
        victim = course.victim.start(*argv, die_at=step, group=group)
        victim.wait()
        print(f"{argv}, step {step} of {len(steps)}: {victim.output}")
        victim.settle()
        course.check_whole(server_killed=group)
        tally["pushes killed at a step"] += 1
        course.run_again(argv)


def test_a_lock_that_a_killed_server_left(course: Course) -> None:
    """It is named, and not taken for other people's work."""
    lock = write(course.team.origin / "refs" / "mreg" / "churn@head.lock", "")
    did = course.victim.mreg(*course.command())
    assert (did.code, did.error) == (3, "NothingMoved")
    assert "refs/mreg/churn@head.lock; nothing was published" in did.data["message"]
    lock.unlink()
    course.victim.done("push")

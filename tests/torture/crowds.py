"""Many clones at work at once against one server: what each does, and what its commands reported."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from tests.gitrepos import write
from tests.torture.teams import MODELS, Member, build_team, see_commands
from tests.torture.victims import Nursery

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.torture.teams import Did

    Act = Callable[[Member, Random, str], tuple[str, ...]]
    """Chooses a command; the event or the fact that it writes carries the marker as its reason or its key."""

_VERSIONS = ("1.0.0", "1.1.0")


@dataclass(slots=True)
class Diary:
    """What the commands of one clone reported.

    Attributes:
        published: The events of the successes.
        facts: The keys of the facts, with the version that each is noted on.
        aside: What each event is about that came too late and that this clone did not write again, by its marker.
        lost: The markers of all that came too late, or had nothing to do and learned that others had.
        others: What nobody expects.
    """

    published: list[dict[str, Any]] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    aside: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    others: list[Did] = field(default_factory=list)
    commands: int = 0

    def add(self, did: Did, marker: str) -> None:
        """Note down what came of a command."""
        self.commands += 1
        if did.code == 0 and did.argv[0] == "annotate":
            self.facts.append((f"{did.data['model']}@v{did.data['version']}", marker))
        elif did.code == 0:
            self.published += did.events
            again = {_about(event) for event in did.events}
            self.aside = {lost: about for lost, about in self.aside.items() if about not in again}
        elif (did.code, did.error) == (1, "LostRace"):
            facts, stage = did.data["facts"], did.argv[2] if did.argv[0] == "promote" else None
            self.lost.append(marker)
            self.aside[marker] = (did.argv[0], facts["model"], facts["version"], stage)
        elif (did.code, did.error) == (1, "NoLongerSo"):  # nothing was written
            self.lost.append(marker)
        else:
            self.others.append(did)


def _about(event: dict[str, Any]) -> tuple[Any, ...]:
    return event["event"], event["model"], event["version"], event["stage"]


def busy(member: Member, chance: Random, marker: str) -> tuple[str, ...]:
    """The next command of somebody who does all there is to do."""
    model, version = chance.choice(MODELS), chance.choice(_VERSIONS)
    match chance.choices(("promote", "annotate", "register"), (6, 2, 1))[0]:
        case "promote":
            return ("promote", f"{model}@{version}", chance.choice(("staging", "production")), "-m", marker, "--push")
        case "annotate":
            return ("annotate", f"{model}@{version}", f"{marker}=1", "--push")
    file = write(member.clone / f"{model}.bin", f"{marker}\n" * 50)
    return ("register", model, str(file), "-m", marker, "--push")


def keep_busy(member: Member, seed: int, go_on: Callable[[int], bool], act: Act = busy) -> Diary:
    """Run one command after the other, as long as `go_on` of their number says so."""
    diary, chance = Diary(), Random(seed)
    while go_on(diary.commands):
        marker = f"{member.clone.name}.n{diary.commands}"
        diary.add(member.mreg(*act(member, chance, marker)), marker)
    return diary


def at_once(members: Sequence[Member], seed: int, go_on: Callable[[int], bool], act: Act = busy) -> list[Diary]:
    """Let all keep busy at the same time; returns what each wrote down."""
    with ThreadPoolExecutor(len(members)) as pool:
        work = [pool.submit(keep_busy, member, seed + place, go_on, act) for place, member in enumerate(members)]
        return [future.result() for future in work]


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """How many promotions of one model a number of clones published, and in how many seconds."""

    clones: int
    published: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.published / self.seconds


def measure_throughput(folder: Path, clones: int, seconds: float) -> Throughput:
    """Build a team in an empty folder, whose server is a bare repository by path, and let it contend."""
    team = build_team(folder / "team", clones)
    with ExitStack() as stack:
        nursery = stack.enter_context(Nursery(folder))
        see_commands(Member(team.clones[0], nursery))
        return contend([Member(c, stack.enter_context(nursery.twin(c.name))) for c in team.clones], seconds)


def contend(members: Sequence[Member], seconds: float) -> Throughput:
    """Let every clone move a version of its own of `churn` to and fro, all at once and as fast as they can.

    No promotion makes another one impossible, and all of them move the same head: each has to follow those of others.
    Commands are forked from processes that have everything imported: what is measured is what they do.
    """
    versions = {member.clone.name: f"churn@9.{place}.0" for place, member in enumerate(members)}
    for member in members:
        version = versions[member.clone.name].partition("@")[2]
        file = write(member.clone / "own.bin", f"{version}\n" * 100)
        member.done("register", "churn", str(file), "--version", version, "--push")

    def act(member: Member, _: Random, marker: str) -> tuple[str, ...]:
        stage = ("staging", "trial")[int(marker.rpartition("n")[2]) % 2]
        return ("promote", versions[member.clone.name], stage, "-m", marker, "--push")

    for member in members:
        write(member.clone / ".mreg.yaml", "schema: mreg/v1\nstages:\n  trial: {exclusive: false}\n")
    begin = time.monotonic()
    diaries = at_once(members, 0, lambda _: time.monotonic() - begin < seconds, act)
    took = time.monotonic() - begin
    assert not [did for diary in diaries for did in (*diary.others, *diary.lost)]
    return Throughput(clones=len(members), published=sum(len(diary.published) for diary in diaries), seconds=took)

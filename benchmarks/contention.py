"""Many clones that promote versions of one model and publish that at the same time."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.bench import Bench, say
from benchmarks.fast_import import git
from benchmarks.link import FORK
from benchmarks.repositories import TAGS_PER_MODEL, version
from benchmarks.serving import BY_PATH, MODEL, NEAR_HTTP, Route, Served, Site, serving
from benchmarks.table import Row
from benchmarks.timing import NothingDone, mreg, run_once
from mreg import Registry
from mreg.usecases.sharing.errors import LostRace, NeverLanded
from mreg.usecases.writing import Written

_CLONES = 10
_UNTIL_ALL_ARE_THERE = 0.5  # seconds

_Turn = Callable[[Registry, int, int], Written]
"""What the clone of that number does when it has done so that often: it writes and publishes one event."""


def measure_contention(bench: Bench) -> list[Row]:
    """Where every event can follow any other one, and where of those that meet one wins and the others have lost."""
    kinds: dict[str, _Turn] = {"a stage for many": _shared_stage, "one exclusive stage": _exclusive_stage}
    with serving(bench.folder / "contention") as site:
        pairs = [(route, kind) for route in (BY_PATH, NEAR_HTTP) for kind in kinds]
        return [_row(bench, site, route, kind, kinds[kind]) for route, kind in pairs]


def _shared_stage(registry: Registry, number: int, done: int) -> Written:
    """Its own version goes there and back."""
    return registry.promote(_ref(number), ("staging", "archived")[done % 2], push=True)


def _exclusive_stage(registry: Registry, number: int, done: int) -> Written:
    """Two versions of its own go there in turn, whichever is there."""
    return registry.promote(_ref(2 * number + done % 2), "production", push=True)


def _ref(number: int) -> str:
    return f"{MODEL}@v{version(number)}"


@dataclass(frozen=True, slots=True)
class _Tally:
    """What clones did: `attempts` to write and publish an event, and `successes`, which are events on the server."""

    attempts: int
    successes: int
    seconds: float

    def __add__(self, other: _Tally) -> _Tally:
        seconds = max(self.seconds, other.seconds)
        return _Tally(self.attempts + other.attempts, self.successes + other.successes, seconds)

    @property
    def rate(self) -> float:
        return self.successes / self.seconds

    @property
    def each(self) -> float:
        """Attempts for a success."""
        return self.attempts / max(self.successes, 1)


def _row(bench: Bench, site: Site, route: Route, kind: str, turn: _Turn) -> Row:
    say(f"{_CLONES} clones promote, {kind}, {route.name}")
    alone, together = (_race(bench, site, route, turn, clones) for clones in (1, _CLONES))
    return Row(
        what=f"{_CLONES} clones promote, {kind}, {route.name}",
        command="mreg promote … --push",
        value=f"{together.rate:.3g} a second, {together.each:.2f} attempts each",
        against="one clone alone",
        base=f"{alone.rate:.3g} a second",
        ratio=f"{together.rate / alone.rate:.2f}x",
    )


def _race(bench: Bench, site: Site, route: Route, turn: _Turn, clones: int) -> _Tally:
    """Let so many clones of one registry go on for some seconds, and check that nothing was lost or done twice."""
    served = site.serve(route, bench.copy(bench.small))
    roots = [site.clone(served) for _ in range(clones)]
    start = time.monotonic() + _UNTIL_ALL_ARE_THERE
    work = partial(_work, turn, start, start + bench.contended)
    with ProcessPoolExecutor(clones, mp_context=FORK) as pool:
        tallies = list(pool.map(work, roots, range(clones)))
    total = sum(tallies, start=_Tally(0, 0, 0.0))
    _check(site, served, total.successes)
    return total


def _work(turn: _Turn, start: float, end: float, root: Path, number: int) -> _Tally:
    """One clone, in a process of its own."""
    registry = Registry(root)
    attempts = successes = 0
    time.sleep(max(0.0, start - time.monotonic()))
    while time.monotonic() < end:
        attempts += 1
        try:
            written = turn(registry, number, successes)
        except (LostRace, NeverLanded):  # what never landed goes with the next event
            continue
        successes += len(written.pushed.events) if written.pushed else 0
    return _Tally(attempts, successes, time.monotonic() - start)


def _check(site: Site, served: Served, successes: int) -> None:
    found = len(git(served.folder, "tag", "--list", f"{MODEL}@*").splitlines())
    if found != TAGS_PER_MODEL + successes:
        raise NothingDone(f"{successes} promotions were published, and the server has {found - TAGS_PER_MODEL} more")
    run_once(site.clone(served), (*mreg(), "verify"))

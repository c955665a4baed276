"""`mreg push` of one promotion, against the bare `git push` of the same refs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.bench import Bench, say
from benchmarks.fast_import import git
from benchmarks.serving import FAR_HTTP, MODEL, NEAR_HTTP, Route, Served, Site, connections, each_route, serving
from benchmarks.table import Row, compared
from benchmarks.timing import Call, NothingDone, Task, medians, mreg, task
from mreg import Registry

_NEWEST, _HEAD = f"{MODEL}@v1.24.0", f"refs/mreg/{MODEL}@head"
_COMMAND = f"mreg push {MODEL}"
_CALLED = f'Registry().push("{MODEL}")'
_BARE = "git push --atomic --force-with-lease=HEAD:OLD origin TAG HEAD"


def measure_push(bench: Bench) -> list[Row]:
    """By every route, and from a larger registry."""
    larger = bench.peers[-1]
    with serving(bench.folder / "push") as site:
        found = each_route(partial(_by, bench, site, bench.small))
        found += [_by(bench, site, larger, route) for route in (NEAR_HTTP, FAR_HTTP)]
    return [found[0].start, *(row for times in found for row in times.rows), connections(_CALLED, found)]


@dataclass(slots=True)
class _Clone:
    """A clone of a registry of its own, with one unpublished promotion each time; the stages take turns."""

    served: Served
    root: Path
    refs: list[str] = field(default_factory=list)
    _promotions: int = 0

    def promote(self) -> None:
        before = self._head(self.served.folder)
        stage = ("staging", "production")[self._promotions % 2]
        self._promotions += 1
        event = Registry(self.root).promote(_NEWEST, stage).event
        if event is None:
            raise NothingDone(f"{_NEWEST} was in {stage}")
        self.refs = [f"--force-with-lease={_HEAD}:{before}", "origin", f"refs/tags/{event.tag}", _HEAD]

    def bare_push(self, _run: int) -> Sequence[str]:
        return ("git", "push", "--quiet", "--atomic", *self.refs)

    def check(self) -> None:
        if self._head(self.served.folder) != self._head(self.root):
            raise NothingDone(f"{self.refs[-2]} is not on the server")

    def _head(self, repository: Path) -> str:
        return git(repository, "rev-parse", _HEAD).decode().strip()


@dataclass(frozen=True, slots=True)
class _Times:
    """Seconds by a name of what was timed, and the connections that a call made."""

    route: Route
    tags: int
    seconds: dict[str, float]
    connections: int

    @property
    def rows(self) -> Iterator[Row]:
        yield self._row("command", f"pushing a promotion, {self.tags:,} tags, {self.route.name}", _COMMAND, bound=1.5)
        yield self._row("library", "the same in a process that runs already", _CALLED, bound=1.5)

    @property
    def start(self) -> Row:
        return self._row("start", "the program's start", "mreg --version")

    def _row(self, name: str, what: str, command: str, *, bound: float | None = None) -> Row:
        seconds, base = self.seconds[name], self.seconds["bare"]
        return compared(what, command=command, seconds=seconds, against=_BARE, base=base, at_most=bound)


def _by(bench: Bench, site: Site, tags: int, route: Route) -> _Times:
    say(f"push from {tags:,} tags, {route.name}")
    bare, whole, library = (_clone(bench, site, tags, route) for _ in range(3))
    library.promote()
    before = library.served.traffic
    Registry(library.root).push(MODEL)
    made = (library.served.traffic - before).connections
    tasks: dict[str, Task | Call] = {
        "bare": Task(command=bare.bare_push, folder=bare.root, prepare=bare.promote, finish=bare.check),
        "start": task(site.folder, *mreg(), "--version"),
        "command": Task(
            command=lambda _: (*mreg(), "push", MODEL), folder=whole.root, prepare=whole.promote, finish=whole.check
        ),
        "library": Call(
            function=lambda: Registry(library.root).push(MODEL), prepare=library.promote, finish=library.check
        ),
    }
    return _Times(route, tags, medians(tasks, runs=bench.runs), made)


def _clone(bench: Bench, site: Site, tags: int, route: Route) -> _Clone:
    served = site.serve(route, bench.copy(tags))
    return _Clone(served, site.clone(served))

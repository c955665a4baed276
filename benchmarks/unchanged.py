"""`mreg get --repo --if-changed` where nothing has changed, against one `git ls-remote`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from benchmarks.bench import Bench, say
from benchmarks.serving import MODEL, Route, Site, connections, each_route, serving
from benchmarks.table import Row, compared
from benchmarks.timing import Call, NothingDone, Task, medians, mreg, run_once, task
from mreg import Registry

_REF = f"{MODEL}@production"
_GET = f"mreg get {_REF} --repo URL -o DIR --if-changed"
_CALLED = f'Registry.at(URL).get("{_REF}", DIR, if_changed=True)'
_LIST, _PATTERN = "git ls-remote URL", f"refs/tags/{MODEL}@v*"


def measure_unchanged(bench: Bench) -> list[Row]:
    """What a container pays that looks for a new version, by every route."""
    with serving(bench.folder / "unchanged") as site:
        found = each_route(partial(_by, bench, site))
    return [*found[0].details, *(row for times in found for row in times.rows), connections(_CALLED, found)]


@dataclass(frozen=True, slots=True)
class _Times:
    """Seconds by a name of what was timed, and the connections that a call made."""

    route: Route
    seconds: dict[str, float]
    connections: int

    @property
    def details(self) -> Iterator[Row]:
        """What is the same by any route."""
        yield self._row("one", f"git itself, one model's tags, {self.route.name}", f"{_LIST} {_PATTERN}")
        yield self._row("start", "the program's start", "mreg --version")

    @property
    def rows(self) -> Iterator[Row]:
        yield self._row("command", f"nothing new, {self.route.name}", _GET, bound=2)
        yield self._row("library", "the same in a process that runs already", _CALLED, bound=2)

    def _row(self, name: str, what: str, command: str, *, bound: float | None = None) -> Row:
        seconds, base = self.seconds[name], self.seconds["list"]
        return compared(what, command=command, seconds=seconds, against=_LIST, base=base, at_most=bound)


def _by(bench: Bench, site: Site, route: Route) -> _Times:
    say(f"get without a change, {route.name}")
    served, folder = site.serve(route, bench.copy(bench.small)), site.fresh("model")
    command = (*mreg(), "get", _REF, "--repo", served.url, "-o", str(folder), "--if-changed")
    run_once(site.folder, command)

    def call() -> None:
        if Registry.at(served.url).get(_REF, folder, if_changed=True).changed:
            raise NothingDone(f"{_REF} was there, and was delivered again")

    before = served.traffic
    call()
    made = (served.traffic - before).connections
    tasks: dict[str, Task | Call] = {
        "list": task(site.folder, "git", "ls-remote", served.url),
        "one": task(site.folder, "git", "ls-remote", served.url, _PATTERN),
        "start": task(site.folder, *mreg(), "--version"),
        "command": task(site.folder, *command),
        "library": Call(function=call),
    }
    return _Times(route, medians(tasks, runs=bench.runs), made)

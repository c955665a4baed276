"""The first `mreg get --repo` of a machine: its time and bytes follow the model, those of a clone the repository."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.bench import Bench, say
from benchmarks.link import Traffic
from benchmarks.serving import MODEL, NEAR_HTTP, Served, Site, serving
from benchmarks.table import Row, compared, weighed
from benchmarks.timing import Task, medians, mreg

_REF = f"{MODEL}@production"
_GET, _SHOW = f"mreg get {_REF} --repo URL -o DIR", f"mreg show {_REF} --repo URL"
_PARTIAL, _WHOLE = "git clone --bare --filter=blob:none URL DIR", "git clone URL DIR"


def measure_first_get(bench: Bench) -> list[Row]:
    """From registries of three sizes by HTTP, each against clones, and the larger ones against the smallest."""
    sizes = (*bench.peers, bench.large) if bench.large not in bench.peers else bench.peers
    with serving(bench.folder / "first") as site:
        found = {tags: _at(bench, site, tags) for tags in sizes}
    smallest, *larger = found
    beside_clones = [row for tags, cost in found.items() for row in _beside_clones(cost, tags)]
    return [*beside_clones, *(row for tags in larger for row in _grown(found, tags, smallest))]


@dataclass(frozen=True, slots=True)
class _Cost:
    """What the commands took: seconds, and bytes of Git both ways, by the command."""

    seconds: dict[str, float]
    bytes: dict[str, float]


@dataclass(slots=True)
class _Metered:
    """A command that finds an empty cache and nothing at DIR each time, and what it transferred."""

    site: Site
    served: Served
    folder: Path
    command: tuple[str, ...]
    transferred: list[int] = field(default_factory=list)
    _before: Traffic = field(default_factory=lambda: Traffic(0, 0))

    @property
    def task(self) -> Task:
        return Task(command=lambda _: self.command, folder=self.site.folder, prepare=self._prepare, finish=self._finish)

    def _prepare(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.site.forget()
        self._before = self.served.traffic

    def _finish(self) -> None:
        self.transferred.append((self.served.traffic - self._before).bytes)


def _at(bench: Bench, site: Site, tags: int) -> _Cost:
    say(f"first get from {tags:,} tags")
    served, folder = site.serve(NEAR_HTTP, bench.copy(tags)), site.fresh("target")
    url, target = served.url, str(folder)
    commands: dict[str, tuple[str, ...]] = {
        _GET: (*mreg(), "get", _REF, "--repo", url, "-o", target),
        _SHOW: (*mreg(), "show", _REF, "--repo", url),
        _PARTIAL: ("git", "clone", "--quiet", "--bare", "--filter=blob:none", url, target),
        _WHOLE: ("git", "clone", "--quiet", url, target),
    }
    metered = {name: _Metered(site, served, folder, command) for name, command in commands.items()}
    seconds = medians({name: each.task for name, each in metered.items()}, runs=bench.runs, warm_up=False)
    return _Cost(seconds, {name: statistics.median(each.transferred) for name, each in metered.items()})


def _beside_clones(cost: _Cost, tags: int) -> Iterator[Row]:
    for clone in (_PARTIAL, _WHOLE):
        yield compared(
            f"first get, {tags:,} tags",
            command=_GET,
            seconds=cost.seconds[_GET],
            against=clone,
            base=cost.seconds[clone],
        )
        yield weighed(
            "what Git transfers for it", command=_GET, size=cost.bytes[_GET], against=clone, base=cost.bytes[clone]
        )


def _grown(found: dict[int, _Cost], tags: int, smallest: int) -> Iterator[Row]:
    """How much more is paid for a model where there are more of the others."""
    cost, base, against = found[tags], found[smallest], f"the same, {smallest:,} tags"
    for command, verb in ((_GET, "get"), (_SHOW, "show")):
        yield compared(
            f"one model of {tags:,} tags, first {verb}",
            command=command,
            seconds=cost.seconds[command],
            against=against,
            base=base.seconds[command],
            at_most=1.3,
        )
    yield weighed(
        f"one model of {tags:,} tags, what Git transfers",
        command=_GET,
        size=cost.bytes[_GET],
        against=against,
        base=base.bytes[_GET],
        at_most=1.3,
    )

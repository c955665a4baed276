"""What must not depend on how large the registry is, and what may depend on it no more than git does."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.bench import Bench, say
from benchmarks.fast_import import git
from benchmarks.repositories import TAGS_PER_MODEL
from benchmarks.table import Row, compared
from benchmarks.timing import NothingDone, Task, medians, mreg, task

FULL = ("git", "for-each-ref", "--format=%(refname) %(objectname) %(contents)", "refs/tags")
NAMES = ("git", "for-each-ref", "--format=%(refname) %(objectname)", "refs/tags")

_MODEL, _NEWEST = "m0001", "m0001@v1.24.0"


def measure_listing(bench: Bench) -> list[Row]:
    """`mreg ls` over everything, without and with its cache, against one git process that reads every message."""
    rows: list[Row] = []
    for tags in (*bench.peers, bench.large):
        say(f"listing {tags:,} tags")
        root = bench.registry(tags)
        tasks = {
            "messages": task(root, *FULL),
            "names": task(root, *NAMES),
            "cold": task(root, *mreg(), "ls", prepare=partial(forget, root)),
            "warm": task(root, *mreg(), "ls"),
        }
        rows += _listing_rows(medians(tasks, runs=bench.runs), tags, bounded=tags == bench.large)
    return rows


def forget(root: Path) -> None:
    """Remove what mreg keeps beside git's own files, its cache among them: as in a fresh clone."""
    shutil.rmtree(root / ".git" / "mreg", ignore_errors=True)


def _listing_rows(times: dict[str, float], tags: int, *, bounded: bool) -> list[Row]:
    row = partial(against_messages, times)
    return [
        row("cold", f"first listing, {tags:,} tags", "mreg ls", at_most=2 if bounded else None),
        row("warm", f"listing, cache warm, {tags:,} tags", "mreg ls", at_most=1 if bounded else None),
        row("names", f"git itself, {tags:,} tags", "git for-each-ref, names and ids"),
    ]


def against_messages(
    times: Mapping[str, float], name: str, what: str, command: str, *, at_most: float | None = None
) -> Row:
    """The time of that name beside that of "messages", which is what `FULL` took."""
    return compared(
        what,
        command=command,
        seconds=times[name],
        against="git for-each-ref, full messages",
        base=times["messages"],
        at_most=at_most,
    )


def measure_one_model(bench: Bench) -> list[Row]:
    """Commands about one model of a large registry, against themselves on a small one."""
    return [
        _one_model(bench, lambda _: ("show", _MODEL)),
        _one_model(bench, lambda _: ("resolve", f"{_MODEL}@production")),
        # The stages take turns, so that each run writes one event.
        _one_model(bench, lambda run: ("promote", _NEWEST, ("staging", "production")[run % 2]), writes=True),
        # 24 versions held production before the newest one: each run goes back by one.
        _one_model(bench, lambda _: ("rollback", _MODEL), writes=True),
    ]


def _one_model(bench: Bench, arguments: Callable[[int], Sequence[str]], *, writes: bool = False) -> Row:
    command = " ".join(("mreg", *arguments(0)))
    say(f"{command} at {bench.small:,} and {bench.large:,} tags")
    small, large = (bench.copy(tags) if writes else bench.registry(tags) for tags in (bench.small, bench.large))
    tasks = {name: _task(root, arguments) for name, root in (("small", small), ("large", large))}
    times = medians(tasks, runs=bench.runs)
    for root in (small, large):
        _check_events(root, TAGS_PER_MODEL + (bench.runs + 1 if writes else 0))
    return compared(
        f"one model of {bench.large // TAGS_PER_MODEL:,}, {bench.large:,} tags",
        command=command,
        seconds=times["large"],
        against=f"the same, {bench.small:,} tags",
        base=times["small"],
        at_most=1.3,
    )


def _task(root: Path, arguments: Callable[[int], Sequence[str]]) -> Task:
    return Task(command=lambda run: (*mreg(), *arguments(run)), folder=root)


def _check_events(root: Path, expected: int) -> None:
    found = len(git(root, "tag", "--list", f"{_MODEL}@*").splitlines())
    if found != expected:
        raise NothingDone(f"{_MODEL} has {found} events and should have {expected}")

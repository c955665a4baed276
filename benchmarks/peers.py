"""mreg beside the programs that people would use instead, or that set the pace: GTO, a Typer program, bare Python."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from benchmarks.bench import Bench, say
from benchmarks.gto_repositories import write_gto_registry
from benchmarks.scale import forget
from benchmarks.table import Row, compared, faster
from benchmarks.timing import medians, mreg, task


def measure_gto(bench: Bench) -> list[Row]:
    """`mreg ls` against `gto show`, each on the same history in its own format, and neither with a cache."""
    if bench.gto is None:
        say("gto is not installed: not measured")
        return []
    return [_against_gto(bench, bench.gto, tags) for tags in bench.peers]


def _against_gto(bench: Bench, gto: str, tags: int) -> Row:
    say(f"gto on {tags:,} tags")
    theirs = bench.once(f"gto-{tags}", partial(write_gto_registry, tags=tags))
    ours = bench.registry(tags)
    tasks = {"gto": task(theirs, gto, "show"), "mreg": task(ours, *mreg(), "ls", prepare=partial(forget, ours))}
    # Without a warm-up: one `gto show` takes half a minute at 10,000 tags.
    times = medians(tasks, runs=bench.runs, warm_up=False)
    return faster(
        f"the whole registry, {tags:,} tags",
        command="mreg ls",
        seconds=times["mreg"],
        against="gto show",
        base=times["gto"],
        at_least=50,
    )


def measure_start(bench: Bench) -> list[Row]:
    """What is paid before any work."""
    say("starting up")
    root = bench.registry(bench.small)
    program = Path(__file__).with_name("typer_one.py")
    tasks = {
        "python": task(root, sys.executable, "-c", "pass"),
        "typer": task(root, sys.executable, str(program), "--help"),
        "help": task(root, *mreg(), "--help"),
        "ls": task(root, *mreg(), "ls"),
    }
    times = medians(tasks, runs=max(bench.runs, 11))
    return [
        compared(
            "help",
            command="mreg --help",
            seconds=times["help"],
            against="typer_one.py --help",
            base=times["typer"],
            at_most=2,
        ),
        compared(
            f"listing a small registry, {bench.small:,} tags",
            command="mreg ls",
            seconds=times["ls"],
            against="python -c pass",
            base=times["python"],
            at_most=25,
        ),
    ]

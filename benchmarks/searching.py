"""`mreg search` over all versions of all models, against one git process that reads every message."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from benchmarks.bench import Bench, say
from benchmarks.repositories import EVENTS, TAGS_PER_MODEL, VERSIONS
from benchmarks.scale import FULL, against_messages, forget
from benchmarks.table import Row
from benchmarks.timing import NothingDone, asked, medians, mreg, task

_NUMBERS = "metrics.f1 > 0.8 and stage == production"
_TEXT = '"shop m0001"'


def measure_search(bench: Bench) -> list[Row]:
    """By number and stage, and by the words of the cards; the promise is a second where git takes a quarter of one."""
    tags = bench.searched
    root = bench.registry(tags)
    say(f"searching {tags // EVENTS:,} versions")
    # Of each model one version is in production, with the highest F1 of all; one model has "shop m0001" in its cards.
    _check(root, _NUMBERS, tags // TAGS_PER_MODEL)
    _check(root, _TEXT, VERSIONS)
    times = medians(
        {
            "messages": task(root, *FULL),
            "first numbers": task(root, *mreg(), "search", _NUMBERS, prepare=partial(forget, root)),
            # In this order: it leaves a cache with all that the next two need.
            "first text": task(root, *mreg(), "search", _TEXT, prepare=partial(forget, root)),
            "numbers": task(root, *mreg(), "search", _NUMBERS),
            "text": task(root, *mreg(), "search", _TEXT),
        },
        runs=bench.runs,
    )
    row, versions = partial(against_messages, times), f"{tags // EVENTS:,} versions"
    return [
        row("first numbers", f"first search, {versions}", f"mreg search '{_NUMBERS}'"),
        row("first text", f"first search, {versions}", f"mreg search '{_TEXT}'"),
        row("numbers", f"search, cache warm, {versions}", f"mreg search '{_NUMBERS}'", at_most=4),
        row("text", f"search, cache warm, {versions}", f"mreg search '{_TEXT}'", at_most=4),
    ]


def _check(root: Path, query: str, expected: int) -> None:
    found = asked(root, "search", query)["matched"]
    if found != expected:
        raise NothingDone(f"mreg search '{query}' finds {found} versions and should find {expected}")

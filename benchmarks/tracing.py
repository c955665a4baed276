"""`mreg impact` and `mreg lineage` in a project of many pipelines, against one git process that reads every message."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from benchmarks.bench import Bench, say
from benchmarks.pipelines import DATA_PACE, raw_md5
from benchmarks.repositories import VERSIONS
from benchmarks.scale import FULL, against_messages, forget
from benchmarks.table import Row
from benchmarks.timing import NothingDone, asked, medians, mreg, task

_DATA = f"md5:{raw_md5(0)}"
_COMMANDS = {
    "hash": ("impact", _DATA),
    "path": ("impact", "src/train.py"),
    "lineage": ("lineage", "m0001@v1.24.0"),
}


def measure_lineage(bench: Bench) -> list[Row]:
    """What data and code went into, and where a version comes from; a second where git takes a twentieth of one."""
    versions = bench.traced * VERSIONS
    say(f"impact over {versions:,} versions")
    root = bench.pipelines(models=bench.traced)
    _check(root, bench.traced)
    times = medians(
        {
            "messages": task(root, *FULL),
            "first": task(root, *mreg(), *_COMMANDS["hash"], prepare=partial(forget, root)),
            **{name: task(root, *mreg(), *arguments) for name, arguments in _COMMANDS.items()},
        },
        runs=bench.runs,
    )
    row = partial(against_messages, times)
    shown = {name: " ".join(("mreg", *arguments)) for name, arguments in _COMMANDS.items()}
    return [
        row("first", f"first impact, {versions:,} versions", shown["hash"]),
        row("hash", f"impact, cache warm, {versions:,} versions", shown["hash"], at_most=33),
        row("path", f"impact, cache warm, {versions:,} versions", shown["path"], at_most=33),
        row("lineage", f"lineage, cache warm, {versions:,} versions", shown["lineage"]),
    ]


def _check(root: Path, models: int) -> None:
    """Each command gives the answer that the project was written to have."""
    poisoned, touched = (len(asked(root, *_COMMANDS[name])["versions"]) for name in ("hash", "path"))
    if poisoned != DATA_PACE * models or touched % models or not touched:
        raise NothingDone(f"the data went into {poisoned} versions of {models} models, the code into {touched}")
    nodes = {node["id"] for node in asked(root, *_COMMANDS["lineage"])["nodes"]}
    if f"file:md5:{raw_md5(VERSIONS - 1)}" not in nodes:
        raise NothingDone("lineage does not lead back to the raw data")

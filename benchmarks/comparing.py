"""`mreg compare`: very many versions against git and a YAML parser alone, and two against DVC."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.artifacts import DVC
from benchmarks.bench import Bench, say
from benchmarks.fast_import import git
from benchmarks.repositories import VERSIONS, version
from benchmarks.scale import forget
from benchmarks.table import Row, compared, faster
from benchmarks.timing import Call, NothingDone, answer, asked, medians, mreg, task
from mreg import Registry

_MODEL = "m0001"
_READ = "git cat-file --batch of cards and locks"
_PARSER = Path(__file__).with_name("parse_yaml.py")


def measure_compare(bench: Bench) -> list[Row]:
    """A thousand versions and two."""
    return [*_many(bench, bench.compared), _two(bench)]


def _many(bench: Bench, versions: int) -> list[Row]:
    say(f"comparing {versions:,} versions")
    root = bench.pipelines(versions=versions)
    names = _names(root, bench.folder / "names")
    command = ("compare", _MODEL, "--last", str(versions))
    _check(root, names, command, versions)
    times = medians(
        {
            "read": task(root, "git", "cat-file", "--batch", stdin=names),
            "parse": task(root, sys.executable, str(_PARSER), stdin=names),
            "start": task(root, *mreg(), "--version"),
            "first": task(root, *mreg(), *command, prepare=partial(forget, root)),
            "again": task(root, *mreg(), *command),
            "library": Call(function=lambda: Registry(root).compare(_MODEL, last=versions)),
        },
        runs=bench.runs,
    )

    def row(name: str, what: str, command: str, against: str, base: str, bound: float | None = None) -> Row:
        seconds = times[name]
        return compared(what, command=command, seconds=seconds, against=against, base=times[base], at_most=bound)

    shown = " ".join(("mreg", *command))
    called = f'Registry().compare("{_MODEL}", last={versions})'
    return [
        row("first", f"comparing {versions:,} versions, first", shown, f"{_READ}, and PyYAML's C parser", "parse", 3),
        row("again", f"comparing {versions:,} versions, cache warm", shown, _READ, "read", 1.5),
        row("start", "of which the program's start", "mreg --version", _READ, "read"),
        row("library", "the same in a process that runs already", called, _READ, "read", 1.5),
    ]


def _names(root: Path, file: Path) -> Path:
    """A file with the name of every version's card and lock, as git reads them."""
    commits = git(root, "rev-list", "main").decode().split()
    paths = (f"models/{_MODEL}/card.yaml", "dvc.lock")
    file.write_text("".join(f"{commit}:{path}\n" for commit in commits for path in paths))
    return file


def _check(root: Path, names: Path, command: tuple[str, ...], versions: int) -> None:
    parsed = answer(root, (sys.executable, str(_PARSER)), stdin=names)
    rows = len(asked(root, *command)["versions"])
    if (parsed, rows) != (2 * versions, versions):
        raise NothingDone(f"of {versions} versions, {parsed} files were parsed and {rows} compared")


def _two(bench: Bench) -> Row:
    say("comparing two versions, and dvc")
    root = bench.pipelines()
    ends = [f"{_MODEL}@v{version(number)}" for number in (VERSIONS - 2, VERSIONS - 1)]
    commands = {name: (*DVC, name, "diff", *ends) for name in ("metrics", "params")}
    _check_agreement(root, ends, commands)
    tasks = {name: task(root, *command) for name, command in commands.items()}
    times = medians(
        {**tasks, "mreg": task(root, *mreg(), "compare", *ends, prepare=partial(forget, root))}, runs=bench.runs
    )
    return faster(
        "two versions, without a cache",
        command=f"mreg compare {' '.join(ends)}",
        seconds=times["mreg"],
        against="dvc metrics diff, and dvc params diff",
        base=times["metrics"] + times["params"],
        at_least=3,
    )


def _check_agreement(root: Path, ends: Sequence[str], commands: Mapping[str, Sequence[str]]) -> None:
    ours = asked(root, "compare", *ends)
    values = {
        "metrics": {entry["metric"]: [measure["value"] for measure in entry["measures"]] for entry in ours["metrics"]},
        "params": {entry["name"]: entry["values"] for entry in ours["params"]},
    }
    for name, command in commands.items():
        files = answer(root, (*command, "--json"))
        theirs = {key: [found["old"], found["new"]] for file in files.values() for key, found in file.items()}
        changed = {key: [old, new] for key, (old, new) in values[name].items() if old != new}
        if not theirs or changed != theirs:
            raise NothingDone(f"{name} that changed: {theirs} for DVC, {changed} for mreg")

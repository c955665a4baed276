"""Timing whole commands, side by side: whatever slows the machine down for a while slows all of them."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import IO, Any

from benchmarks.fast_import import environment


def mreg() -> tuple[str, ...]:
    """The command that people type: the installed script, or the module where there is none."""
    script = Path(sys.executable).with_name("mreg")
    return (str(script),) if script.exists() else (sys.executable, "-m", "mreg")


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A command to time.

    Attributes:
        command: What to run; given the number of the run, from 0, it can be another command each time.
        folder: Where to run it.
        prepare: What to do before each run, not timed.
        finish: What to do after each run, not timed.
        stdin: What it reads; nothing unless given.
    """

    command: Callable[[int], Sequence[str]]
    folder: Path
    prepare: Callable[[], None] = _nothing
    finish: Callable[[], None] = _nothing
    stdin: Path | None = None

    def time(self, run: int) -> float:
        return run_once(self.folder, self.command(run), stdin=self.stdin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call to time, in this process; `prepare` and `finish` as for a task."""

    function: Callable[[], object]
    prepare: Callable[[], None] = _nothing
    finish: Callable[[], None] = _nothing

    def time(self, _run: int) -> float:
        began = perf_counter()
        self.function()
        return perf_counter() - began


def task(folder: Path, *command: str, prepare: Callable[[], None] = _nothing, stdin: Path | None = None) -> Task:
    """A task whose command is the same each time."""
    return Task(command=lambda _: command, folder=folder, prepare=prepare, stdin=stdin)


def medians(tasks: Mapping[str, Task | Call], *, runs: int, warm_up: bool = True) -> dict[str, float]:
    """The median time of each task in seconds, the tasks taking turns.

    Args:
        tasks: By any name.
        runs: How often each is timed.
        warm_up: Run each once before, unmeasured, so that its files are in memory.

    Raises:
        CommandFailed: A command ended with another exit code than 0.
    """
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for run in range(runs + warm_up):
        for name, each in tasks.items():
            each.prepare()
            times[name].append(each.time(run))
            each.finish()
    return {name: statistics.median(measured[warm_up:]) for name, measured in times.items()}


class CommandFailed(Exception):
    """A measured command did not do its work, so its time says nothing."""

    def __init__(self, *, command: Sequence[str], folder: Path, code: int, said: str) -> None:
        super().__init__(f"{' '.join(command)} in {folder} ended with {code}:\n{said}")


class NothingDone(Exception):
    """A measured command ended well and did not do what it was measured for."""


def run_once(folder: Path, command: Sequence[str], *, stdin: Path | None = None) -> float:
    """How long the command takes, in seconds, its output thrown away.

    Raises:
        CommandFailed: It ended with another exit code than 0.
    """
    with (stdin or Path(os.devnull)).open("rb") as source:
        began = perf_counter()
        _run(folder, command, source, subprocess.DEVNULL)
        return perf_counter() - began


def answer(folder: Path, command: Sequence[str], *, stdin: Path | None = None) -> Any:
    """What the command prints as JSON: to check that it does what it is measured for.

    Raises:
        CommandFailed: It ended with another exit code than 0.
    """
    with (stdin or Path(os.devnull)).open("rb") as source:
        return json.loads(_run(folder, command, source, subprocess.PIPE))


def asked(folder: Path, *arguments: str) -> Any:
    """What an mreg command answers as JSON."""
    return answer(folder, (*mreg(), *arguments, "--json"))["data"]


def _run(folder: Path, command: Sequence[str], stdin: IO[bytes], stdout: int) -> bytes:
    env = environment()
    done = subprocess.run(command, cwd=folder, env=env, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace")
        raise CommandFailed(command=command, folder=folder, code=done.returncode, said=said)
    return done.stdout or b""

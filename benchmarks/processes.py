"""How many git processes a reading command starts, counted by git's own trace."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.bench import Bench, say
from benchmarks.fast_import import environment
from benchmarks.scale import forget
from benchmarks.table import Row
from benchmarks.timing import CommandFailed, mreg

LIMIT = 3

_READING = (
    ("ls",),
    ("ls", "m0001"),
    ("show", "m0001"),
    ("history",),
    ("history", "m0001"),
    ("resolve", "m0001@production"),
)


def count_processes(bench: Bench) -> list[Row]:
    """Every reading command on a registry of each size, without and with the cache."""
    return [_row(bench, arguments) for arguments in _READING]


def git_processes(root: Path, command: Sequence[str], trace: Path) -> list[tuple[str, ...]]:
    """The arguments of each git process that a command starts, those that git itself starts included.

    Args:
        root: The repository.
        command: What to run there.
        trace: A folder for the trace; it is emptied.

    Source: https://git-scm.com/docs/api-trace2
    """
    shutil.rmtree(trace, ignore_errors=True)
    trace.mkdir()
    traced = environment(GIT_TRACE2_EVENT=str(trace))
    done = subprocess.run(command, cwd=root, env=traced, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandFailed(command=command, folder=root, code=done.returncode, said=done.stderr)
    return list(_starts(trace))


def _starts(trace: Path) -> Iterator[tuple[str, ...]]:
    for file in sorted(trace.iterdir()):
        for line in file.read_text().splitlines():
            event = json.loads(line)
            if event["event"] == "start":
                yield tuple(event["argv"])


def _row(bench: Bench, arguments: tuple[str, ...]) -> Row:
    say(f"counting the processes of {' '.join(arguments)}")
    counts, versions = [], 0
    for tags in (bench.small, bench.peers[-1]):
        root = bench.registry(tags)
        for prepare in (forget, lambda _: None):
            prepare(root)
            started = git_processes(root, (*mreg(), *arguments), bench.folder / "trace")
            counts.append(len(started))
            versions += any(process[1:] == ("version",) for process in started)
    worst = max(counts)
    return Row(
        what="git processes, first and again, small and large registry",
        command=f"mreg {' '.join(arguments)}",
        value=", ".join(map(str, counts)) + (" (with GitPython's own `git version`)" if versions else ""),
        bound=f"at most {LIMIT}",
        met=worst <= LIMIT,
    )

"""How many git processes a reading command starts, counted by git's own trace."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.bench import Bench, say
from benchmarks.fast_import import environment
from benchmarks.scale import forget
from benchmarks.table import Row
from benchmarks.timing import CommandFailed, mreg

_READING_LIMIT, _COMPUTING_LIMIT = 3, 8

_READING = (
    ("ls",),
    ("ls", "m0001"),
    ("show", "m0001"),
    ("history",),
    ("history", "m0001"),
    ("resolve", "m0001@production"),
)
_COMPUTING = (
    ("lineage", "m0001@v1.24.0"),
    ("impact", "data/raw"),
    ("compare", "m0001@v1.0.0", "m0001@v1.24.0"),
    ("compare", "m0001", "--last", "1000"),
    ("score", "m0001", "--weights", "f1=0.7,log_loss=-0.3"),
    ("search", "metrics.f1 > 0.65 and stage == production"),
    ("who", "m0001@v1.24.0"),
)


def count_processes(bench: Bench) -> list[Row]:
    """Every command that only reads, on repositories of several sizes, without and with the cache."""
    registries = [bench.registry(tags) for tags in (bench.small, bench.peers[-1])]
    projects = [bench.pipelines(), bench.pipelines(versions=bench.compared), bench.pipelines(models=bench.traced)]
    where = "small and large registry", "25 versions, more of them, more models"
    return [
        *(_row(bench, registries, where[0], arguments, _READING_LIMIT) for arguments in _READING),
        *(_row(bench, projects, where[1], arguments, _COMPUTING_LIMIT) for arguments in _COMPUTING),
    ]


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


def _row(bench: Bench, roots: Sequence[Path], where: str, arguments: tuple[str, ...], limit: int) -> Row:
    say(f"counting the processes of {' '.join(arguments)}")
    counts, versions = [], 0
    for root in roots:
        for prepare in (forget, lambda _: None):
            prepare(root)
            started = git_processes(root, (*mreg(), *arguments), bench.folder / "trace")
            counts.append(len(started))
            versions += any(process[1:] == ("version",) for process in started)
    worst = max(counts)
    return Row(
        what=f"git processes, first and again, {where}",
        command=shlex.join(("mreg", *arguments)),
        value=", ".join(map(str, counts)) + (" (with GitPython's own `git version`)" if versions else ""),
        bound=f"at most {limit}",
        met=worst <= limit,
    )

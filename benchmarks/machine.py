"""What the numbers were measured on, in one line without names or paths."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def describe_machine(gto: str | None = None) -> str:
    """Processor, cores, memory, kernel, and the versions of what was measured."""
    return ", ".join(_facts(gto))


def _facts(gto: str | None) -> Iterator[str]:
    yield _first("model name", Path("/proc/cpuinfo")) or platform.machine()
    yield f"{len(os.sched_getaffinity(0))} cores"
    memory = _first("MemTotal", Path("/proc/meminfo"))
    if memory:
        yield f"{int(memory.split()[0]) / (1 << 20):.0f} GiB"
    yield f"{platform.system()} {platform.release()}"
    yield f"Python {platform.python_version()}"
    yield _output("git", "--version").replace("git version", "git")
    for package in ("mreg", "dvc", "typer", "gitpython"):
        try:
            yield f"{package} {version(package)}"
        except PackageNotFoundError:
            continue
    if gto:
        yield f"gto {_output(gto, '--version').rpartition(' ')[2]}"


def _first(key: str, file: Path) -> str:
    if not file.exists():
        return ""
    found = re.search(rf"^{key}\s*:\s*(.+)$", file.read_text(), re.MULTILINE)
    return found[1].strip() if found else ""


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

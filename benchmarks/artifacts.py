"""Registering a large artifact, against `dvc add` with the same link type: time, and bytes on the disk."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.bench import Bench, say
from benchmarks.fast_import import environment, git, init
from benchmarks.table import Row, compared
from benchmarks.timing import NothingDone, Task, medians, mreg

NAME = "model.bin"
CHUNK = 1 << 20
OURS = "mreg register"
DVC = (sys.executable, "-m", "dvc")

_ADD = "import sys; from dvc.repo import Repo; Repo().add(sys.argv[1:])"
_COMMANDS = {
    OURS: (*mreg(), "register", "big", NAME),
    "dvc add": (*DVC, "add", "--quiet", NAME),
    "dvc.repo.Repo.add": (sys.executable, "-c", _ADD, NAME),
}


def measure_register(bench: Bench) -> list[Row]:
    """With copies, as DVC does by default, and with hard links."""
    master = bench.folder / NAME
    with master.open("wb") as file:
        for _ in range(bench.artifact // CHUNK):
            file.write(os.urandom(CHUNK))
    return [row for link in ("copy", "hardlink") for row in _with_link(bench, master, link)]


def _with_link(bench: Bench, master: Path, link: str) -> list[Row]:
    say(f"registering {_size(bench.artifact)} by {link}")
    template = bench.once(f"empty-{link}", lambda root: _write_project(root, link))
    used: list[int] = []
    tasks = {name: _task(bench.folder / f"work-{link}", template, master, name, used) for name in _COMMANDS}
    times = medians(tasks, runs=bench.runs, warm_up=False)
    ours = times.pop(OURS)
    best = min(times, key=lambda name: times[name])
    time = compared(
        f"registering {_size(bench.artifact)}, link type {link}",
        command=OURS,
        seconds=ours,
        against=best,
        base=times[best],
        at_most=1.2,
    )
    return [time, _disk_row(max(used), bench.artifact, link)]


def _task(work: Path, template: Path, master: Path, name: str, used: list[int]) -> Task:
    """A fresh project and a fresh copy of the artifact, on the disk, for each run."""

    def prepare() -> None:
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(template, work, symlinks=True)
        shutil.copyfile(master, work / NAME)
        with (work / NAME).open("rb") as file:
            os.fsync(file.fileno())

    def finish() -> None:
        if name != OURS:
            return
        if not any(path.is_file() for path in (work / ".dvc/cache/files/md5").rglob("*")):
            raise NothingDone(f"{OURS} left nothing in DVC's cache")
        used.append(disk_use(work))

    return Task(command=lambda _: _COMMANDS[name], folder=work, prepare=prepare, finish=finish)


def _write_project(root: Path, link: str) -> None:
    init(root)
    for arguments in (("init", "--quiet"), ("config", "cache.type", link)):
        subprocess.run((*DVC, *arguments), cwd=root, env=environment(), check=True)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=Start")


def disk_use(folder: Path) -> int:
    """Bytes that the files of a folder occupy, each inode once."""
    seen: dict[tuple[int, int], int] = {}
    for path in folder.rglob("*"):
        status = path.lstat()
        seen[status.st_dev, status.st_ino] = status.st_blocks * 512
    return sum(seen.values())


def _disk_row(used: int, artifact: int, link: str) -> Row:
    ratio = used / artifact
    linked = link != "copy"
    return Row(
        what=f"disk after registering, link type {link}",
        command=OURS,
        value=_size(used),
        against="the artifact",
        base=_size(artifact),
        ratio=f"{ratio:.2f}x",
        bound="no second copy" if linked else "",
        met=ratio < 1.5 if linked else None,
    )


def _size(count: int) -> str:
    return f"{count / (1 << 30):.2f} GiB" if count >= 1 << 30 else f"{count / (1 << 20):.0f} MiB"

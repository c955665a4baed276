"""Real Git and DVC repositories for the tests of what touches artifact bytes: built once, copied for each test."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from mreg.adapters.dvc import Dvc
from mreg.adapters.dvc.track import Tracked
from mreg.adapters.progress import SILENT, Advance, Progress
from mreg.core.pointer import Pointer
from tests.gitrepos import copy_repository, git


@dataclass(frozen=True)
class Work:
    """A work tree under Git and DVC."""

    root: Path

    @property
    def dvc(self) -> Dvc:
        return Dvc.find(self.root, self.root)

    def write(self, path: str, data: bytes) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        return file

    def git(self, *arguments: str) -> str:
        return git(self.root, *arguments)

    def commit(self, message: str = "state") -> str:
        self.git("add", "-A")
        self.git("commit", "-qm", message)
        return self.git("rev-parse", "HEAD")

    def track(self, path: str, progress: Progress = SILENT) -> Tracked:
        dvc = Dvc.find((self.root / path).parent, self.root)
        return dvc.track(self.root / path, git_tracked=self.in_git, progress=progress)

    def in_git(self, path: Path) -> bool:
        return bool(self.git("ls-files", "--", str(path)))

    def remote(self, folder: Path, name: str = "store") -> None:
        """Make a folder the default DVC remote."""
        dvc(self.root, "remote", "add", "-d", name, str(folder))

    def object(self, pointer: Pointer) -> Path:
        path = self.dvc.cached(pointer)
        assert path is not None
        return path

    def forget(self) -> None:
        """Empty the local cache."""
        shutil.rmtree(self.dvc.cache.folder)


def dvc(folder: Path, *arguments: str) -> None:
    """DVC's own command line, in this process: starting one takes half a second."""
    from dvc.cli import main

    before = Path.cwd()
    os.chdir(folder)
    try:
        assert main([*arguments, "-q"]) == 0
    finally:
        os.chdir(before)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


class Meddling:
    """A progress display that does something to the files at the first step of a task."""

    def __init__(self, meddle: object) -> None:
        self._meddle = meddle

    @contextmanager
    def start(self, label: str, total_bytes: int) -> Iterator[Advance]:
        def advance(count: int) -> None:
            meddle, self._meddle = self._meddle, None
            if callable(meddle):
                meddle()

        yield advance


class Counting:
    """A progress display that keeps what it was told: label → (total, done)."""

    def __init__(self) -> None:
        self.tasks: dict[str, tuple[int, int]] = {}

    @contextmanager
    def start(self, label: str, total_bytes: int) -> Iterator[Advance]:
        self.tasks[label] = (total_bytes, 0)

        def advance(count: int) -> None:
            self.tasks[label] = (total_bytes, self.tasks[label][1] + count)

        yield advance


@contextmanager
def small_disk(folder: Path, size: str = "2m") -> Iterator[Path]:
    """A file system of its own, of a size that is soon full."""
    with mounted(folder, "-t", "tmpfs", "-o", f"size={size}", "tmpfs"):
        yield folder


@contextmanager
def btrfs(folder: Path) -> Iterator[Path]:
    """A file system on which files can share blocks."""
    image = folder / "btrfs.image"
    with image.open("wb") as file:
        file.truncate(200 << 20)
    command = shutil.which("mkfs.btrfs", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if command is None:
        pytest.skip("needs mkfs.btrfs")
    subprocess.run([command, "-q", image], check=True)
    with mounted(folder / "btrfs", "-o", "loop", str(image)):
        yield folder / "btrfs"


@contextmanager
def mounted(folder: Path, *arguments: str) -> Iterator[None]:
    """A file system of its own, as `mount` is told to."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", *arguments, str(folder)]
    if os.geteuid() or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("mounting a file system needs more rights")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def run_unprivileged(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run Python without the right to overlook permissions, which root has."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    if not os.geteuid():
        if not shutil.which("setpriv"):
            pytest.skip("dropping root's rights needs setpriv")
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner", *command]
    return subprocess.run(command, check=False, capture_output=True, text=True)


@pytest.fixture(name="work")
def work_fixture(first_repository: Path, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Work:
    """A repository of this test's own under Git and DVC, with nothing tracked by DVC."""
    template = tmp_path_factory.getbasetemp() / "dvc-template"
    if not template.exists():
        copy_repository(first_repository, template)
        Dvc.init(template, template)
        Work(template).commit("use DVC")
    return Work(copy_repository(template, tmp_path / "work"))

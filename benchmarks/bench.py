"""What every suite needs: sizes, runs, and registries that are written once and copied where a suite changes them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

from benchmarks.pipelines import write_pipelines
from benchmarks.repositories import VERSIONS, write_registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One run of the benchmarks.

    Attributes:
        folder: A temporary folder, for everything.
        runs: How often each command is timed.
        small: Tags in a small registry.
        large: Tags in a large one.
        peers: Tags in the registries that GTO is measured on.
        gto: The `gto` command; None where it is not installed.
        artifact: Bytes in the artifact that is registered.
        searched: Tags in the registry that is searched.
        compared: Versions of the one model whose versions are compared.
        traced: Models in the project, with 25 versions each, that lineage is followed in.
        contended: Seconds for which clones promote at the same time.
    """

    folder: Path
    runs: int
    small: int
    large: int
    peers: tuple[int, ...]
    gto: str | None
    artifact: int
    searched: int
    compared: int
    traced: int
    contended: float
    _written: dict[str, Path] = field(default_factory=dict)

    def registry(self, tags: int) -> Path:
        """A registry of so many tags; nobody may change more of it than its cache."""
        return self.once(f"registry-{tags}", lambda root: write_registry(root, tags=tags))

    def copy(self, tags: int) -> Path:
        """A registry of so many tags, to change."""
        return shutil.copytree(self.registry(tags), Path(mkdtemp(dir=self.folder)) / "registry", symlinks=True)

    def pipelines(self, *, models: int = 1, versions: int = VERSIONS) -> Path:
        """A project with DVC pipelines; nobody may change more of it than its cache."""
        write = partial(write_pipelines, models=models, versions=versions)
        return self.once(f"pipelines-{models}-{versions}", write)

    def once(self, name: str, write: Callable[[Path], None]) -> Path:
        """A folder that `write` fills when it is first asked for."""
        if name not in self._written:
            say(f"writing {name}")
            self._written[name] = self.folder / name
            write(self._written[name])
        return self._written[name]


def say(text: str) -> None:
    """Tell the person who waits what goes on."""
    print(text, file=sys.stderr, flush=True)

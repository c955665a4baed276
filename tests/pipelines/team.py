"""Several people who work in one repository with DVC, and what is true of the versions they make."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.adapters.dvcrepos import dvc
from tests.cli.projects import Project

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FILES = Path(__file__).parent / "files"


@dataclass(frozen=True, kw_only=True)
class Fact:
    """What a version is, as its files said when it was made.

    Attributes:
        ref: `churn@v1.0.0`.
        commit: What its tag peels to.
        made: The commit of the pipeline's run, which is an ancestor of `commit`, or the same.
        path: The artifact, relative to the root.
        md5: Its DVC hash: of the file, or of the folder with `.dir`.
        inputs: Path → DVC hash of the data and code that went into it, directly or through other steps.
        params: The whole file of parameters, as it was.
        metrics: The file of metrics, as it was.
    """

    ref: str
    commit: str
    made: str
    path: str
    md5: str
    inputs: Mapping[str, str]
    params: Mapping[str, Any]
    metrics: Mapping[str, float]


@dataclass
class Team(Project):
    """A project in which somebody is at the keyboard; nobody in particular is Ada."""

    person: str = ""

    def clock(self) -> dict[str, str]:
        names = {f"GIT_{role}_{part}": text for role in ("AUTHOR", "COMMITTER") for part, text in self._identity()}
        return super().clock() | names

    def _identity(self) -> Sequence[tuple[str, str]]:
        if not self.person:
            return ()
        return ("NAME", self.person), ("EMAIL", f"{self.person.partition(' ')[0].lower()}@example.com")

    def copy(self, target: Path) -> Team:
        return Team(super().copy(target).root, self.now)

    def put(self, *names: str) -> None:
        """Take files or folders of `files/` into the repository."""
        for name in names:
            source, target = FILES / name, self.root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copyfile(source, target)

    def edit(self, path: str, before: str, after: str) -> None:
        text = self.read(path)
        assert before in text, f"{path} has no {before!r}"
        self.write(path, text.replace(before, after))

    def dvc(self, *arguments: str) -> None:
        """DVC's own command line; the `python` of stages is the one that runs the tests."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
            patch.setenv("PYTHONDONTWRITEBYTECODE", "1")
            dvc(self.root, *arguments)

    def md5(self, path: str) -> str:
        """A file's or folder's hash as DVC has it, taken from the bytes."""
        file = self.root / path
        if not file.is_dir():
            return hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
        members = [
            {"md5": self.md5(member.relative_to(self.root).as_posix()), "relpath": member.relative_to(file).as_posix()}
            for member in sorted(file.rglob("*"))
            if member.is_file()
        ]
        manifest = json.dumps(members, sort_keys=True).encode()
        return hashlib.md5(manifest, usedforsecurity=False).hexdigest() + ".dir"

    def fact(self, ref: str, path: str, *, made: str, inputs: Sequence[str], params: str, metrics: str) -> Fact:
        """What is true of a version now that it is registered: its tag is there, its files in the work tree."""
        return Fact(
            ref=ref,
            commit=self.git("rev-parse", f"refs/tags/{ref}^{{commit}}"),
            made=made,
            path=path,
            md5=self.md5(path),
            inputs={name: self.md5(name) for name in inputs},
            params=yaml.safe_load(self.read(params)),
            metrics=yaml.safe_load(self.read(metrics)),
        )


@dataclass(frozen=True, kw_only=True)
class Made:
    """A repository, and what is true of its versions."""

    project: Team
    facts: Mapping[str, Fact] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        return self.project.root

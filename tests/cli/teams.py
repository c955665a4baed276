"""Two people who share a registry through a bare repository and a DVC remote beside their clones."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from tests.cli.projects import Project, train
from tests.gitrepos import git, run_git

PEOPLE = {"ada": "Ada Lovelace", "grace": "Grace Hopper"}


@dataclass
class Team:
    """Ada began the registry and published it; Grace has a clone of it.

    Every address is relative, so that a copy of the folder is a team of its own.
    """

    root: Path
    ada: Project = field(init=False)
    grace: Project = field(init=False)

    def __post_init__(self) -> None:
        self.ada, self.grace = Project(self.root / "ada"), Project(self.root / "grace")
        self.ada.go_to("2026-03-02")
        self.grace.go_to("2026-03-09")

    @property
    def origin(self) -> Path:
        return self.root / "origin.git"

    @property
    def store(self) -> Path:
        """The DVC remote."""
        return self.root / "store"

    def there(self, *arguments: str, stdin: str = "") -> str:
        """Run git in the bare repository."""
        return git(self.origin, *arguments, stdin=stdin)

    def refs(self) -> dict[str, str]:
        """The bare repository's refs."""
        lines = self.there("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
        return {line.split()[0]: line.split()[1] for line in lines}

    def objects(self) -> list[str]:
        """The files of the DVC remote."""
        return sorted(str(path.relative_to(self.store)) for path in self.store.rglob("*") if path.is_file())

    def clone(self, name: str, *options: str) -> Project:
        """Another clone, by git alone, of Grace's."""
        git(self.root, "clone", "--quiet", *options, self.origin.as_uri(), name)
        return as_person(Project(self.root / name, self.grace.now), "grace")

    def hook(self, name: str, script: str) -> None:
        """A rule of the server."""
        hook = self.origin / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\n{script}\n")
        hook.chmod(0o755)

    def copy(self, target: Path) -> Team:
        shutil.copytree(self.root, target, symlinks=True)
        return Team(target)


def as_person(project: Project, name: str) -> Project:
    project.git("config", "user.name", PEOPLE[name])
    project.git("config", "user.email", f"{name}@example.com")
    return project


def register(project: Project, depth: int, *arguments: str, model: str = "cancer", code: int = 0) -> str:
    """Register a tree of this depth; what was printed."""
    project.write("model.joblib", train(depth).model)
    ran = project.mreg("register", model, "model.joblib", *arguments, code=code)
    return ran.out + ran.err


def begin(first_project: Project, root: Path) -> Project:
    """Ada's project, with two versions and nothing published yet; the remotes are empty."""
    git(root, "init", "--quiet", "--bare", "origin.git")
    ada = as_person(first_project.copy(root / "ada"), "ada")
    ada.git("remote", "add", "origin", "../origin.git")
    ada.mreg("init")
    ada.write(".dvc/config", "[core]\n    remote = store\n['remote \"store\"']\n    url = ../../store\n")
    ada.commit("Share the artifacts")
    register(ada, 1, "--stage", "production")
    register(ada, 2)
    return ada


def publish(root: Path, ada: Project) -> Team:
    """What `begin` made, published and cloned."""
    ada.mreg("annotate", "cancer@v1.0.0", "drift=0.1")
    ada.mreg("push")
    git(root, "clone", "--quiet", "origin.git", "grace")
    grace = as_person(Project(root / "grace"), "grace")
    grace.git("remote", "set-url", "origin", "../origin.git")
    grace.mreg("init")
    grace.mreg("pull")
    assert run_git(root / "grace", "rev-parse", "refs/mreg-remotes/origin/cancer@head").returncode == 0
    return Team(root)

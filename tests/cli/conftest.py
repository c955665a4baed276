"""What the tests of the command line begin with; made once per session, copied for each test."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.cli import teams
from tests.cli.projects import Project, begin, fill
from tests.cli.teams import Team
from tests.gitrepos import new_ssh_key

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def first_project(first_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project that each test's `project` is a copy of. Not to be changed."""
    return begin(first_repository, tmp_path_factory.mktemp("first-project") / "project")


@pytest.fixture(scope="session")
def first_registry(first_project: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project that each test's `registry` is a copy of. Not to be changed."""
    project = first_project.copy(tmp_path_factory.mktemp("first-registry") / "project")
    fill(project)
    return project


@pytest.fixture
def project(first_project: Project, tmp_path: Path) -> Project:
    """A project of this test's own without models: data and parameters are committed, nothing is trained."""
    return first_project.copy(tmp_path / "project")


@pytest.fixture
def registry(first_registry: Project, tmp_path: Path) -> Project:
    """A project of this test's own with two models, one of which has lived for a month; see `projects.fill`."""
    return first_registry.copy(tmp_path / "project")


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The keys of Ada, who is trusted, and of Eve, who is not."""
    folder = tmp_path_factory.mktemp("keys")
    return {name: new_ssh_key(folder / name) for name in ("ada", "eve")}


@pytest.fixture(scope="session")
def first_unpublished(first_project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that each `unpublished` is a copy of; see `teams.begin`. Not to be changed."""
    root = tmp_path_factory.mktemp("first-unpublished")
    teams.begin(first_project, root)
    return root


@pytest.fixture(scope="session")
def first_team(first_unpublished: Path, tmp_path_factory: pytest.TempPathFactory) -> Team:
    """The team that each test's `team` is a copy of. Not to be changed."""
    root = tmp_path_factory.mktemp("first-team") / "team"
    shutil.copytree(first_unpublished, root, symlinks=True)
    ada = Project(root / "ada")
    ada.go_to("2026-03-01")
    return teams.publish(root, ada)


@pytest.fixture
def team(first_team: Team, tmp_path: Path) -> Team:
    """Ada and Grace, whose clones and remotes all have the same two versions; see `teams.Team`."""
    return first_team.copy(tmp_path / "team")


@pytest.fixture
def unpublished(first_unpublished: Path, tmp_path: Path) -> Team:
    """Ada's project with two versions that nobody else has yet, beside empty remotes; Grace has no clone."""
    shutil.copytree(first_unpublished, tmp_path / "team", symlinks=True)
    return Team(tmp_path / "team")

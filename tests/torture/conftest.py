"""What the torture tests share: how long they go on, a seed, a registry to copy, and the count of what was done."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from contextlib import ExitStack
from random import Random
from secrets import randbits
from typing import TYPE_CHECKING

import pytest

from tests.torture.registries import build_registry
from tests.torture.teams import NAMES, Member, Team, build_team, see_commands
from tests.torture.victims import Nursery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LONG = os.environ.get("MREG_TORTURE") == "long"

_TALLY: Counter[str] = Counter()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "torture" in item.path.parts:
            item.add_marker(pytest.mark.torture)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _TALLY:
        terminalreporter.section("torture")
        for what, count in sorted(_TALLY.items()):
            terminalreporter.write_line(f"{count:6}  {what}")


@pytest.fixture(scope="session")
def tally() -> Counter[str]:
    """Counts that the summary shows."""
    return _TALLY


@pytest.fixture
def rounds() -> Callable[[int, int], int]:
    """Picks from a number for the short form and one for the long form."""
    return lambda short, long: long if LONG else short


@pytest.fixture
def chance() -> Random:
    """Chances of this test; a failure shows the seed that repeats them."""
    seed = int(os.environ.get("MREG_TORTURE_SEED") or randbits(32))
    print(f"MREG_TORTURE_SEED={seed}")
    return Random(seed)


@pytest.fixture(scope="session")
def registry_template(environment: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder around the registry that is copied. Not to be changed."""
    folder = tmp_path_factory.mktemp("registry-template")
    build_registry(folder)
    return folder


@pytest.fixture
def fresh_registry(registry_template: Path, tmp_path: Path) -> Callable[[], Path]:
    """Makes a new copy of the registry, in the place of the one before, and returns its root."""

    def make() -> Path:
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        shutil.copytree(registry_template, tmp_path / "copy", symlinks=True)
        return tmp_path / "copy" / "repository"

    return make


@pytest.fixture(scope="session")
def nursery(registry_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Starts commands quickly; it has seen each kind of them once."""
    folder = tmp_path_factory.mktemp("nursery")
    root = shutil.copytree(registry_template, folder / "registry", symlinks=True) / "repository"
    with Nursery(folder) as nursery:
        for command in ("register fresh fresh.bin", "annotate fresh seen=1", "verify --deep"):
            code, output = nursery.run(root, *command.split())
            assert code == 0, output
        yield nursery


@pytest.fixture(scope="session")
def team_template(environment: None, tmp_path_factory: pytest.TempPathFactory) -> Team:
    """The team that is copied. Not to be changed."""
    return build_team(tmp_path_factory.mktemp("team-template"), len(NAMES) if LONG else 3)


@pytest.fixture
def fresh_team(team_template: Team, tmp_path: Path) -> Callable[[int], Team]:
    """Makes a new copy of a team of some size, in the place of the one before."""

    def make(size: int) -> Team:
        def others(folder: str, _: list[str]) -> tuple[str, ...]:
            return team_template.names[size:] if folder == str(team_template.folder) else ()

        shutil.rmtree(tmp_path / "team", ignore_errors=True)
        shutil.copytree(team_template.folder, tmp_path / "team", symlinks=True, ignore=others)
        return Team(tmp_path / "team", team_template.names[:size])

    return make


@pytest.fixture(scope="session")
def sharing_nursery(nursery: Nursery, team_template: Team, tmp_path_factory: pytest.TempPathFactory) -> Nursery:
    """It has seen each command that shares."""
    folder = shutil.copytree(team_template.folder, tmp_path_factory.mktemp("sharing") / "team", symlinks=True)
    see_commands(Member(folder / "ada", nursery))
    return nursery


@pytest.fixture
def crowd(sharing_nursery: Nursery) -> Iterator[Callable[[Team], list[Member]]]:
    """Gives every clone of a team a process of its own, so that all can run commands at the same time."""
    with ExitStack() as stack:

        def gather(team: Team) -> list[Member]:
            return [Member(clone, stack.enter_context(sharing_nursery.twin(clone.name))) for clone in team.clones]

        yield gather

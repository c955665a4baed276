"""What a command costs before it does anything: packages imported, git processes started."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import Ran, run, run_program
from tests.cli.projects import Project
from tests.gitrepos import sign_with, trust

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEAVY = ("dvc", "dvc_data", "pydantic", "rich", "jinja2", "mlflow", "yaml", "git", "sklearn")

IMPORTED = """\
import sys
from mreg.cli.app import main
try:
    main(sys.argv[1:])
finally:
    print(*{name.partition(".")[0] for name in sys.modules}, file=sys.stderr)
"""


def imported(project: Project, *arguments: str) -> set[str]:
    """Which of the heavy packages a command imports."""
    ran = run_program(*arguments, folder=project.root, program=(sys.executable, "-c", IMPORTED))
    assert ran.code == 0
    return set(ran.err.splitlines()[-1].split()).intersection(HEAVY)


@pytest.mark.parametrize(
    ("arguments", "packages"),
    [
        (("--help",), set()),
        (("--version",), set()),
        (("register", "--help"), set()),
        (("ls",), {"git"}),
        (("ls", "--at", "2026-02-10"), {"git"}),
        (("history",), {"git"}),
        (("history", "--json"), {"git"}),
        (("promote", "cancer@v1.0.0", "production"), {"git"}),
        (("annotate", "nlp/sentiment", "a=1"), {"git"}),
        (("ls", "cancer"), {"git", "yaml"}),
        (("show", "cancer"), {"git", "yaml"}),
        (("resolve", "cancer@production"), {"git", "yaml"}),
        (("get", "cancer@production", "-o", "serving"), {"git", "yaml"}),
    ],
)
def test_imports(registry: Project, arguments: tuple[str, ...], packages: set[str]) -> None:
    assert imported(registry, *arguments) == packages


def test_a_configuration_needs_yaml(registry: Project) -> None:
    registry.write(".mreg.yaml", "models_dir: models\n")
    assert imported(registry, "ls") == {"git", "yaml"}


def test_importing_the_library_costs_nothing() -> None:
    program = "import sys, mreg; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()).intersection({*HEAVY, "typer", "mreg.registry", "dataclasses"})


@pytest.fixture(scope="session")
def many(first_registry: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The registry with sixty more versions. Not to be changed."""
    project = first_registry.copy(tmp_path_factory.mktemp("many") / "project")
    commit = project.git("rev-parse", "cancer@v1.0.0^{commit}")
    tags = [f"create refs/tags/cancer@v1.0.{number} {commit}\n" for number in range(1, 61)]
    project.git("update-ref", "--stdin", stdin="".join(tags))
    return project


def processes(project: Project, folder: Path, *arguments: str, by: Callable[..., Ran] = run_program) -> list[str]:
    """The git processes that a command starts."""
    folder.mkdir()
    ran = by(*arguments, folder=project.root, env={"GIT_TRACE2_EVENT": str(folder)})
    assert ran.code == 0, ran.err
    events = [json.loads(line) for file in folder.iterdir() for line in file.read_text().splitlines()]
    return [" ".join(event["argv"]) for event in events if event["event"] == "start"]


READING = [
    ("ls",),
    ("ls", "--at", "2026-02-10"),
    ("ls", "--at", "two weeks ago"),
    ("ls", "--sort", "score"),
    ("ls", "cancer"),
    ("ls", "cancer", "--at", "two weeks ago", "--all"),
    ("show", "cancer@production"),
    ("show", "cancer", "--at", "two weeks ago"),
    ("history",),
    ("history", "cancer", "--since", "2 months ago", "--until", "yesterday"),
    ("resolve", "cancer@production"),
    ("get", "cancer@v1.0.0", "-o", "serving"),
    ("card", "check", "cancer"),
    ("verify",),
    ("verify", "cancer"),
    ("verify", "--deep"),
]


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_git_processes(registry: Project, many: Project, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    weights = "metrics: {f1: {weight: 1}}\n"
    registry.write(".mreg.yaml", weights)
    few = processes(registry, tmp_path / "few", *arguments)
    assert len(few) <= 3, few
    large = many.copy(tmp_path / "many-copy")
    large.write(".mreg.yaml", weights)
    # Here, not by the program: it takes a tenth of the time, and is held to the program's number.
    assert len(processes(large, tmp_path / "many", *arguments, by=run)) == len(few)


@pytest.mark.parametrize(
    ("arguments", "most"),
    [
        (("search", "metrics.f1 > 0.5 and annotations.validation_status == passed"), 4),
        (("compare", "cancer"), 5),
        (("compare", "cancer", "--last", "100"), 2),
        (("score", "cancer", "--weights", "f1=1"), 2),
        (("lineage", "cancer@production"), 6),
        (("impact", "data.csv"), 5),
        (("who", "cancer@production"), 8),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_git_processes_of_answers(
    registry: Project, many: Project, tmp_path: Path, arguments: tuple[str, ...], most: int
) -> None:
    assert len(processes(registry, tmp_path / "few", *arguments, by=run)) <= most
    assert len(processes(many.copy(tmp_path / "many-copy"), tmp_path / "many", *arguments)) <= most


def test_git_processes_where_events_are_signed(registry: Project, keys: dict[str, Path], tmp_path: Path) -> None:
    trust(registry.root, ada=keys["ada"])
    sign_with(registry.root, keys["ada"])
    for _ in range(2):
        registry.mreg("promote", "cancer@v1.0.0", "staging")
        registry.mreg("promote", "cancer@v1.0.0", "none")
    assert len(processes(registry, tmp_path / "history", "history")) <= 3
    assert len(processes(registry, tmp_path / "verify", "verify")) <= 4

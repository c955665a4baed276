"""`mreg ls`: the models, and the versions of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.program import run
from tests.cli.snapshot import check

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.projects import Project

SCORED = """\
stages:
  canary: {exclusive: true}
metrics:
  f1:       {direction: max, weight: 0.7}
  log_loss: {direction: min, weight: -0.3}
"""


def models(registry: Project, *options: str) -> list[str]:
    return [row["model"] for row in registry.data("ls", *options)]


def versions(registry: Project, *options: str) -> list[str]:
    return [row["version"] for row in registry.data("ls", "cancer", *options)["versions"]]


def test_models(registry: Project) -> None:
    ran = registry.mreg("ls")
    check("ls.txt", ran.out)
    assert ran.err == ""
    check("ls.json", registry.mreg("ls", "--json").out)
    # The second look comes out of the cache.
    check("ls.txt", registry.mreg("ls").out)


def test_versions(registry: Project) -> None:
    ran = registry.mreg("ls", "cancer")
    check("ls-model.txt", ran.out + ran.err)
    check("ls-model.json", registry.mreg("ls", "cancer", "--json").out)


def test_all_versions(registry: Project) -> None:
    ran = registry.mreg("ls", "cancer", "--all")
    check("ls-model-all.txt", ran.out)
    assert ran.err == ""


def test_a_score(registry: Project) -> None:
    registry.write(".mreg.yaml", SCORED)
    check("ls-score.txt", registry.mreg("ls").out)
    check("ls-score.json", registry.mreg("ls", "--sort", "score", "--json").out)
    check("ls-model-score.txt", registry.mreg("ls", "cancer", "--all", "--sort", "score").out)
    score = registry.data("ls", "cancer")["versions"][-1]["score"]
    assert score["value"] == pytest.approx(0.7 * 0.9017 - 0.3 * 0.35)
    assert models(registry, "--sort", "score") == ["cancer", "nlp/sentiment"]


def test_models_by_stage(registry: Project) -> None:
    assert models(registry, "--stage", "production") == ["cancer"]
    assert models(registry, "--stage", "ARCHIVED") == ["cancer"]
    assert models(registry, "--stage", "none") == []


@pytest.mark.parametrize(
    ("stage", "expected"),
    [("production", ["1.0.0"]), ("staging", ["2.0.0-rc.1"]), ("archived", ["1.1.0"]), ("none", [])],
)
def test_versions_by_stage(registry: Project, stage: str, expected: list[str]) -> None:
    assert versions(registry, "--stage", stage) == expected


def test_nothing_matches(registry: Project) -> None:
    ran = registry.mreg("ls", "nlp/sentiment", "--stage", "production")
    assert (ran.out, ran.err) == ("", "note: no version of nlp/sentiment matches\n")
    ran = registry.mreg("ls", "--stage", "staging", "--at", "2026-02-01")
    assert (ran.out, ran.err) == ("", "note: no model was registered by then (2026-02-01)\n")
    ran = registry.mreg("ls", "--stage", "production", "--at", "2026-02-02T13:30")
    assert (ran.out, ran.err) == ("", "note: none of 1 model matches\n")


def test_no_models_yet(repository: Path) -> None:
    ran = run("ls", folder=repository)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "note: no models yet: mreg register MODEL PATH registers the first\n"
    assert run("ls", "--json", folder=repository).json["notices"]


def test_models_that_nobody_uses(registry: Project) -> None:
    registry.mreg("archive", "nlp/sentiment@v1.0.0")
    ran = registry.mreg("ls")
    assert "nlp/sentiment" not in ran.out
    assert ran.err == "note: 1 model with archived or yanked versions only: see --all\n"
    assert "nlp/sentiment" in registry.mreg("ls", "--all").out


def test_models_sorted(registry: Project) -> None:
    assert models(registry) == ["cancer", "nlp/sentiment"]
    assert models(registry, "--sort", "name") == ["cancer", "nlp/sentiment"]
    assert models(registry, "--sort", "updated") == ["nlp/sentiment", "cancer"]
    assert models(registry, "--sort", "versions") == ["cancer", "nlp/sentiment"]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("version", ["2.0.0-rc.1", "1.2.0", "1.1.0", "1.0.0"]),
        ("date", ["2.0.0-rc.1", "1.2.0", "1.1.0", "1.0.0"]),
        ("f1", ["1.1.0", "2.0.0-rc.1", "1.2.0", "1.0.0"]),
        ("log_loss", ["1.1.0", "1.0.0", "2.0.0-rc.1", "1.2.0"]),
        ("stage", ["1.2.0", "2.0.0-rc.1", "1.0.0", "1.1.0"]),
    ],
)
def test_versions_sorted(registry: Project, key: str, expected: list[str]) -> None:
    assert versions(registry, "--all", "--sort", key) == expected


def test_nothing_to_sort_by(registry: Project) -> None:
    check("ls-sort-unknown.txt", registry.mreg("ls", "cancer", "--sort", "f2", code=2).err)
    check("ls-sort-unknown-model.txt", registry.mreg("ls", "--sort", "f1", code=2).err)


def test_limits(registry: Project) -> None:
    assert models(registry, "--limit", "1") == ["cancer"]
    assert versions(registry, "--all", "--sort", "f1", "--limit", "2") == ["1.1.0", "2.0.0-rc.1"]
    assert registry.mreg("ls", "--limit", "0", code=2).out == ""


@pytest.mark.parametrize(
    ("at", "stage_of"),
    [
        ("2026-02-02T13:30", {"1.0.0": "none"}),
        ("2026-02-03", {"1.0.0": "production"}),
        ("2026-02-09", {"1.0.0": "archived", "1.1.0": "production"}),
        ("2026-02-16T09:30Z", {"1.0.0": "archived", "1.1.0": "production", "1.2.0": "none"}),
        ("2026-02-16T11:30+01:00", {"1.0.0": "archived", "1.1.0": "production", "1.2.0": "none"}),
        ("2026-02-17", {"1.0.0": "production", "1.1.0": "archived", "1.2.0": "none"}),
        ("2026-02", {"1.0.0": "production", "1.1.0": "archived", "1.2.0": "none", "2.0.0-rc.1": "staging"}),
    ],
)
def test_as_of_a_date(registry: Project, at: str, stage_of: dict[str, str]) -> None:
    found = registry.data("ls", "cancer", "--all", "--at", at)["versions"]
    assert {row["version"]: row["stage"] for row in found} == stage_of
    assert registry.data("ls", "--at", at, "--all")[0]["versions"] == len(stage_of)


def test_models_as_of_a_date(registry: Project) -> None:
    check("ls-at.txt", registry.mreg("ls", "--at", "2026-02-10").out)
    assert models(registry, "--at", "now") == ["cancer", "nlp/sentiment"]
    assert models(registry, "--at", "30 years ago") == []
    check("ls-at-nonsense.txt", registry.mreg("ls", "--at", "someday", code=2).err)


def test_a_stage_that_the_project_no_longer_has(registry: Project) -> None:
    registry.write(".mreg.yaml", "stages:\n  canary:\n")
    registry.mreg("promote", "nlp/sentiment", "canary")
    registry.write(".mreg.yaml", "")
    check("ls-old-stage.txt", registry.mreg("ls").out)


def test_an_unknown_model(registry: Project) -> None:
    check("ls-unknown.txt", registry.mreg("ls", "nlp", code=1).err)
    check("ls-unknown.json", registry.mreg("ls", "cancr", "--json", code=1).err)

"""The papers of versions, read in bulk from repositories that DVC, GTO, mreg and people by hand made."""

from __future__ import annotations

import json
import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mreg.adapters.history import read_models
from mreg.core.fold import VersionState
from mreg.core.messages import format_message
from mreg.core.metrics import flatten
from mreg.usecases.census import census
from mreg.usecases.dossiers import dossiers, evidence
from mreg.usecases.papers import Place
from mreg.usecases.workspace import Workspace
from tests.adapters.histories import commit, lock, md5, stage, tracked
from tests.core.strategies import Author, authors
from tests.gitrepos import copy_repository, git, write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mreg.core.dossier import Dossier
    from tests.pipelines import GtoRepository, Pipelines


def papers(root: Path) -> dict[str, Dossier]:
    workspace = Workspace(root)
    return {found.ref: found for found in dossiers(workspace, census(workspace))}


def said(found: Dossier) -> tuple[object, ...]:
    return found.ref, found.card_path, found.card, found.provenance, found.problems, found.metrics, found.parameters


def history(repository: Path, commits: Sequence[Mapping[str, str | bytes]], model: str = "churn") -> None:
    """A version for each commit, which holds just these files."""
    tags = []
    for number, files in enumerate(commits):
        tags.append(f"create refs/tags/{model}@v0.{number}.0 {commit(repository, files)}\n")
    git(repository, "update-ref", "--stdin", stdin="".join(tags))


def by_number(root: Path, model: str = "churn") -> list[Dossier]:
    found = papers(root)
    return [found[f"{model}@v0.{number}.0"] for number in range(len(found))]


# What DVC, GTO and mreg made


def test_what_mreg_registered(pipelines: Pipelines) -> None:
    found = papers(pipelines.root)
    assert set(found) == set(pipelines.facts)
    for ref, fact in pipelines.facts.items():
        assert found[ref].card_path == f"models/{found[ref].model}/card.yaml"
        assert found[ref].metrics == fact.metrics
        pointer = found[ref].provenance.artifact
        assert pointer is not None
        assert pointer.hash == fact.md5
        assert (found[ref].provenance.unknown, found[ref].problems) == ((), ())


def test_where_mreg_never_was(gto_repository: GtoRepository) -> None:
    found = papers(gto_repository.root)
    for ref, fact in gto_repository.facts.items():
        assert found[ref].card_path is None
        assert found[ref].metrics == fact.metrics
        expected = flatten(fact.params, lists=True)
        assert found[ref].parameters.items() <= expected.items()
        assert bool(found[ref].parameters) == bool(expected)
        assert {file.path: file.hash for file in found[ref].provenance.inputs} == {
            path: f"md5:{digest}" for path, digest in fact.inputs.items()
        }
        assert (found[ref].provenance.unknown, found[ref].problems) == ((), ())


def test_what_dvc_params_show_shows(gto_repository: GtoRepository) -> None:
    from dvc.repo import Repo

    found = papers(gto_repository.root)["churn@v0.3.0"]
    with Repo(str(gto_repository.root), rev="churn@v0.3.0") as repo:
        shown = repo.params.show()[""]["data"]["params.yaml"]["data"]
        index = {stage.name: stage for stage in repo.index.stages if hasattr(stage, "name")}
        metrics = repo.metrics.show()[""]["data"]["metrics.json"]["data"]
    assert found.provenance.params["params.yaml"].items() <= flatten(shown, lists=True).items()
    assert found.provenance.metrics["metrics.json"] == metrics
    for step in (*found.provenance.steps, *found.provenance.checks):
        theirs = index[step.name]
        assert step.command == theirs.cmd
        assert {out.path: out.hash for out in step.outs} == {
            out.def_path: f"md5:{out.hash_info.value}" for out in theirs.outs
        }
        assert {dep.path: dep.hash for dep in step.deps} == {
            dep.def_path: f"md5:{dep.hash_info.value}" for dep in theirs.deps if dep.hash_info.name == "md5"
        }


# Where the card is


CARD = "schema: mreg/v1\nname: churn\nversion: 0.0.0\nartifact: {path: m.pkl, format: pickle}\n"
TRACKED = tracked("m.pkl", "m")


def test_a_card_is_found_where_its_commit_kept_it(repository: Path) -> None:
    files = {"m.pkl.dvc": TRACKED}
    history(
        repository,
        [
            {**files, "models/churn/card.yaml": CARD},
            {**files, "registry/old/churn/card.yaml": CARD},
            {**files, "a/churn/card.yaml": CARD.replace("name: churn", "name: other"), "b/churn/card.yaml": CARD},
            files,
        ],
    )
    found = by_number(repository)
    assert [each.card_path for each in found] == [
        "models/churn/card.yaml",
        "registry/old/churn/card.yaml",
        "b/churn/card.yaml",
        None,
    ]
    assert [each.provenance.artifact is not None for each in found] == [True, True, True, False]


def test_a_card_that_cannot_be_read_is_a_problem(repository: Path) -> None:
    history(repository, [{"models/churn/card.yaml": "a: ["}, {"models/churn/card.yaml": ""}])
    for found in by_number(repository):
        assert "models/churn/card.yaml is not YAML that mreg reads" in found.problems[0]
        assert (found.card, found.metrics) == (None, {})


def test_a_broken_pipeline_that_may_have_named_the_artifact_is_a_problem(repository: Path) -> None:
    history(repository, [{"dvc.yaml": "artifacts: [", "sub/dvc.yaml": "artifacts: {churn: {path: m.pkl}}\n"}])
    (found,) = by_number(repository)
    assert found.provenance.unknown[0].startswith("sub/m.pkl is tracked neither")


def test_a_hostile_path_in_a_card(repository: Path) -> None:
    paths = ["/etc/passwd", "../../x", "..", ".", "//", "a\\nb", "é"]
    history(repository, [{"models/churn/card.yaml": CARD.replace("m.pkl", f'"{path}"')} for path in paths])
    for found in by_number(repository):
        assert found.provenance.artifact is None
        assert len(found.provenance.unknown) == 1


def test_models_at_commits_without_a_version(repository: Path) -> None:
    revision = commit(repository, {"models/churn/card.yaml": CARD, "m.pkl.dvc": TRACKED})
    (found, lost) = evidence(Workspace(repository), [Place("churn", revision), Place("churn", "1" * 40)])
    assert found.summary.name == "churn"
    assert "not in this clone" in lost.provenance.unknown[0]


# Bulk, and the cache


def many(number: int) -> dict[str, str | bytes]:
    """A version of a pipeline with DVC's metrics."""
    metrics = json.dumps({"f1": number / 100})
    deps, outs = {"raw": f"r{number}", "code.py": "c"}, {"m.pkl": f"m{number}", "metrics.json": metrics}
    return {
        "models/churn/card.yaml": CARD,
        "dvc.yaml": "stages: {train: {cmd: train, outs: [m.pkl], metrics: [metrics.json]}}\n",
        "dvc.lock": lock(stage("train", deps, outs, params=f"{{params.yaml: {{n: {number}}}}}")),
        "params.yaml": f"n: {number}\n",
        "raw.dvc": tracked("raw", f"r{number}"),
        "code.py": "c",
        "metrics.json": metrics,
    }


@pytest.fixture(scope="module")
def first_sixty(first_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository that each `sixty` is a copy of. Not to be changed."""
    root = copy_repository(first_repository, tmp_path_factory.mktemp("first-sixty") / "repository")
    history(root, [many(number) for number in range(60)])
    return root


@pytest.fixture
def sixty(first_sixty: Path, tmp_path: Path) -> Path:
    return copy_repository(first_sixty, tmp_path / "repository")


def test_the_cache_says_what_the_commits_say(sixty: Path) -> None:
    first = [said(found) for found in by_number(sixty)]
    assert [found.metrics for found in by_number(sixty)] == [{"f1": number / 100} for number in range(60)]
    caches = list(sixty.rglob("dossiers.db"))
    assert len(caches) == 1
    assert [said(found) for found in by_number(sixty)] == first
    caches[0].unlink()
    workspace = Workspace(sixty)
    few = [found for version in census(workspace) for found in dossiers(workspace, [version])]
    assert {found.ref: said(found) for found in few} == {values[0]: values for values in first}
    assert not caches[0].exists()


@pytest.mark.parametrize("lost", ["dossiers", "steps", "cards"])
def test_a_cache_that_lost_a_part_is_made_whole(sixty: Path, lost: str) -> None:
    first = [said(found) for found in by_number(sixty)]
    (cache,) = sixty.rglob(f"{lost}.db")
    cache.unlink()
    assert [said(found) for found in by_number(sixty)] == first
    with sqlite3.connect(sixty / ".git/mreg/cache/steps.db") as steps:
        steps.execute("DELETE FROM entries WHERE key = (SELECT min(key) FROM entries)")
    steps.close()
    assert [said(found) for found in by_number(sixty)] == first


def test_a_card_that_moved_in_the_configuration_is_not_taken_from_the_cache(sixty: Path) -> None:
    assert by_number(sixty)[0].card_path == "models/churn/card.yaml"
    write(sixty / ".mreg.yaml", "models_dir: cards\n")
    assert by_number(sixty)[0].card_path == "models/churn/card.yaml"


def test_processes_do_not_grow_with_versions(sixty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = []
    for versions in (1, 60):
        workspace = Workspace(sixty)
        states = census(workspace)[:versions]
        traces = tmp_path / str(versions)
        traces.mkdir()
        monkeypatch.setenv("GIT_TRACE2_EVENT", str(traces))
        for found in dossiers(workspace, states):
            assert found.provenance.steps
        monkeypatch.delenv("GIT_TRACE2_EVENT")
        counts.append(len(list(traces.iterdir())))
    assert counts[1] <= counts[0] <= 2


def test_what_the_local_cache_of_dvc_has_is_not_kept(repository: Path) -> None:
    versions = [{path: text for path, text in many(n).items() if path != "metrics.json"} for n in range(60)]
    history(repository, versions)
    write(repository / ".dvc" / "config", "")
    for _ in range(2):
        found = by_number(repository)[7]
        assert (found.metrics, len(found.provenance.unknown)) == ({}, 1)
        assert "metrics.json" in found.provenance.unknown[0]
    content = json.dumps({"f1": 0.07})
    path = write(repository / ".dvc/cache/files/md5" / md5(content)[:2] / md5(content)[2:], content)
    found = by_number(repository)[7]
    assert (found.metrics, found.provenance.unknown) == ({"f1": 0.07}, ())
    path.unlink()
    assert by_number(repository)[7].metrics == {}


def test_a_commit_that_comes_later_is_seen(sixty: Path, tmp_path: Path) -> None:
    clone = tmp_path / "shallow"
    git(sixty, "clone", "--quiet", "--depth=1", "--branch=main", f"file://{sixty}", str(clone))
    git(clone, "fetch", "--quiet", "--depth=1", "origin", "refs/tags/*:refs/tags/*")
    places = [Place("churn", git(sixty, "rev-parse", f"churn@v0.{n}.0")) for n in range(60)]
    missing = Place("churn", commit(sixty, many(61)))
    before = evidence(Workspace(clone), [*places, missing])
    assert before[0].metrics == {"f1": 0}
    assert "--unshallow" in before[-1].provenance.unknown[0]
    git(clone, "fetch", "--quiet", "origin", "written")
    assert evidence(Workspace(clone), [*places, missing])[-1].metrics == {"f1": 0.61}


# The census


def write_history(repository: Path, author: Author) -> None:
    """The author's events as the tags that mreg would make."""
    revision = git(repository, "rev-parse", "HEAD")
    stream = []
    tags = set()
    for number, event in enumerate(author.events):
        name, count = event.tag, 1
        while name in tags:
            count += 1
            name = f"{event.tag}.{count}"
        tags.add(name)
        message = format_message(event.change).encode()
        head = f"tag {name}\nfrom {revision}\ntagger A <a@example.com> {1_700_000_000 + number} +0000\n"
        stream.append(head.encode() + f"data {len(message)}\n".encode() + message + b"\n")
    git(repository, "fast-import", "--quiet", stdin=b"".join(stream))


@settings(max_examples=15)
@given(author=authors, later=authors)
def test_the_census_is_what_replaying_every_event_says(
    first_repository: Path, tmp_path_factory: pytest.TempPathFactory, author: Author, later: Author
) -> None:
    repository = copy_repository(first_repository, tmp_path_factory.mktemp("census") / "r")

    def replayed() -> list[VersionState]:
        models = read_models(Workspace(repository).git)
        return [version for found in models for version in found.state.versions.values()]

    write_history(repository, author)
    assert census(Workspace(repository)) == replayed()  # into the cache
    assert census(Workspace(repository)) == replayed()  # and from it
    other = Author("other")
    for version in later.state.versions:
        other.register(str(version))
    write_history(repository, other)
    assert census(Workspace(repository)) == replayed()
    assert census(Workspace(repository), at=2_000_000_000) == replayed()
    shutil.rmtree(repository)


@given(st.integers())
def test_a_moment_before_everything_has_no_versions(first_repository: Path, moment: int) -> None:
    assert census(Workspace(first_repository), at=min(moment, 0)) == []

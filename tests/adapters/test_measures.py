"""Metrics of stages: from Git, from DVC's local cache, or said to be neither."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mreg.adapters.dvc import measures
from mreg.adapters.dvc.local import LocalCaches
from mreg.adapters.dvc.measures import complete, read_measures
from mreg.adapters.dvc.packed import pack, unpack
from mreg.adapters.dvc.provenance import ProvenanceReader, Target
from mreg.adapters.git import Git
from tests.adapters.dvcrepos import work_fixture
from tests.adapters.histories import commit, lock, md5, stage, tracked
from tests.gitrepos import git, write

if TYPE_CHECKING:
    from pathlib import Path

    from mreg.core.provenance import Provenance
    from tests.adapters.dvcrepos import Work
    from tests.pipelines import Pipelines

__all__ = ["work_fixture"]

PIPELINE = "stages: {t: {cmd: t, outs: [m], metrics: [FILE]}}\n"
NOWHERE = "the metrics in FILE are neither in Git nor in DVC's cache here: dvc fetch"


def measure(repository: Path, revision: str, artifact: str = "m", *, wanted: bool = True) -> Provenance:
    with Git(repository).blobs() as blobs:
        targets = [Target(revision, artifact)]
        provenances = ProvenanceReader(blobs).read(targets)
        (found,) = read_measures(blobs, targets, provenances, wanted=[wanted])
    return complete(found, LocalCaches(Git(repository)))


def files(content: str | bytes, file: str = "m.json", *, in_git: bool = True) -> dict[str, str | bytes]:
    text = lock(stage("t", {}, {"m": "m", file: content}))
    return {"dvc.yaml": PIPELINE.replace("FILE", file), "dvc.lock": text} | ({file: content} if in_git else {})


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("m.json", '{"f1": 0.5, "n": 3, "ok": true, "who": "me", "none": null, "curve": [1], "a": {"b": 1e-3}}'),
        ("m.yaml", "f1: 0.5\nn: 3\na: {b: 0.001}\nnot: null\n"),
        ("m.toml", "f1 = 0.5\nn = 3\na.b = 0.001\ninf = inf\n"),
        ("m.json", '{"f1": 0.5, "n": 3, "a.b": 0.001, "big": ' + "9" * 400 + "}"),
    ],
)
def test_the_finite_numbers_of_a_file(repository: Path, file: str, content: str) -> None:
    found = measure(repository, commit(repository, files(content, file)))
    assert found.metrics == {file: {"f1": 0.5, "n": 3, "a.b": 0.001}}
    assert (found.cached, found.unknown) == ((), ())


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("m.json", "{"),
        ("m.json", "[1]"),
        ("m.json", "[" * 100_000),
        ("m.json", '{"a": 1, "a": 2}'),
        ("m.json", '{"a.b": 1, "a": {"b": 2}}'),
        ("m.json", b"\xff"),
        ("m.json", '{"a": NaN}'),
        ("m.yaml", "a: &a [*a]"),
        ("m.txt", "0.9"),
        ("m.csv", "a,b\n1,2\n"),
    ],
)
def test_a_file_that_cannot_be_read_is_said(repository: Path, file: str, content: str | bytes) -> None:
    found = measure(repository, commit(repository, files(content, file)))
    assert found.metrics == {}
    assert [text for text in found.unknown if text.startswith(f"the metrics in {file} cannot be read: ")]


def test_what_is_not_wanted_is_not_read(repository: Path) -> None:
    found = measure(repository, commit(repository, files('{"f1": 0.5}')), wanted=False)
    assert (found.metrics, found.cached) == ({}, ())


def in_cache(work: Work, content: str, name: str | None = None) -> Path:
    digest = name or md5(content)
    return write(work.root / ".dvc/cache/files/md5" / digest[:2] / digest[2:], content)


def test_metrics_that_dvc_keeps(work: Work) -> None:
    revision = commit(work.root, files('{"f1": 0.5}', in_git=False))
    before = measure(work.root, revision)
    assert (before.metrics, before.cached) == ({}, ("m.json",))
    assert before.unknown == (NOWHERE.replace("FILE", "m.json"),)
    in_cache(work, '{"f1": 0.5}')
    after = measure(work.root, revision)
    assert (after.metrics, after.unknown) == ({"m.json": {"f1": 0.5}}, ())


def test_where_dvc_2_kept_them_and_where_a_cache_is_configured(work: Work, tmp_path: Path) -> None:
    content = '{"f1": 0.5}\n'
    revision = commit(work.root, files(content, in_git=False))
    write(work.root / ".dvc/cache" / md5(content)[:2] / md5(content)[2:], content)
    assert measure(work.root, revision).metrics == {"m.json": {"f1": 0.5}}
    work.forget()
    write(tmp_path / "shared/files/md5" / md5(content)[:2] / md5(content)[2:], content)
    write(work.root / ".dvc/config.local", f"[cache]\n    dir = {tmp_path}/shared\n")
    assert measure(work.root, revision).metrics == {"m.json": {"f1": 0.5}}


def test_metrics_in_a_folder_that_dvc_keeps(work: Work) -> None:
    content = '{"f1": 0.5}'
    manifest = json.dumps([{"md5": md5(content), "relpath": "metrics.json"}])
    text = lock(stage("t", {}, {"m": "m", "live": "?"})).replace(md5("?"), f"{md5(manifest)}.dir")
    revision = commit(
        work.root,
        {"dvc.yaml": PIPELINE.replace(", metrics: [FILE]", "") + "metrics: [live/metrics.json]\n", "dvc.lock": text},
    )
    assert measure(work.root, revision).unknown == (NOWHERE.replace("FILE", "live/metrics.json"),)
    in_cache(work, manifest, f"{md5(manifest)}.dir")
    in_cache(work, content)
    assert measure(work.root, revision).metrics == {"live/metrics.json": {"f1": 0.5}}


def test_an_object_with_other_bytes_than_its_name_says(work: Work) -> None:
    revision = commit(work.root, files('{"f1": 0.5}', in_git=False))
    in_cache(work, '{"f1": 0.9}', md5('{"f1": 0.5}'))
    found = measure(work.root, revision)
    assert (found.metrics, found.unknown) == ({}, (NOWHERE.replace("FILE", "m.json"),))


def test_an_object_that_is_too_large(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    revision = commit(work.root, files('{"f1": 0.5}', in_git=False))
    in_cache(work, '{"f1": 0.5}')
    monkeypatch.setattr(measures, "MAX_BYTES", 5)
    assert measure(work.root, revision).metrics == {}


@pytest.mark.parametrize("bare", [True, False])
def test_without_a_work_tree_or_without_dvc(repository: Path, tmp_path: Path, bare: bool) -> None:
    revision = commit(repository, files('{"f1": 0.5}', in_git=False))
    git(repository, "clone", "--quiet", *(["--bare"] if bare else []), "--branch=written", ".", str(tmp_path / "clone"))
    assert measure(tmp_path / "clone", revision).unknown == (NOWHERE.replace("FILE", "m.json"),)


def test_what_dvc_shows(first_pipelines: Pipelines) -> None:
    """The metrics of a model that is not about to be changed by a later one, as its own file says."""
    for fact in first_pipelines.facts.values():
        found = measure(first_pipelines.root, fact.commit, fact.path)
        assert [dict(values) for values in found.metrics.values()] == [fact.metrics], fact.ref


LIVE = """\
params: [dvclive/params.yaml]
metrics: [dvclive/metrics.json]
artifacts: {m: {path: m, type: model}}
"""


@pytest.mark.parametrize("folder", ["", "nlp/"])
def test_what_dvclive_names_without_a_stage(repository: Path, folder: str) -> None:
    held = {
        "dvc.yaml": LIVE,
        "dvclive/params.yaml": "lr: 0.1\nlayers: [3, 2]\nopt: {name: adam}\n",
        "dvclive/metrics.json": '{"f1": 0.5, "step": 3}',
        "m.dvc": tracked("m"),
    }
    revision = commit(repository, {f"{folder}{name}": content for name, content in held.items()})
    found = measure(repository, revision, f"{folder}m")
    assert found.metrics == {f"{folder}dvclive/metrics.json": {"f1": 0.5, "step": 3}}
    assert found.params == {f"{folder}dvclive/params.yaml": {"lr": 0.1, "layers": "[3, 2]", "opt.name": "adam"}}
    assert unpack(pack(found)) == found


def test_the_nearest_that_names_anything_speaks(repository: Path) -> None:
    held = {
        "dvc.yaml": "metrics: [far.json]\n",
        "far.json": '{"f1": 0.1}',
        "a/dvc.yaml": "metrics: [near.json]\n",
        "a/near.json": '{"f1": 0.5}',
        "a/b/dvc.yaml": "stages: {}\n",
        "a/b/m.dvc": tracked("m"),
    }
    assert measure(repository, commit(repository, held), "a/b/m").metrics == {"a/near.json": {"f1": 0.5}}
    assert measure(repository, commit(repository, {**held, "a/dvc.yaml": "a: ["}), "a/b/m").metrics == {
        "far.json": {"f1": 0.1}
    }

"""`mreg impact`: on real DVC pipelines, folders, code, hashes and versions; and what cannot be known."""

from __future__ import annotations

import hashlib
import shutil
import tracemalloc
from itertools import count
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from mreg.registry import Registry
from mreg.usecases.impact.contents import Contents
from tests.adapters.dvcrepos import dvc
from tests.cli.program import run
from tests.cli.snapshot import check
from tests.gitrepos import git

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.projects import Project
    from tests.pipelines import GtoRepository, Pipelines


def refs(project: Project, *arguments: str, folder: Path | None = None) -> list[str]:
    data = project.mreg("impact", *arguments, "--json", folder=folder).data
    return [version["ref"] for version in data["versions"]]


def md5(content: str | bytes) -> str:
    data = content.encode() if isinstance(content, str) else content
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def test_a_data_set(pipelines: Pipelines) -> None:
    ran = pipelines.project.mreg("impact", "data/raw.csv")
    check("impact.txt", ran.out)
    assert ran.err == ""
    check("impact.json", pipelines.project.mreg("impact", "data/raw.csv", "--json").out)


def test_every_version_is_told_by_what_went_into_it(pipelines: Pipelines) -> None:
    """For each file that a version was made of, as it was then, that version is among the answers; and no version that
    was made of something else."""
    project, facts = pipelines.project, pipelines.facts
    for path in ("data/raw.csv", "src/featurize.py"):
        for fact in facts.values():
            if path in fact.inputs:
                same = {ref for ref, other in facts.items() if other.inputs.get(path) == fact.inputs[path]}
                assert set(refs(project, path, "--at", fact.ref)) == same, (path, fact.ref)


def test_a_content_that_only_older_versions_have(pipelines: Pipelines) -> None:
    project = pipelines.project
    check("impact-at.txt", project.mreg("impact", "data/raw.csv", "--at", "churn@v1.0.0").out)
    project.write("data/raw.csv", "poisoned\n")
    dvc(project.root, "add", "data/raw.csv")
    check("impact-nowhere.txt", project.mreg("impact", "data/raw.csv").out)


def test_what_dvc_diff_calls_modified_went_elsewhere(pipelines: Pipelines) -> None:
    """`dvc diff churn@v1.1.0 churn@v1.2.0` names data/raw.csv, and the two have no version in common."""
    from dvc.repo import Repo

    project = pipelines.project
    with Repo(project.root) as repo:
        changes = repo.diff("churn@v1.1.0", "churn@v1.2.0")
    modified = {str(entry["path"]) for entry in changes["modified"]}
    assert "data/raw.csv" in modified
    assert "data/eu.csv" not in modified
    before, after = (set(refs(project, "data/raw.csv", "--at", ref)) for ref in ("churn@v1.1.0", "churn@v1.2.0"))
    assert before.isdisjoint(after)
    assert before == {"churn@v1.0.0", "churn@v1.1.0"}


def test_code_and_what_was_evaluated_with_it(pipelines: Pipelines) -> None:
    project = pipelines.project
    check("impact-code.txt", project.mreg("impact", "src/evaluate.py").out)
    project.edit("src/evaluate.py", "import", "# changed\nimport")
    assert refs(project, "src/evaluate.py") == []
    assert set(refs(project, "src/evaluate.py", "--at", "HEAD")) >= {"churn@v1.0.0", "churn@v2.0.0"}


def test_paths_are_relative_to_the_current_folder_or_else_to_the_root(pipelines: Pipelines) -> None:
    project = pipelines.project
    expected = refs(project, "data/raw.csv")
    assert len(expected) == 6
    assert refs(project, "raw.csv", folder=project.root / "data") == expected
    assert refs(project, "../data/raw.csv", folder=project.root / "src") == expected
    assert refs(project, "data/raw.csv", folder=project.root / "data") == expected
    assert refs(project, str(project.root / "data" / "raw.csv"), folder=project.root / "src") == expected
    assert refs(project, "data/raw.csv.dvc") == expected
    ran = run("-C", "data", "impact", "raw.csv", "--json", folder=project.root)
    assert [version["ref"] for version in ran.data["versions"]] == expected


def test_data_that_is_not_checked_out_and_data_that_is_gone(pipelines: Pipelines) -> None:
    project = pipelines.project
    expected = refs(project, "data/raw.csv")
    (project.root / "data" / "raw.csv").unlink()
    assert refs(project, "data/raw.csv") == expected
    project.git("rm", "--quiet", "data/raw.csv.dvc")
    ran = project.mreg("impact", "data/raw.csv")
    assert ran.out.startswith("data/raw.csv is not here now\n\nother contents\n- data/raw.csv  md5 ")


def test_a_file_from_elsewhere_is_known_by_its_content(pipelines: Pipelines, tmp_path: Path) -> None:
    project = pipelines.project
    shutil.copy(project.root / "data" / "raw.csv", tmp_path / "leak.csv")
    assert refs(project, str(tmp_path / "leak.csv")) == refs(project, "data/raw.csv")
    shutil.copy(project.root / "data" / "raw.csv", project.root / "copy.csv")
    assert refs(project, "copy.csv") == refs(project, "data/raw.csv")


def test_a_version(pipelines: Pipelines) -> None:
    check("impact-version.txt", pipelines.project.mreg("impact", "churn@v1.2.0").out)
    assert refs(pipelines.project, "churn") == ["churn-eu@v1.1.0"]  # the latest, v2.0.0
    assert refs(pipelines.project, "churn@production") == ["churn-eu@v1.0.0"]


def test_hashes(pipelines: Pipelines) -> None:
    project = pipelines.project
    value, expected = pipelines.facts["churn@v1.2.0"].inputs["data/raw.csv"], refs(project, "data/raw.csv")
    for text in (value, f"md5:{value}", value.upper(), value[:8], f"md5:{value[:12]}"):
        assert refs(project, text) == expected, text
    weights = pipelines.facts["churn-eu@v1.0.0"].md5
    assert weights.endswith(".dir")
    for text in (weights, weights.removesuffix(".dir")):
        assert refs(project, text) == ["churn-eu@v1.0.0"]
    digest = project.data("show", "churn@v1.2.0")["sha256"]
    for text in (digest, f"sha256:{digest}", digest[:10]):
        assert refs(project, text) == ["churn@v1.2.0", "churn-eu@v1.0.0"]


def test_an_import(pipelines: Pipelines) -> None:
    project = pipelines.project
    project.git("remote", "add", "datasets", f"file://{pipelines.datasets}")
    assert refs(project, "data/eu.csv") == ["churn-eu@v1.0.0", "churn-eu@v1.1.0"]


def test_a_gto_repository(gto_repository: GtoRepository) -> None:
    check("impact-gto.txt", gto_repository.project.mreg("impact", "data/raw.csv").out)
    assert refs(gto_repository.project, "customers@v1.0.0") == ["churn@v0.3.0"]


def test_a_bare_repository_knows_its_head(pipelines: Pipelines, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(pipelines.project.root), "bare.git")
    expected = refs(pipelines.project, "data/raw.csv")
    for options in ((), ("--at", "churn@v1.2.0")):
        ran = run("impact", "data/raw.csv", *options, "--json", folder=tmp_path / "bare.git")
        assert [version["ref"] for version in ran.data["versions"]] == expected


@pytest.fixture
def photos(project: Project) -> Project:
    """A model of a folder of pictures that DVC tracks, and of a folder of code that Git tracks."""
    for name in ("a", "b"):
        project.write(f"photos/{name}.png", f"photo {name}")
    project.write("lib/util.py", "UTIL = 1\n")
    project.write("lib/more.py", "MORE = 1\n")
    project.write("train.sh", "cat photos/* lib/*.py > model.bin\n")
    stage = "stages:\n  train:\n    cmd: sh train.sh\n    deps: [photos, lib, train.sh]\n    outs: [model.bin]\n"
    project.write("dvc.yaml", stage)
    dvc(project.root, "add", "photos")
    dvc(project.root, "repro")
    project.commit("Train on photos")
    project.mreg("register", "photos", "model.bin", "--stage", "production")
    return project


def test_a_member_of_a_folder(photos: Project) -> None:
    check("impact-member.txt", photos.mreg("impact", "photos/a.png").out)
    way = ["photos/a.png", "photos", "train", "photos@v1.0.0"]
    for text in (md5("photo a"), md5("photo a")[:9], "photos/a.png"):
        (version,) = photos.data("impact", text)["versions"]
        assert version["how"] == way
    assert [version["how"] for version in photos.data("impact", "photos")["versions"]] == [way[1:]]
    assert photos.data("impact", "photos", "--at", "HEAD")["versions"]
    assert photos.data("impact", "photos/a.png", "--at", "HEAD")["versions"]


def test_a_member_that_is_the_same_under_another_name(photos: Project) -> None:
    photos.write("elsewhere.png", "photo b")
    (version,) = photos.data("impact", "elsewhere.png")["versions"]
    assert version["how"] == ["elsewhere.png", "photos", "train", "photos@v1.0.0"]


def test_a_missing_manifest_is_said(photos: Project) -> None:
    shutil.rmtree(photos.root / ".dvc" / "cache")
    photos.write("elsewhere.png", "photo b")
    check("impact-missing.txt", photos.mreg("impact", "elsewhere.png").out)
    shutil.rmtree(photos.root / "photos")
    check("impact-missing-all.txt", photos.mreg("impact", "photos/a.png").out)
    ran = photos.mreg("impact", md5("photo a"), code=1)
    assert "hint: the manifests of some folders are not in the local DVC cache: dvc fetch" in ran.err


def test_code_in_a_folder_that_a_step_used_as_a_whole(photos: Project) -> None:
    (version,) = photos.data("impact", "lib/util.py")["versions"]
    assert version["how"] == ["lib/util.py", "lib", "train", "photos@v1.0.0"]
    assert [version["how"][-3:] for version in photos.data("impact", "lib")["versions"]] == [version["how"][1:]]
    photos.write("lib/util.py", "UTIL = 2\n")
    assert refs(photos, "lib/util.py") == []
    assert refs(photos, "lib/util.py", "--at", "HEAD") == ["photos@v1.0.0"]


def test_a_plain_folder_means_all_that_is_in_it(pipelines: Pipelines) -> None:
    data = pipelines.project.data("impact", "data")
    assert {"data/raw.csv", "data/eu.csv", "data/prepared", "data/features"} <= {c["label"] for c in data["contents"]}
    assert len(data["versions"]) == 6
    assert len(pipelines.project.data("impact", ".")["versions"]) == 8


def test_data_that_only_a_card_names(registry: Project) -> None:
    assert refs(registry, "data.csv") == ["cancer@v1.0.0", "cancer@v2.0.0-rc.1", "cancer@v1.1.0", "cancer@v1.2.0"]


def test_names_outside(project: Project) -> None:
    project.write("tuned.bin", "tuned")
    project.mreg("register", "tuned", "tuned.bin", "--base-model", "hf:acme/base@86b5e09")
    assert refs(project, "hf:acme/base") == refs(project, "hf:acme/base@86b5e09") == ["tuned@v1.0.0"]
    ran = project.mreg("impact", "hf:acme/bse@86b5e09", code=1)
    assert ran.err.endswith("hint: did you mean hf:acme/base@86b5e09?\n")


def test_a_path_that_reads_like_a_version(photos: Project) -> None:
    photos.write("photos@2x/a.png", "photo a")
    assert refs(photos, "photos@2x/a.png") == ["photos@v1.0.0"]


def test_a_repository_without_dvc(project: Project) -> None:
    shutil.rmtree(project.root / ".dvc")
    ran = project.mreg("impact", "data.csv")
    assert ran.out.startswith("data.csv  md5 ")
    assert ran.out.endswith("\nwent into none of 0 versions\n")


def test_an_empty_file_says_nothing(project: Project) -> None:
    project.write("empty.txt", "")
    data = project.data("impact", "empty.txt")
    assert data["versions"] == []
    assert data["unknown"] == ["empty.txt is empty, so its content does not tell what used it"]


def test_a_broken_pointer_is_said(pipelines: Pipelines) -> None:
    pipelines.project.write("data/raw.csv.dvc", "outs: [{md5: none, path: raw.csv}]\n")
    data = pipelines.project.data("impact", "data/raw.csv")
    assert data["unknown"] == ["data/raw.csv.dvc: 'none' is not an md5"]
    assert len(data["other_contents"]) == 2
    assert pipelines.project.data("impact", "data/raw.csv", "--at", "HEAD")["unknown"] == []


@pytest.mark.parametrize(
    ("arguments", "code", "name"),
    [
        (("nothing.csv",), 1, "path"),
        (("data/rw.csv",), 1, "near"),
        (("0123456789abcdef",), 1, "hash"),
        (("churn@v9.0.0",), 1, "version"),
        (("data/raw.csv", "--at", "nowhere"), 1, "revision"),
        (("churn@v1.0.0", "--at", "HEAD"), 2, "at"),
    ],
)
def test_errors(pipelines: Pipelines, arguments: tuple[str, ...], code: int, name: str) -> None:
    check(f"impact-error-{name}.txt", pipelines.project.mreg("impact", *arguments, code=code).err)


def test_hashes_that_begin_alike(project: Project) -> None:
    seen: dict[str, int] = {}
    texts = next(
        (seen[begin], number) for number in count() if seen.setdefault(begin := md5(f"{number}")[:8], number) != number
    )
    for name, text in zip("ab", texts, strict=True):
        project.mreg("register", name, project.write(f"{name}.bin", f"{text}"))
    begin = md5(f"{texts[0]}")[:8]
    ran = project.mreg("impact", begin, code=2)
    assert ran.err.startswith(f"mreg: 2 hashes begin with {begin}: md5:{begin}")
    assert refs(project, md5(f"{texts[1]}")) == ["b@v1.0.0"]


def test_the_library(pipelines: Pipelines) -> None:
    found = Registry(pipelines.project.root).impact("data/raw.csv")
    frame = found.to_pandas()
    assert isinstance(frame, pd.DataFrame)
    assert list(frame["stage"][:2]) == ["production", "production"]
    assert frame["how"][0].startswith("data/raw.csv → prepare → ")
    assert (found.kind, found.versions) == ("path", 8)


def test_what_another_version_s_pipeline_made(pipelines: Pipelines) -> None:
    """`dvc add` of a copy says only what the file's content is, and an earlier `dvc.lock` what made that."""
    project = pipelines.project
    project.git("checkout", "--quiet", "churn@v1.0.0")
    dvc(project.root, "checkout", "--force", "data/prepared")
    shutil.copytree(project.root / "data" / "prepared", project.root / "mine")
    project.git("checkout", "--quiet", "-")
    dvc(project.root, "add", "mine")
    project.write("by-hand.bin", "weights")
    project.mreg("register", "by-hand", "by-hand.bin", "--data", "mine", "--stage", "production")
    found = project.data("impact", "data/raw.csv", "--at", "churn@v1.0.0")["versions"]
    assert [(hit["ref"], hit["direct"]) for hit in found if hit["model"] == "by-hand"] == [("by-hand@v1.0.0", False)]
    assert found[0]["how"] == ["data/raw.csv", "prepare (churn@v1.0.0)", "data/prepared", "by-hand@v1.0.0"]
    assert "by-hand@v1.0.0" not in refs(project, "data/raw.csv")
    ran = project.mreg("lineage", "by-hand", "--up")
    assert "(recorded in churn@v1.0.0)" in ran.out
    assert "data/raw.csv" in ran.out


def test_a_way_through_a_link_leads_to_what_it_points_at(pipelines: Pipelines) -> None:
    project = pipelines.project
    (project.root / "linked").symlink_to("data")
    assert refs(project, "linked/raw.csv") == refs(project, "data/raw.csv")
    (project.root / "circle").symlink_to("circle")
    assert project.mreg("impact", "circle/raw.csv", code=1).err.startswith("mreg: nothing is known of circle/raw.csv")


@pytest.mark.parametrize("what", ["", " "])
def test_nothing_is_no_question(project: Project, what: str) -> None:
    ran = project.mreg("impact", what, code=2)
    assert ran.err.startswith("mreg: what to look for is empty\nhint: name a file")


def test_a_large_file_that_git_does_not_know_is_not_read_into_memory(project: Project) -> None:
    size = 64 * 2**20
    with (project.root / "large.bin").open("wb") as file:
        file.truncate(size)
    tracemalloc.start()
    try:
        found = Registry(project.root).impact("large.bin")
        assert tracemalloc.get_traced_memory()[1] < size // 4
    finally:
        tracemalloc.stop()
    assert f"md5:{md5(bytes(size))}" in {content.hash for content in found.contents}
    named = project.git("hash-object", "--", "large.bin").strip()
    with (project.root / "large.bin").open("rb") as stream:
        held = Contents()
        held.add_known("large.bin", stream, algorithm="sha1")
    assert held.objects == {"large.bin": named}


def test_who_signs_in_is_not_printed(project: Project) -> None:
    project.write("tuned.bin", "tuned")
    project.write(
        "models/tuned/card.yaml",
        """\
schema: mreg/v1
name: tuned
version: 1.0.0
artifact: {path: tuned.bin}
training:
  datasets:
    - {uri: 's3://bob:secret@lake/events'}
  run: {tracker: mlflow, id: 4f2a9c, url: 'https://bob:secret@mlflow.example.com/runs/4f2a9c'}
base_models:
  - {ref: 'https://secret@models.example.com/base@v1'}
""",
    )
    project.mreg("register", "tuned", "tuned.bin")
    for form in ("tree", "mermaid", "dot", "json", "openlineage"):
        ran = project.mreg("lineage", "tuned", "--format", form)
        assert "secret" not in ran.out + ran.err
        assert "models.example.com" in ran.out
    for name in ("https://models.example.com/base", "https://secret@models.example.com/base@v1", "s3://lake/events"):
        assert refs(project, name) == ["tuned@v1.0.0"]
    assert "secret" not in project.mreg("impact", "s3://lake/evnts", code=1).err

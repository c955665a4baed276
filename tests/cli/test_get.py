"""`mreg get`: an artifact's bytes, proven, and nothing half-written."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.adapters.dvcrepos import dvc
from tests.cli.projects import train
from tests.cli.snapshot import check
from tests.cli.tampering import change, object_of
from tests.gitrepos import write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.projects import Project


def objects(registry: Project) -> list[Path]:
    """What DVC's cache holds."""
    return sorted(path for path in (registry.root / ".dvc/cache/files/md5").rglob("*") if path.is_file())


def test_out_of_the_cache(registry: Project, tmp_path: Path) -> None:
    before = registry.state()
    ran = registry.mreg("get", "cancer@production", "-o", tmp_path / "serving")
    check("get.txt", ran.out.replace(str(tmp_path), "<tmp>"))
    assert ran.err == ""
    assert (tmp_path / "serving" / "model.joblib").read_bytes() == train(1).model
    assert [path.name for path in (tmp_path / "serving").iterdir()] == ["model.joblib"]
    assert registry.state() == before


def test_json(registry: Project) -> None:
    ran = registry.mreg("get", "cancer@production", "-o", "serving", "--json")
    check("get.json", ran.out)
    assert (registry.root / ran.data["delivered"]).read_bytes() == train(1).model


@pytest.mark.parametrize(("ref", "depth"), [("cancer@v1.1.0", 3), ("cancer@staging", 6), ("cancer@champion", 3)])
def test_any_version(registry: Project, tmp_path: Path, ref: str, depth: int) -> None:
    registry.mreg("get", ref, "--output", tmp_path)
    assert (tmp_path / "model.joblib").read_bytes() == train(depth).model


def test_a_folder(registry: Project, tmp_path: Path) -> None:
    registry.mreg("get", "nlp/sentiment", "-o", tmp_path / "out")
    assert (tmp_path / "out/sentiment/weights.txt").read_text() == "good 1\nbad -1\n"
    assert (tmp_path / "out/sentiment/vocabulary.txt").read_text() == "good\nbad\n"


def test_into_the_folder_of_the_command(registry: Project, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    registry.mreg("-C", registry.root, "get", "cancer@v1.0.0", "-o", "out", folder=tmp_path / "elsewhere")
    assert (registry.root / "out/model.joblib").is_file()


def test_again(registry: Project, tmp_path: Path) -> None:
    registry.mreg("get", "cancer@production", "-o", tmp_path)
    before = (tmp_path / "model.joblib").stat()
    registry.mreg("get", "cancer@production", "-o", tmp_path)
    assert (tmp_path / "model.joblib").stat().st_ino == before.st_ino


def test_something_else_is_not_replaced(registry: Project, tmp_path: Path) -> None:
    mine = write(tmp_path / "model.joblib", "mine")
    ran = registry.mreg("get", "cancer@production", "-o", tmp_path, code=1)
    assert "--force" in ran.err
    check("get-exists.txt", ran.err.replace(str(tmp_path), "<tmp>"))
    assert mine.read_text() == "mine"
    registry.mreg("get", "cancer@production", "-o", tmp_path, "--force")
    assert mine.read_bytes() == train(1).model


def test_the_same_model_at_another_version(registry: Project, tmp_path: Path) -> None:
    registry.mreg("get", "cancer@v1.0.0", "-o", tmp_path)
    registry.mreg("get", "cancer@v1.1.0", "-o", tmp_path, code=1)
    registry.mreg("get", "cancer@v1.1.0", "-o", tmp_path, "--force")
    assert (tmp_path / "model.joblib").read_bytes() == train(3).model


def test_a_hard_link(registry: Project) -> None:
    registry.mreg("get", "cancer@production", "-o", "serving", "--link")
    delivered, kept = registry.root / "serving/model.joblib", object_of(registry, "cancer@production")
    assert delivered.stat().st_ino == kept.stat().st_ino
    assert not delivered.stat().st_mode & 0o222


def test_a_folder_of_hard_links(registry: Project) -> None:
    registry.mreg("get", "nlp/sentiment", "-o", "serving", "--link")
    kept = {path.stat().st_ino for path in objects(registry)}
    assert all(path.stat().st_ino in kept for path in (registry.root / "serving/sentiment").iterdir())


def test_out_of_the_remote(registry: Project, tmp_path: Path) -> None:
    dvc(registry.root, "remote", "add", "-d", "store", str(tmp_path / "store"))
    shutil.move(registry.root / ".dvc/cache", tmp_path / "store")  # the cache and a remote look alike
    registry.mreg("get", "cancer@v1.0.0", "-o", tmp_path / "a")
    assert (tmp_path / "a/model.joblib").read_bytes() == train(1).model
    registry.mreg("get", "nlp/sentiment", "-o", tmp_path / "b")
    assert len(list((tmp_path / "b/sentiment").iterdir())) == 2


def test_neither_cached_nor_stored(registry: Project, tmp_path: Path) -> None:
    shutil.rmtree(registry.root / ".dvc/cache")
    ran = registry.mreg("get", "cancer@v1.0.0", "-o", tmp_path / "out", code=3)
    check("get-no-remote.txt", ran.err, folder=registry.root)
    dvc(registry.root, "remote", "add", "-d", "store", str(tmp_path / "store"))
    ran = registry.mreg("get", "cancer@v1.0.0", "-o", tmp_path / "out", code=3)
    assert "model.joblib" in ran.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("options", [(), ("--link",), ("--force",)])
def test_a_corrupt_object(registry: Project, tmp_path: Path, options: tuple[str, ...]) -> None:
    change(object_of(registry, "cancer@production"))
    ran = registry.mreg("get", "cancer@production", "-o", tmp_path / "out", *options, code=3)
    assert ran.err.startswith("mreg: model.joblib: corrupt object ")
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def test_a_corrupt_object_does_not_replace(registry: Project, tmp_path: Path) -> None:
    mine = write(tmp_path / "model.joblib", "mine")
    change(object_of(registry, "cancer@production"))
    registry.mreg("get", "cancer@production", "-o", tmp_path, "--force", code=3)
    assert mine.read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.joblib", "project"]


def test_a_pointer_that_was_exchanged(registry: Project, tmp_path: Path) -> None:
    """Whoever moves the version's tag to a commit with another pointer is caught by the digest in the tag."""
    message = registry.git("cat-file", "tag", "cancer@v1.0.0")
    other = registry.git("rev-parse", "cancer@v1.1.0^{commit}")
    forged = registry.git("mktag", stdin="\n".join([f"object {other}", *message.split("\n")[1:], ""]))
    registry.git("update-ref", "refs/tags/cancer@v1.0.0", forged)
    ran = registry.mreg("get", "cancer@v1.0.0", "-o", tmp_path / "out", code=1)
    check("get-exchanged.txt", ran.err)
    assert not (tmp_path / "out" / "model.joblib").exists()


def test_a_yanked_version_is_said_to_be(registry: Project, tmp_path: Path) -> None:
    ran = registry.mreg("get", "cancer@v1.2.0", "-o", tmp_path / "out")
    assert ran.err == "note: cancer v1.2.0 is yanked: trained on the test set\n"


def test_what_is_not_there(registry: Project, tmp_path: Path) -> None:
    assert "did you mean" in registry.mreg("get", "cancr", "-o", tmp_path / "out", code=1).err
    assert "'-o'" in registry.mreg("get", "cancer", code=2).err

"""What is brought of a repository that is elsewhere: as much as one model needs, however many others there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from mreg import Registry
from mreg.adapters.views import parse_address
from mreg.usecases.details import resolve
from mreg.usecases.elsewhere import Elsewhere
from tests.gitrepos import git, new_repository, write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

MODEL = "m0"
MD5 = "0123456789abcdef0123456789abcdef"
CONFIG = {".dvc/config": "[core]\n    remote = store\n['remote \"store\"']\n    url = ../store\n"}


def card(model: str, path: str) -> str:
    return f"schema: mreg/v1\nname: {model}\nversion: 1.0.0\nartifact:\n  path: {path}\n"


def pointer(path: str) -> str:
    return f"outs:\n- md5: {MD5}\n  size: 1\n  hash: md5\n  path: {path}\n"


def beside(model: str) -> dict[str, str]:
    """The artifact beside the card, as `mreg init` proposes."""
    place = f"models/{model}"
    return {f"{place}/card.yaml": card(model, f"{place}/model.pkl"), f"{place}/model.pkl.dvc": pointer("model.pkl")}


def flat(model: str) -> dict[str, str]:
    """All artifacts in one folder, all cards in another."""
    path = f"{model}.pkl"
    return {f"models/{model}/card.yaml": card(model, path), f"{path}.dvc": pointer(path)}


def apart(model: str) -> dict[str, str]:
    """Artifacts, each in a folder of its own, elsewhere than the cards."""
    path = f"store/of/{model}/model.pkl"
    return {f"models/{model}/card.yaml": card(model, path), f"{path}.dvc": pointer("model.pkl")}


def moved(model: str) -> dict[str, str]:
    """Cards in another folder than usual."""
    place = f"cards/{model}"
    return {
        ".mreg.yaml": "models_dir: cards\n",
        f"{place}/card.yaml": card(model, f"{place}/model.pkl"),
        f"{place}/model.pkl.dvc": pointer("model.pkl"),
    }


def pipeline(model: str) -> dict[str, str]:
    """A pipeline beside the card, which made the artifact."""
    place = f"models/{model}"
    out = f"    outs:\n    - path: model.pkl\n      md5: {MD5}\n      size: 1\n"
    return {
        f"{place}/card.yaml": card(model, f"{place}/model.pkl"),
        f"{place}/dvc.yaml": "stages:\n  train:\n    cmd: python train.py\n    outs:\n    - model.pkl\n",
        f"{place}/dvc.lock": f"schema: '2.0'\nstages:\n  train:\n    cmd: python train.py\n{out}",
    }


def foreign(model: str) -> dict[str, str]:
    """No card, but a `dvc.yaml` somewhere that names the artifact."""
    place = f"work/of/{model}"
    return {
        f"{place}/dvc.yaml": f"artifacts:\n  {model}:\n    path: model.pkl\n",
        f"{place}/model.pkl.dvc": pointer("model.pkl"),
    }


def nested(model: str) -> dict[str, str]:
    """A DVC repository for each model."""
    return {**beside(model), **{f"models/{model}/{file}": text for file, text in CONFIG.items()}}


def build(folder: Path, files: Callable[[str], Mapping[str, str]], *, others: int) -> Path:
    """A bare repository with a version of the model, and with so many others; all have changed since."""
    work = new_repository(folder / "work")
    for number in range(others + 1):
        for path, text in {**CONFIG, **files(f"m{number}")}.items():
            write(work / path, text)
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message", "All models")
    git(work, "tag", "--message", "Register", f"{MODEL}@v1.0.0")
    for number in range(others + 1):
        for path in files(f"m{number}"):
            if path.endswith((".dvc", ".lock")):
                (work / path).write_text((work / path).read_text() + "# changed\n")
    git(work, "commit", "--quiet", "--all", "--message", "Change them")
    server = folder / "server.git"
    git(folder, "clone", "--quiet", "--mirror", str(work), str(server))
    git(server, "config", "uploadpack.allowFilter", "true")
    return server


@dataclass(frozen=True)
class Brought:
    """What a question brought into a cache that was empty."""

    objects: int
    exchanges: int


def ask(server: Path, folder: Path, patch: pytest.MonkeyPatch) -> Brought:
    """Resolve the model and find its DVC repository, as `get` does."""
    folder.mkdir()
    traces = folder / "traces"
    traces.mkdir()
    patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    patch.setenv("GIT_TRACE2_EVENT", str(traces))
    workspace = Elsewhere(parse_address(str(server), folder)).version(MODEL)
    found = resolve(workspace, MODEL)
    assert (workspace.dvc(found.pointer).root / ".dvc/config").is_file()
    assert found.pointer.hash == MD5
    patch.delenv("GIT_TRACE2_EVENT")
    asked = sum("upload-pack" in file.read_text().partition("argv")[2][:40] for file in traces.iterdir())
    (view,) = (folder / "cache/mreg/repositories").glob("*/tips")
    return Brought(len(git(view, "cat-file", "--batch-all-objects", "--batch-check").splitlines()), asked)


@pytest.mark.parametrize(
    ("files", "exchanges"), [(beside, 5), (flat, 6), (apart, 9), (moved, 6), (pipeline, 5), (nested, 5)]
)
def test_what_is_brought_follows_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: Callable[[str], Mapping[str, str]], exchanges: int
) -> None:
    few, many = (
        ask(build(tmp_path / f"of{others}", files, others=others), tmp_path / f"asking{others}", monkeypatch)
        for others in (3, 60)
    )
    assert many.objects <= few.objects
    assert max(few.exchanges, many.exchanges) <= exchanges


def test_what_is_in_an_unusual_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All folders are looked through, as in a clone, and still in a few exchanges."""
    server = build(tmp_path / "there", foreign, others=60)
    assert ask(server, tmp_path / "asking", monkeypatch).exchanges <= 10


def twice(model: str) -> dict[str, str]:
    """A pointer that lies in the folder of models as well."""
    return {**beside(model), "model.pkl.dvc": pointer("model.pkl"), "models/model.pkl.dvc": pointer("model.pkl")}


@pytest.mark.parametrize("files", [beside, pipeline, foreign, nested, twice])
def test_the_same_as_in_a_clone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: Callable[[str], Mapping[str, str]]
) -> None:
    server = build(tmp_path / "there", files, others=3)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    here, there = Registry(tmp_path / "there/work"), Registry.at(str(server))
    assert there.resolve(MODEL) == here.resolve(MODEL)
    expected, answer = here.show(MODEL), there.show(MODEL)
    assert (answer.card_path, answer.dossier.provenance) == (expected.card_path, expected.dossier.provenance)

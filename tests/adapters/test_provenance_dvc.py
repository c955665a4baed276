"""Odd pipelines that DVC itself ran: what is read from the commit is what DVC says of the same files."""

from __future__ import annotations

import contextlib
import os
import posixpath
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mreg.adapters.dvc.repository import Dvc
from mreg.core.metrics import flatten
from tests.adapters.dvcrepos import Work, dvc
from tests.adapters.histories import read_all
from tests.gitrepos import copy_repository

if TYPE_CHECKING:
    from mreg.core.provenance import Provenance

PIPELINE = """\
vars:
- more.yaml
- inline: {dir: made}
stages:
  first:
    wdir: ${inline.dir}
    cmd: cp ../code/a.txt first.bin
    deps: [../code, ../raw.csv]
    params:
    - ../params.yaml: [train.lr, lists]
    - ../whole.yaml:
    - ../settings.py: [Train.layers]
    - ../conf.toml: [a.b]
    outs: [first.bin: {persist: true}]
  folder:
    cmd: mkdir -p out/deep && cp ${inline.dir}/first.bin out/deep/x.bin
    deps: ["${inline.dir}/first.bin"]
    outs: [out: {cache: false}]
  each:
    foreach: ${places}
    do:
      wdir: ${item.folder}
      cmd: cp ../out/deep/x.bin m-${key}.bin && echo '{"score":1}' > score.json
      deps: [../out/deep/x.bin]
      params: [../params.yaml: [train]]
      outs: ["m-${key}.bin"]
      metrics: [score.json: {cache: false}]
  grid:
    matrix:
      size: [s, l]
      deep: [{n: 1}]
    cmd: cp out/deep/x.bin ${item.size}-${item.deep.n}.bin
    deps: [out]
    outs: ["${item.size}-${item.deep.n}.bin"]
  always:
    cmd:
    - echo no > nothing.bin
    - echo really >> nothing.bin
    always_changed: true
    outs: [nothing.bin]
"""
FILES = {
    "dvc.yaml": PIPELINE,
    "more.yaml": "places: {n: {folder: north}, s: {folder: south}}\n",
    "params.yaml": "train: {lr: 1e-4, on: yes, big: 1_000, none: null, text: '1.10'}\nlists: [1, {a: [b]}]\n",
    "whole.yaml": "one: 1\ntwo: {three: 3.0}\n",
    "settings.py": "class Train:\n    layers = [64, 32]\n",
    "conf.toml": "[a]\nb = 5\n",
    "code/a.txt": "a",
    "code/b/c.txt": "c",
    "made/.keep": "",
    "north/.keep": "",
    "south/.keep": "",
    "raw.csv": "raw",
    "sub/dvc.yaml": "stages: {up: {cmd: cp in.txt ../up.bin, deps: [in.txt], outs: [../up.bin]}}\n",
    "sub/in.txt": "in",
}
ARTIFACTS = [
    "made/first.bin",
    "out",
    "north/m-n.bin",
    "south/m-s.bin",
    "s-1.bin",
    "l-1.bin",
    "nothing.bin",
    "up.bin",
]


@pytest.fixture(scope="module")
def odd(first_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Work:
    """Not to be changed."""
    work = Work(copy_repository(first_repository, tmp_path_factory.mktemp("odd") / "r"))
    Dvc.init(work.root, work.root)
    for path, text in FILES.items():
        work.write(path, text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        dvc(work.root, "add", "raw.csv")
        dvc(work.root, "repro", "--all-pipelines")
    work.commit("run")
    return work


@pytest.fixture(scope="module")
def theirs(odd: Work) -> dict[str, Any]:
    """DVC's stages by what it calls them."""
    from dvc.repo import Repo

    with contextlib.chdir(odd.root), Repo() as repo:
        return {stage.addressing: stage for stage in repo.index.stages}


def provenances(odd: Work) -> dict[str, Provenance]:
    commit = odd.git("rev-parse", "HEAD")
    return dict(zip(ARTIFACTS, read_all(odd.root, [(commit, path) for path in ARTIFACTS]), strict=True))


def upstream(theirs: dict[str, Any], odd: Work, artifact: str) -> set[str]:
    """The stages above an artifact in DVC's own graph."""
    from dvc.repo import Repo

    with contextlib.chdir(odd.root), Repo() as repo:
        graph = repo.index.graph
        (made,) = [stage for stage in graph if any(out.fs_path == str(odd.root / artifact) for out in stage.outs)]
        found, waiting = set(), [made]
        while waiting:
            stage = waiting.pop()
            found.add(stage.addressing)
            waiting += list(graph.successors(stage))
        return found


@pytest.mark.parametrize("artifact", ARTIFACTS)
def test_what_led_to_an_artifact_is_what_dvcs_graph_says(odd: Work, theirs: dict[str, Any], artifact: str) -> None:
    found = provenances(odd)[artifact]
    labels = {step.label for step in found.steps} | {source.file for source in found.sources}
    assert labels == upstream(theirs, odd, artifact)
    assert found.artifact is not None
    assert [gap for gap in found.unknown if not gap.endswith("its metrics are not counted")] == []


def test_each_step_is_what_dvc_says(odd: Work, theirs: dict[str, Any]) -> None:
    def relative(file: Any) -> str:
        return posixpath.relpath(file.fs_path, odd.root)

    for found in provenances(odd).values():
        for step in found.steps:
            stage = theirs[step.label]
            command = stage.cmd if isinstance(stage.cmd, str) else "\n".join(stage.cmd)
            assert step.command == command
            assert {out.path: out.hash for out in step.outs} == {
                relative(out): f"md5:{out.hash_info.value}" for out in stage.outs
            }
            files = [dep for dep in stage.deps if dep.hash_info.name != "params"]
            assert {dep.path: dep.hash for dep in step.deps} == {
                relative(dep): f"md5:{dep.hash_info.value}" for dep in files
            }
            assert step.params == {
                relative(dep): flatten(dep.hash_info.value, lists=True)
                for dep in stage.deps
                if dep.hash_info.name == "params"
            }
            assert step.metrics == tuple(relative(out) for out in stage.outs if out.metric)


def test_parameters_are_those_that_dvc_shows(odd: Work) -> None:
    from dvc.repo import Repo

    with contextlib.chdir(odd.root), Repo() as repo:
        shown = {file: values["data"] for file, values in repo.params.show()[""]["data"].items()}
    params = provenances(odd)["north/m-n.bin"].params
    assert set(params) == {"params.yaml", "whole.yaml", "settings.py", "conf.toml"}
    for file, values in params.items():
        assert values.items() <= flatten(shown[file], lists=True).items()


def test_a_folder_of_code_that_was_changed_afterwards(odd: Work, tmp_path: Path) -> None:
    work = Work(copy_repository(odd.root, tmp_path / "copy"))
    work.write("code/b/c.txt", b"other")
    work.write("params.yaml", b"train: {lr: 0.5, on: yes, big: 1_000, none: null, text: '1.10'}\nlists: [1]\n")
    (found,) = read_all(work.root, [(work.commit(), "made/first.bin")])
    assert found.unknown == (
        "first ran with other files than this commit has in code",
        "first ran with another lists, train.lr than params.yaml has in this commit",
    )

"""How artifacts came to be, from DVC files in commits: by hand for what is odd, by DVC itself for what is usual."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from mreg.core.provenance import Origin
from tests.adapters.histories import commit, lock, md5, read, read_all, stage, tracked
from tests.gitrepos import git

if TYPE_CHECKING:
    from pathlib import Path

    from mreg.core.provenance import Provenance
    from tests.pipelines import GtoRepository, Pipelines

M = "models/m.pkl"


def labels(found: Provenance) -> list[str]:
    return [step.label for step in found.steps]


# A usual pipeline

USUAL = {
    "raw.csv.dvc": tracked("raw.csv", "raw"),
    "train.py": "train",
    "params.yaml": "lr: 0.1\n",
    "dvc.lock": lock(
        stage("prepare", {"raw.csv": "raw"}, {"data": "data"}),
        stage("train", {"data": "data", "train.py": "train"}, {M: "m"}, params="{params.yaml: {lr: 0.1}}"),
    ),
}


def test_a_usual_pipeline(repository: Path) -> None:
    found = read(repository, USUAL, M)
    assert labels(found) == ["train", "prepare"]
    assert [source.out.path for source in found.sources] == ["raw.csv"]
    assert list(found.code) == ["train.py"]
    assert found.params == {"params.yaml": {"lr": 0.1}}
    assert [file.path for file in found.inputs] == ["train.py", "raw.csv"]
    assert found.artifact is not None
    assert found.artifact.hash == md5("m")
    assert found.unknown == ()


def test_an_artifact_that_nobody_tracks(repository: Path) -> None:
    found = read(repository, USUAL, "models/other.pkl")
    assert (found.artifact, found.steps) == (None, ())
    assert found.unknown == ("models/other.pkl is tracked neither by DVC nor by Git at this commit",)


def test_a_path_that_nobody_knows(repository: Path) -> None:
    (found,) = read_all(repository, [(commit(repository, USUAL), None)])
    assert (found.artifact, found.unknown) == (None, ())


def test_a_commit_that_is_not_there(repository: Path) -> None:
    lost, found = read_all(repository, [("1" * 40, M), (commit(repository, USUAL), M)])
    assert lost.unknown == (
        "the commit 1111111111 is not in this clone; git fetch --unshallow completes a shallow one",
    )
    assert labels(found) == ["train", "prepare"]


def test_two_artifacts_at_one_commit_and_one_at_many(repository: Path) -> None:
    first = commit(repository, USUAL)
    second = commit(repository, {**USUAL, "train.py": "other"}, onto=first)
    found = read_all(repository, [(first, M), (first, "data"), (second, M), (first, M)])
    assert [labels(one) for one in found] == [["train", "prepare"], ["prepare"], ["train", "prepare"]] * 1 + [
        ["train", "prepare"]
    ]
    assert found[0] == found[3]
    assert found[2].unknown == ("train ran with another train.py than the one in this commit",)


# Where pipelines lie


@pytest.mark.parametrize(
    ("place", "out"),
    [
        ("models", "m.pkl"),
        ("pipelines/x", "../../models/m.pkl"),
        ("models/deep/er", "../../m.pkl"),
        ("", "models/m.pkl"),
    ],
)
def test_a_pipeline_anywhere(repository: Path, place: str, out: str) -> None:
    prefix = f"{place}/" if place else ""
    files = {f"{prefix}dvc.lock": lock(stage("t", {"in.csv": "i"}, {out: "m"})), f"{prefix}in.csv": "i"}
    found = read(repository, files, M)
    assert labels(found) == [f"{prefix}dvc.yaml:t" if place else "t"]
    assert list(found.code) == [f"{prefix}in.csv"]
    assert found.artifact is not None
    assert found.artifact.path == M
    assert found.unknown == ()


def test_a_chain_over_two_pipelines(repository: Path) -> None:
    files = {
        "a/dvc.lock": lock(stage("make", {"raw": "r"}, {"../b/table": "t"})),
        "a/raw": "r",
        "c/dvc.lock": lock(stage("train", {"../b/table": "t"}, {"m": "m"})),
    }
    assert labels(read(repository, files, "c/m")) == ["c/dvc.yaml:train", "a/dvc.yaml:make"]


WDIR = """\
vars: [more.yaml, {inline: {dir: in}}]
stages:
  t: {cmd: t, wdir: "WDIR", outs: [m]}
"""


@pytest.mark.parametrize(
    ("wdir", "folder"),
    [
        ("${dir}", "from-params"),
        ("${inline.dir}/b", "in/b"),
        ("${more.list[1]}", "two"),
        ("${ more.name }-${dir}", "n-from-params"),
        ("sub", "sub"),
    ],
)
def test_a_templated_wdir(repository: Path, wdir: str, folder: str) -> None:
    files = {
        "p/dvc.yaml": WDIR.replace("WDIR", wdir),
        "p/dvc.lock": lock(stage("t", {}, {"m": "m"})),
        "p/params.yaml": "dir: from-params\n",
        "p/more.yaml": "more: {list: [one, two], name: n}\n",
    }
    found = read(repository, files, f"p/{folder}/m")
    assert (labels(found), found.unknown) == (["p/dvc.yaml:t"], ())


def test_a_templated_wdir_is_that_of_its_commit(repository: Path) -> None:
    files = {"dvc.yaml": WDIR.replace("WDIR", "${dir}"), "dvc.lock": lock(stage("t", {}, {"m": "m"}))}
    first = commit(repository, {**files, "params.yaml": "dir: a\n"})
    second = commit(repository, {**files, "params.yaml": "dir: b\n"})
    found = read_all(repository, [(first, "a/m"), (second, "b/m"), (first, "b/m")])
    assert [len(one.steps) for one in found] == [1, 1, 0]


@pytest.mark.parametrize("params", ["other: x\n", "dir: [a]\n", "dir: {a: b}\n", "- x\n", "[", "dir: ${dir}\n"])
def test_a_wdir_that_nothing_tells_is_said(repository: Path, params: str) -> None:
    files = {
        "dvc.yaml": WDIR.replace("WDIR", "${dir}"),
        "dvc.lock": lock(stage("t", {}, {"m": "m"}), stage("u", {}, {"u": "u"})),
        "params.yaml": params,
    }
    (said, *rest) = read(repository, files, "a/m").unknown
    assert said.startswith("dvc.yaml:t is left out, since nothing tells where it ran: the template ${dir}")
    assert rest


LOOPS = [
    ("foreach: [a, b]\n    do: {wdir: '${item}', cmd: t, outs: [m]}", "t@b", "b"),
    ("foreach: {x: {d: one}, y: {d: two}}\n    do: {wdir: '${key}/${item.d}', cmd: t, outs: [m]}", "t@y", "y/two"),
    ("foreach: [{d: one}, {d: two}]\n    do: {wdir: '${item.d}', cmd: t, outs: [m]}", "t@1", "two"),
    ("foreach: ${names}\n    do: {wdir: 'w/${item}', cmd: t, outs: [m]}", "t@q", "w/q"),
    (
        "matrix: {a: [x, y], b: [1, {z: q}]}\n    wdir: ${item.a}/${item.b.z}\n    cmd: t\n    outs: [m]",
        "t@y-b1",
        "y/q",
    ),
    ("matrix: {a: '${names}'}\n    wdir: ${item.a}/${key}\n    cmd: t\n    outs: [m]", "t@q", "q/q"),
]


@pytest.mark.parametrize(("loop", "name", "folder"), LOOPS)
def test_a_loop_whose_turns_run_in_folders(repository: Path, loop: str, name: str, folder: str) -> None:
    files = {
        "dvc.yaml": f"stages:\n  t:\n    {loop}\n",
        "dvc.lock": lock(stage(name, {}, {"m": "m"}, cmd="t")),
        "params.yaml": "names: [p, q]\n",
    }
    found = read(repository, files, f"{folder}/m")
    assert (labels(found), found.unknown) == ([name], ())


# Stages that the pipeline no longer has


def test_a_stage_that_was_renamed_leaves_its_entry_in_the_lock(repository: Path) -> None:
    files = {
        "dvc.yaml": "stages:\n  fit: {cmd: fit, outs: [m]}\n",
        "dvc.lock": lock(stage("train", {}, {"m": "old"}), stage("fit", {}, {"m": "new"})),
    }
    found = read(repository, files, "m")
    assert (labels(found), found.unknown) == (["fit"], ())
    assert found.artifact is not None
    assert found.artifact.hash == md5("new")


@pytest.mark.parametrize("now", ["stages: {}\n", "stages:\n  train: {foreach: [a], do: {cmd: x}}\n", "artifacts: {}\n"])
def test_a_maker_that_is_gone_is_said(repository: Path, now: str) -> None:
    found = read(repository, {"dvc.yaml": now, "dvc.lock": lock(stage("train", {"d": "d"}, {"m": "m"})), "d": "d"}, "m")
    assert labels(found) == ["train"]
    assert list(found.code) == ["d"]
    assert found.unknown == ("m was made by train, a stage that dvc.yaml no longer has",)


def test_an_artifact_that_left_its_pipeline(repository: Path) -> None:
    files = {"dvc.yaml": "stages: {}\n", "dvc.lock": lock(stage("t", {}, {"m": "m"})), "m.dvc": tracked("m", "new")}
    found = read(repository, files, "m")
    assert (labels(found), list(found.sources), found.unknown) == ([], list(found.sources), ())
    assert found.sources[0].file == "m.dvc"


# Sources


def test_an_import_with_its_pinned_revision(repository: Path) -> None:
    dep = "deps:\n- path: eu/c.csv\n  repo: {url: https://example.com/r, rev: v1, rev_lock: abcd}\n"
    found = read(repository, {"c.csv.dvc": tracked("c.csv", before=dep)}, "c.csv")
    assert found.sources[0].origin == Origin("https://example.com/r", "eu/c.csv", "v1", "abcd")


@pytest.mark.parametrize(
    ("dep", "origin"),
    [
        ("- path: https://example.com/x\n  etag: e1\n", Origin("https://example.com/x", None, None, "etag:e1")),
        ("- path: https://me:secret@example.com/x\n  etag: e\n", Origin("https://example.com/x", None, None, "etag:e")),
        ("- {path: x, repo: {url: 'ssh://me@h/r', rev_lock: c}}\n", Origin("ssh://h/r", "x", None, "c")),
        ("- path: s3://b/x\n  checksum: c1\n", Origin("s3://b/x", None, None, "checksum:c1")),
        ("- path: remote://mine/x\n", Origin("remote://mine/x")),
        (f"- path: /abs/x\n  md5: {md5('x')}\n", Origin("/abs/x", None, None, f"md5:{md5('x')}")),
        ("- db: {query: SELECT 1, connection: pg}\n", Origin("db:pg", "SELECT 1")),
        ("- db: {table: t, connection: pg}\n", Origin("db:pg", "t")),
        ("- path: eu\n  repo: {url: u}\n", Origin("u", "eu")),
        (
            "- path: s3://b/d\n  files:\n  - {relpath: a, etag: e, version_id: v, size: 1}\n",
            Origin("s3://b/d"),
        ),
    ],
)
def test_other_imports(repository: Path, dep: str, origin: Origin) -> None:
    found = read(repository, {"d/x.dvc": tracked("x", before=f"deps:\n{dep}")}, "d/x")
    assert found.sources[0].origin == origin
    assert found.unknown == ()


def test_an_import_from_a_path_in_the_repository_goes_on_there(repository: Path) -> None:
    dep = f"deps:\n- path: ../raw/x\n  md5: {md5('x')}\n"
    files = {"d/x.dvc": tracked("x", before=dep), "raw/dvc.lock": lock(stage("make", {}, {"x": "x"}))}
    found = read(repository, files, "d/x")
    assert found.sources[0].origin == Origin("raw/x", None, None, f"md5:{md5('x')}")
    assert labels(found) == ["raw/dvc.yaml:make"]


def test_dvc_files_of_other_names_and_places(repository: Path) -> None:
    files = {
        "tracking/all.dvc": tracked("data/m.pkl", before="wdir: ..\n"),
        "data/x.txt": "",
        "data.dvc/keep": "",
    }
    found = read(repository, {"all.dvc": files["tracking/all.dvc"].replace("wdir: ..\n", "")}, "data/m.pkl")
    assert [source.file for source in found.sources] == ["all.dvc"]


def test_cloud_versioned_files(repository: Path) -> None:
    members = "".join(
        f"  - {{relpath: {name}, md5: {md5(name)}, size: 1, cloud: {{s3: {{version_id: v}}}}}}\n" for name in "ab"
    )
    (source,) = read(repository, {"d.dvc": f"outs:\n- path: d\n  hash: md5\n  files:\n{members}"}, "d").sources
    manifest = json.dumps([{"md5": md5(name), "relpath": name} for name in "ab"]).encode()
    assert (source.out.hash, source.out.nfiles) == (f"md5:{md5(manifest)}.dir", 2)


def test_a_member_of_a_tracked_folder(repository: Path) -> None:
    folder = f"outs:\n- path: data\n  md5: {md5('d')}.dir\n  nfiles: 3\n"
    files = {"data.dvc": folder, "dvc.lock": lock(stage("t", {"data/sub/a.csv": "a"}, {"m": "m"}))}
    found = read(repository, files, "m")
    assert [source.out.path for source in found.sources] == ["data"]
    assert found.unknown == ()
    inside = read(repository, files, "data/sub/a.csv")
    assert inside.unknown == ("data/sub/a.csv lies inside data, which DVC tracks as a whole (data.dvc)",)


def test_a_folder_that_holds_what_others_track(repository: Path) -> None:
    files = {
        "dvc.lock": lock(
            stage("make", {"all/code.py": "c"}, {"all/made.csv": "m"}),
            stage("train", {"all": "?"}, {M: "m"}),
        ),
        "all/raw.csv.dvc": tracked("raw.csv"),
        "all/deep/other-name.dvc": tracked("x.csv"),
        "all/.gitignore": "/raw.csv\n",
        "all/code.py": "c",
    }
    found = read(repository, files, M)
    assert labels(found) == ["train", "make"]
    assert {source.out.path for source in found.sources} == {"all/raw.csv", "all/deep/x.csv"}
    assert set(found.code) == {"all", "all/code.py"}
    assert found.unknown == ()
    del files["all/code.py"]
    assert "all" not in read(repository, files, M).code


def test_a_stage_of_the_first_dvc(repository: Path) -> None:
    text = f"cmd: python t.py\ndeps:\n- path: t.py\n  md5: {md5('t')}\n- path: in\n  md5: {md5('i')}\n"
    files = {"m.dvc": tracked("m", before=text), "t.py": "t", "in.dvc": tracked("in", "i")}
    found = read(repository, files, "m")
    assert [(step.label, step.command) for step in found.steps] == [("m.dvc", "python t.py")]
    assert [source.file for source in found.sources] == ["in.dvc"]
    assert found.unknown == ()


# What was copied or renamed


def test_a_copy_is_followed_by_its_content(repository: Path) -> None:
    files = {
        "models/best.pkl.dvc": tracked("best.pkl", "m"),
        "dvc.lock": lock(stage("train", {"d": "d"}, {"out/m.pkl": "m"}), stage("other", {}, {"out/n.pkl": "n"})),
        "dvc.yaml": "stages: {train: {cmd: train}, other: {cmd: other}, eval: {cmd: eval}}\n",
        "d": "d",
    }
    found = read(repository, files, "models/best.pkl")
    assert labels(found) == ["train"]
    assert [source.file for source in found.sources] == ["models/best.pkl.dvc"]
    assert found.unknown == ()


def test_the_checks_of_a_copy_are_those_of_its_original(repository: Path) -> None:
    files = {
        "best.pkl.dvc": tracked("best.pkl", "m"),
        "dvc.lock": lock(stage("train", {}, {M: "m"}), stage("eval", {M: "m"}, {"e.json": "e"})),
        "dvc.yaml": "stages:\n  train: {cmd: train}\n  eval: {cmd: eval, metrics: [e.json]}\n",
    }
    assert [step.name for step in read(repository, files, "best.pkl").checks] == ["eval"]


# Checks

CHECKS = """\
stages:
  train: {cmd: train, outs: [models/m.pkl]}
  eval: {cmd: eval, metrics: [e.json: {cache: false}], plots: [roc.json], outs: [predictions.csv]}
  judge: {cmd: judge, metrics: [j.json]}
  tune: {cmd: tune, outs: [child], metrics: [c.json]}
"""


def test_what_measures_it_counts_and_what_goes_on_from_it_does_not(repository: Path) -> None:
    files = {
        "dvc.yaml": CHECKS,
        "dvc.lock": lock(
            stage("train", {}, {M: "m"}),
            stage("eval", {M: "m"}, {"e.json": "e", "roc.json": "r", "predictions.csv": "p"}),
            stage("judge", {"predictions.csv": "p"}, {"j.json": "j"}),
            stage("tune", {M: "m"}, {"child": "c", "c.json": "c"}),
        ),
    }
    found = read(repository, files, M)
    assert [step.name for step in found.checks] == ["eval", "judge"]
    assert [step.metrics for step in found.checks] == [("e.json",), ("j.json",)]
    assert found.unknown == ()
    child = read(repository, files, "child")
    assert (labels(child), child.checks) == (["tune", "train"], ())


def test_metrics_that_may_be_about_something_else_are_said(repository: Path) -> None:
    files = {
        "dvc.yaml": CHECKS,
        "dvc.lock": lock(stage("train", {}, {M: "m"}), stage("tune", {M: "m"}, {"child": "c", "c.json": "c"})),
    }
    assert read(repository, files, M).unknown == (
        "tune uses models/m.pkl and makes more than reports: its metrics are not counted",
    )


@pytest.mark.parametrize(
    ("section", "metrics"),
    [
        ("metrics: [live/metrics.json]\n", ("live/metrics.json",)),
        ("metrics: live/metrics.json\n", ("live/metrics.json",)),
        ("metrics: [other/metrics.json]\n", ()),
        ("metrics: {a: b}\n", ()),
    ],
)
def test_metrics_at_the_top_in_a_folder(repository: Path, section: str, metrics: tuple[str, ...]) -> None:
    files = {
        "p/dvc.yaml": f"{section}stages: {{t: {{cmd: t, outs: [m, live]}}}}\n",
        "p/dvc.lock": lock(stage("t", {}, {"m": "m", "live": "l"})),
    }
    (step,) = read(repository, files, "p/m").steps
    assert step.metrics == tuple(f"p/{name}" for name in metrics)


def test_a_pipeline_above_that_measures_it(repository: Path) -> None:
    files = {
        "models/dvc.lock": lock(stage("train", {}, {"m.pkl": "m"})),
        "dvc.lock": lock(stage("eval", {"models/m.pkl": "m"}, {"e.json": "e"})),
        "dvc.yaml": "stages: {eval: {cmd: eval, metrics: [e.json]}}\n",
    }
    found = read(repository, files, M)
    assert [step.label for step in found.checks] == ["eval"]
    assert (labels(found), found.unknown) == (["models/dvc.yaml:train"], ())


# What cannot be known is said

GAPS = [
    ({"raw.csv.dvc": tracked("raw.csv", "newer")}, "prepare ran with another raw.csv than the one of raw.csv.dvc in"),
    ({"raw.csv.dvc": None}, "raw.csv, which prepare used, is tracked neither by DVC nor by Git at this commit"),
    ({"train.py": "later"}, "train ran with another train.py than the one in this commit"),
    ({"train.py": None}, "train.py, which train used, is tracked neither by DVC nor by Git at this commit"),
    ({"params.yaml": "lr: 0.2\n"}, "train ran with another lr than params.yaml has in this commit"),
    ({"params.yaml": "x: 1\n"}, "train ran with another lr than params.yaml has in this commit"),
    ({"params.yaml": None}, "params.yaml, which train took parameters from, is not in this commit"),
    ({"dvc.yaml": "stages: {train: {cmd: other}, prepare: {cmd: prepare}}\n"}, "train ran with another command than"),
    ({"dvc.yaml": "stages: [a]\n"}, "dvc.yaml: stages in dvc.yaml is not a mapping"),
    ({"dvc.yaml": "a: [\n"}, "dvc.yaml: "),
    ({"dvc.lock": "stages: [\n"}, "dvc.lock: "),
    ({"dvc.lock": "schema: '2.0'\nstages: {train: {outs: [x]}}\n"}, "dvc.lock: an entry of outs is not a mapping"),
    ({"raw.csv.dvc": "outs: x\n"}, "raw.csv.dvc: outs is not a list"),
    ({"raw.csv.dvc": ""}, "raw.csv.dvc: the file is not a mapping"),
    ({"dvc.lock": None, "dvc.yaml": "stages: {}\n"}, "dvc.yaml has no dvc.lock beside it in this commit"),
    (
        {"dvc.lock": USUAL["dvc.lock"].replace(md5("data"), md5("other"), 1)},
        "train ran with another data than the one of prepare in this commit",
    ),
]


@pytest.mark.parametrize(("change", "said"), GAPS, ids=[said for _, said in GAPS])
def test_a_gap_is_said_in_a_sentence(repository: Path, change: dict[str, str | None], said: str) -> None:
    files = {path: content for path, content in {**USUAL, **change}.items() if content is not None}
    unknown = read(repository, files, M).unknown
    assert [sentence for sentence in unknown if sentence.startswith(said)], unknown
    assert len(set(unknown)) == len(unknown)


@pytest.mark.parametrize(
    "change",
    [
        {"train.py": "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 5\n"},
        {"params.yaml": "base: &b {lr: 0.1}\n<<: *b\n"},
        {"params.yaml": "lr: 0.1 # as it was\nmore: 1\n"},
        {"dvc.yaml": "stages: {train: {cmd: '${x}'}, prepare: {cmd: prepare, frozen: true}}\n"},
        {"dvc.yaml": "stages: {train: {cmd: 'train '}, prepare: {always_changed: true}}\n"},
    ],
)
def test_what_is_no_gap(repository: Path, change: dict[str, str]) -> None:
    assert read(repository, {**USUAL, **change}, M).unknown == ()


@pytest.mark.parametrize("ran", ["a\nb\n", "a\r\nb\r\n"])
@pytest.mark.parametrize("held", ["a\nb\n", "a\r\nb\r\n"])
def test_line_ends_are_no_difference(repository: Path, ran: str, held: str) -> None:
    found = read(repository, {"dvc.lock": lock(stage("t", {"c.py": ran}, {"m": "m"})), "c.py": held}, "m")
    said = ("t ran with another c.py than the one in this commit",)
    # A file with CR LF in Git is never changed to LF by it: but DVC 2 hashed it as if it were.
    assert found.unknown in ((), said)
    assert found.unknown == ()


def test_a_folder_of_code(repository: Path) -> None:
    manifest = json.dumps([{"md5": md5(c), "relpath": p} for p, c in (("a.py", "a"), ("b/c.py", "c"))]).encode()
    text = lock(stage("t", {"src": "?"}, {"m": "m"})).replace(md5("?"), f"{md5(manifest)}.dir")
    files = {"dvc.lock": text, "src/a.py": "a", "src/b/c.py": "c"}
    found = read(repository, files, "m")
    assert (list(found.code), found.unknown) == (["src"], ())
    assert found.code["src"] == git(repository, "rev-parse", "written:src")
    assert read(repository, {**files, "src/d.py": "d"}, "m").unknown == (
        "t ran with other files than this commit has in src",
    )


def test_a_lock_that_is_too_large(repository: Path) -> None:
    text = lock(stage("t", {}, {"m": "m"})) + "#" * (16 << 20)
    assert read(repository, {"dvc.lock": text}, "m").unknown[0] == "dvc.lock: larger than the 16 MiB that are read"


def test_a_shallow_clone(repository: Path, tmp_path: Path) -> None:
    first = commit(repository, USUAL)
    second = commit(repository, {**USUAL, "more": ""}, onto=first)
    git(repository, "clone", "--quiet", "--depth=1", "--branch=written", f"file://{repository}", str(tmp_path / "c"))
    lost, found = read_all(tmp_path / "c", [(first, M), (second, M)])
    assert "--unshallow" in lost.unknown[0]
    assert labels(found) == ["train", "prepare"]


def test_a_cycle_ends(repository: Path) -> None:
    files = {
        "dvc.lock": lock(stage("a", {"y": "y"}, {"x": "x"}), stage("b", {"x": "x", "m": "m"}, {"y": "y", "m": "m"}))
    }
    assert labels(read(repository, files, "x")) == ["a", "b"]


@pytest.mark.parametrize(
    "path", ["..", "../x", "/etc/passwd", ".", "a/../../x", "-x", ":x", "x\\ny", "x\\0y", "é", "x y "]
)
def test_odd_paths(repository: Path, path: str) -> None:
    text = lock(stage("t", {"D": "d"}, {"m": "m"})).replace("path: D", f'path: "{path}"')
    found = read(repository, {"dvc.lock": text}, "m")
    assert labels(found) == ["t"]
    assert found.code == {}


# What DVC itself made


def test_what_dvc_made_is_read_as_it_is(first_pipelines: Pipelines, first_gto_repository: GtoRepository) -> None:
    for made in (first_pipelines, first_gto_repository):
        facts = list(made.facts.values())
        found = read_all(made.root, [(fact.commit, fact.path) for fact in facts])
        for fact, provenance in zip(facts, found, strict=True):
            assert provenance.artifact is not None
            assert provenance.artifact.hash == fact.md5
            assert {file.path: file.hash for file in provenance.inputs} == {
                path: f"md5:{md5_}" for path, md5_ in fact.inputs.items()
            }
            assert provenance.unknown == (), fact.ref


def test_a_clone_without_the_cache_says_the_same(first_pipelines: Pipelines, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(first_pipelines.root), "bare.git")
    fact = first_pipelines.facts["churn-eu@v1.0.0"]
    target = [(fact.commit, fact.path)]
    assert read_all(tmp_path / "bare.git", target) == read_all(first_pipelines.root, target)
    shutil.rmtree(tmp_path / "bare.git")

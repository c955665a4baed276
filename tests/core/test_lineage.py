"""Lineage from papers written by hand: what is a node, what leads to what, and what cannot be known."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mreg.core.lineage import ExternalNode, FileNode, Graph, Index, StepNode, build, gaps
from mreg.core.lineage.nodes import read_commit, version_key
from mreg.core.provenance import File, Origin, Source
from tests.core.lineages import CODE, PREPARE, TRAIN, churn, edges, file, md5, papers, step

CHURN = version_key("churn@v1.0.0")


def labels(graph: Graph, keys: dict[str, int]) -> dict[str, int]:
    return {graph.nodes[key].label: away for key, away in keys.items()}


def test_a_pipeline_back_to_the_raw_data() -> None:
    graph = build(Index([churn()]), whole=["churn@v1.0.0"])
    assert labels(graph, graph.walk(CHURN, "up")) == {
        "churn@v1.0.0": 0,
        "model.pkl": 1,
        "train": 2,
        "features.csv": 3,
        "train.py": 3,
        "prepare": 4,
        "raw.csv": 5,
        "prepare.py": 5,
    }
    assert edges(graph) >= {
        ("churn@v1.0.0", "publishes", "model.pkl"),
        ("model.pkl", "producedBy", "train"),
        ("train", "used", "features.csv"),
        ("churn@v1.0.0", "evaluatedOn", "test.csv"),
        ("churn@v1.0.0", "evaluatedOn", "evaluate.py"),
        ("churn@v1.0.0", "at", "c" * 40),
        ("churn@v1.0.0", "targets", "churn@v1.0.0"),
        ("A", "made", "churn@v1.0.0"),
    }
    assert ("churn@v1.0.0", "evaluatedOn", "model.pkl") not in edges(graph)
    files = {node.path: node for node in graph.nodes.values() if isinstance(node, FileNode)}
    assert files["train.py"].in_git
    assert not files["raw.csv"].in_git
    (train,) = (node for node in graph.nodes.values() if isinstance(node, StepNode) and node.name == "train")
    assert (train.command, train.params) == ("python train.py", {"params.yaml": {"depth": 3}})


def test_what_is_told_about_nodes() -> None:
    graph = build(Index([churn()]), whole=["churn@v1.0.0"])
    assert {graph.nodes[key].label for key in graph.about([CHURN])} == {
        "test.csv",
        "evaluate.py",
        "c" * 40,
        "churn@v1.0.0",
        "A",
    }


def test_equal_contents_are_one_file_and_equal_runs_one_step() -> None:
    other = papers(
        "fraud@v1.0.0", "d2", steps=[step("train", {"old/features.csv": "bb"}, {"model.pkl": "d2"}), PREPARE]
    )
    graph = build(Index([churn(), other]), whole=["churn@v1.0.0", "fraud@v1.0.0"])
    names = [node.label for node in graph.nodes.values() if isinstance(node, FileNode | StepNode)]
    assert names.count("features.csv") == 1
    assert "old/features.csv" not in names
    assert names.count("prepare") == 1
    assert names.count("train") == 2  # of different files
    assert names.count("model.pkl") == 2
    down = graph.walk(f"file:{md5('aa')}", "down")
    assert {version_key("churn@v1.0.0"), version_key("fraud@v1.0.0")} <= down.keys()


@pytest.mark.parametrize("content", ["d41d8cd98f00b204e9800998ecf8427e", "d751713988987e9331980363e24189ce.dir"])
def test_empty_files_are_not_the_same_file(content: str) -> None:
    one = step("train", {"marker": content, "data": "aa"}, {"model.pkl": "dd"})
    other = step("train", {"done": content, "data": "ab"}, {"model.pkl": "d2"})
    index = Index([papers("a@v1.0.0", "dd", steps=[one]), papers("b@v1.0.0", "d2", steps=[other])])
    graph = build(index, whole=["a@v1.0.0", "b@v1.0.0"])
    assert {"marker", "done"} <= {node.label for node in graph.nodes.values()}


def test_a_file_without_a_hash_is_one_only_at_its_commit() -> None:
    index = Index([papers("a@v1.0.0", "dd", datasets=[{"path": "raw.csv"}])])
    graph = build(index, whole=["a@v1.0.0"])
    (node,) = (node for node in graph.nodes.values() if node.label == "raw.csv")
    assert node.key == f"file:{'c' * 40}:raw.csv"
    assert list(gaps(index, "a@v1.0.0")) == ["the card pins no revision of raw.csv"]


def test_a_folder_and_a_file_of_it() -> None:
    prepare = step("prepare", {"raw": "aa.dir"}, {"prepared": "bb.dir"})
    train = step("train", {"prepared/train.csv": "b1"}, {"model.pkl": "dd"})
    raw = Source("raw.dvc", file("raw", "aa.dir"))
    graph = build(Index([papers("a@v1.0.0", "dd", steps=[train, prepare], sources=[raw])]), whole=["a@v1.0.0"])
    (edge,) = (edge for edge in graph.edges if edge.relation == "part of")
    assert (graph.nodes[edge.source].label, graph.nodes[edge.target].label) == ("prepared/train.csv", "prepared")
    assert "raw" in labels(graph, graph.walk(version_key("a@v1.0.0"), "up"))


def test_a_used_folder_that_holds_what_a_step_made() -> None:
    prepare = step("prepare", {"raw.csv": "aa"}, {"data/train.csv": "b1"})
    train = step("train", {"data": "bb.dir"}, {"model.pkl": "dd"})
    graph = build(Index([papers("a@v1.0.0", "dd", steps=[train, prepare])]), whole=["a@v1.0.0"])
    assert "raw.csv" in labels(graph, graph.walk(version_key("a@v1.0.0"), "up"))


def test_a_step_that_ran_on_other_content_than_was_made_last() -> None:
    prepare = step("prepare", {"raw.csv": "a2"}, {"features.csv": "b2"})
    graph = build(Index([churn(steps=[TRAIN, prepare])]), whole=["churn@v1.0.0"])
    assert "raw.csv" not in labels(graph, graph.walk(CHURN, "up"))


def test_imports_lead_out_of_the_repository() -> None:
    origin = Origin("https://example.com/data.git", "raw.csv", "v1", "f" * 40)
    graph = build(
        Index([churn(sources=[Source("raw.csv.dvc", file("raw.csv", "aa"), origin)])]), whole=["churn@v1.0.0"]
    )
    (node,) = (node for node in graph.nodes.values() if isinstance(node, ExternalNode))
    assert (node.uri, node.path, node.rev, node.revision) == (origin.url, "raw.csv", "v1", "f" * 40)
    assert node.key in graph.walk(CHURN, "up")


def test_the_sources_of_data_that_only_a_card_names() -> None:
    data = {"path": "eu.csv", "revision": md5("e1")}
    source = Source("eu.csv.dvc", file("eu.csv", "e1"), Origin("https://example.com/data.git", "eu.csv"))
    index = Index([papers("a@v1.0.0", "dd", datasets=[data])])
    graph = build(index, whole=["a@v1.0.0"], sources={"a@v1.0.0": [source]})
    assert "https://example.com/data.git eu.csv" in labels(graph, graph.walk(version_key("a@v1.0.0"), "up"))


@pytest.mark.parametrize(
    ("dataset", "label"),
    [
        ({"path": "more.csv", "revision": "md5:ab"}, "more.csv"),
        ({"path": "more.csv", "revision": "md5-dos2unix:ab"}, "more.csv"),
        ({"path": "raw.csv", "revision": md5("a9")}, "raw.csv"),  # another content than the pipeline used
        ({"uri": "s3://lake/events", "revision": "v7"}, "s3://lake/events@v7"),
        ({"uri": "file:///mnt/more.csv", "revision": "sha256:ab"}, "file:///mnt/more.csv"),
        ({"name": "Customers 2025"}, "Customers 2025"),
        ({"path": "raw.csv", "revision": "v3"}, None),
        ({"path": "raw.csv", "revision": md5("aa")}, None),  # the pipeline used it
        ({"path": "raw.csv", "revision": "sha256:aa"}, None),  # nobody can compare the two
        ({"path": "raw.csv"}, None),
    ],
)
def test_data_that_a_card_names(dataset: dict[str, str], label: str | None) -> None:
    graph = build(Index([churn(datasets=[dataset])]), whole=["churn@v1.0.0"])
    used = [graph.nodes[edge.target].label for edge in graph.next(CHURN, "up") if edge.kind == "used"]
    assert used == ([] if label is None else [label])


def test_base_models() -> None:
    bases = [
        {"ref": "churn@1.0.0", "relation": "finetune"},
        {"ref": "hf:acme/base@86b5e09", "relation": "adapter"},
        {"ref": "s3://models/old@7"},
        {"ref": "gone@v3.0.0"},
        {"ref": "churn@production"},
        {"ref": "eu@v1.0.0"},
    ]
    index = Index([churn(), papers("eu@v1.0.0", "d2", bases=bases)])
    graph = build(index, whole=index.reach(["eu@v1.0.0"], "up"))
    key = version_key("eu@v1.0.0")
    derived = {graph.nodes[e.target].label: e.relation for e in graph.next(key, "up") if e.kind == "derivedFrom"}
    assert derived == {
        "churn@v1.0.0": "finetune",
        "hf:acme/base@86b5e09": "adapter",
        "s3://models/old@7": "base model",
        "gone@v3.0.0": "base model",
        "churn@production": "base model",
    }
    assert graph.walk(key, "up")[f"file:{md5('aa')}"] == 6  # the base model's own raw data
    assert list(gaps(index, "eu@v1.0.0")) == [
        "neither a pipeline nor the card says what it was made from",
        "its base model gone@v3.0.0 is not in this registry",
        "its base model churn@production is pinned to no version",
        "the card names eu@v1.0.0 as its own base model",
    ]


def test_a_used_file_that_is_another_versions_artifact() -> None:
    tune = step("tune", {"base.pkl": "dd", "eu.csv": "e1"}, {"eu.pkl": "d3"})
    index = Index([churn(), papers("eu@v1.0.0", "d3", path="eu.pkl", steps=[tune])])
    assert index.parents("eu@v1.0.0") == {"churn@v1.0.0": "used"}
    assert index.children == {"churn@v1.0.0": ("eu@v1.0.0",)}
    graph = build(index, whole=["eu@v1.0.0"], named=["churn@v1.0.0"])
    assert ("eu@v1.0.0", "derivedFrom", "churn@v1.0.0") in edges(graph)


def test_the_card_says_more_about_a_used_artifact_than_its_use() -> None:
    tune = step("tune", {"base.pkl": "dd"}, {"eu.pkl": "d3"})
    base = {"ref": "churn@v1.0.0", "relation": "distilled"}
    index = Index([churn(), papers("eu@v1.0.0", "d3", path="eu.pkl", steps=[tune], bases=[base])])
    assert index.parents("eu@v1.0.0") == {"churn@v1.0.0": "distilled"}


def test_versions_with_the_same_artifact_are_not_derived_from_each_other() -> None:
    index = Index([churn(time=2), churn("churn@v1.0.1", time=1)])
    assert index.parents("churn@v1.0.0") == index.parents("churn@v1.0.1") == {}
    assert index.publishers == {md5("dd"): ("churn@v1.0.1", "churn@v1.0.0")}


@pytest.mark.parametrize(
    ("dossier", "expected"),
    [
        (churn(), []),
        (churn(unknown=["u"], problems=["p"]), ["p", "u"]),
        (churn(steps=[]), ["neither a pipeline nor the card says what it was made from"]),
        (
            churn(steps=[], card={"training": {"undisclosed": "a contract"}}),
            ["its training data is not disclosed: a contract"],
        ),
        (
            churn(card={"training": {"code": {"commit": "a" * 40, "clean": False}}}),
            ["the work tree had changes that were not committed: commit aaaaaaaaaa may not be what ran"],
        ),
        (churn(card={"training": {"code": {"commit": "a" * 40, "clean": True}}}), []),
        (
            papers("churn@v1.0.0", "dd", sources=[Source("model.pkl.dvc", file("model.pkl", "dd"), Origin("u"))]),
            ["the artifact was imported, and neither a pipeline nor the card says what it was made from"],
        ),
    ],
)
def test_what_cannot_be_known(dossier: object, expected: list[str]) -> None:
    from mreg.core.dossier import Dossier

    assert isinstance(dossier, Dossier)
    assert list(gaps(Index([dossier]), "churn@v1.0.0")) == expected


def test_runs_and_the_commit_of_the_code() -> None:
    card = {"training": {"run": {"tracker": "mlflow", "id": "4f2a"}, "code": {"commit": "a" * 40, "clean": True}}}
    graph = build(Index([churn(card=card)]), whole=["churn@v1.0.0"])
    assert ("churn@v1.0.0", "producedBy", "mlflow:4f2a") in edges(graph)
    assert ("churn@v1.0.0", "at", "a" * 40) in edges(graph)


def test_commits_as_git_stores_them() -> None:
    data = (
        b"tree 1\nparent 2\nauthor Ada <ada@example.com> 1700000000 +0100\n"
        b"committer Bo <bo@example.com> 1700000001 +0000\n\nTrain a model\n\nAt length.\n"
    )
    commit = read_commit("a" * 40, data)
    assert (str(commit.author), commit.time, commit.subject) == ("Ada <ada@example.com>", 1700000000, "Train a model")
    assert read_commit("a" * 40, b"").author is None
    late = read_commit("a" * 40, b"author Ada <a@example.com> 99999999999999999999 +0000\n\nLater\n")
    assert late.time is not None
    assert datetime.fromtimestamp(late.time, UTC).year <= 9999
    graph = build(Index([churn()]), whole=["churn@v1.0.0"], commits={"c" * 40: read_commit("c" * 40, data)})
    assert ("Ada", "made", "c" * 40) in edges(graph)


def test_versions_that_are_only_named_bring_no_files_of_theirs() -> None:
    tune = step("tune", {"base.pkl": "dd", "eu.csv": "e1"}, {"eu.pkl": "d3"})
    index = Index([churn(), papers("eu@v1.0.0", "d3", path="eu.pkl", steps=[tune])])
    graph = build(index, whole=["churn@v1.0.0"], named=["eu@v1.0.0"])
    assert "eu.csv" not in {node.label for node in graph.nodes.values()}
    assert labels(graph, graph.walk(CHURN, "down")) == {"churn@v1.0.0": 0, "eu@v1.0.0": 1}


def test_a_tree_takes_each_node_apart_once_where_it_is_nearest() -> None:
    shared = step("clean", {"raw.csv": "aa"}, {"clean.csv": "a1"})
    features = step("featurize", {"clean.csv": "a1"}, {"features.csv": "b1"})
    train = step("train", {"features.csv": "b1", "clean.csv": "a1"}, {"model.pkl": "dd"})
    index = Index([papers("a@v1.0.0", "dd", steps=[train, features, shared], code=CODE)])
    graph = build(index, whole=["a@v1.0.0"])
    rows = [(row.level, graph.nodes[row.key].label, row.again) for row in graph.tree(version_key("a@v1.0.0"), "up")]
    assert rows == [
        (1, "model.pkl", None),
        (2, "train", None),
        (3, "features.csv", None),
        (4, "featurize", None),
        (5, "clean.csv", "below"),
        (3, "clean.csv", None),
        (4, "clean", None),
        (5, "raw.csv", None),
    ]


def test_hashes_without_a_value_are_no_hashes() -> None:
    index = Index([papers("a@v1.0.0", "dd", datasets=[{"path": "x", "revision": "md5:"}])])
    graph = build(index, whole=["a@v1.0.0"])
    assert "x@md5:" in {node.label for node in graph.nodes.values()}
    assert File("x").identity == "path:x"

"""What versions used that only the pipelines of other versions made: content alone connects them."""

from __future__ import annotations

import pytest

from mreg.core.lineage import Index, StepNode, Target, affected, build, gaps
from mreg.core.lineage.nodes import version_key
from mreg.core.lineage.runs import Runs
from mreg.core.provenance import Origin, Source
from tests.core.lineages import PREPARE, TRAIN, churn, edges, file, md5, papers, step
from tests.core.strategies import START

FIT = step("fit", {"copy/features.csv": "bb"}, {"other.pkl": "b9"})
EMPTY_FILE = "d41d8cd98f00b204e9800998ecf8427e"
WAY = "raw.csv → prepare (churn@v1.0.0) → features.csv"


def chains(index: Index, value: str = "aa") -> dict[str, str]:
    hits = affected(index, Target(contents={md5(value): ("raw.csv",)}))
    return {hit.ref: " → ".join(hit.chain) for hit in hits if not hit.direct}


def other(**options: object) -> Index:
    options = {"steps": [FIT], "time": START + 9, **options}
    return Index([churn(), papers("other@v1.0.0", "b9", path="other.pkl", **options)])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "chain"),
    [
        ({}, f"{WAY} → fit → other@v1.0.0"),
        ({"steps": [], "datasets": [{"path": "mine.csv", "revision": md5("bb")}]}, f"{WAY} → other@v1.0.0"),
        (
            {"sources": [Source("copy/features.csv.dvc", file("copy/features.csv", "bb"))]},
            f"{WAY} → fit → other@v1.0.0",
        ),
        (
            {"steps": [], "checks": [step("check", {"x.csv": "bb", "other.pkl": "b9"}, {})]},
            f"{WAY} → check → other@v1.0.0",
        ),
        ({"steps": [step("fit", {"x.csv": "77"}, {"other.pkl": "b9"})]}, None),
    ],
)
def test_a_file_that_another_version_made(options: dict[str, object], chain: str | None) -> None:
    assert chains(other(**options)) == ({} if chain is None else {"other@v1.0.0": chain})


def test_what_its_own_steps_made_is_told_by_them_alone() -> None:
    clean = step("prepare", {"clean.csv": "a2"}, {"copy/features.csv": "bb"})
    assert chains(other(steps=[FIT, clean])) == {}
    assert other(steps=[FIT, clean]).lent("other@v1.0.0") == {}


def test_an_artifact_that_was_registered_by_hand_again() -> None:
    index = Index([churn(), papers("copy@v1.0.0", "dd", time=START + 9)])
    way = "raw.csv → prepare → features.csv → train → churn@v1.0.0 → copy@v1.0.0"
    assert chains(index) == {"copy@v1.0.0": way}
    assert list(gaps(index, "copy@v1.0.0")) == []


def test_on_to_what_was_derived_and_through_more_than_one_version() -> None:
    score = step("score", {"f.csv": "bb"}, {"scores.csv": "57"})
    index = Index(
        [
            churn(),
            papers(
                "scorer@v1.0.0", "5c", path="s.pkl", steps=[step("make", {"scores.csv": "57"}, {"s.pkl": "5c"}), score]
            ),
            papers("last@v1.0.0", "1a", steps=[step("fit", {"s.csv": "57"}, {"model.pkl": "1a"})]),
            papers("small@v1.0.0", "1b", bases=[{"ref": "last@v1.0.0"}]),
        ]
    )
    way = f"{WAY} → score (scorer@v1.0.0) → scores.csv → fit → last@v1.0.0"
    found = chains(index)
    assert found["last@v1.0.0"] == way
    assert found["small@v1.0.0"] == f"{way} → small@v1.0.0"


def test_what_was_made_with_a_model_that_only_its_card_tells_of() -> None:
    label = step("label", {"base.bin": "b0"}, {"labels.csv": "1b"})
    index = Index(
        [
            papers("base@v1.0.0", "b0", datasets=[{"path": "raw.csv", "revision": md5("aa")}]),
            papers("labeller@v1.0.0", "1c", checks=[label]),
            papers("pupil@v1.0.0", "9a", datasets=[{"path": "labels.csv", "revision": md5("1b")}]),
        ]
    )
    way = "raw.csv → base@v1.0.0 → label (labeller@v1.0.0) → labels.csv → pupil@v1.0.0"
    assert chains(index)["pupil@v1.0.0"] == way


def test_what_was_imported_is_followed_by_content() -> None:
    imported = Source("raw.csv.dvc", file("raw.csv", "aa"), Origin("https://x/y.git", "r"))
    index = Index(
        [churn(sources=[imported]), papers("o@v1.0.0", "b9", datasets=[{"path": "f", "revision": md5("bb")}])]
    )
    hits = {hit.ref: hit.chain for hit in affected(index, Target(names=["https://x/y.git"]))}
    assert hits["o@v1.0.0"] == ("https://x/y.git", *WAY.split(" → "), "o@v1.0.0")


def test_empty_files_connect_nothing() -> None:
    done = step("prepare", {"raw.csv": "aa"}, {"done": EMPTY_FILE})
    wait = step("fit", {"ready": EMPTY_FILE}, {"other.pkl": "b9"})
    index = Index([churn(steps=[TRAIN, done]), papers("other@v1.0.0", "b9", path="other.pkl", steps=[wait])])
    assert chains(index) == {}
    assert index.lent("other@v1.0.0") == {}


def test_a_file_in_a_folder_that_another_version_made() -> None:
    prepare = step("prepare", {"raw.csv": "aa"}, {"prepared": "bb.dir"})
    train = step("train", {"prepared/train.csv": "b1"}, {"model.pkl": "dd"})
    index = Index(
        [churn(steps=[train, prepare]), papers("o@v1.0.0", "b9", datasets=[{"path": "t", "revision": md5("b1")}])]
    )
    way = "raw.csv → prepare (churn@v1.0.0) → prepared → prepared/train.csv → o@v1.0.0"
    assert chains(index) == {"o@v1.0.0": way}


def test_a_folder_that_holds_what_another_version_made() -> None:
    prepare = step("prepare", {"raw.csv": "aa"}, {"prepared/train.csv": "b1"})
    train = step("train", {"prepared": "bb.dir"}, {"model.pkl": "dd"})
    runs = Runs(Index([churn(steps=[train, prepare])]).dossiers)
    assert runs.parts == {md5("b1"): {md5("bb.dir"): "prepared"}}


def test_circles_of_runs_end() -> None:
    there, back = step("there", {"a": "a1"}, {"b": "b1"}), step("back", {"b": "b1"}, {"a": "a1"})
    index = Index(
        [
            papers("m@v1.0.0", "dd", checks=[there]),
            papers("n@v1.0.0", "de", checks=[back]),
            papers("o@v1.0.0", "df", datasets=[{"path": "b", "revision": md5("b1")}]),
        ]
    )
    assert set(chains(index, "a1")) == {"o@v1.0.0"}
    assert index.lent("o@v1.0.0") == {"m@v1.0.0": [there], "n@v1.0.0": [back]}


def test_upstream_shows_the_run_and_where_it_was_recorded() -> None:
    index = other()
    graph = build(index, whole=["other@v1.0.0"])
    below = graph.walk(version_key("other@v1.0.0"), "up")
    steps = {n.label: n for n in graph.nodes.values() if isinstance(n, StepNode) and n.key in below}
    assert {name: node.lender for name, node in steps.items()} == {"fit": None, "prepare": "churn@v1.0.0"}
    assert steps["prepare"].commit == index.dossiers["churn@v1.0.0"].state.commit
    assert ("prepare", "at", steps["prepare"].commit) in edges(graph)
    assert ("prepare", "used", "raw.csv") in edges(graph)
    both = build(index, whole=["churn@v1.0.0", "other@v1.0.0"])
    assert {node.lender for node in both.nodes.values() if isinstance(node, StepNode)} == {None}


def test_of_several_runs_the_first_is_shown_and_that_is_said() -> None:
    later = step("prepare", {"raw.csv": "a2"}, {"features.csv": "bb"})
    index = Index(
        [
            churn(),
            churn("churn@v1.1.0", steps=[TRAIN, later], time=START + 1),
            papers("other@v1.0.0", "b9", path="other.pkl", steps=[FIT], time=START + 9),
        ]
    )
    assert index.lent("other@v1.0.0") == {"churn@v1.0.0": [PREPARE]}
    assert "2 different runs made features.csv: the one shown was recorded in churn@v1.0.0" in gaps(
        index, "other@v1.0.0"
    )

"""What went into what, over papers written by hand."""

from __future__ import annotations

import pytest

from mreg.core.lineage import Affected, Index, Target, affected
from mreg.core.lineage.recorded import Recorded
from mreg.core.provenance import Origin, Source
from tests.core.lineages import EVALUATE, PREPARE, TRAIN, churn, file, md5, papers, step
from tests.core.strategies import START


def found(index: Index, target: Target) -> list[str]:
    return [" → ".join(hit.chain) for hit in affected(index, target)]


def content(label: str, value: str) -> Target:
    return Target(contents={md5(value): (label,)})


@pytest.mark.parametrize(
    ("target", "chain"),
    [
        (content("raw.csv", "aa"), "raw.csv → prepare → features.csv → train → churn@v1.0.0"),
        (content("prepare.py", "c1"), "prepare.py → prepare → features.csv → train → churn@v1.0.0"),
        (content("features.csv", "bb"), "features.csv → train → churn@v1.0.0"),
        (content("model.pkl", "dd"), "model.pkl → churn@v1.0.0"),
        (
            Target(contents={md5("aa"): ("cat.png", "raw")}),
            "cat.png → raw → prepare → features.csv → train → churn@v1.0.0",
        ),
        (
            Target(members={"churn@v1.0.0": ("prepare.py",)}),
            "prepare.py → prepare → features.csv → train → churn@v1.0.0",
        ),
    ],
)
def test_the_shortest_way_through_a_pipeline(target: Target, chain: str) -> None:
    assert found(Index([churn()]), target) == [chain]


@pytest.mark.parametrize("value", ["ff", "99"])
def test_what_steps_only_made_or_nobody_used_went_nowhere(value: str) -> None:
    assert found(Index([churn()]), content("x", value)) == []


@pytest.mark.parametrize(("value", "label"), [("ee", "test.csv"), ("c3", "evaluate.py")])
def test_what_a_version_was_measured_on_is_told_apart(value: str, label: str) -> None:
    (hit,) = affected(
        Index([churn(), papers("eu@v1.0.0", "d3", bases=[{"ref": "churn@v1.0.0"}])]), content(label, value)
    )
    assert (hit.chain, hit.role) == ((label, "evaluate", "churn@v1.0.0"), "evaluated on")


def test_a_test_set_that_a_step_made() -> None:
    split = step("split", {"raw.csv": "a9"}, {"test.csv": "ee"})
    (hit,) = affected(Index([churn(checks=[EVALUATE, split])]), content("raw.csv", "a9"))
    assert (hit.chain, hit.role) == (("raw.csv", "split", "test.csv", "evaluate", "churn@v1.0.0"), "evaluated on")


def test_through_other_versions() -> None:
    tune = step("tune", {"base.pkl": "dd", "eu.csv": "e1"}, {"eu.pkl": "d3"})
    index = Index(
        [
            churn(),
            papers("eu@v1.0.0", "d3", path="eu.pkl", steps=[tune]),
            papers("small@v1.0.0", "d4", bases=[{"ref": "eu@v1.0.0", "relation": "quantized"}]),
        ]
    )
    way = "raw.csv → prepare → features.csv → train → churn@v1.0.0"
    hits = affected(index, content("raw.csv", "aa"))
    assert [" → ".join(hit.chain) for hit in hits] == [
        way,
        f"{way} → eu@v1.0.0",
        f"{way} → eu@v1.0.0 → small@v1.0.0",
    ]
    assert [hit.direct for hit in hits] == [True, False, False]
    assert found(index, Target(versions=["churn@v1.0.0"], contents={md5("dd"): ("churn@v1.0.0",)})) == [
        "churn@v1.0.0 → eu@v1.0.0",
        "churn@v1.0.0 → eu@v1.0.0 → small@v1.0.0",
    ]


def test_other_versions_of_the_same_artifact_are_reached_from_a_version() -> None:
    index = Index([churn(), churn("churn@v1.0.1")])
    target = Target(versions=["churn@v1.0.0"], contents={md5("dd"): ("churn@v1.0.0",)})
    assert found(index, target) == ["churn@v1.0.0 → churn@v1.0.1"]


def test_production_comes_first_and_yanked_last() -> None:
    from dataclasses import replace

    stages = {"a": "none", "b": "archived", "c": "production", "d": "staging", "e": "canary"}
    dossiers = [churn(f"{name}@v1.0.0", stage=stage) for name, stage in stages.items()]
    yanked = churn("f@v1.0.0", stage="none")
    yanked.state = replace(yanked.state, yanked=yanked.state.registered)
    hits = affected(Index([*dossiers, yanked]), content("raw.csv", "aa"))
    assert [hit.state.registered.model for hit in hits] == ["c", "d", "e", "a", "b", "f"]


@pytest.mark.parametrize(
    ("card", "name", "chain"),
    [
        ({"bases": [{"ref": "hf:acme/base@86b5"}]}, "hf:acme/base", "hf:acme/base → m@v1.0.0"),
        ({"bases": [{"ref": "hf:acme/base@86b5"}]}, "hf:acme/base@86b5", "hf:acme/base@86b5 → m@v1.0.0"),
        ({"bases": [{"ref": "hf:acme/base@86b5"}]}, "hf:acme/base@77", None),
        ({"bases": [{"ref": "s3://b/k#sha256=1"}]}, "s3://b/k#sha256=1", "s3://b/k#sha256=1 → m@v1.0.0"),
        ({"datasets": [{"uri": "s3://lake/e", "revision": "v7"}]}, "s3://lake/e", "s3://lake/e → m@v1.0.0"),
        ({"datasets": [{"uri": "s3://lake/e", "revision": "v7"}]}, "s3://lake/e@v7", "s3://lake/e@v7 → m@v1.0.0"),
        ({"datasets": [{"path": "raw.csv", "revision": md5("aa")}]}, "s3://lake/e", None),
        (
            {"sources": [Source("model.pkl.dvc", file("model.pkl", "dd"), Origin("https://x/y.git", "m"))]},
            "https://x/y.git",
            "https://x/y.git → model.pkl → m@v1.0.0",
        ),
        (
            {
                "sources": [Source("raw.csv.dvc", file("raw.csv", "aa"), Origin("https://x/y.git", "r"))],
                "steps": [TRAIN, PREPARE],
            },
            "https://x/y.git",
            "https://x/y.git → raw.csv → prepare → features.csv → train → m@v1.0.0",
        ),
    ],
)
def test_what_is_outside(card: dict[str, list[object]], name: str, chain: str | None) -> None:
    index = Index([papers("m@v1.0.0", "dd", **card)])  # type: ignore[arg-type]
    assert found(index, Target(names=[name])) == ([] if chain is None else [chain])


def test_data_that_only_the_card_names() -> None:
    index = Index([papers("m@v1.0.0", "dd", datasets=[{"path": "raw.csv", "revision": md5("aa")}])])
    assert found(index, content("raw.csv", "aa")) == ["raw.csv → m@v1.0.0"]


def test_a_step_that_ran_on_older_content_does_not_pass_newer_content_on() -> None:
    prepare = step("prepare", {"raw.csv": "a2"}, {"features.csv": "b2"})
    assert found(Index([churn(steps=[TRAIN, prepare])]), content("raw.csv", "a2")) == []


def test_through_folders() -> None:
    prepare = step("prepare", {"raw.csv": "aa"}, {"prepared": "bb.dir"})
    train = step("train", {"prepared/train.csv": "b1"}, {"models": "dd.dir"})
    fit = step("fit", {"models/model.pkl": "d1"}, {"out.pkl": "d9"})
    index = Index([papers("m@v1.0.0", "d9", path="out.pkl", steps=[fit, train, prepare])])
    assert found(index, content("raw.csv", "aa")) == ["raw.csv → prepare → prepared → train → models → fit → m@v1.0.0"]


def test_an_output_that_was_copied_before_it_was_registered() -> None:
    index = Index([churn(path="released.pkl")])
    assert found(index, content("train.py", "c2")) == ["train.py → train → churn@v1.0.0"]


def test_a_version_without_an_artifact() -> None:
    index = Index([papers("m@v1.0.0", None, steps=[TRAIN], datasets=[{"path": "raw.csv", "revision": md5("aa")}])])
    assert found(index, content("raw.csv", "aa")) == ["raw.csv → m@v1.0.0"]
    assert found(index, content("train.py", "c2")) == []


def test_what_was_recorded() -> None:
    train = step("train", {"features.csv": "bb", "src": "c2.dir"}, {"model.pkl": "dd"})
    index = Index([churn(), churn("churn@v2.0.0", steps=[train], code=["src"], time=START + 9)])
    recorded = Recorded(index)
    assert recorded.uses["features.csv"] == {md5("bb"): dict.fromkeys(["churn@v1.0.0", "churn@v2.0.0"])}
    assert recorded.uses["raw.csv"] == {md5("aa"): {"churn@v1.0.0": None}}
    assert "metrics.json" not in recorded.uses
    assert recorded.paths[md5("ff")] == "metrics.json"
    assert recorded.code_folders == {"src": ["churn@v2.0.0"]}
    assert recorded.folders == {}


def test_hits_are_values() -> None:
    index = Index([churn()])
    (one,), (other,) = affected(index, content("a", "aa")), affected(index, content("a", "aa"))
    assert one == other
    assert isinstance(one, Affected)
    assert one.ref == "churn@v1.0.0"

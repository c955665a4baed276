"""`mreg compare MODEL --last N` and `MODEL@FIRST..LAST`: one row a version."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mreg import Registry, Trend
from mreg.render.compare.series import BARS, MAX_BARS, sparkline
from tests.cli.snapshot import check
from tests.cli.test_startup import processes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.projects import Project
    from tests.pipelines import Pipelines


def test_a_trend(registry: Project) -> None:
    ran = registry.mreg("compare", "cancer", "--last", "5")
    check("compare-trend.txt", ran.out + ran.err)
    check("compare-trend.json", registry.mreg("compare", "cancer", "--last", "5", "--json").out)


def test_a_trend_of_a_pipeline(pipelines: Pipelines) -> None:
    ran = pipelines.project.mreg("compare", "churn@v1.0.0..v2.0.0")
    check("compare-trend-pipeline.txt", ran.out)
    assert ran.err == ""


@pytest.mark.parametrize(
    ("text", "versions"),
    [
        ("cancer@v1.0.0..v1.1.0", ["1.0.0", "1.1.0"]),
        ("cancer@v1.1.0..v1.0.0", ["1.0.0", "1.1.0"]),
        ("cancer@production..champion", ["1.0.0", "1.1.0"]),
        ("cancer@v1.1.0..", ["1.1.0", "2.0.0-rc.1"]),
        ("cancer@..v1.1.0", ["1.0.0", "1.1.0"]),
        ("cancer@..", ["1.0.0", "1.1.0", "2.0.0-rc.1"]),
        ("cancer@v1.1.0..v1.1.0", ["1.1.0"]),
        ("nlp/sentiment@..", ["1.0.0"]),
    ],
)
def test_ranges(registry: Project, text: str, versions: list[str]) -> None:
    assert [row["version"] for row in registry.data("compare", text)["versions"]] == versions


@pytest.mark.parametrize(("count", "versions"), [(1, ["2.0.0-rc.1"]), (2, ["1.1.0", "2.0.0-rc.1"])])
def test_the_newest(registry: Project, count: int, versions: list[str]) -> None:
    """Yanked versions do not count, and it is said that they are left out."""
    document = registry.mreg("compare", "cancer", "--last", str(count), "--json").json
    assert [row["version"] for row in document["data"]["versions"]] == versions
    assert ("1 yanked version is left out" in document["notices"]) is (count > 1)


def test_tags_of_one_second(registry: Project) -> None:
    for version in ("1.9.0", "1.10.0", "1.2.0"):
        registry.git("tag", f"odd@v{version}", "cancer@v1.0.0^{commit}")
    assert [row["version"] for row in registry.data("compare", "odd@..")["versions"]] == ["1.2.0", "1.9.0", "1.10.0"]


def test_versions_without_metrics(registry: Project) -> None:
    registry.write("model.joblib", "weights")
    registry.mreg("register", "plain", "model.joblib", "--version", "1.0.0")
    ran = registry.mreg("compare", "plain", "--last", "2")
    assert ran.out.splitlines()[0].split() == ["VERSION", "STAGE", "REGISTERED", "(UTC)", "CHANGED"]
    assert ran.err == "note: none of these versions has a metric\n"


def test_of_all_versions_yanked(registry: Project) -> None:
    registry.mreg("yank", "nlp/sentiment", "-m", "wrong data")
    ran = registry.mreg("compare", "nlp/sentiment", "--last", "2")
    assert (ran.out, ran.err) == ("", "note: 1 yanked version is left out\nnote: there is no such version\n")


def test_metrics_without_a_direction(registry: Project) -> None:
    """Nothing is best where nobody says which way is better."""
    for number in (1, 2):
        evaluations = f"[{{metric: wobble, value: {number}}}, {{metric: f1, value: 0.{number}}}]"
        registry.write("models/odd/card.yaml", f"artifact: {{path: model.joblib}}\nevaluations: {evaluations}\n")
        registry.commit("An odd card")
        registry.git("tag", f"odd@v1.{number}.0")
    document = registry.mreg("compare", "odd", "--last", "2", "--json").json
    assert document["data"]["metrics"] == [
        {"name": "wobble", "direction": None, "best": None},
        {"name": "f1", "direction": "max", "best": 0.2},
    ]
    assert document["notices"][0] == (
        "which way is better is not known of wobble: write it into .mreg.yaml, under metrics:"
    )
    registry.write(".mreg.yaml", "metrics: {wobble: {direction: min}}\n")
    assert registry.data("compare", "odd", "--last", "2")["metrics"][0]["best"] == 1


def test_from_python(registry: Project) -> None:
    found = Registry(registry.root).compare("cancer", last=2)
    assert isinstance(found, Trend)
    frame = found.to_pandas()
    assert list(frame.columns) == [
        *("version", "stage", "registered", "commit", "data", "params", "code", "f1", "log_loss")
    ]
    assert list(frame.version) == ["1.1.0", "2.0.0-rc.1"]


def test_a_thousand_versions_need_no_more_processes(first_registry: Project, tmp_path: Path) -> None:
    project = first_registry.copy(tmp_path / "project")
    commit = project.git("rev-parse", "cancer@v1.0.0^{commit}")
    tags = [f"create refs/tags/cancer@v3.0.{number} {commit}\n" for number in range(1_000)]
    project.git("update-ref", "--stdin", stdin="".join(tags))
    started = processes(project, tmp_path / "trace", "compare", "cancer", "--last", "1000")
    # The tags; the blobs, in two processes where there are many.
    assert len(started) <= 3


@pytest.mark.parametrize(
    ("values", "bars"),
    [
        ([1.0, 2.0, 3.0], "▁▅█"),
        ([3.0, None, 1.0], "█·▁"),
        ([2.0, 2.0], "▅▅"),
        ([None], "·"),
        ([], ""),
        ([-sys.float_info.max, sys.float_info.max], "▁█"),
        ([5e-324, 0.0], "▅▅"),
    ],
)
def test_bars(values: list[float | None], bars: str) -> None:
    assert sparkline(values) == bars


@given(st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), max_size=100))
def test_bars_of_anything(values: list[float | None]) -> None:
    bars = sparkline(values)
    assert len(bars) == min(len(values), MAX_BARS)
    assert set(bars) <= {*BARS, "·"}
    if len(values) <= MAX_BARS:
        assert [bar == "·" for bar in bars] == [value is None for value in values]

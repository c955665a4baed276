"""A lineage as Mermaid, DOT and OpenLineage: also where names are hostile."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pydot
import pytest

from mreg.core.lineage import Index, build
from mreg.core.lineage.nodes import version_key
from mreg.render.lineage import diagram_notices, to_dot, to_mermaid, to_openlineage
from mreg.usecases.lineage import Lineage
from tests.cli.snapshot import check
from tests.cli.test_lineage import shown
from tests.core.lineages import md5, papers, step

if TYPE_CHECKING:
    from tests.pipelines import Pipelines

# pydot, which DVC brings, reads DOT with names that pyparsing has newer ones for.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

HOSTILE = (
    'a"b.csv',
    "a\\",
    'a\\n"]; evil [label="',
    "a`b`*c*_d_",
    "<script>alert(1)</script>.csv",
    "a|b{c}[d](e)",
    "a\nb.csv",
    "end",
    "1. one",
    "- one",
    "#quot;&lt;",
    "\u202egnp.csv",
    "ü→日本.csv",
    "%%{init: {}}%%",
    "",
)


def lineage(*names: str, base: str = "hf:acme/base@1") -> Lineage:
    """A version whose one step used files of these names."""
    used = step("train", {name: f"{place:04}" for place, name in enumerate(names, start=1000)}, {"model.pkl": "dd"})
    index = Index([papers("m@v1.0.0", "dd", steps=[used], bases=[{"ref": base, "relation": "finetune"}])])
    graph = build(index, whole=["m@v1.0.0"])
    return Lineage(ref="m@v1.0.0", direction="up", depth=None, graph=graph, unknown=(), repository="project")


def test_mermaid(pipelines: Pipelines) -> None:
    ran = pipelines.project.mreg("lineage", "churn-eu@v1.0.0", "--format", "mermaid")
    check("lineage.mermaid", mended(ran.out, pipelines))
    assert ran.err == ""


def test_dot(pipelines: Pipelines) -> None:
    ran = pipelines.project.mreg("lineage", "churn-eu@v1.0.0", "--format", "dot")
    check("lineage.dot", mended(ran.out, pipelines))
    graph = drawn_in(ran.out)
    drawn = {node.get_name() for node in graph.get_nodes()} - {"node"}
    assert {end for edge in graph.get_edges() for end in (edge.get_source(), edge.get_destination())} == drawn


def drawn_in(text: str) -> pydot.Dot:
    """The one graph in a DOT text; pydot prints where it cannot read one, and returns nothing."""
    graphs = pydot.graph_from_dot_data(text)
    assert graphs is not None
    assert len(graphs) == 1
    return graphs[0]


def mended(text: str, pipelines: Pipelines) -> str:
    encoded = re.sub(r"[^\w./:@=,()+-]|_", lambda found: f"#{ord(found[0])};", str(pipelines.datasets))
    return re.sub(
        r"[\d.]+ k?B\b", "<size>", text.replace(encoded, "<datasets>").replace(str(pipelines.datasets), "<datasets>")
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_in_mermaid_is_only_a_label(name: str) -> None:
    safe = to_mermaid(lineage("plain.csv")).splitlines()
    hostile = to_mermaid(lineage(name)).splitlines()
    assert len(hostile) == len(safe)
    for line in hostile[1:]:
        assert re.fullmatch(
            r'  n\d+(\(\["|\["|\{\{"|\[\(")[\w ./:@=,()+<>#;-]*("\]\)|"\]|"\}\}|"\)\])'
            r'|  n\d+ -->(\|"[\w ]+"\|)? n\d+',
            line,
            re.ASCII,
        ), line
        assert set(re.findall(r"<[^>]*>", line)) <= {"<br/>"}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_in_dot_is_only_a_label(name: str) -> None:
    graph = drawn_in(to_dot(lineage(name)))
    assert {node.get_name() for node in graph.get_nodes()} == {"node", "n1", "n2", "n3", "n4", "n5"}
    assert len(graph.get_edges()) == 4
    assert "evil" not in {key for node in graph.get_nodes() for key in node.get_attributes()}


def test_a_production_version_stands_out(pipelines: Pipelines) -> None:
    text = pipelines.project.mreg("lineage", "churn@v1.2.0", "--format", "mermaid").out
    assert re.search(r"  class n\d+,n\d+ production\n$", text)


def test_a_graph_too_large_for_github_is_said() -> None:
    assert diagram_notices(lineage(*(f"{number}.csv" for number in range(490)))) == []
    (notice,) = diagram_notices(lineage(*(f"{number}.csv" for number in range(600))))
    assert notice.startswith("603 arrows: GitHub draws at most 500")


def events(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_openlineage(pipelines: Pipelines) -> None:
    ran = pipelines.project.mreg("lineage", "churn-eu@v1.0.0", "--format", "openlineage", "--up")
    found = events(ran.out)
    assert [event["job"]["name"] for event in found] == [
        "featurize",
        "prepare",
        "register churn",
        "train",
        "finetune",
        "register churn-eu",
    ]
    for event in found:
        check_event(event)
    (tune,) = (event for event in found if event["job"]["name"] == "finetune")
    assert [dataset["name"] for dataset in tune["outputs"]] == ["models/churn-eu/weights"]
    inputs = {dataset["name"]: dataset["facets"]["version"]["datasetVersion"] for dataset in tune["inputs"]}
    assert inputs["data/eu.csv"] == f"md5:{pipelines.facts['churn-eu@v1.0.0'].inputs['data/eu.csv']}"
    assert tune["run"]["facets"]["executionParameters"]["parameters"] == [
        {"key": "params.yaml:finetune.steps", "name": "finetune.steps", "value": "20"}
    ]
    (registration,) = (event for event in found if event["job"]["name"] == "register churn-eu")
    assert {dataset["name"] for dataset in registration["inputs"]} == {"models/churn-eu/weights", "models/churn"}
    assert [dataset["name"] for dataset in registration["outputs"]] == ["models/churn-eu"]
    assert pipelines.project.mreg("lineage", "churn-eu@v1.0.0", "--format", "openlineage", "--up").out == ran.out


def check_event(event: dict[str, Any]) -> None:
    """What the specification demands. Source: https://openlineage.io/spec/2-0-2/OpenLineage.json"""
    assert event.keys() == {
        "eventType", "eventTime", "run", "job", "inputs", "outputs", "producer", "schemaURL",
    }  # fmt: skip
    assert event["eventType"] == "COMPLETE"
    assert datetime.fromisoformat(event["eventTime"]).tzinfo
    assert UUID(event["run"]["runId"]).version == 5
    assert event["schemaURL"] == "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
    holders = [event["run"], event["job"], *event["inputs"], *event["outputs"]]
    for holder in holders:
        for key in ("facets", "inputFacets", "outputFacets"):
            for facet in holder.get(key, {}).values():
                assert facet["_producer"] == event["producer"]
                name = facet["_schemaURL"].rpartition("/")[2]
                assert re.fullmatch(
                    rf"https://openlineage\.io/spec/facets/\d-\d-\d/{name}\.json#/\$defs/{name}", facet["_schemaURL"]
                )
    for dataset in (*event["inputs"], *event["outputs"], event["job"]):
        assert dataset["namespace"]
        assert dataset["name"]


@pytest.mark.parametrize(
    ("base", "namespace", "name", "version"),
    [
        ("hf:acme/base@86b5", "hf", "acme/base", "86b5"),
        ("s3://bucket/models/old@7", "s3://bucket", "models/old", "7"),
        ("https://example.com@1", "https://example.com", "/", "1"),
        ("gone@v1.0.0", "project", "gone", "v1.0.0"),
    ],
)
def test_what_is_outside_is_named_as_openlineage_names_it(base: str, namespace: str, name: str, version: str) -> None:
    (registration,) = (e for e in events(to_openlineage(lineage("x", base=base))) if e["job"]["name"] == "register m")
    (dataset,) = (dataset for dataset in registration["inputs"] if dataset["name"] != "model.pkl")
    assert (dataset["namespace"], dataset["name"]) == (namespace, name)
    assert dataset["facets"]["version"]["datasetVersion"] == version


def test_openlineage_says_where_the_code_is_where_the_repository_is_shared(pipelines: Pipelines) -> None:
    project = pipelines.project
    project.git("remote", "add", "origin", "https://ada:secret@git.example.com/team/churn.git")
    found = events(project.mreg("lineage", "churn@v1.2.0", "--format", "openlineage").out)
    assert {event["job"]["namespace"] for event in found} == {"https://git.example.com/team/churn.git"}
    (train,) = (event for event in found if event["job"]["name"] == "train")
    location = train["job"]["facets"]["sourceCodeLocation"]
    assert (location["type"], location["path"]) == ("git", "dvc.yaml")
    assert location["version"] == pipelines.facts["churn@v1.2.0"].commit


def test_a_node_is_in_the_key_of_its_version() -> None:
    assert version_key("m@v1.0.0") in lineage("x").graph.nodes
    assert f"file:{md5('1000')}" in lineage("x").graph.nodes
    assert shown("  12.3 kB") == "  <size>".rjust(9)

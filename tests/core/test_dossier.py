"""A version's papers: what the card states goes before what the pipeline wrote."""

from __future__ import annotations

from typing import Any

import pytest

from mreg.core.dossier import Dossier, Evidence
from mreg.core.provenance import File, Provenance, Source, Step
from mreg.core.versions import parse_version
from tests.core.strategies import Author


def step(name: str, **values: Any) -> Step:
    return Step(**{"pipeline": "dvc.yaml", "name": name, "command": name, "deps": (), "outs": ()} | values)


def pipeline(**metrics: dict[str, float]) -> Provenance:
    return Provenance(metrics={name.replace("_", "."): values for name, values in metrics.items()})


@pytest.mark.parametrize(
    ("name", "pipeline", "label"),
    [
        ("train", "dvc.yaml", "train"),
        ("train@0", "dvc.yaml", "train@0"),
        ("train", "a/b/dvc.yaml", "a/b/dvc.yaml:train"),
        ("", "m.dvc", "m.dvc"),
    ],
)
def test_labels_are_as_dvc_addresses_stages(name: str, pipeline: str, label: str) -> None:
    assert step(name, pipeline=pipeline).label == label


def test_a_files_identity_is_its_content() -> None:
    assert File("a", "md5:1").identity == File("b", "md5:1").identity != File("a", "md5:2").identity
    assert File("a").identity != File("b").identity


def test_inputs_are_what_no_step_made() -> None:
    raw, code, data = File("raw", "md5:1"), File("code", "md5:2"), File("data", "md5:3")
    found = Provenance(
        steps=(step("train", deps=(data, code)), step("prepare", deps=(raw, code), outs=(data,))),
        checks=(step("eval", deps=(File("other"),)),),
    )
    assert found.inputs == (code, raw)


def test_parameters_of_all_steps_by_file() -> None:
    found = Provenance(
        steps=(step("b", params={"p.yaml": {"lr": 1}}), step("a", params={"p.yaml": {"n": 2}, "q.yaml": {"n": 3}})),
        checks=(step("c", params={"p.yaml": {"k": None}}),),
    )
    assert found.params == {"p.yaml": {"k": None, "lr": 1, "n": 2}, "q.yaml": {"n": 3}}


def test_the_cards_evaluations_go_before_the_metrics_files() -> None:
    card = {"evaluations": [{"metric": "f1", "value": 0.5}, {"metric": "f1", "value": 0.1, "slice": {"a": "b"}}]}
    assert Evidence(card=card, provenance=pipeline(m_json={"f1": 0.9})).metrics == {"f1": 0.5}
    assert Evidence(card={}, provenance=pipeline(m_json={"f1": 0.9})).metrics == {"f1": 0.9}
    assert Evidence().metrics == {}


def test_metrics_of_several_files() -> None:
    found = Evidence(provenance=Provenance(metrics={"a/m.json": {"f1": 1, "x": 2}, "b/n.json": {"f1": 3}}))
    assert found.metrics == {"m.f1": 1, "x": 2, "n.f1": 3}
    same = Evidence(provenance=Provenance(metrics={"a/m.json": {"f1": 1}, "b/m.json": {"f1": 3}}))
    assert same.metrics == {"a/m.json.f1": 1, "b/m.json.f1": 3}
    clash = Evidence(provenance=Provenance(metrics={"a.json": {"f1": 1, "a.f1": 5}, "b.json": {"f1": 3}}))
    assert sorted(clash.metrics.values()) == [1, 3, 5]


def test_the_cards_parameters_go_over_the_pipelines() -> None:
    found = Evidence(
        card={"training": {"parameters": {"lr": 0.5}}},
        provenance=Provenance(steps=(step("t", params={"params.yaml": {"lr": 0.1, "n": 2}}),)),
    )
    assert found.parameters == {"lr": 0.5, "n": 2}


def test_a_provenance_is_found_out_when_it_is_asked_for() -> None:
    asked = []

    def find_out() -> Provenance:
        asked.append(1)
        return Provenance(sources=(Source("x.dvc", File("x")),))

    evidence = Evidence(card={"evaluations": [{"metric": "f1", "value": 1}]}, provenance=find_out)
    assert (evidence.metrics, asked) == ({"f1": 1.0}, [])
    assert evidence.provenance is evidence.provenance
    assert asked == [1]


def test_a_dossier_is_of_a_version() -> None:
    author = Author("nlp/churn")
    author.register("1.2.0")
    found = Dossier(state=author.state.versions[parse_version("1.2.0")], problems=("x",))
    assert (found.model, found.ref, found.problems) == ("nlp/churn", "nlp/churn@v1.2.0", ("x",))
    assert (found.card, found.card_path, found.provenance, found.summary.name) == (None, None, Provenance(), None)

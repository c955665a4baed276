"""Card files: read strictly with places, read leniently, written by a registration, begun from the template."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mreg.adapters.card_update import BaseUsed, CardUpdate, DataUsed, UpdatedCard, updated
from mreg.adapters.cards import CardFaults, parse, read_data, same_content, skeleton, summary
from mreg.adapters.templates import read_template
from mreg.adapters.yaml.nodes import YamlFault
from mreg.adapters.yaml.write import UnwritableValue
from mreg.core.card import gaps
from mreg.core.names import InvalidName
from mreg.core.summary import Bounds, Measure

ROOT = Path(__file__).parents[2]
SHA, OTHER_SHA = "0" * 40, "1" * 40

CARD = """\
# The churn model.
schema: mreg/v1
name: churn
version: '1.2.0'   # bumped by CI
artifact: {path: models/churn/model.pkl, format: pickle}

description: >-
  Predicts which customers
  leave.
training:
    datasets:
    - path: data/customers.csv   # exported monthly
      revision: md5:aaa
    - name: geo
      uri: s3://bucket/geo
    parameters:
        lr: 1e-4      # from the paper
        depth: 6
        gone: yes
    run: {tracker: mlflow, id: 4f2a}
evaluations:
  # the numbers that count
  - metric: f1
    value: 0.90       # last month: 0.88
    ci: {lower: 0.88, upper: 0.92}
    dataset: holdout
    source: metrics.json
  - metric: fairness
    value: 0.97
    direction: max
  - metric: loss
    value: 0.3
    source: metrics.json
tags: [ tabular, churn ]
"""


def written(text: str | None, **facts: Any) -> UpdatedCard:
    """The card with what a registration knows, checked to be valid."""
    known = {"name": "churn", "version": "1.3.0", "path": "models/churn/model.pkl", **facts}
    result = updated(text, CardUpdate(**known))
    parse(result.text.encode(), source="card.yaml")
    return result


def test_a_card_is_parsed_with_its_places() -> None:
    parsed = parse(CARD.encode(), source="models/churn/card.yaml")
    assert parsed.card.version == "1.2.0"
    assert parsed.card.description == "Predicts which customers leave."
    assert parsed.document.position(("evaluations", 1, "value")) == (29, 12)


def test_every_fault_is_said_with_its_place() -> None:
    text = CARD.replace("name: churn", "name: 1").replace("format:", "fromat:").replace("0.97", "high") + "owners: me\n"
    text = text.replace("    direction: max\n", "    direction: max\n  - metric: fairness\n    value: 1\n")
    with pytest.raises(CardFaults) as caught:
        parse(text.encode(), source="models/churn/card.yaml")
    assert str(caught.value).splitlines() == [
        "models/churn/card.yaml:3:7: name: text is expected, not a number; write it in quotes",
        "models/churn/card.yaml:5:42: artifact.fromat: unknown key; did you mean format?",
        "models/churn/card.yaml:29:12: evaluations[1].value: a number is expected, not text",
        "models/churn/card.yaml:31:5: evaluations[2]: has the same metric, dataset, split and slice as evaluations[1]; "
        "one of them must go",
        "models/churn/card.yaml:37:9: owners: a list is expected, not text",
    ]
    assert caught.value.exit_code == 1
    assert [fault.line for fault in caught.value.faults] == [3, 5, 29, 31, 37]
    assert caught.value.faults[0].path == ("name",)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"schema: mreg/v1\nname: a\nname: b\n", "3:1: duplicate key 'name'"),
        (b"schema: mreg/v1\nartifact:\n\tpath: a\n", "3:1: a tab indents this line; use spaces"),
        (b"schema: mreg/v1\nname: caf\xe9\n", "2:10: the byte 0xe9 is not UTF-8"),
        (b"evaluations:\n- metric: f1\n  value: .nan\n", "3:10: .nan is not a finite number"),
        (b"#" * 50_000_000, "1:1: the file has 50,000,000 bytes, more than the 1,048,576 that are read"),
        (b"", "1:1: the file holds no mapping: it is empty"),
    ],
    ids=["duplicate key", "tab", "not UTF-8", "NaN", "50 MB", "empty"],
)
def test_broken_yaml_is_one_fault_with_its_place(data: bytes, message: str) -> None:
    with pytest.raises(CardFaults) as caught:
        parse(data, source="card.yaml")
    assert str(caught.value) == f"card.yaml:{message}"
    assert summary(data) is None
    assert read_data(data) is None


def test_billion_laughs_are_refused_before_they_expand() -> None:
    names = [f"a{i}" for i in range(30)]
    bomb = "a0: &a0 [lol, lol]\n"
    bomb += "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in pairwise(names))
    started = time.process_time()
    with pytest.raises(CardFaults, match="aliases repeat more than 1000 values"):
        parse(bomb.encode(), source="card.yaml")
    assert time.process_time() - started < 0.5  # most of it to import pydantic, where this test runs alone


def test_a_summary_takes_what_listings_need() -> None:
    card = summary(CARD.encode())
    assert card is not None
    assert (card.name, card.version, card.path) == ("churn", "1.2.0", "models/churn/model.pkl")
    assert (card.format, card.framework) == ("pickle", None)
    assert card.description == "Predicts which customers leave."
    assert card.parameters == {"lr": 1e-4, "depth": 6, "gone": "yes"}
    assert card.tags == ("tabular", "churn")
    assert card.evaluations == (
        Measure(metric="f1", value=0.9, dataset="holdout", ci=Bounds(0.88, 0.92), source="metrics.json"),
        Measure(metric="fairness", value=0.97, direction="max"),
        Measure(metric="loss", value=0.3, source="metrics.json"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "name: [a]\nversion: 1.0\nartifact: x\ntraining: 3\nevaluations: {a: b}\ntags: x\ndescription: 5\n",
        "artifact: {path: [a]}\ntraining: {parameters: [1]}\nevaluations: [1, {metric: a}, {metric: a, value: true}]\n",
        "evaluations: [{metric: 1, value: 1}, {value: 1}, {metric: a, value: b}, null]\ntags: [1, {}]\n",
    ],
)
def test_a_summary_leaves_out_what_is_wrong(text: str) -> None:
    card = summary(text.encode())
    assert card is not None
    assert (card.name, card.version, card.path, card.description) == (None, None, None, None)
    assert (card.evaluations, dict(card.parameters), card.tags) == ((), {}, ())


@given(st.binary(max_size=100) | st.text(max_size=50).map(str.encode))
def test_a_summary_never_fails(data: bytes) -> None:
    summary(data)


def test_a_summary_does_not_import_pydantic() -> None:
    program = (
        "import sys; from mreg.adapters.cards import summary; summary(b'name: a'); print('pydantic' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "False\n"


# What a registration writes


def test_a_first_card_has_only_what_is_known() -> None:
    result = written(
        None,
        framework="scikit-learn",
        parameters={"lr": 1e-05, "loss": "no"},
        commit=SHA,
        clean=True,
        evaluations=(Measure(metric="f1", value=0.91, direction="max", slice={"age": "<30"}, source="metrics.json"),),
        datasets=(DataUsed(path="data/c.csv", revision="md5:1e5"),),
        base_models=(BaseUsed(ref="hf:bert@86b5e09", relation="finetune"),),
    )
    assert (result.unmeasured, result.removed) == ((), ())
    assert (
        result.text
        == f"""\
schema: mreg/v1
name: churn
version: 1.3.0
artifact:
  path: models/churn/model.pkl
  framework: scikit-learn
training:
  datasets:
    - path: data/c.csv
      revision: md5:1e5
  parameters:
    lr: 1.0e-05
    loss: 'no'
  code:
    commit: '{SHA}'
    clean: true
evaluations:
  - metric: f1
    value: 0.91
    direction: max
    slice:
      age: <30
    source: metrics.json
base_models:
  - ref: hf:bert@86b5e09
    relation: finetune
"""
    )


def test_a_minimal_registration_writes_only_the_keys_that_are_always_there() -> None:
    assert written(None, parameters={}).text == (
        "schema: mreg/v1\nname: churn\nversion: 1.3.0\nartifact:\n  path: models/churn/model.pkl\n"
    )


def test_a_registration_keeps_what_people_wrote() -> None:
    result = written(
        CARD,
        format="pickle",
        parameters={"depth": 6, "lr": 2e-4, "new": True},
        commit=SHA,
        clean=False,
        evaluations=(
            Measure(metric="f1", value=0.92, direction="max", dataset="holdout", source="metrics.json"),
            Measure(metric="auc", value=0.8, source="metrics.json"),
        ),
        datasets=(DataUsed(path="data/customers.csv", revision="md5:bbb"), DataUsed(path="data/new.csv")),
    )
    assert (
        result.text
        == f"""\
# The churn model.
schema: mreg/v1
name: churn
version: '1.3.0'   # bumped by CI
artifact: {{path: models/churn/model.pkl, format: pickle}}

description: >-
  Predicts which customers
  leave.
training:
    datasets:
    - path: data/customers.csv   # exported monthly
      revision: md5:bbb
    - name: geo
      uri: s3://bucket/geo
    - path: data/new.csv
    parameters:
        lr: 0.0002      # from the paper
        depth: 6
        new: true
    run: {{tracker: mlflow, id: 4f2a}}
    code:
        commit: '{SHA}'
        clean: false
evaluations:
  # the numbers that count
  - metric: f1
    value: 0.92       # last month: 0.88
    dataset: holdout
    source: metrics.json
    direction: max
  - metric: fairness
    value: 0.97
    direction: max
  - metric: auc
    value: 0.8
    source: metrics.json
tags: [ tabular, churn ]
"""
    )
    assert result.unmeasured == (Measure(metric="fairness", value=0.97, direction="max"),)
    assert result.removed == (Measure(metric="loss", value=0.3, source="metrics.json"),)


def test_the_same_registration_again_changes_no_byte() -> None:
    facts: dict[str, Any] = {
        "parameters": {"a": 1},
        "commit": SHA,
        "evaluations": (Measure(metric="f1", value=0.5, source="m.json"), Measure(metric="b", value=1.0)),
        "datasets": (DataUsed(path="d", revision="md5:1"),),
        "base_models": (BaseUsed(ref="bert@v1.0.0"),),
    }
    once = written(CARD, **facts)
    again = written(once.text, **facts)
    assert again.text == once.text
    assert again.unmeasured == once.unmeasured
    assert again.removed == ()


def test_nothing_measured_leaves_no_stale_number() -> None:
    result = written(CARD)
    assert [measure.metric for measure in result.removed] == ["f1", "loss"]
    assert [entry.metric for entry in parse(result.text.encode(), source="f").card.evaluations] == ["fairness"]
    assert "  # the numbers that count\n  - metric: fairness\n" in result.text


def test_a_measured_value_without_a_source_gets_one() -> None:
    result = written(None, evaluations=(Measure(metric="f1", value=0.5),))
    assert "    source: mreg register\n" in result.text
    assert written(result.text).removed == (Measure(metric="f1", value=0.5, source="mreg register"),)


def test_an_unchanged_value_keeps_its_interval() -> None:
    result = written(CARD, evaluations=(Measure(metric="f1", value=0.9, dataset="holdout", source="metrics.json"),))
    assert "    value: 0.90       # last month: 0.88\n    ci: {lower: 0.88, upper: 0.92}\n" in result.text


def test_what_a_person_wrote_about_a_metric_stays() -> None:
    text = CARD.replace("    direction: max\n", "    direction: min\n    unit: points\n")
    measure = Measure(metric="fairness", value=0.5, direction="max", unit="%", source="m.json")
    result = written(text, evaluations=(measure,))
    assert "    value: 0.5\n    direction: min\n    unit: points\n    source: m.json\n" in result.text
    assert result.unmeasured == ()


def test_parameters_not_given_stay_and_parameters_given_empty_go() -> None:
    assert "gone: yes" in written(CARD).text
    assert "    parameters: {}\n" in written(CARD, parameters={}).text


def test_a_dataset_is_found_by_its_place_or_else_by_its_name() -> None:
    geo = DataUsed(name="geo", uri="s3://bucket/geo", revision="sha256:c")
    assert (
        "    - name: geo\n      uri: s3://bucket/geo\n      revision: sha256:c\n" in written(CARD, datasets=(geo,)).text
    )
    nowhere = CARD.replace("      uri: s3://bucket/geo\n", "")
    assert (
        "    - name: geo\n      uri: s3://bucket/geo\n      revision: sha256:c\n"
        in written(nowhere, datasets=(geo,)).text
    )
    elsewhere = DataUsed(name="geo", path="data/geo", revision="md5:d")
    appended = "      uri: s3://bucket/geo\n    - name: geo\n      path: data/geo\n      revision: md5:d\n"
    assert appended in written(CARD, datasets=(elsewhere,)).text


def test_a_base_model_moves_to_its_new_revision() -> None:
    refs = ["bert@v1.0.0", "hf:google/bert@aaa", "https://x.example/m#sha256=aa"]
    text = CARD + "base_models:\n" + "".join(f"- {{ref: '{ref}', relation: merge}} # note\n" for ref in refs)
    moved = ["bert@v1.1.0", "hf:google/bert@bbb", "https://x.example/m#sha256=bb"]
    result = written(text, base_models=tuple(BaseUsed(ref=ref) for ref in moved))
    assert result.text.endswith("".join(f"- {{ref: '{ref}', relation: merge}} # note\n" for ref in moved))
    assert written(text, base_models=(BaseUsed(ref="bert-tiny@v1.0.0"),)).text.endswith("- ref: bert-tiny@v1.0.0\n")


def test_line_ends_and_a_byte_order_mark_stay() -> None:
    text = "\ufeff" + CARD.replace("\n", "\r\n")
    result = written(text, parameters={"z": 1}, evaluations=(Measure(metric="z", value=1.0),))
    assert result.text.startswith("\ufeff")
    assert result.text.replace("\r\n", "").count("\n") == 0


def test_what_cannot_be_updated_is_said() -> None:
    update = CardUpdate(name="a", version="1.0.0", path="a", parameters={"a": float("nan")})
    with pytest.raises(UnwritableValue, match="nan cannot be written"):
        updated(None, update)
    with pytest.raises(YamlFault, match="f:1:11: a mapping is expected here, not text"):
        updated("artifact: x\n", update, source="f")


# A new card


@pytest.mark.parametrize("model", ["churn", "nlp/sentiment", "123", "1e5", "no"])
def test_a_new_card_is_valid_and_says_what_it_lacks(model: str) -> None:
    parsed = parse(skeleton(model).encode(), source="card.yaml")
    assert parsed.card.name == model
    assert parsed.card.artifact.path == f"models/{model}/model.pkl"
    assert len(gaps(parsed.card)) == 13


def test_a_new_card_with_every_comment_opened_is_complete_and_explains_every_key() -> None:
    opened = re.sub(r"^( *)# ((?:  )*(?:- |[a-z_0-9-]+:))", r"\1\2", skeleton("churn"), flags=re.MULTILINE)
    card = parse(opened.encode(), source="card.yaml").card
    assert gaps(card) == ()
    assert all(getattr(card, name) for name in type(card).model_fields)


def test_a_registration_fills_a_new_card() -> None:
    text = skeleton("churn")
    result = written(text, format="onnx", evaluations=(Measure(metric="f1", value=1.0),), commit=SHA)
    lines = iter(result.text.splitlines())
    kept = [line for line in text.splitlines() if not line.startswith("version:")]
    assert all(line in lines for line in kept if line.startswith("#"))


def test_no_card_for_a_model_that_cannot_be() -> None:
    with pytest.raises(InvalidName):
        skeleton("a b")


def test_templates_are_read_from_an_installed_package(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "mreg", tmp_path / "mreg", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "templates", tmp_path / "mreg" / "templates")
    program = (
        "import mreg; from mreg.adapters.templates import read_template as r; print(mreg.__file__, r('card.yaml'))"
    )
    command = [sys.executable, "-c", program]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert result.stdout == f"{tmp_path}/mreg/__init__.py {read_template('card.yaml')}\n"


# Sameness


def test_cards_are_the_same_but_for_version_and_code() -> None:
    one = written(CARD, commit=SHA).text
    other = written(one, version="2.0.0", commit=OTHER_SHA, clean=True).text + "# a comment\n"
    assert same_content(one.encode(), other.encode())
    assert same_content(b"name: a\ntraining: {code: {commit: x}}\n", b"name: 'a'\nversion: 1.0.0\n")
    assert not same_content(one.encode(), one.replace("0.97", "0.98").encode())
    assert not same_content(one.encode(), one.replace("4f2a", "4f2b").encode())
    assert not same_content(b"a: 1", b"a: true")
    assert not same_content(b"a: [", b"a: [")


def test_the_example_of_the_page_is_a_complete_card() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "card.md").read_text(), flags=re.DOTALL)
    assert gaps(parse(example.encode(), source="card.md").card) == ()

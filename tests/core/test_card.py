"""The model card: what each key takes, what is refused and how it is said, what a complete card has."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mreg.core.card import Card, InvalidCard, gaps, json_schema, validate

SHA = "0123456789abcdef0123456789abcdef01234567"
MINIMAL: dict[str, Any] = {
    "schema": "mreg/v1",
    "name": "nlp/churn",
    "version": "1.2.0-rc.1",
    "artifact": {"path": "models/nlp/churn/model.pkl"},
}
COMPLETE: dict[str, Any] = {
    **MINIMAL,
    "artifact": {"path": "models/churn", "format": "mlflow", "framework": "scikit-learn"},
    "description": "x" * 300,
    "task": "tabular-classification",
    "license": {"id": "LicenseRef-acme", "url": "https://acme.example/license"},
    "owners": [{"name": "Growth", "contact": "growth@example.org"}],
    "training": {
        "datasets": [
            {
                "name": "Customers",
                "path": "data/c.csv",
                "revision": "md5:1f",
                "license": "CC-BY-4.0",
                "sensitive": ["age"],
            },
            {"uri": "s3://bucket/more"},
        ],
        "undisclosed": "The rest belongs to a customer.",
        "parameters": {"lr": 1e-4, "depth": 6, "loss": "log", "early": True, "seed": None, "stop": "..."},
        "code": {"commit": SHA, "clean": False},
        "run": {"tracker": "mlflow", "id": "4f", "url": "https://mlflow.example/4f"},
        "compute": {"hardware": "A100", "hours": 3.5, "energy_kwh": 0, "co2_eq_grams": 1, "method": "estimated"},
    },
    "evaluations": [
        {"metric": "f1", "value": 1, "direction": "max", "dataset": "d", "split": "test", "n": 10, "source": "m.json"},
        {"metric": "f1", "value": 0.5, "slice": {"age": "18-25", "new": True}, "unit": "points", "threshold": 0.5},
        {"metric": "f1", "value": -0.5, "ci": {"lower": -1, "upper": -1, "level": 0.95, "method": "bootstrap"}},
    ],
    "intended_use": {"primary": ["a"], "users": ["b"], "out_of_scope": ["c"]},
    "limitations": ["Two\nlines."],
    "risks": [{"risk": "r", "group": "g", "harm": "h", "mitigation": "m"}],
    "base_models": [{"ref": "bert@v1.0.0", "relation": "finetune"}, {"ref": "hf:google/bert@86b5e09"}],
    "architecture": "Trees",
    "inputs": [{"name": "x", "type": "float32", "shape": [-1, 40], "description": "d"}],
    "outputs": [{"name": "y"}],
    "tradeoffs": "t",
    "risk_rating": "low",
    "languages": ["en", "pt-BR"],
    "tags": ["tabular"],
    "citation": "Doe",
    "documentation": "https://wiki.example",
    "x-cost": {"center": [4711, None, "TODO"]},
}


def with_value(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    """The complete card with another value at a path; the last key may be new."""
    card: Any = json.loads(json.dumps(COMPLETE))
    place = card
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return card  # type: ignore[no-any-return]


def faults(data: dict[str, Any]) -> list[str]:
    with pytest.raises(InvalidCard) as caught:
        validate(data)
    assert str(caught.value) == "\n".join(map(str, caught.value.faults))
    return list(map(str, caught.value.faults))


def test_the_minimal_card() -> None:
    card = validate(MINIMAL)
    assert (card.schema_id, card.name, card.version) == ("mreg/v1", "nlp/churn", "1.2.0-rc.1")
    assert card.artifact.format is None
    assert card.evaluations == ()
    assert card.training.parameters == {}


def test_the_complete_card() -> None:
    card = validate(COMPLETE)
    assert gaps(card) == ()
    assert card.extensions == {"x-cost": {"center": [4711, None, "TODO"]}}
    assert card.license is not None
    assert card.license.id == "LicenseRef-acme"
    assert card.training.datasets[0].license is not None
    assert card.training.datasets[0].license.id == "CC-BY-4.0"
    assert [e.value for e in card.evaluations] == [1.0, 0.5, -0.5]
    assert card.inputs[0].shape == (-1, 40)


def test_a_key_with_nothing_in_it_is_left_out() -> None:
    empty = {key: None for key in COMPLETE if key not in MINIMAL and not key.startswith("x-")}
    assert validate({**MINIMAL, **empty}) == validate(MINIMAL)
    assert faults({**MINIMAL, "version": None}) == [
        "version: is missing: the version that the next tag will carry, in quotes where it looks like a number"
    ]


def test_a_card_is_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        validate(MINIMAL).name = "other"


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("schema",), "mreg/v2", "schema: 'mreg/v2' is not 'mreg/v1'"),
        (("name",), 7, "name: text is expected, not a number; write it in quotes"),
        (("name",), "a" * 201, "name: has 201 characters, more than 200"),
        (("name",), "a\nb", "name: is one line, and this has a line break"),
        (("version",), 1.1, "version: text is expected, not a number; write it in quotes"),
        (
            ("version",),
            "1.1",
            "version: '1.1' is not a version: it does not follow SemVer 2.0.0; write MAJOR.MINOR.PATCH, ",
        ),
        (("version",), "1.1.0+build", "version: '1.1.0+build' is not a version: build metadata"),
        (("version",), "v1.1.0", "version: 'v1.1.0' is written without its v, as 1.1.0"),
        (("artifact",), "model.pkl", "artifact: a mapping is expected, not text"),
        (
            ("artifact", "path"),
            "../model",
            "artifact.path: '../model' is no path inside the repository: write it from its",
        ),
        (("artifact", "pth"), "x", "artifact.pth: unknown key; did you mean path?"),
        (("description",), "x" * 301, "description: has 301 characters, more than 300"),
        (("description",), True, "description: text is expected, not true or false; write it in quotes"),
        (("description",), ["x"], "description: text is expected, not a list"),
        (("descripton",), "x", "descripton: unknown key; did you mean description?"),
        (("zzz",), "x", "zzz: unknown key; known here: schema, name, version, artifact, description, task,"),
        (("extensions",), {}, "extensions: unknown key; known here: "),
        (("x-",), 1, "x-: unknown key; did you mean x-*?"),
        (("task",), "Text classification", "task: 'Text classification' is not a Hugging Face task id, such as text-"),
        (
            ("license",),
            "MIT and more",
            "license.id: 'MIT and more' is no SPDX license expression, such as Apache-2.0 or",
        ),
        (
            ("license",),
            "LicenseRef-a",
            "license: LicenseRef-a needs the place of its text: write {id: LicenseRef-a, url:",
        ),
        (("license",), ["MIT"], "license: a mapping is expected, not a list"),
        (
            ("license", "url"),
            "acme",
            "license.url: 'acme' is no URI, such as https://example.org/terms or s3://bucket/",
        ),
        (("owners",), "me", "owners: a list is expected, not text"),
        (
            ("owners", 0),
            {"name": "a"},
            "owners[0].contact: is missing: where to reach them: a mail address, a URL, a chat",
        ),
        (("training", "datasets", 0), {}, "training.datasets[0]: needs a name, a path or a uri"),
        (
            ("training", "datasets", 0, "uri"),
            "s3://b",
            "training.datasets[0]: has a path and a uri; a dataset is at one",
        ),
        (
            ("training", "datasets", 0, "license"),
            3,
            "training.datasets[0].license: a mapping is expected, not a number",
        ),
        (("training", "parameters"), [], "training.parameters: a mapping is expected, not a list"),
        (
            ("training", "parameters", "a"),
            {"b": 1},
            "training.parameters.a: text, a number, true, false or null is expect",
        ),
        (("training", "parameters", "a"), float("nan"), "training.parameters.a: nan is not a finite number"),
        (("training", "parameters", ""), 1, "training.parameters.: the key is empty"),
        (
            ("training", "code", "commit"),
            "0123456",
            "training.code.commit: '0123456' is not a full commit id: 40 or 64",
        ),
        (("training", "code", "clean"), "yes", "training.code.clean: true or false is expected, not text"),
        (("training", "run"), {"tracker": "x"}, "training.run.id: is missing: the run's id there"),
        (("training", "compute", "hours"), -1, "training.compute.hours: -1 is below 0"),
        (
            ("training", "compute", "method"),
            "guess",
            "training.compute.method: 'guess' is not 'measured' or 'estimated'",
        ),
        (("evaluations", 0, "value"), "0.9", "evaluations[0].value: a number is expected, not text"),
        (("evaluations", 0, "value"), True, "evaluations[0].value: a number is expected, not true or false"),
        (("evaluations", 0, "value"), float("inf"), "evaluations[0].value: inf is not a finite number"),
        (("evaluations", 0, "direction"), "up", "evaluations[0].direction: 'up' is not 'min' or 'max'"),
        (("evaluations", 0, "n"), 1.5, "evaluations[0].n: a whole number is expected, not a number"),
        (("evaluations", 0, "n"), 0, "evaluations[0].n: 0 is below 1"),
        (
            ("evaluations", 1, "slice", "age"),
            [1],
            "evaluations[1].slice.age: text, a number, true, false or null is expe",
        ),
        (("evaluations", 2, "ci", "lower"), 2, "evaluations[2].ci: its lower end 2.0 is above its upper end -1.0"),
        (("evaluations", 2, "ci", "level"), 1, "evaluations[2].ci.level: 1 is not below 1"),
        (("evaluations", 2, "ci", "level"), 0, "evaluations[2].ci.level: 0 is not above 0"),
        (("evaluations", 1), {"value": 1}, "evaluations[1].metric: is missing: the metric's name, such as f1"),
        (("evaluations", 1), 3, "evaluations[1]: a mapping is expected, not a number"),
        (("limitations", 0), "", "limitations[0]: is blank; write what belongs here, or leave the key out"),
        (("limitations", 0), None, "limitations[0]: text is expected, not empty"),
        (("limitations", 0), "bell \x07", "limitations[0]: holds the control character U+0007"),
        (
            ("base_models", 0, "relation"),
            "copy",
            "base_models[0].relation: 'copy' is not 'finetune', 'adapter', 'quanti",
        ),
        (("inputs", 0, "shape"), [-2], "inputs[0].shape[0]: -2 is below -1"),
        (("risk_rating",), "huge", "risk_rating: 'huge' is not 'low', 'medium', 'high' or 'unknown'"),
        (("languages", 0), "English!", "languages[0]: 'English!' is not a BCP 47 language tag, such as en or pt-BR"),
    ],
)
def test_what_is_wrong_is_said_in_plain_words(path: tuple[str | int, ...], value: object, problem: str) -> None:
    (fault,) = faults(with_value(path, value))
    assert fault.startswith(problem)


def test_all_faults_are_said_at_once() -> None:
    data = {"name": "TODO", "artifact": {}, "evaluations": [{"metric": "a", "value": "x"}, {"metric": "a", "value": 1}]}
    assert faults(data) == [
        "schema: is missing: the card's schema: mreg/v1",
        "name: is the placeholder TODO; write what belongs here, or leave the key out",
        "version: is missing: the version that the next tag will carry, in quotes where it looks like a number",
        "artifact.path: is missing: the file or folder as DVC tracks it, from the repository's root",
        "evaluations[0].value: a number is expected, not text",
        "evaluations[1]: has the same metric, dataset, split and slice as evaluations[0]; one of them must go",
    ]


def test_evaluations_are_unique() -> None:
    one = {"metric": "f1", "value": 1, "dataset": "d", "split": "s", "slice": {"a": 1, "b": 2}}
    for key, value in (("metric", "f2"), ("dataset", "e"), ("split", "t"), ("slice", {"a": 1})):
        assert validate({**MINIMAL, "evaluations": [one, {**one, key: value}]})
    again = {**one, "value": 2, "slice": {"b": 2, "a": 1}}
    assert "evaluations[1]: has the same" in faults({**MINIMAL, "evaluations": [one, again]})[0]


def test_datasets_are_unique() -> None:
    one = {"name": "a", "path": "b"}
    assert validate({**MINIMAL, "training": {"datasets": [one, {"name": "a", "path": "c"}, {"name": "a"}]}})
    (fault,) = faults({**MINIMAL, "training": {"datasets": [one, {**one, "revision": "2"}]}})
    assert fault == "training.datasets[1]: has the same name, path and uri as training.datasets[0]; one of them must go"


PLACEHOLDERS = [
    "TODO",
    "todo",
    " Tbd. ",
    "FIXME!",
    "...",
    "....",
    "…",
    "TODO: describe",
    "FIXME(anna): check",
    "TBD : x",
]
PLACEHOLDERS += ["[More Information Needed]", "Bias:\n[more information needed] here"]


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_placeholders_are_faults(text: str) -> None:
    (fault,) = faults(with_value(("description",), text))
    assert fault.startswith(f"description: is the placeholder {text.strip():.40}; write what belongs here")


@pytest.mark.parametrize(
    "text", ["Finds TODO comments", "TODO finder", "A todo list", "And so on...", "TBDB", "More information needed"]
)
def test_what_only_resembles_a_placeholder(text: str) -> None:
    assert validate(with_value(("description",), text)).description == text


@pytest.mark.parametrize(
    "text",
    [
        *("MIT", "Apache-2.0", "GPL-2.0+", "MIT OR Apache-2.0", "(MIT AND (BSD-3-Clause OR ISC))", "NOASSERTION"),
        *("GPL-2.0-only WITH Classpath-exception-2.0", "MIT AND GPL-3.0-only WITH x OR ISC", "(MIT)"),
    ],
)
def test_license_expressions(text: str) -> None:
    card = validate(with_value(("license",), text))
    assert card.license is not None
    assert card.license.id == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "apache 2.0",
            "MIT AND",
            "AND MIT",
            "MIT OR OR ISC",
            "(MIT",
            "MIT)",
            "()",
            "MIT WITH (x)",
            "MIT WITH",
            "MIT, ISC",
        ),
        *("MIT or ISC", "MIT/ISC", "a:b", "DocumentRef-a:MIT", "© me", "MIT (ISC)", "(MIT) ISC", "+", "-x"),
    ],
)
def test_what_is_no_license_expression(text: str) -> None:
    (fault,) = faults(with_value(("license",), text))
    assert fault.startswith(f"license.id: {text!r} is no SPDX license expression")


def test_a_license_of_ones_own_may_be_part_of_an_expression() -> None:
    for expression in ("MIT OR LicenseRef-a", "DocumentRef-d:LicenseRef-a"):
        assert validate(with_value(("license",), {"id": expression, "url": "https://a.example"}))
        assert "needs the place of its text" in faults(with_value(("license",), {"id": expression}))[0]


@pytest.mark.parametrize(
    "ref",
    [
        *(
            "churn@v1.0.0",
            "nlp/churn@1.0.0-rc.1",
            "hf:bert@main2",
            "hf:google-bert/bert-base@86b5e0934494bd15c9632b12f734a8",
        ),
        *("https://x.example/m.bin@v2", "git+https://u@h.example/r.git@4f2a", "oci://r.example/m@sha256:00ff"),
        *("https://x.example/m.bin#sha256=00ff", "s3://bucket/key?versionId=3H", "s3://bucket/key?a=b&versionId=3H"),
    ],
)
def test_pinned_references(ref: str) -> None:
    assert validate(with_value(("base_models", 0, "ref"), ref)).base_models[0].ref == ref


@pytest.mark.parametrize(
    "ref",
    [
        *(
            "churn",
            "churn@production",
            "churn@latest",
            "churn@",
            "@v1.0.0",
            "a b@v1.0.0",
            "hf:bert",
            "hf:bert@",
            "hf:bert@main",
        ),
        *(
            "hf:google/bert@HEAD",
            "hf:a/b/c@x",
            "https://x.example/m.bin",
            "https://u@x.example",
            "https://u@x.example/m",
        ),
        *("git+https://h.example/r@master", "s3://bucket/key", "https://x.example/m@a/b", "https://x.example/m#top"),
    ],
)
def test_references_that_are_not_pinned(ref: str) -> None:
    (fault,) = faults(with_value(("base_models", 0, "ref"), ref))
    assert fault.startswith(f"base_models[0].ref: {ref!r} is not pinned: write name@v1.0.0, hf:id@revision, or a URI")


@pytest.mark.parametrize("path", ["model.pkl", "models/a/b", "ü/x y", "a..b", ".hidden", "a/.b"])
def test_paths_inside_the_repository(path: str) -> None:
    assert validate(with_value(("artifact", "path"), path)).artifact.path == path


@pytest.mark.parametrize("path", ["/etc/passwd", "..", "a/../b", "./a", "a//b", "a/", "a\\b", "C:/a", "c:a"])
def test_paths_that_leave_the_repository_or_have_two_spellings(path: str) -> None:
    (fault,) = faults(with_value(("artifact", "path"), path))
    assert "is no path inside the repository" in fault


def test_what_a_minimal_card_lacks() -> None:
    lacking = gaps(validate(MINIMAL))
    assert [gap.path for gap in lacking] == [
        *("artifact.format", "artifact.framework", "description", "task", "license", "owners", "training.datasets"),
        *("evaluations", "intended_use.primary", "intended_use.users", "intended_use.out_of_scope"),
        *("limitations", "risks"),
    ]
    assert lacking[2].expected == "What the model does, in at most 300 characters"
    assert all(gap.expected for gap in lacking)


def test_undisclosed_data_is_no_gap() -> None:
    card = validate({**MINIMAL, "training": {"undisclosed": "It belongs to a customer."}})
    assert "training.datasets" not in {gap.path for gap in gaps(card)}


def test_every_part_of_the_schema_is_described_and_closed() -> None:
    schema = json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "$id" not in schema
    assert set(schema["required"]) == {"schema", "name", "version", "artifact"}
    assert set(schema["patternProperties"]) == {"^x-."}
    assert set(schema["properties"]) == set(COMPLETE) - {"x-cost"}
    for part in (schema, *schema["$defs"].values()):
        assert part["additionalProperties"] is False
        assert all(field["description"] for field in part["properties"].values())
    text = json.dumps(schema)
    assert '"default"' not in text
    assert text.count('"title"') == 1


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(COMPLETE)) | st.text(max_size=5), _json))
def test_any_data_is_a_card_or_a_list_of_faults(data: dict[str, Any]) -> None:
    with suppress(InvalidCard):
        assert isinstance(validate(data), Card)


PAGE = (Path(__file__).parents[2] / "docs" / "card.md").read_text()


def test_the_page_names_every_key() -> None:
    schema = json_schema()
    keys = {key for part in (schema, *schema["$defs"].values()) for key in part["properties"]}
    assert {key for key in keys if f"`{key}`" not in PAGE} == set()


def test_the_page_names_what_completes_a_card() -> None:
    (section,) = re.findall(r"## Completeness\n(.*?)\n## ", PAGE, flags=re.DOTALL)
    named = [key for key in re.findall(r"`([a-z_.]+)`", section) if key != "training.undisclosed"]
    assert named == [gap.path for gap in gaps(validate(MINIMAL))]

"""docs/json.md is true: every document that any test keeps has exactly the keys and types that it says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.snapshot import FOLDER

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
BASIC: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}

Shapes = dict[str, dict[str, str]]


def rows(text: str) -> list[list[str]]:
    """The cells of the tables in a text, but for their headings."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def documented_kinds() -> dict[str, str]:
    """Kind → the type of its data."""
    section = PAGE.partition("\n## Kinds\n")[2].partition("\n## ")[0]
    # What follows a comma or a colon is said for people.
    return {kind.strip("`"): re.split("[,:]", data)[0] for kind, _, data in rows(section)}


def documented_shapes() -> Shapes:
    """Shape → key → type."""
    shapes: Shapes = {}
    for section in PAGE.partition("\n## Shapes\n")[2].split("\n### ")[1:]:
        name, _, text = section.partition("\n")
        base = re.search(r"^An? (\w+) with all its keys, and$", text, re.MULTILINE)
        own = {key.strip("`"): kind for key, kind, _ in rows(text)}
        shapes[name] = {**(shapes[base[1]] if base else {}), **own}
    return shapes


KINDS, SHAPES = documented_kinds(), documented_shapes()
DOCUMENTS = sorted(path.name for path in FOLDER.glob("*.json"))


def problems(value: Any, kind: str, where: str) -> list[str]:
    """Where a value is not of the kind that the page says."""
    if kind.startswith("list of "):
        if not isinstance(value, list):
            return [f"{where} is no list"]
        return [p for i, item in enumerate(value) for p in problems(item, kind[8:], f"{where}[{i}]")]
    alternatives = re.split(r", or | or |, ", kind)
    found = [one_problems(value, alternative, where) for alternative in alternatives]
    return min(found, key=len)


def one_problems(value: Any, kind: str, where: str) -> list[str]:
    if kind.startswith("map of "):
        if not isinstance(value, dict):
            return [f"{where} is no map"]
        return [p for key, item in value.items() for p in problems(item, kind[7:], f"{where}.{key}")]
    if kind == "anything":
        return []
    if kind in BASIC:
        fits = isinstance(value, BASIC[kind]) and (kind == "boolean") == isinstance(value, bool)
        return [] if fits else [f"{where} is {value!r}, not {kind}"]
    if not isinstance(value, dict):
        return [f"{where} is {value!r}, not of the shape {kind}"]
    keys = SHAPES[kind]
    wrong = [f"{where}.{key} is not documented" for key in value.keys() - keys.keys()]
    wrong += [f"{where}.{key} is missing" for key in keys.keys() - value.keys()]
    return wrong + [p for key in keys if key in value for p in problems(value[key], keys[key], f"{where}.{key}")]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8").replace("<size>", "1")
    document = json.loads(text)
    envelope = {"schema", "kind", "data"} | ({"notices"} if document["kind"] != "error" else set())
    assert set(document) == envelope
    assert document["schema"] == "mreg/v1"
    assert all(isinstance(notice, str) for notice in document.get("notices", []))
    assert problems(document["data"], KINDS[document["kind"]], "data") == []


def test_every_kind_is_documented_and_kept() -> None:
    programs = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "mreg" / "render").rglob("*.py"))
    kinds = {*re.findall(r'Face\(\s*"([a-z-]+)"', programs), "error"}
    assert set(KINDS) == kinds
    kept = {json.loads((FOLDER / name).read_text().replace("<size>", "1"))["kind"] for name in DOCUMENTS}
    assert kept == kinds - {"card-schema"}  # which tests/cli/test_cards.py compares with the schema itself


def test_every_type_is_one() -> None:
    words = {part for keys in SHAPES.values() for kind in keys.values() for part in re.split(", or | or |, ", kind)}
    words |= set(KINDS.values())
    assert {re.sub("^((list|map) of )+", "", word) for word in words} <= {*BASIC, *SHAPES, "anything"}


def test_the_checker_finds_what_is_wrong() -> None:
    right = {"metric": "f1", "weight": 0.7, "value": 1}
    assert problems(right, "term", "t") == []
    assert problems(None, "term or null", "t") == []
    assert problems({**right, "value": True}, "term", "t") == ["t.value is True, not number"]
    assert problems({**right, "x": 1}, "term", "t") == ["t.x is not documented"]
    assert problems([{"metric": "f1", "weight": 0.7}], "list of term", "t") == ["t[0].value is missing"]

"""The grammar of tag names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mreg.core.tags import TagName, agrees, count_of, format_tag, parse_tag
from mreg.core.versions import Version, parse_version
from tests.core.strategies import labels, model_names, versions

LABELS = frozenset({"production", "staging", "archived", "champion"})


@pytest.mark.parametrize(
    ("text", "model", "version", "label", "count"),
    [
        ("churn@v1.2.0", "churn", "1.2.0", None, 1),
        ("nlp/sentiment-v2@v1.2.0", "nlp/sentiment-v2", "1.2.0", None, 1),
        ("churn@v1.2.0-rc.1", "churn", "1.2.0-rc.1", None, 1),
        ("churn@v1.2.0-production", "churn", "1.2.0", "production", 1),
        ("churn@v1.2.0-production.2", "churn", "1.2.0", "production", 2),
        ("churn@v1.2.0-production.10", "churn", "1.2.0", "production", 10),
        ("churn@v1.2.0-rc.1-production.2", "churn", "1.2.0-rc.1", "production", 2),
        ("churn@v1.2.0-rc-anything", "churn", "1.2.0-rc", "anything", 1),
        ("churn@v1.2.0-rc-unalias_champion", "churn", "1.2.0-rc", "unalias_champion", 1),
        # A word that is nobody's label is a pre-release.
        ("churn@v1.2.0-canary.2", "churn", "1.2.0-canary.2", None, 1),
        ("churn@v1.2.0-Production", "churn", "1.2.0-Production", None, 1),
    ],
)
def test_takes_a_name_apart(text: str, model: str, version: str, label: str | None, count: int) -> None:
    expected = TagName(model, parse_version(version), label, count)
    assert parse_tag(text, labels=LABELS) == expected
    assert format_tag(expected) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v1.2.0",
        "churn",
        "churn@",
        "churn@v",
        "@v1.2.0",
        "churn@1.2.0",
        "churn@vv1.2.0",
        "churn@v1.2",
        "churn@v01.2.0",
        "churn@v1.2.0+build",
        "churn@v1.2.0-",
        "churn@v1.2.0-rc.01",
        "churn@v1.2.0-production.1",
        "churn@v1.2.0-production.0",
        "churn@v1.2.0-production.02",
        "churn@v1.2.0-production.rc",
        "churn@v1.2.0-production.2.3",
        "churn@v1.2.0-production.1000000",
        "churn@v1.2.0-production." + "9" * 5000,
        "churn@v1.2.0-rc.1-production.1",
        "churn@v1.2.0-rc-Production",
        "churn@v1.2.0-a-b-c",
        "churn@v1.2.0-pre_prod",
        "churn@v1.2.0!",
        "x@created",
        "churn#production#1",
        "a@vb@v1.0.0",
        "churn@v1.2.0\n",
    ],
)
def test_is_no_name_of_ours(text: str) -> None:
    assert parse_tag(text, labels=LABELS) is None


@given(model_names, versions, st.none() | labels, st.integers(1, 999_999))
def test_a_name_reads_back(model: str, version: Version, label: str | None, count: int) -> None:
    known = {label} if label else set()
    if (version.prerelease or "").split(".")[0] in known:
        known = set()
    name = TagName(model, version, label, count if label else 1)
    assert parse_tag(format_tag(name), labels=known) == name
    assert agrees(format_tag(name), model=model, version=version, label=label)


@pytest.mark.parametrize(
    ("tag", "agreed"),
    [
        ("churn@v1.2.0-production", True),
        ("churn@v1.2.0-production.2", True),
        ("churn@v1.2.0-production.1", False),
        ("churn@v1.2.0-production.02", False),
        ("churn@v1.2.0-production.٢", False),
        ("churn@v1.2.0-production.2\n", False),
        ("churn@v1.2.0-production." + "9" * 5000, False),
        ("churn@v1.2.0-productions", False),
        ("churn@v1.2.0-staging", False),
        ("churn@v1.2.1-production", False),
        ("churn@v1.2.0", False),
        ("Churn@v1.2.0-production", False),
    ],
)
def test_a_name_agrees_with_its_trailers_or_not(tag: str, agreed: bool) -> None:
    assert agrees(tag, model="churn", version=parse_version("1.2.0"), label="production") is agreed


def test_a_registration_has_no_count() -> None:
    assert agrees("churn@v1.2.0", model="churn", version=parse_version("1.2.0"), label=None)
    assert not agrees("churn@v1.2.0.2", model="churn", version=parse_version("1.2.0"), label=None)


def test_counts_the_repetitions_of_a_tag() -> None:
    first = "churn@v1.2.0-production"
    assert [count_of(tag, first) for tag in (first, f"{first}.2", f"{first}.31", f"{first}.1", "churn@v1.2.0")] == [
        1,
        2,
        31,
        0,
        0,
    ]

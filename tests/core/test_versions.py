"""Semantic versions: what is one, their order, the next one."""

from __future__ import annotations

from itertools import pairwise

import pytest
import semver
from hypothesis import given

from mreg.core.versions import Bump, InvalidVersion, Version, bumped, check_prerelease, latest, parse_version
from tests.core.strategies import versions


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0",
        "1.2.3",
        "10.20.30",
        "1.0.0-rc",
        "1.0.0-rc.1",
        "1.0.0-0",
        "1.0.0-0a",
        "1.0.0-alpha.0.x7",
        "1.0.0-RC.1",
        "99999999999999999999.0.0",
        "1.0.0-" + "1" * 58,
    ],
)
def test_parses_a_version_with_and_without_v(text: str) -> None:
    assert str(parse_version(text)) == text
    assert parse_version(f"v{text}") == parse_version(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "SemVer"),
        ("v", "SemVer"),
        ("1", "SemVer"),
        ("1.2", "SemVer"),
        ("1.2.3.4", "SemVer"),
        ("01.2.3", "SemVer"),
        ("1.02.3", "SemVer"),
        ("1.0.0-01", "SemVer"),
        ("1.0.0-", "SemVer"),
        ("1.0.0-a..b", "SemVer"),
        ("1.0.0-rc_1", "SemVer"),
        ("-1.0.0", "SemVer"),
        ("vv1.0.0", "SemVer"),
        ("V1.0.0", "SemVer"),
        (" 1.0.0", "SemVer"),
        ("1.0.0\n", "SemVer"),
        ("1.0.0-rc\n", "SemVer"),
        ("1.0.٣", "SemVer"),
        ("1٣.0.0", "SemVer"),
        ("1.0.0-é", "SemVer"),
        ("latest", "SemVer"),
        ("1.0.0+build", "build metadata"),
        ("1.0.0-rc.1+build", "build metadata"),
        ("1.0.0-rc-1", "hyphen"),
        ("1.0.0--", "hyphen"),
        ("1.0.0-production-2", "hyphen"),
        ("1.0.0-" + "1" * 59, "65 characters"),
        ("1" * 5000 + ".0.0", "5004 characters"),
    ],
)
def test_refuses_a_text_and_says_why(text: str, problem: str) -> None:
    with pytest.raises(InvalidVersion) as caught:
        parse_version(text)
    assert problem in caught.value.problem
    assert caught.value.exit_code == 2


@given(versions)
def test_a_version_reads_back(version: semver.Version) -> None:
    assert parse_version(str(version)) == version


@given(versions, versions)
def test_order_and_equality_are_those_of_semver(one: semver.Version, other: semver.Version) -> None:
    left, right = semver.Version.parse(str(one)), semver.Version.parse(str(other))
    assert (one < other) == (left < right)
    assert (one > other) == (left > right)
    assert (one == other) == (left == right)
    assert (one != other) == (left != right)
    assert one != other or hash(one) == hash(other)


def test_a_version_equals_another_of_the_same_numbers_and_no_text() -> None:
    version: object = parse_version("1.0.0")
    assert (version == Version(1, 0, 0)) is True
    assert (version != Version(1, 0, 0)) is False
    assert version != "1.0.0"
    assert (version == "1.0.0") is False


def test_precedence_is_the_example_of_the_specification() -> None:
    texts = ("alpha", "alpha.1", "alpha.beta", "beta", "beta.2", "beta.11", "rc.1")
    ordered = [parse_version(f"1.0.0-{text}") for text in texts] + [
        parse_version(v) for v in ("1.0.0", "1.0.1", "2.0.0")
    ]
    assert all(low < high and low.precedence < high.precedence for low, high in pairwise(ordered))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], None),
        (["1.0.0-rc.1"], "1.0.0-rc.1"),
        (["1.0.0-rc.2", "1.0.0-rc.10"], "1.0.0-rc.10"),
        (["1.0.0", "2.0.0-rc.1"], "1.0.0"),
        (["1.9.0", "1.10.0", "0.99.0"], "1.10.0"),
    ],
)
def test_latest_is_the_highest_release(texts: list[str], expected: str | None) -> None:
    found = latest(parse_version(text) for text in texts)
    assert (str(found) if found else None) == expected


@pytest.mark.parametrize(
    ("text", "part", "expected"),
    [
        ("1.2.3", "major", "2.0.0"),
        ("1.2.3", "minor", "1.3.0"),
        ("1.2.3", "patch", "1.2.4"),
        ("2.0.0-rc.1", "major", "2.0.0"),
        ("2.0.0-rc.1", "minor", "2.0.0"),
        ("2.0.0-rc.1", "patch", "2.0.0"),
        ("1.3.0-rc.1", "major", "2.0.0"),
        ("1.3.0-rc.1", "minor", "1.3.0"),
        ("1.3.1-rc.1", "minor", "1.4.0"),
        ("1.3.1-rc.1", "patch", "1.3.1"),
    ],
)
def test_bump(text: str, part: Bump, expected: str) -> None:
    assert str(bumped(parse_version(text), part)) == expected


@given(versions)
def test_every_bump_is_a_higher_release(version: semver.Version) -> None:
    current = parse_version(str(version))
    parts: tuple[Bump, ...] = ("major", "minor", "patch")
    for part in parts:
        after = bumped(current, part)
        assert current < after
        assert after.prerelease is None


def test_refuses_a_prerelease_that_starts_with_a_stage() -> None:
    check_prerelease(parse_version("1.2.0-rc.production"), {"production"})
    check_prerelease(parse_version("1.2.0"), {"production"})
    with pytest.raises(InvalidVersion, match="starts with the name 'production'"):
        check_prerelease(parse_version("1.2.0-production.2"), {"production"})

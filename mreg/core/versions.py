"""Semantic versions as mreg allows them: SemVer 2.0.0, no build metadata, pre-release identifiers without hyphens."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, Self, assert_never

import semver

from mreg.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

Bump = Literal["major", "minor", "patch"]

MAX_VERSION = 64  # see names: with a model and a label it makes a file name

# The hyphen is what separates a version from its stage in a tag name, so a pre-release identifier has none.
_PRERELEASE = re.compile(r"[0-9A-Za-z]+(\.[0-9A-Za-z]+)*")


class Version(semver.Version):
    """A semantic version that hashes and compares in a fraction of semver's time.

    A replay looks up some hundred thousand of them; semver builds a tuple at each look, and parses at each comparison.
    """

    __slots__ = ("_hash", "_key")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._key = _precedence(self)
        self._hash = hash(self._key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Version) and self._key == other._key)

    def __ne__(self, other: object) -> bool:  # semver's own parses both sides
        return not self == other

    def __lt__(self, other: Self) -> bool:  # type: ignore[override]  # semver takes texts and tuples too
        return self._key < other._key

    @property
    def precedence(self) -> tuple[object, ...]:
        """A key that sorts by SemVer precedence. Source: https://semver.org/#spec-item-11"""
        return self._key


class InvalidVersion(UsageError):
    """A text that is not a version mreg can register."""

    def __init__(self, *, text: str, problem: str, hint: str = "") -> None:
        super().__init__(f"{text!r} is not a version: {problem}")
        self.text, self.problem = text, problem
        self.hint = hint or "write MAJOR.MINOR.PATCH, as in 1.4.0, or a pre-release such as 2.0.0-rc.1"


@lru_cache(maxsize=1 << 16)
def parse_version(text: str) -> Version:
    """The version that a text names; a leading `v` is allowed.

    Raises:
        InvalidVersion: Not SemVer, too long, with build metadata, or with a hyphen inside its pre-release.

    Source: https://semver.org, docs/format.md#versions
    """
    bare = text.removeprefix("v")
    if len(bare) > MAX_VERSION:
        raise InvalidVersion(text=text, problem=f"it has {len(bare)} characters, more than {MAX_VERSION}")
    try:
        version = Version.parse(bare)
    except ValueError as error:
        raise InvalidVersion(text=text, problem="it does not follow SemVer 2.0.0") from error
    if version.build:
        raise InvalidVersion(text=text, problem="build metadata (+…) cannot be part of a tag")
    if version.prerelease and not _PRERELEASE.fullmatch(version.prerelease):
        raise InvalidVersion(text=text, problem="a pre-release has no hyphen, since one separates the stage in a tag")
    return version


def check_prerelease(version: Version, labels: Collection[str]) -> None:
    """Refuse a version whose first pre-release identifier is a stage's or an alias's name.

    `churn@v1.2.0-production` would otherwise have two readings.

    Raises:
        InvalidVersion: It is such a version.
    """
    first = (version.prerelease or "").split(".")[0]
    if first in labels:
        raise InvalidVersion(
            text=str(version),
            problem=f"its pre-release starts with the name {first!r}",
            hint="choose another word, such as rc.1; a version enters a stage by mreg promote",
        )


def _precedence(version: semver.Version) -> tuple[object, ...]:
    release = (version.major, version.minor, version.patch)
    if not version.prerelease:
        return (*release, 1)
    identifiers = tuple((0, int(i), "") if i.isdigit() else (1, 0, i) for i in version.prerelease.split("."))
    return (*release, 0, identifiers)


def latest(versions: Iterable[Version]) -> Version | None:
    """The highest release, or the highest pre-release where there is no release; None of none."""
    return max(versions, key=lambda v: (v.prerelease is None, v.precedence), default=None)


FIRST_VERSION = Version(1, 0, 0)


def bumped(version: Version, part: Bump) -> Version:
    """The next release. A pre-release of just such a release leads to it: major, 2.0.0-rc.1 → 2.0.0, not 3.0.0."""
    major, minor, patch = version.major, version.minor, version.patch
    begun = bool(version.prerelease)
    match part:
        case "major":
            return Version(major if begun and minor == patch == 0 else major + 1, 0, 0)
        case "minor":
            return Version(major, minor if begun and patch == 0 else minor + 1, 0)
        case "patch":
            return Version(major, minor, patch if begun else patch + 1)
    assert_never(part)

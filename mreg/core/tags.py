"""The grammar of tag names: `churn@v1.2.0`, `churn@v1.2.0-production`, `churn@v1.2.0-production.2`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from mreg.core.names import LABEL
from mreg.core.versions import InvalidVersion, parse_version

if TYPE_CHECKING:
    from collections.abc import Collection

    from mreg.core.versions import Version

SEPARATOR = "@v"

# A first event has no count, so none is 1; and nobody repeats an event a million times.
_COUNT = r"([2-9]|[1-9][0-9]{1,5})"
_COUNTED = re.compile(rf"({LABEL})(?:\.{_COUNT})?")
_SUFFIX = re.compile(rf"\.{_COUNT}")


class TagRecord(NamedTuple):
    """A tag as git tells it.

    `kind` is the type of the ref's object: "tag" where it is annotated. Then `target` and `target_kind` say what the
    tag object points at; for a lightweight tag they are empty. `creator` is git's raw line `Name <email> seconds zone`
    of the tagger, or of the committer where the tag is lightweight. `message` includes a signature.
    """

    name: str
    oid: str
    kind: str
    target: str
    target_kind: str
    creator: str
    message: str


def record_of(name: str, oid: str, kind: str, text: str) -> TagRecord:
    """A tag, given the object that its ref holds as git stores it.

    Args:
        name: The ref's name, without `refs/tags/`.
        oid: The object's id.
        kind: Its type.
        text: Its content; of other types than tag and commit, nothing is taken from it.
    """
    head, _, message = text.partition("\n\n")
    # Of a line that is there twice git takes the first.
    header = dict(line.partition(" ")[::2] for line in reversed(head.split("\n")))
    if kind == "tag":
        target, target_kind, creator = (header.get(key, "") for key in ("object", "type", "tagger"))
        return TagRecord(name, oid, kind, target, target_kind, creator, message)
    return TagRecord(name, oid, kind, "", "", header.get("committer", "") if kind == "commit" else "", message)


# A tag as the object that its ref holds: the ref's name, the object's id and type, and its content as git stores it.
TagObject = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class TagName:
    """The parts of a tag's name. `count` numbers the events of one label on one version, from 1."""

    model: str
    version: Version
    label: str | None = None
    count: int = 1


def format_tag(name: TagName) -> str:
    """The tag's name, without `refs/tags/`."""
    text = f"{name.model}{SEPARATOR}{name.version}"
    if name.label is None:
        return text
    return f"{text}-{name.label}" if name.count == 1 else f"{text}-{name.label}.{name.count}"


def parse_tag(text: str, *, labels: Collection[str]) -> TagName | None:
    """The parts of a tag's name; None where it is no name of ours.

    Args:
        text: The name, without `refs/tags/`.
        labels: The stage and alias names in use: what tells `-production` from a pre-release, where only one of
            them stands.
    """
    model, separator, rest = text.partition(SEPARATOR)
    if not (model and separator):
        return None
    core, *parts = rest.split("-")
    match parts:
        case []:
            return _named(model, core, None)
        case [part] if part.split(".")[0] not in labels:
            return _named(model, rest, None)
        case [part]:
            return _named(model, core, part)
        case [prerelease, part]:
            return _named(model, f"{core}-{prerelease}", part)
        case _:
            return None


def _named(model: str, version: str, counted_label: str | None) -> TagName | None:
    try:
        parsed = parse_version(version)
    except InvalidVersion:
        return None
    if version.startswith("v"):
        return None
    if counted_label is None:
        return TagName(model, parsed)
    counted = _COUNTED.fullmatch(counted_label)
    if counted is None:
        return None
    return TagName(model, parsed, counted[1], int(counted[2] or 1))


def agrees(tag: str, *, model: str, version: Version, label: str | None) -> bool:
    """Whether a tag's name says what its trailers say."""
    expected = format_tag(TagName(model, version, label))
    return tag == expected or (label is not None and count_of(tag, expected) > 1)


def count_of(tag: str, first: str) -> int:
    """The count in `tag`'s name, where it is a repetition of the tag `first` (1 for `first` itself); else 0."""
    if tag == first:
        return 1
    counted = _SUFFIX.fullmatch(tag, len(first)) if tag.startswith(first) else None
    return int(counted[1]) if counted else 0

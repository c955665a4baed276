"""From a tag as git tells it to the event that it is, or to the reason why it is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from mreg.core.events import ARCHIVED, NONE, PRODUCTION, STAGING, YANKED, Actor, Change, Event, EventKind
from mreg.core.messages import TRAILERS, BrokenTrailers, parse_message, read_values, split_signature
from mreg.core.names import InvalidName, check_model_name, model_name_problem
from mreg.core.tags import SEPARATOR, TagRecord, agrees, parse_tag, record_of

# Names of our events' tags: without trailers, such a tag is no registration of a pre-release called "production".
_LABELS = frozenset({NONE, STAGING, PRODUCTION, ARCHIVED, YANKED})

# A tag may claim any time; 9999-12-31 is what a date can hold.
_SECONDS = re.compile(r"[0-9]{1,20}")
_LAST_SECOND = 253402300799


@dataclass(frozen=True, slots=True)
class OddTag:
    """A tag that looks like one of ours and is none, and why."""

    name: str
    problem: str


def model_of(tag: str) -> str | None:
    """The model that a tag's name names; None where the tag is none of ours."""
    model, separator, _ = tag.partition(SEPARATOR)
    return model if separator else None


def read_record(record: TagRecord) -> Event | OddTag | None:
    """The event that a tag is.

    Trailers are authoritative; a tag without them is read as the registration that its name says, so that repositories
    tagged by hand or by GTO work as they are.

    Returns:
        The event; or an `OddTag` for a tag that looks like ours and is not; or None for anybody else's tag.

    Source: docs/format.md#tags
    """
    annotated = record.kind == "tag"
    try:
        model = _named_model(record.name)
        if model is None:
            return None
        if (record.target_kind if annotated else record.kind) != "commit":
            raise _Odd(f"it points at a {record.target_kind or record.kind}, not at a commit")
        message, signed = split_signature(record.message) if annotated else ("", False)
        change = parse_message(message) or _registration(record.name)
        if change.model != model:
            raise _Odd(f"its trailers are about the model {change.model}")
    except (_Odd, BrokenTrailers, InvalidName) as error:
        return OddTag(record.name, str(error))
    actor, time = read_creator(record.creator)
    commit = record.target if annotated else record.oid
    return Event(change, record.name, record.oid, commit, actor, time, annotated, signed)


# A tag object as mreg writes it unsigned, from its first byte to its last: one match instead of a dozen cuts.
_AS_WRITTEN = re.compile(
    r"object ([0-9a-f]+)\ntype commit\ntag .*\ntagger (.*)> ([0-9]{1,11}) [-+][0-9]{4}\n\n"
    rf".+\n\n(?:((?:.*\n)*?)\n)?{TRAILERS}\n"
)


def read_object(name: str, oid: str, kind: str, text: str) -> Event | OddTag | None:
    """The event that a tag is, given its object as git stores it: what `read_record` says of its parts.

    This is the inner loop of the first look at a large repository.
    """
    matched = _AS_WRITTEN.fullmatch(text) if kind == "tag" else None
    if matched is None:
        return read_record(record_of(name, oid, kind, text))
    commit, creator, seconds, reason, event, model, *values = matched.groups()
    if not name.startswith(f"{model}{SEPARATOR}") or model_name_problem(model):
        return read_record(record_of(name, oid, kind, text))
    try:
        change = read_values(event, model, *values, reason=reason.strip("\n") if reason else "")
    except BrokenTrailers as error:
        return OddTag(name, str(error))
    return Event(change, name, oid, commit, _actor(creator), int(seconds))


class _Odd(ValueError):
    """What is odd about a tag."""


def _named_model(tag: str) -> str | None:
    """The valid name of the model that a tag is named after; None for a tag that is none of ours."""
    model = model_of(tag)
    if model is None and "@" in tag:
        raise _Odd("it is not MODEL@vX.Y.Z")
    return None if model is None else check_model_name(model)


def _registration(tag: str) -> Change:
    name = parse_tag(tag, labels=_LABELS)
    if name is None:
        raise _Odd("it is not MODEL@vX.Y.Z")
    if name.label is not None:
        raise _Odd(f"it names {name.label} but has no trailers")
    return Change(kind=EventKind.REGISTER, model=name.model, version=name.version)


def read_creator(line: str) -> tuple[Actor, int]:
    """Who and when, from git's raw line `Name <email> seconds zone`; a tag without a tagger is nobody's, at time 0."""
    head, _, tail = line.rpartition("> ")
    seconds = tail.split(" ")[0]
    if not head or not _SECONDS.fullmatch(seconds):
        return Actor("unknown", ""), 0
    return _actor(head), min(int(seconds), _LAST_SECOND)


@lru_cache(maxsize=4096)
def _actor(head: str) -> Actor:
    name, _, email = head.rpartition("<")
    return Actor(name.rstrip(), email)


def disagreement(event: Event) -> str | None:
    """Where a tag's name does not say what its trailers say, a sentence about it."""
    change = event.change
    if agrees(event.tag, model=change.model, version=change.version, label=change.label):
        return None
    what = f"{change.kind} of {change.version}" + (f" ({change.label})" if change.label else "")
    return f"its name does not agree with its trailers, which tell a {what}"

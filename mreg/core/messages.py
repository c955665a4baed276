"""The message of an event's tag: a subject, the reason, and a last paragraph of git trailers that is authoritative."""

from __future__ import annotations

import re
from typing import assert_never
from unicodedata import category

from mreg.core.events import Change, EventKind
from mreg.core.names import LABEL
from mreg.core.versions import InvalidVersion, parse_version
from mreg.errors import UsageError

_SIGNATURES = tuple(
    f"-----BEGIN {kind}-----" for kind in ("SSH SIGNATURE", "PGP SIGNATURE", "PGP MESSAGE", "SIGNED MESSAGE")
)


class InvalidReason(UsageError):
    """A reason that cannot be written into a tag without being mistaken for something else."""

    def __init__(self, *, problem: str) -> None:
        super().__init__(f"the reason {problem}")
        self.problem = problem
        self.hint = "write the reason as plain text: -m 'two points of F1 over 1.2.0'"


class BrokenTrailers(ValueError):
    """The trailers of a tag do not tell an event; the text says what is wrong with them."""


def subject(change: Change) -> str:
    """One line that says what happened, as it shows in `git tag -n` and in hosting sites."""
    named = f"{change.model} v{change.version}"
    match change.kind:
        case EventKind.REGISTER:
            return f"Register {named}"
        case EventKind.PROMOTE:
            return f"Promote {named} to {change.stage}"
        case EventKind.ROLLBACK:
            return f"Roll {change.model} back to v{change.version} in {change.stage}"
        case EventKind.ARCHIVE:
            return f"Archive {named}"
        case EventKind.YANK:
            return f"Yank {named}"
        case EventKind.ALIAS:
            return f"Name {named} {change.alias}"
        case EventKind.UNALIAS:
            return f"Remove {change.alias} from {named}"
    assert_never(change.kind)


def check_reason(text: str) -> str:
    """The reason as it will be stored: lines without trailing blanks, no blank line around.

    Raises:
        InvalidReason: It has a line that git would take for a signature, or a control character, or is no UTF-8.
    """
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise InvalidReason(problem="is not valid UTF-8")
    lines = [line.rstrip() for line in text.split("\n")]
    if any(line.startswith("-----BEGIN ") for line in lines):
        raise InvalidReason(problem="has a line that begins a signature block")
    reason = "\n".join(lines).strip("\n")
    odd = next((c for c in reason if category(c) == "Cc" and c not in "\n\t"), "")
    if odd:
        raise InvalidReason(problem=f"contains the control character {odd!r}")
    return reason


def format_message(change: Change) -> str:
    """The whole message. Ours is the last paragraph, so a reason that looks like trailers stays prose.

    Raises:
        InvalidReason: The reason cannot be written; see `check_reason`.

    Source: docs/format.md#message
    """
    trailers = "\n".join(f"{key}: {value}" for key, value in _trailers(change))
    reason = check_reason(change.reason)
    return "\n\n".join(part for part in (subject(change), reason, trailers) if part) + "\n"


def _trailers(change: Change) -> list[tuple[str, str]]:
    values = (
        change.kind.value,
        change.model,
        str(change.version),
        change.stage,
        change.alias,
        change.origin,
        " ".join(str(version) for version in change.supersedes),
        _FORCED if change.forced else None,
        None if change.sequence is None else str(change.sequence),
        change.parent,
        change.digest,
    )
    return [(key, value) for key, value in zip(_VALUES, values, strict=True) if value]


def split_signature(message: str) -> tuple[str, bool]:
    """The message without its signature, and whether it had one.

    Git takes the last line that begins a signature block as the signature's start.
    """
    if "-----BEGIN " not in message:
        return message, False
    start = max(f"\n{message}".rfind(f"\n{mark}") for mark in _SIGNATURES)
    return (message, False) if start < 0 else (message[:start], True)


def parse_message(message: str) -> Change | None:
    """What an event's message says; None where it has no trailers of ours.

    Args:
        message: The tag's raw message without its signature.

    Raises:
        BrokenTrailers: It has our trailers, but they tell no event.
    """
    start = message.rfind(_BLOCK)
    block = message[start + 2 :].rstrip("\n")
    if start < 0 or "\n\n" in block:
        return None
    matched = _TRAILERS.fullmatch(block)
    values = matched.groups() if matched else _scrutinized(block)
    return read_values(*values, reason=message[:start].partition("\n\n")[2].strip("\n"))


def _scrutinized(block: str) -> tuple[str | None, ...]:
    """The values of a block that is not as we write it: trailers in another order, with others between, or wrong."""
    found: dict[str, str] = {}
    for line in block.split("\n"):
        key, _, value = line.partition(": ")
        pattern = _VALUES.get(key)
        if pattern is None:
            continue
        if key in found:
            raise BrokenTrailers(f"the trailer {key} is there twice")
        if not re.fullmatch(pattern, value):
            raise BrokenTrailers(f"the trailer {key} cannot be {value!r}")
        found[key] = value
    return tuple(found.get(key) for key in _VALUES)


def read_values(
    event: str | None,
    model: str | None,
    version: str | None,
    stage: str | None,
    alias: str | None,
    origin: str | None,
    supersedes: str | None,
    forced: str | None,
    sequence: str | None,
    parent: str | None,
    digest: str | None,
    *,
    reason: str,
) -> Change:
    """What the values of our trailers, in their order, say.

    Raises:
        BrokenTrailers: They tell no event.
    """
    kind = _KINDS.get(event or "")
    if kind is None:
        raise BrokenTrailers(f"the event {event!r} is not one that this version of mreg knows")
    if model is None or version is None:
        raise BrokenTrailers(f"the trailer {'Version' if model else 'Model'} is missing")
    if stage is None and kind in _STAGED:
        raise BrokenTrailers("the trailer Stage is missing")
    if alias is None and kind in _ALIASED:
        raise BrokenTrailers("the trailer Alias is missing")
    try:
        return Change(
            kind,
            model,
            parse_version(version),
            stage,
            alias,
            origin,
            tuple([parse_version(text) for text in supersedes.split()]) if supersedes else (),
            forced is not None,
            int(sequence) if sequence else None,
            parent,
            digest,
            reason,
        )
    except InvalidVersion as error:
        raise BrokenTrailers(str(error)) from error


MAX_SEQUENCE = 999_999_999_999
_FORCED = "true"
# Our trailers in the order in which they are written, and what each may say.
_VALUES = {
    "Event": ".+",
    "Model": ".+",
    "Version": ".+",
    "Stage": LABEL,
    "Alias": LABEL,
    "From": LABEL,
    "Supersedes": ".+",
    "Forced": _FORCED,
    "Sequence": f"[1-9][0-9]{{0,{len(str(MAX_SEQUENCE)) - 1}}}",
    "Parent": "[0-9a-f]{40,64}",
    "Artifact-SHA256": "[0-9a-f]{64}",
}
_BLOCK = "\n\nEvent: "
# One match per tag instead of a dictionary: this is the inner loop of every look at all models.
TRAILERS = "Event: (.+)\nModel: (.+)\nVersion: (.+)" + "".join(
    f"(?:\n{key}: ({value}))?" for key, value in list(_VALUES.items())[3:]
)
_TRAILERS = re.compile(TRAILERS)
_KINDS = {kind.value: kind for kind in EventKind}
_STAGED = frozenset({EventKind.PROMOTE, EventKind.ROLLBACK})
_ALIASED = frozenset({EventKind.ALIAS, EventKind.UNALIAS})

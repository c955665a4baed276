"""Facts learned later about a version: one JSON object per line, only ever appended, merged by set union."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from unicodedata import category

from mreg.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_KEY = 200

# No fact is from the last year that a date can hold, so that there is always a time after it: see `next_time`.
_END = datetime(datetime.max.year, 1, 1, tzinfo=UTC)

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One fact. `time` is UTC to the microsecond, `id` a random text that keeps equal facts apart; `removed` takes the
    key back."""

    key: str
    value: Scalar
    actor: str
    time: datetime
    id: str
    removed: bool = False


class UnfitFact(UsageError):
    """A fact that no note could hold as people mean it."""

    hint = "write key=value, as in validation_status=passed"

    def __init__(self, *, key: str, problem: str) -> None:
        super().__init__(f"the annotation {key!r:.80} {problem}")
        self.key, self.problem = key, problem


def check_fact(key: str, value: Scalar) -> None:
    """Refuse a fact that could not be written, or not be named again.

    Raises:
        UnfitFact: Its key has line breaks or control characters, is too long, or a text is not Unicode.
    """
    if any("\ud800" <= c <= "\udfff" for c in f"{key}{value}"):
        raise UnfitFact(key=key, problem="is not valid UTF-8")
    if odd := next((c for c in key if category(c) == "Cc"), ""):
        raise UnfitFact(key=key, problem=f"has the control character {odd!r} in its key")
    if len(key) > MAX_KEY:
        raise UnfitFact(key=key, problem=f"has a key of {len(key)} characters, more than {MAX_KEY}")


def format_line(annotation: Annotation) -> str:
    """The line, without its newline: compact JSON with sorted keys, so that equal facts are equal lines.

    Source: docs/format.md#notes
    """
    record: dict[str, object] = {
        "actor": annotation.actor,
        "id": annotation.id,
        "key": annotation.key,
        "time": annotation.time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "value": annotation.value,
    }
    if annotation.removed:
        record["removed"] = True
    return json.dumps(record, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def parse_line(line: str) -> Annotation | None:
    """The fact in a line; None where the line is none, or one that mreg could not have written: notes may come from
    anyone."""
    try:
        record = json.loads(line)
        time = datetime.fromisoformat(record["time"])
        annotation = Annotation(
            key=record["key"],
            value=record["value"],
            actor=record["actor"],
            time=(time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC),
            id=record["id"],
            removed=record.get("removed") is True,
        )
        # Refuses NaN, infinities and half characters, which JSON lets in by its escapes.
        format_line(annotation).encode()
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    texts = (annotation.key, annotation.actor, annotation.id)
    fine = all(isinstance(text, str) for text in texts) and isinstance(annotation.value, Scalar)
    return annotation if fine and annotation.time < _END else None


def parse_note(text: str) -> tuple[Annotation, ...]:
    """Every fact in a note, oldest first."""
    # The lines are sorted first so that even facts with equal time and id have one order.
    facts = dict.fromkeys(fact for line in sorted(text.split("\n")) if (fact := parse_line(line)))
    return tuple(sorted(facts, key=_order))


def current(facts: Iterable[Annotation]) -> dict[str, Annotation]:
    """The newest fact of each key that was not taken back, by key."""
    newest = {fact.key: fact for fact in sorted(facts, key=_order)}
    return {key: newest[key] for key in sorted(newest) if not newest[key].removed}


def next_time(now: datetime, facts: Iterable[Annotation], key: str) -> datetime:
    """A time for a new fact that makes it the newest of its key, even where clocks disagree."""
    last = max((fact.time for fact in facts if fact.key == key), default=None)
    return now if last is None or now > last else last + timedelta(microseconds=1)


def _order(fact: Annotation) -> tuple[datetime, str]:
    return (fact.time, fact.id)

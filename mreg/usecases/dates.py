"""Days and times as people write them."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from mreg.errors import UsageError

if TYPE_CHECKING:
    from mreg.adapters.git import Git

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTH = re.compile(r"(?!0000)\d{4}-(?:0[1-9]|1[0-2])")
# Git reads some time or other in 2026-13 and 2026-02-45 too.
_NUMBERS = re.compile(r"(\d{4,})-(\d{1,2})(?:-(\d{1,2}))?(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}))?)?")
# Git answers "now" to a text that it cannot read. These are the texts that do mean now.
_NOW = frozenset({"now", "today"})


class InvalidDate(UsageError):
    """A text that is no date."""

    hint = "write a day (2026-03-03), a month (2026-03), a time (2026-03-03T14:00Z), or words such as 'two weeks ago'"

    def __init__(self, *, text: str) -> None:
        super().__init__(f"{text!r} is not a date")
        self.text = text


def start_of(text: str, git: Git) -> int:
    """The first second that a date means, since 1970 UTC: a day begins at midnight UTC, a month on its first."""
    return _seconds(text, git, time.min)


def end_of(text: str, git: Git) -> int:
    """The last second that a date means, since 1970 UTC: days and months end before a midnight UTC."""
    return _seconds(text, git, time.max)


def _seconds(text: str, git: Git, within_day: time) -> int:
    """Read ISO dates here, which costs no process, and all others as git's approxidate reads them.

    Raises:
        InvalidDate: Neither can.
    """
    text = text.strip()
    if _MONTH.fullmatch(text):
        text = _day_of(int(text[:4]), int(text[5:]), within_day)
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return _approximate(text, git)
    if _DAY.fullmatch(text):
        when = datetime.combine(when, within_day)
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())


def _day_of(year: int, month: int, within_day: time) -> str:
    """The month's first day or its last, as the question is about the beginning or the end."""
    day = monthrange(year, month)[1] if within_day == time.max else 1
    return f"{year:04}-{month:02}-{day:02}"


def _approximate(text: str, git: Git) -> int:
    if not text or "\0" in text or not _can_be(text):
        raise InvalidDate(text=text)
    before = int(datetime.now(UTC).timestamp())
    found = git.approximate_time(text)
    if found >= before and text.lower() not in _NOW:
        raise InvalidDate(text=text)
    return found


def _can_be(text: str) -> bool:
    """Whether it is no name, and the numbers that it begins with are those of a day and a time, if they look so."""
    if "@" in text[1:]:  # a version's name: git finds some date in that, too
        return False
    if not (matched := _NUMBERS.match(text)):
        return True
    try:
        year, month, day, hour, minute, second = (int(number or 0) for number in matched.groups())
        datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (ValueError, OverflowError):
        return False
    return True

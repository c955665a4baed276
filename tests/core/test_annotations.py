"""Facts about versions: lines that merge by set union."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mreg.core.annotations import Annotation, current, format_line, next_time, parse_line, parse_note

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
FACT = Annotation(key="validation", value="passed", actor="Ada <ada@example.com>", time=NOON, id="7f3a")
LINE = (
    '{"actor":"Ada <ada@example.com>","id":"7f3a","key":"validation",'
    '"time":"2026-03-03T12:00:00.000000Z","value":"passed"}'
)

_texts = st.text(st.characters(codec="utf-8"), max_size=12)
_facts = st.builds(
    Annotation,
    key=st.sampled_from(("f1", "validation", "owner")),
    value=st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _texts,
    actor=_texts,
    time=st.integers(0, 5).map(lambda second: NOON + timedelta(seconds=second)),
    id=st.uuids().map(lambda uuid: uuid.hex),
    removed=st.booleans(),
)
_notes = st.lists(_facts, max_size=6).map(lambda facts: "\n".join(map(format_line, facts)))


def merged(*notes: str) -> str:
    """What `git notes merge -s cat_sort_uniq` makes of several notes."""
    return "\n".join(sorted({line for note in notes for line in note.split("\n") if line}))


def test_a_fact_is_a_line_of_json_with_sorted_keys() -> None:
    assert format_line(FACT) == LINE
    assert parse_line(LINE) == FACT


def test_a_removal_says_so() -> None:
    removal = replace(FACT, value=None, removed=True)
    assert '"removed":true' in format_line(removal)
    assert parse_line(format_line(removal)) == removal


@given(_facts)
def test_a_fact_reads_back(fact: Annotation) -> None:
    assert parse_line(format_line(fact)) == fact
    assert "\n" not in format_line(fact)


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2026-03-03T12:00:00Z", NOON),
        ("2026-03-03T12:00:00", NOON),
        ("2026-03-03T13:00:00+01:00", NOON),
        ("2026-03-03", NOON.replace(hour=0)),
    ],
)
def test_reads_other_spellings_of_a_time(time: str, expected: datetime) -> None:
    fact = parse_line(LINE.replace("2026-03-03T12:00:00.000000Z", time))
    assert fact is not None
    assert fact.time == expected
    assert fact.time.tzinfo is UTC


@pytest.mark.parametrize(
    "line",
    [
        "",
        "validated by hand",
        "{}",
        "[]",
        "null",
        "7",
        '"text"',
        "[" * 100_000,
        LINE[:-1],
        LINE.replace('"key":"validation",', ""),
        LINE.replace('"validation"', "7"),
        LINE.replace('"validation"', "[]"),
        LINE.replace('"passed"', "[1]"),
        LINE.replace('"passed"', '{"a":1}'),
        LINE.replace('"passed"', "NaN"),
        LINE.replace('"passed"', "-Infinity"),
        LINE.replace('"passed"', "1e999"),
        LINE.replace('"passed"', "9" * 5000),
        LINE.replace('"passed"', r'"\ud800"'),
        LINE.replace("validation", r"\udc00"),
        LINE.replace("2026-03-03T12:00:00.000000Z", "yesterday"),
        LINE.replace('"2026-03-03T12:00:00.000000Z"', "1772539200"),
        LINE.replace("2026-03-03T12:00:00.000000Z", "9999-12-31T23:59:59.999999Z"),
        LINE.replace("2026-03-03T12:00:00.000000Z", "0001-01-01T00:00:00+14:00"),
    ],
)
def test_other_lines_are_no_facts_and_hide_none(line: str) -> None:
    assert parse_line(line) is None
    assert parse_note(f"{line}\n{LINE}\n{line}") == (FACT,)


@given(_notes, _notes, _notes)
def test_merging_is_a_set_union(one: str, two: str, three: str) -> None:
    assert parse_note(merged(one, two)) == parse_note(merged(two, one))
    assert parse_note(merged(merged(one, two), three)) == parse_note(merged(one, merged(two, three)))
    assert parse_note(merged(one, one)) == parse_note(one)
    assert set(parse_note(merged(one, two))) == set(parse_note(one)) | set(parse_note(two))


@given(_notes, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_changes_nothing(note: str, random: Random) -> None:
    lines = note.split("\n")
    random.shuffle(lines)
    assert parse_note("\n".join(lines)) == parse_note(note)
    assert current(parse_note("\n".join(lines))) == current(parse_note(note))


def test_two_facts_with_the_same_time_and_id_have_one_order() -> None:
    lines = [LINE, LINE.replace("passed", "failed")]
    assert parse_note("\n".join(lines)) == parse_note("\n".join(reversed(lines)))


def test_the_newest_fact_of_a_key_is_its_value() -> None:
    later = replace(FACT, value="failed", time=NOON + timedelta(microseconds=1), id="0000")
    other = replace(FACT, key="f1", value=0.9)
    assert current([later, FACT, other]) == {"f1": other, "validation": later}


def test_a_removed_key_is_gone_until_it_is_set_again() -> None:
    removal = replace(FACT, value=None, time=NOON + timedelta(seconds=1), removed=True)
    again = replace(FACT, value="passed", time=NOON + timedelta(seconds=2))
    assert current([FACT, removal]) == {}
    assert current([FACT, removal, again]) == {"validation": again}


@given(_notes, st.integers(-9, 9))
def test_a_new_fact_is_the_newest_whatever_the_clock_says(note: str, seconds: int) -> None:
    facts = parse_note(note)
    time = next_time(NOON + timedelta(seconds=seconds), facts, FACT.key)
    new = replace(FACT, time=time, id="")
    assert current(parse_note(merged(note, format_line(new))))[FACT.key] == new


def test_there_is_a_time_after_every_fact() -> None:
    late = LINE.replace("2026-03-03T12:00:00.000000Z", "9998-12-31T23:59:59.999998Z")
    facts = parse_note(late)
    assert next_time(NOON, facts, "validation") == datetime(9998, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    assert next_time(NOON, facts, "other") == NOON


def test_times_are_written_in_utc() -> None:
    east = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert format_line(replace(FACT, time=east)) == LINE

"""The replay: what events mean, and the laws that hold for any history."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mreg.core.events import Change, Event, EventKind
from mreg.core.fold import ModelState, as_of, fold, rollback_target
from mreg.core.versions import parse_version
from tests.core.strategies import EXCLUSIVE, START, STEP, Author, authors, changes, event


def what_matters(state: ModelState) -> Mapping[str, object]:
    """A state without the times of its events."""
    return {
        "stages": {version: known.stage for version, known in state.versions.items()},
        "yanked": {version for version, known in state.versions.items() if known.yanked},
        "holders": state.holders,
        "tenures": state.tenures,
        "aliases": state.aliases,
        "changed": {version: known.changed.oid for version, known in state.versions.items()},
    }


def registered(*versions: str) -> Author:
    author = Author()
    for version in versions:
        author.register(version)
    return author


# What each event means


def test_nothing_happened_to_a_model_without_events() -> None:
    state = fold("churn", [])
    assert (state.newest, state.latest, state.next_sequence) == (None, None, 1)
    assert state.holder("production") is None
    assert rollback_target(state, "production") is None


def test_a_registration_makes_a_version_without_a_stage() -> None:
    author = registered("1.0.0")
    (known,) = author.state.versions.values()
    assert (known.stage, known.aliases, known.yanked) == ("none", (), None)
    assert known.registered == known.changed == author.events[0]
    assert known.commit == "c" * 40


def test_a_promotion_archives_what_it_supersedes() -> None:
    author = registered("1.0.0", "1.1.0")
    author.promote("1.0.0")
    author.promote("1.1.0")
    assert author.stages() == {"1.0.0": "archived", "1.1.0": "production"}
    assert author.state.versions[parse_version("1.0.0")].changed == author.events[-1]


def test_a_version_does_not_supersede_itself() -> None:
    author = registered("1.0.0")
    change = author.events[0].change._replace(kind=EventKind.PROMOTE, stage="production", sequence=2)
    author.events.append(event(change._replace(supersedes=(change.version,)), oid="f" * 40))
    assert author.stages() == {"1.0.0": "production"}


def test_a_version_leaves_the_stage_it_was_in() -> None:
    author = registered("1.0.0")
    author.promote("1.0.0", "staging")
    author.promote("1.0.0", "production")
    assert author.state.holders == {"production": (parse_version("1.0.0"),)}
    author.promote("1.0.0", "none")
    assert author.state.holders == {}


def test_the_newest_holder_of_a_shared_stage_is_the_one() -> None:
    author = registered("1.0.0", "1.1.0", "1.2.0")
    for version in ("1.1.0", "1.2.0", "1.0.0"):
        author.promote(version, "staging")
    assert [str(version) for version in author.state.holders["staging"]] == ["1.1.0", "1.2.0", "1.0.0"]
    assert author.holder("staging") == "1.0.0"


def test_versions_promoted_in_turn_roll_back_in_turn() -> None:
    author = registered("1.0.0", "2.0.0", "3.0.0")
    for version in ("1.0.0", "2.0.0", "3.0.0"):
        author.promote(version)
    seen = []
    while rollback_target(author.state, "production"):
        author.rollback()
        seen.append(author.holder())
    assert seen == ["2.0.0", "1.0.0"]
    assert author.stages() == {"1.0.0": "production", "2.0.0": "archived", "3.0.0": "archived"}


def test_a_rollback_skips_yanked_versions() -> None:
    author = registered("1.0.0", "2.0.0", "3.0.0")
    for version in ("1.0.0", "2.0.0", "3.0.0"):
        author.promote(version)
    author.yank("2.0.0")
    author.rollback()
    assert author.holder() == "1.0.0"


def test_a_rollback_to_a_named_version_forgets_those_above_it() -> None:
    author = registered("1.0.0", "2.0.0", "3.0.0")
    for version in ("1.0.0", "2.0.0", "3.0.0"):
        author.promote(version)
    author.rollback(to="1.0.0")
    assert rollback_target(author.state, "production") is None
    author.promote("3.0.0")
    assert rollback_target(author.state, "production") == parse_version("1.0.0")


def test_a_rollback_to_a_version_that_never_was_there_replaces_the_current_one() -> None:
    author = registered("1.0.0", "2.0.0", "3.0.0")
    author.promote("1.0.0")
    author.promote("2.0.0")
    author.rollback(to="3.0.0")
    assert author.stages() == {"1.0.0": "archived", "2.0.0": "archived", "3.0.0": "production"}
    assert rollback_target(author.state, "production") == parse_version("1.0.0")


def test_a_version_promoted_again_rolls_back_to_the_one_between() -> None:
    author = registered("1.0.0", "2.0.0")
    for version in ("1.0.0", "2.0.0", "1.0.0"):
        author.promote(version)
    author.rollback()
    assert author.holder() == "2.0.0"
    author.rollback()
    assert author.holder() == "1.0.0"
    assert rollback_target(author.state, "production") is None


def test_where_only_a_yanked_version_was_between_there_is_nothing_to_roll_back_to() -> None:
    author = registered("1.0.0", "2.0.0")
    for version in ("1.0.0", "2.0.0", "1.0.0"):
        author.promote(version)
    author.yank("2.0.0")
    assert rollback_target(author.state, "production") is None


def test_a_version_that_comes_back_to_its_stage_holds_it_once() -> None:
    author = registered("1.0.0", "2.0.0", "3.0.0")
    author.promote("1.0.0")
    author.promote("2.0.0")
    author.archive("2.0.0")
    author.promote("2.0.0")
    author.rollback(to="3.0.0")
    assert rollback_target(author.state, "production") == parse_version("1.0.0")


def test_an_empty_stage_rolls_back_to_the_holder_before_its_last_one() -> None:
    author = registered("1.0.0", "2.0.0")
    author.promote("1.0.0")
    author.promote("2.0.0")
    author.archive("2.0.0")
    author.rollback()
    assert author.stages() == {"1.0.0": "production", "2.0.0": "archived"}


def test_the_current_holder_is_never_the_target_of_a_rollback() -> None:
    author = registered("1.0.0", "2.0.0")
    author.promote("1.0.0", "staging")
    author.promote("2.0.0", "staging")
    author.archive("2.0.0")
    assert author.holder("staging") == "1.0.0"
    assert rollback_target(author.state, "staging") is None


def test_a_yanked_version_is_nowhere_and_not_latest() -> None:
    author = registered("1.0.0", "2.0.0")
    author.promote("2.0.0", "staging")
    author.yank("2.0.0")
    assert author.stages() == {"1.0.0": "none", "2.0.0": "none"}
    assert author.holder("staging") is None
    assert author.state.latest == parse_version("1.0.0")
    assert author.state.versions[parse_version("2.0.0")].yanked == author.events[-1]


@pytest.mark.parametrize("kind", [EventKind.PROMOTE, EventKind.ROLLBACK])
def test_a_yanked_version_enters_no_stage_and_archives_nobody(kind: EventKind) -> None:
    author = registered("1.0.0", "2.0.0")
    author.promote("1.0.0")
    author.yank("2.0.0")
    late = event(
        author.events[-1].change._replace(
            kind=kind, stage="production", supersedes=(parse_version("1.0.0"),), sequence=9
        )
    )
    state = fold("churn", [*author.events, late])
    assert state.holder("production") == parse_version("1.0.0")
    assert [(ignored.event, ignored.why) for ignored in state.ignored] == [(late, "version 2.0.0 was yanked before")]


def test_an_alias_names_one_version_until_it_is_taken_away() -> None:
    author = registered("1.0.0", "2.0.0")
    author.alias("1.0.0", "champion")
    author.alias("1.0.0", "baseline")
    assert author.state.versions[parse_version("1.0.0")].aliases == ("baseline", "champion")
    author.alias("2.0.0", "champion")
    assert author.state.aliases == {"champion": parse_version("2.0.0"), "baseline": parse_version("1.0.0")}
    author.unalias("champion")
    assert author.state.aliases == {"baseline": parse_version("1.0.0")}


def test_an_event_that_contradicts_is_set_aside_and_keeps_its_place() -> None:
    author = registered("1.0.0")
    first = author.events[0]
    again = first._replace(oid="f" * 40, change=first.change._replace(sequence=2))
    stranger = first._replace(
        oid="e" * 40,
        change=first.change._replace(kind=EventKind.ARCHIVE, version=parse_version("9.0.0"), sequence=3),
    )
    state = fold("churn", [first, again, stranger])
    assert [ignored.why for ignored in state.ignored] == [
        "version 1.0.0 was registered before",
        "version 9.0.0 was never registered",
    ]
    assert state.events == (first, again, stranger)
    assert (state.newest, state.next_sequence) == (stranger, 4)


def test_hand_made_registrations_come_first_by_time() -> None:
    author = registered("1.0.0")
    by_hand = [
        author.events[0]._replace(
            oid=oid * 40,
            time=time,
            change=author.events[0].change._replace(version=parse_version(version), sequence=None, parent=None),
        )
        for version, time, oid in (("0.2.0", START + 999_999, "1"), ("0.1.0", 5, "2"))
    ]
    state = fold("churn", [*author.events, *by_hand])
    assert [str(version) for version in state.versions] == ["0.1.0", "0.2.0", "1.0.0"]
    assert (state.newest, state.next_sequence) == (author.events[0], 2)


# Laws


@given(authors)
def test_mreg_writes_no_event_that_contradicts(author: Author) -> None:
    assert author.state.ignored == ()
    assert author.state.next_sequence == len(author.events) + 1
    assert author.state.events == tuple(author.events)


@given(authors, st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(author: Author, random: Random) -> None:
    shuffled = list(author.events)
    random.shuffle(shuffled)
    assert fold("churn", shuffled) == author.state


@given(authors, st.randoms(use_true_random=False))
def test_clocks_change_nothing(author: Author, random: Random) -> None:
    skewed = [event._replace(time=random.randrange(2 * START)) for event in author.events]
    assert what_matters(fold("churn", skewed)) == what_matters(author.state)


@given(authors)
def test_an_exclusive_stage_has_at_most_one_holder(author: Author) -> None:
    for stage in EXCLUSIVE:
        assert len(author.state.holders.get(stage, ())) <= 1


def in_one_stage_each(state: ModelState) -> bool:
    places = {
        version: [stage for stage, held in state.holders.items() if version in held] for version in state.versions
    }
    held = sum(len(held) for held in state.holders.values())
    return held == sum(map(len, places.values())) and all(
        places[version] == ([] if known.stage == "none" else [known.stage]) for version, known in state.versions.items()
    )


@given(authors)
def test_a_version_is_in_exactly_one_stage(author: Author) -> None:
    assert in_one_stage_each(author.state)


@given(st.lists(changes().map(lambda change: change._replace(version=parse_version("1.0.0"))) | changes(), max_size=12))
def test_any_events_at_all_leave_a_state_that_hangs_together(some: list[Change]) -> None:
    events = [event(change, oid=f"{number:040x}") for number, change in enumerate(some)]
    state = fold("churn", events)
    assert in_one_stage_each(state)
    assert len(state.events) == len(events)
    assert all(set(stack) <= set(state.versions) for stack in state.tenures.values())
    for stage in state.tenures:
        target = rollback_target(state, stage)
        assert target is None or (target != state.holder(stage) and not state.versions[target].yanked)


@given(authors)
def test_an_alias_and_its_version_name_each_other(author: Author) -> None:
    state = author.state
    assert state.aliases == {alias: version for version, known in state.versions.items() for alias in known.aliases}


@given(authors, st.sampled_from(("1.0.0", "1.1.0", "2.0.0")))
def test_a_rollback_after_a_promotion_restores_the_holder(author: Author, version: str) -> None:
    before, count = author.holder(), len(author.events)
    author.promote(version)
    if before is None or len(author.events) == count:
        return
    author.rollback()
    assert author.holder() == before
    assert author.stages()[version] == "archived"


@given(authors)
def test_rollbacks_come_to_an_end_and_never_return_to_what_was_undone(author: Author) -> None:
    undone: list[str | None] = [author.holder()]
    tenures = len(author.state.tenures.get("production", ()))
    while rollback_target(author.state, "production"):
        author.rollback()
        shorter = len(author.state.tenures["production"])
        assert shorter < tenures
        tenures = shorter
        assert author.holder() != undone[-1]
        undone.append(author.holder())


# The state at a time


@given(authors, st.integers(-1, 20))
def test_the_state_at_a_time_is_the_fold_of_the_events_until_then(author: Author, minute: int) -> None:
    found = as_of(author.events, START + STEP * minute + STEP // 2)
    assert found == author.events[: max(minute, 0)]


@given(authors, st.lists(st.integers(0, 9), min_size=20, max_size=20), st.integers(0, 9))
def test_with_skewed_clocks_it_is_the_shortest_prefix_with_all_that_claims_to_have_happened(
    author: Author, times: list[int], moment: int
) -> None:
    events = [event._replace(time=time) for event, time in zip(author.events, times, strict=False)]
    found = as_of(reversed(events), moment)
    assert found == events[: len(found)]
    assert all(event.time > moment for event in events[len(found) :])
    assert not found or found[-1].time <= moment


def test_a_registration_by_hand_counts_from_its_own_time_on() -> None:
    author = registered("1.0.0", "2.0.0")
    change = author.events[0].change._replace(version=parse_version("3.0.0"), sequence=None)
    late: Event = author.events[0]._replace(change=change, time=START + 100 * STEP)
    events = [late, *author.events]
    assert as_of(events, START + 2 * STEP) == author.events
    assert as_of(events, START + 100 * STEP) == events

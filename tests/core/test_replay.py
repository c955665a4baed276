"""Unpublished events beside what others published: which are ours, and which still hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mreg.core.chain import check_chain
from mreg.core.events import Actor, Event, EventKind
from mreg.core.fold import fold
from mreg.core.replay import Kept, Lost, replay
from mreg.core.tags import TagName, count_of, format_tag
from mreg.core.unpublished import Differs, builds_on, follow, is_line, split
from mreg.core.versions import parse_version
from tests.core.strategies import EXCLUSIVE, Author, Step, steps

ADA, GRACE = Actor("Ada", "ada@example.com"), Actor("Grace", "grace@example.com")


@dataclass
class Person(Author):
    """Who writes in a clone of their own: each event has an id, a name and a commit as only theirs has."""

    who: Actor = ADA
    made: list[Event] = field(default_factory=list)

    def _write(self, kind: EventKind, version: str, **given: object) -> None:
        known = self.state.versions.get(parse_version(version))
        super()._write(kind, version, **given)  # type: ignore[arg-type]
        written = self.events.pop()
        initial = f"{ord(self.who.name[0]):x}"
        oid = f"{initial}{len(self.events) + 1:038x}"
        commit = known.commit if known else initial + version.encode().hex().zfill(38)
        self.made.append(placed(written._replace(oid=oid, commit=commit, actor=self.who), self.events))
        self.events.append(self.made[-1])


def placed(written: Event, others: Sequence[Event]) -> Event:
    """The event under the next free name, as mreg tags it."""
    change = written.change
    first = format_tag(TagName(change.model, change.version, change.label))
    count = max((count_of(other.tag, first) for other in others), default=0) + 1
    name = TagName(change.model, change.version, change.label, count if change.label else 1)
    return written._replace(tag=format_tag(name))


def clone(other: Author, who: Actor) -> Person:
    return Person(other.model, list(other.events), who)


def base(*todo: Step) -> Person:
    author = Person()
    for version in ("1.0.0", "1.1.0"):
        author.register(version)
    for step in todo:
        step(author)
    return author


def decide(ada: Person, grace: Person, *, me: Actor = GRACE) -> list[Kept | Lost]:
    """What becomes of Grace's events when Ada's are published."""
    before = [event for event in grace.events if event not in grace.made]
    return replay(ada.events, grace.made, before=before, exclusive=EXCLUSIVE.__contains__, me=me.email)


def published(ada: Person, decisions: Sequence[Kept | Lost]) -> list[Event]:
    """The history that everybody has then."""
    events = list(ada.events)
    for number, kept in enumerate(decision for decision in decisions if isinstance(decision, Kept)):
        change = kept.change._replace(sequence=len(events) + 1, parent=events[-1].oid)
        events.append(placed(kept.event._replace(change=change, oid=f"f{number:039x}"), events))
    return events


@dataclass(frozen=True)
class Race:
    """Two people who wrote from the same state on."""

    ada: Person
    grace: Person


@st.composite
def races(draw: st.DrawFn) -> Race:
    common = base(*draw(st.lists(steps, max_size=6)))
    ada, grace = clone(common, ADA), clone(common, GRACE)
    for person in (ada, grace):
        for step in draw(st.lists(steps, max_size=6)):
            step(person)
    return Race(ada, grace)


# Laws

laws = settings(max_examples=40)


@laws
@given(races())
def test_every_event_is_decided_in_order(race: Race) -> None:
    assert [decision.event for decision in decide(race.ada, race.grace)] == race.grace.made


@laws
@given(races())
def test_decisions_depend_on_nothing_else(race: Race) -> None:
    assert decide(race.ada, race.grace) == decide(race.ada, race.grace)


@laws
@given(races())
def test_what_is_published_is_a_faultless_chain(race: Race) -> None:
    events = published(race.ada, decide(race.ada, race.grace))
    assert check_chain(fold("churn", events)) == check_chain(race.ada.state)
    assert is_line(events)
    assert len({event.tag for event in events}) == len(events)


@laws
@given(races())
def test_nothing_is_lost_where_nobody_else_wrote(race: Race) -> None:
    silent = clone(base(), ADA)
    silent.events = [event for event in race.grace.events if event not in race.grace.made]
    assert all(isinstance(decision, Kept | Lost) for decision in decide(silent, race.grace))
    kept = [decision for decision in decide(silent, race.grace) if isinstance(decision, Kept)]
    # An event that changed nothing when it was made may be left out.
    assert fold("churn", published(silent, kept)).holders == race.grace.state.holders
    assert all(lost.reason == "so already" for lost in decide(silent, race.grace) if isinstance(lost, Lost))


def effect(events: Sequence[Event], index: int) -> object:
    """What an event did: from where to where the versions went that it is about, or what its alias stands for."""
    change = events[index].change
    before, after = fold("churn", events[:index]), fold("churn", events[: index + 1])
    if change.alias is not None:
        return before.aliases.get(change.alias), after.aliases.get(change.alias)
    stages = {
        version: (before.versions[version].stage if version in before.versions else None, after.versions[version].stage)
        for version in (change.version, *change.supersedes)
    }
    return stages, after.versions[change.version].commit, after.versions[change.version].yanked is not None


@laws
@given(races())
def test_what_is_kept_does_the_same_as_when_it_was_made(race: Race) -> None:
    decisions = decide(race.ada, race.grace)
    events = published(race.ada, decisions)
    kept = [decision.event for decision in decisions if isinstance(decision, Kept)]
    for position, made in enumerate(kept, start=len(race.ada.events)):
        assert events[position].change._replace(sequence=0, parent="") == made.change._replace(sequence=0, parent="")
        assert effect(events, position) == effect(race.grace.events, race.grace.events.index(made))


@laws
@given(races())
def test_an_exclusive_stage_has_one_holder(race: Race) -> None:
    state = fold("churn", published(race.ada, decide(race.ada, race.grace)))
    assert len(state.holders.get("production", ())) <= 1


@laws
@given(races())
def test_what_is_published_once_is_not_published_twice(race: Race) -> None:
    """A push whose answer got lost: the events are there, and written anew they are so already, or the same."""
    events = published(race.ada, decide(race.ada, race.grace))
    new = events[len(race.ada.events) :]
    parts = split(events, events, heads=[events[-1].oid], odd={})
    assert (parts.ours, parts.loose, parts.differing) == ((), (), ())
    assert builds_on(events, race.ada.events[-1].oid) == tuple(new)


@laws
@given(races())
def test_others_never_conflict_with_other_versions_in_a_shared_stage(race: Race) -> None:
    """Grace is alone with her version, and no stage of hers is exclusive."""
    ada, grace = clone(race.ada, ADA), clone(base(), GRACE)
    common = [event for event in race.ada.events if event not in race.ada.made]
    grace.events = common
    grace.register("9.0.0")
    grace.promote("9.0.0", "staging")
    grace.alias("9.0.0", "hers")
    grace.archive("9.0.0")
    grace.unalias("hers")
    grace.yank("9.0.0")
    assert [type(decision) for decision in decide(ada, grace)] == [Kept] * 6


@laws
@given(races(), st.integers(0, 20), st.integers(0, 20))
def test_what_was_published_is_never_ours_again(race: Race, deleted: int, seen: int) -> None:
    there = list(race.ada.events)
    gone = there.pop(deleted % len(there))
    here = [*race.ada.events, *race.grace.made]
    head = race.ada.events[max(seen % len(race.ada.events), deleted % len(race.ada.events))].oid
    parts = split(here, there, heads=[head], odd={})
    assert parts.ours == tuple(race.grace.made)
    assert parts.differing == (Differs(gone.tag, gone.oid, None),)


@laws
@given(races())
def test_a_deleted_stretch_is_known_by_what_was_built_on_it(race: Race) -> None:
    """The clone has never seen a head there: the newest event tells what came before it."""
    there = race.ada.events[-1:]
    parts = split(race.ada.events, there, heads=[], odd={})
    assert parts.ours == ()
    assert [tag.tag for tag in parts.differing] == [event.tag for event in race.ada.events[:-1]]


@laws
@given(races())
def test_builds_on(race: Race) -> None:
    start = [event for event in race.grace.events if event not in race.grace.made]
    assert builds_on(race.grace.events, start[-1].oid) == tuple(race.grace.made)
    assert builds_on(race.grace.events, "0" * 40) is None
    assert builds_on(race.grace.events, None) is None
    forked = [*race.ada.events, *race.grace.made]
    if race.ada.made and race.grace.made:
        assert builds_on(forked, race.ada.events[-1].oid) is None
        assert not is_line(forked)


# Who wins, case by case


def do(verb: str, *arguments: str) -> Step:
    return lambda person: getattr(person, verb)(*arguments)


HELD = (do("promote", "1.0.0"),)  # v1.0.0 is in production
TWICE = (*HELD, do("promote", "1.1.0"))

CASES: dict[str, tuple[tuple[Step, ...], tuple[Step, ...], tuple[Step, ...], str]] = {
    # before, what Ada published, what Grace did, what becomes of it
    "both promote": (
        HELD,
        (do("promote", "1.1.0"),),
        (do("register", "1.2.0"), do("promote", "1.2.0")),
        "kept changed",
    ),
    "both promote the same": (HELD, (do("promote", "1.1.0"),), (do("promote", "1.1.0"),), "so already"),
    "both register": (
        (),
        (do("register", "1.2.0"),),
        (do("register", "1.2.0"), do("yank", "1.2.0")),
        "changed changed",
    ),
    "both to a shared stage": ((), (do("promote", "1.0.0", "staging"),), (do("promote", "1.1.0", "staging"),), "kept"),
    "both roll back": (
        TWICE,
        (
            do(
                "rollback",
            ),
        ),
        (
            do(
                "rollback",
            ),
        ),
        "so already",
    ),
    "rolled back, promoted": (
        TWICE,
        (
            do(
                "rollback",
            ),
        ),
        (do("promote", "1.0.0", "staging"),),
        "changed",
    ),
    "rolled back and forth": (
        TWICE,
        (
            do(
                "rollback",
            ),
            do("promote", "1.1.0"),
        ),
        (
            do(
                "rollback",
            ),
        ),
        "kept",
    ),
    "others held it meanwhile": (
        TWICE,
        (do("register", "1.2.0"), do("promote", "1.2.0"), do("promote", "1.1.0")),
        (
            do(
                "rollback",
            ),
        ),
        "changed",
    ),
    "yanked, then promoted": ((), (do("yank", "1.0.0"),), (do("promote", "1.0.0", "staging"),), "changed"),
    "promoted, then yanked": ((), (do("promote", "1.0.0"),), (do("yank", "1.0.0"),), "changed"),
    "both yank": ((), (do("yank", "1.0.0"),), (do("yank", "1.0.0"),), "so already"),
    "promoted, then archived": ((), (do("promote", "1.0.0"),), (do("archive", "1.0.0"),), "changed"),
    "both archive": (HELD, (do("archive", "1.0.0"),), (do("archive", "1.0.0"),), "so already"),
    "both alias the same": ((), (do("alias", "1.0.0", "best"),), (do("alias", "1.0.0", "best"),), "so already"),
    "both alias": ((), (do("alias", "1.0.0", "best"),), (do("alias", "1.1.0", "best"),), "changed"),
    "two aliases": ((), (do("alias", "1.0.0", "best"),), (do("alias", "1.0.0", "good"),), "kept"),
    "alias of a yanked one": ((), (do("yank", "1.0.0"),), (do("alias", "1.0.0", "best"),), "changed"),
    "alias of a promoted one": ((), (do("promote", "1.0.0"),), (do("alias", "1.0.0", "best"),), "kept"),
    "alias gone and moved": (
        (do("alias", "1.0.0", "best"),),
        (do("alias", "1.1.0", "best"),),
        (do("unalias", "best"),),
        "changed",
    ),
    "both take an alias away": (
        (do("alias", "1.0.0", "best"),),
        (do("unalias", "best"),),
        (do("unalias", "best"),),
        "so already",
    ),
    "an alias and a pre-release": ((), (do("alias", "1.0.0", "best"),), (do("register", "2.0.0-best.1"),), "changed"),
    "a pre-release and an alias": ((), (do("register", "2.0.0-best.1"),), (do("alias", "1.0.0", "best"),), "changed"),
    "a tag that an alias left": (
        (),
        (do("alias", "1.0.0", "best"), do("unalias", "best")),
        (do("register", "1.0.0-best"), do("promote", "1.0.0-best")),
        "taken changed",
    ),
    "one lost, the next built on it": (
        HELD,
        (do("register", "1.2.0"), do("promote", "1.2.0")),
        (do("promote", "1.1.0"), do("archive", "1.1.0"), do("alias", "1.1.0", "best")),
        "changed changed kept",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_who_wins(case: str) -> None:
    before, theirs, own, expected = CASES[case]
    common = base(*before)
    ada, grace = clone(common, ADA), clone(common, GRACE)
    for act in theirs:
        act(ada)
    for act in own:
        act(grace)
    told = ["kept" if isinstance(one, Kept) else one.reason for one in decide(ada, grace)]
    assert " ".join(told) == expected


def lost(before: Sequence[Step], theirs: Sequence[Step], own: Sequence[Step], *, me: Actor = GRACE) -> list[Lost]:
    common = base(*before)
    ada, grace = clone(common, ADA), clone(common, GRACE)
    for act in theirs:
        act(ada)
    for act in own:
        act(grace)
    return [decision for decision in decide(ada, grace, me=me) if isinstance(decision, Lost)]


def test_the_winner_is_who_changed_it() -> None:
    theirs = (do("promote", "1.1.0"), do("alias", "1.0.0", "best"), do("register", "3.0.0"))
    (late,) = lost(HELD, theirs, (do("register", "1.2.0"), do("promote", "1.2.0")))
    assert (late.winner and late.winner.tag) == "churn@v1.1.0-production"
    (late,) = lost((), (do("register", "2.0.0-best.1"), *theirs), (do("alias", "1.1.0", "best"),))
    assert (late.winner and late.winner.tag) == "churn@v1.0.0-best"


def test_what_built_on_a_lost_event_names_who_made_it_lose() -> None:
    theirs = (do("register", "1.2.0"), do("promote", "1.2.0"), do("alias", "1.0.0", "best"))
    late = lost(HELD, theirs, (do("promote", "1.1.0"), do("archive", "1.1.0")))
    assert [one.winner and one.winner.tag for one in late] == ["churn@v1.2.0-production"] * 2


def test_what_was_built_on_a_deleted_event_is_lost() -> None:
    common = base()
    ada, grace = clone(common, ADA), clone(common, GRACE)
    grace.promote("1.1.0", "staging")
    there = [known for known in ada.events if known.version != parse_version("1.1.0")]
    decisions = replay(there, grace.made, before=common.events, exclusive=EXCLUSIVE.__contains__, me=GRACE.email)
    assert decisions == [Lost(grace.made[0], "changed", None)]


@given(races(), st.integers(0, 20))
def test_an_event_whose_parent_is_gone_does_not_hold(race: Race, gone: int) -> None:
    """Such as an own unpublished one, of which somebody deleted the tag."""
    ada, grace = race.ada, race.grace
    lacking, own = grace.made[gone : gone + 1], [*grace.made[:gone], *grace.made[gone + 1 :]]
    before = [event for event in grace.events if event not in grace.made]
    rest = [one for one in decide(ada, grace) if one.event not in lacking]
    for known in ([], lacking):
        exclusive = EXCLUSIVE.__contains__
        decisions = replay(ada.events, own, before=before, exclusive=exclusive, me=GRACE.email, gone=known)
        for decision, whole in zip(decisions, rest, strict=True):
            orphan = decision.event.change.parent in {event.oid for event in lacking}
            assert known or isinstance(decision, Lost) or not orphan
            # What holds without it held with it, or was made needless by it.
            assert isinstance(decision, Lost) or isinstance(whole, Kept) or whole.reason == "so already" or not known


def test_other_peoples_events_are_not_written_anew() -> None:
    theirs, own = (do("alias", "1.0.0", "best"),), (do("promote", "1.1.0"), do("archive", "1.1.0"))
    late = lost((), theirs, own, me=Actor("Alan", "alan@example.com"))
    assert [one.reason for one in late] == ["not ours", "changed"]
    assert lost((), theirs, own) == []


def test_a_stage_that_is_configured_no_more() -> None:
    """Whatever was superseded then must be superseded now; else the stage has no rule to break."""
    common = base(do("promote", "1.0.0"))
    ada, grace = clone(common, ADA), clone(common, GRACE)
    ada.register("1.2.0")
    ada.promote("1.2.0")
    grace.promote("1.1.0")
    arguments = {"before": common.events, "exclusive": lambda _: False, "me": GRACE.email}
    (decision,) = replay(ada.events, grace.made, **arguments)  # type: ignore[arg-type]
    assert isinstance(decision, Lost)
    ada, grace = clone(base(), ADA), clone(base(), GRACE)
    ada.promote("1.0.0")
    grace.promote("1.1.0")
    (decision,) = replay(ada.events, grace.made, **arguments | {"before": base().events})  # type: ignore[arg-type]
    assert isinstance(decision, Kept)


def test_a_tag_there_that_is_no_event() -> None:
    grace = clone(base(), GRACE)
    grace.register("1.2.0")
    arguments = {"exclusive": EXCLUSIVE.__contains__, "me": GRACE.email, "odd": {"churn@v1.2.0"}}
    assert replay(base().events, grace.made, before=base().events, **arguments) == [  # type: ignore[arg-type]
        Lost(grace.made[0], "taken", None)
    ]


# Tags made by hand


def by_hand(version: str, oid: str, *, time: int = 0) -> Event:
    person = Person()
    person.register(version)
    made = person.made[0]
    return made._replace(change=made.change._replace(sequence=None, parent=None), oid=oid, time=time)


def test_tags_made_by_hand() -> None:
    first, second = by_hand("0.1.0", "1" * 40), by_hand("0.2.0", "2" * 40)
    parts = split([first, second], [first], heads=[], odd={})
    assert (parts.ours, parts.loose, parts.differing) == ((), (second,), ())
    other = second._replace(oid="3" * 40)
    parts = split([first, second], [first, other], heads=[], odd={})
    assert parts.differing == (Differs("churn@v0.2.0", second.oid, other.oid),)
    assert split([second], [], heads=[], odd={second.tag: "4" * 40}).differing == (
        Differs(second.tag, second.oid, "4" * 40),
    )


def test_the_first_event_follows_any_tag_made_by_hand() -> None:
    early, late = by_hand("0.1.0", "1" * 40), by_hand("0.2.0", "2" * 40, time=2_000_000_000)
    person = Person()
    person.register("1.0.0")
    (first,) = person.made
    first = first._replace(change=first.change._replace(parent=early.oid))
    assert follow([first], [early])
    assert follow([first], [early, late])
    assert not follow([first], [late])
    assert is_line([first, late, early])
    assert builds_on([early, first], first.oid) is None  # whether it is published, only the remote knows

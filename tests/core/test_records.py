"""From tags of every kind to events: ours, hand-made ones, GTO's, and odd ones."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mreg.core.events import Actor, Change, Event, EventKind
from mreg.core.fold import fold
from mreg.core.messages import format_message
from mreg.core.records import OddTag, disagreement, model_of, read_creator, read_object, read_record
from mreg.core.tags import TagName, TagRecord, format_tag, record_of
from mreg.core.versions import parse_version
from tests.core.strategies import changes

TAG, COMMIT = "a" * 40, "c" * 40
CREATOR = "Ada Lovelace <ada@example.com> 1700000000 +0100"
PROMOTION = Change(EventKind.PROMOTE, "churn", parse_version("1.2.0"), "production", sequence=3)


def annotated(name: str, message: str, *, target_kind: str = "commit", creator: str = CREATOR) -> TagRecord:
    return TagRecord(name, TAG, "tag", COMMIT, target_kind, creator, message)


def lightweight(name: str, *, kind: str = "commit") -> TagRecord:
    return TagRecord(name, COMMIT, kind, "", "", CREATOR, "The commit's own message.\n")


def the_event(record: TagRecord) -> Event:
    found = read_record(record)
    assert isinstance(found, Event)
    return found


def test_reads_an_event_of_ours() -> None:
    event = the_event(annotated("churn@v1.2.0-production", format_message(PROMOTION)))
    assert event == Event(
        change=PROMOTION,
        tag="churn@v1.2.0-production",
        oid=TAG,
        commit=COMMIT,
        actor=Actor("Ada Lovelace", "ada@example.com"),
        time=1700000000,
        annotated=True,
        signed=False,
    )
    assert event.when == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert str(event.actor) == "Ada Lovelace <ada@example.com>"


@given(changes())
def test_every_change_reads_back_from_its_tag(change: Change) -> None:
    name = format_tag(TagName(change.model, change.version, change.label))
    event = the_event(annotated(name, format_message(change)))
    assert event.change == change
    assert disagreement(event) is None


def test_reads_a_signed_event() -> None:
    signature = "-----BEGIN SSH SIGNATURE-----\nU1NI\n-----END SSH SIGNATURE-----\n"
    event = the_event(annotated("churn@v1.2.0-production", format_message(PROMOTION) + signature))
    assert event.change == PROMOTION
    assert event.signed


@pytest.mark.parametrize(
    ("record", "version"),
    [
        (annotated("churn@v1.0.0", "Registering churn v1.0.0\n"), "1.0.0"),
        (annotated("churn@v1.0.0", ""), "1.0.0"),
        (annotated("churn@v1.0.0-rc.1", "by hand\n"), "1.0.0-rc.1"),
        # A word that is no stage's or our own is a pre-release, as for GTO.
        (annotated("churn@v1.0.0-canary", "by hand\n"), "1.0.0-canary"),
        # Latin-1, as decoded with replacement characters.
        (
            annotated("churn@v1.0.0", "Mod\ufffdle de r\ufffdtention\n", creator="Ren\ufffd <r@example.com> 5 +0000"),
            "1.0.0",
        ),
        (annotated("churn@v1.0.0", "No tagger\n", creator=""), "1.0.0"),
        (lightweight("churn@v1.0.0"), "1.0.0"),
    ],
)
def test_reads_a_tag_without_trailers_as_a_registration(record: TagRecord, version: str) -> None:
    event = the_event(record)
    assert event.change == Change(EventKind.REGISTER, "churn", parse_version(version))
    assert event.commit == COMMIT
    assert event.annotated is (record.kind == "tag")
    assert not event.signed
    assert disagreement(event) is None


def test_a_lightweight_tag_does_not_speak_through_its_commit() -> None:
    record = lightweight("churn@v1.0.0")._replace(message=format_message(PROMOTION))
    assert the_event(record).kind is EventKind.REGISTER


def test_a_tag_without_a_tagger_is_from_nobody_and_from_the_beginning() -> None:
    event = the_event(annotated("churn@v1.0.0", "No tagger\n", creator=""))
    assert (str(event.actor), event.time) == ("unknown", 0)


def test_two_versions_on_one_commit_are_two_versions() -> None:
    events = [the_event(lightweight(f"churn@v{version}")) for version in ("1.0.0", "1.0.1")]
    state = fold("churn", events)
    assert [str(version) for version in state.versions] == ["1.0.0", "1.0.1"]
    assert not state.ignored


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        (annotated("churn@v1.0.0", "On a tree\n", target_kind="tree"), "points at a tree"),
        (annotated("churn@v1.0.0", "On a blob\n", target_kind="blob"), "points at a blob"),
        (annotated("churn@v1.0.0", "On a tag\n", target_kind="tag"), "points at a tag"),
        (annotated("churn@v1.2.0-production", format_message(PROMOTION), target_kind="tree"), "points at a tree"),
        (lightweight("churn@v1.0.0", kind="tree"), "points at a tree"),
        (lightweight("churn@v1.0.0", kind="blob"), "points at a blob"),
        (annotated("x@created", "Created\n"), "not MODEL@vX.Y.Z"),
        (lightweight("churn@1.0.0"), "not MODEL@vX.Y.Z"),
        (lightweight("churn@v1.0"), "not MODEL@vX.Y.Z"),
        (lightweight("churn@v1.0.0!"), "not MODEL@vX.Y.Z"),
        (lightweight("churn@v1.0.0+build"), "not MODEL@vX.Y.Z"),
        (lightweight("release@vienna"), "not MODEL@vX.Y.Z"),
        (lightweight("churn@v1.2.0-production.1"), "not MODEL@vX.Y.Z"),
        (annotated("churn@v1.2.0-production", "by hand\n"), "production but has no trailers"),
        (annotated("churn@v1.2.0-production.2", "by hand\n"), "production but has no trailers"),
        (lightweight("churn@v1.2.0-yanked"), "yanked but has no trailers"),
        (lightweight("churn@v1.2.0-rc.1-champion"), "champion but has no trailers"),
        (lightweight("@scope/package@v1.0.0"), "'@' separates"),
        (lightweight("@v1.0.0"), "empty"),
        (lightweight("-churn@v1.0.0"), "starts with a letter"),
        (annotated("_x@v1.0.0", format_message(PROMOTION._replace(model="_x"))), "starts with a letter"),
        (annotated("chürn@v1.0.0", format_message(PROMOTION._replace(model="chürn"))), "'ü'"),
        (annotated("fraud@v1.2.0-production", format_message(PROMOTION)), "about the model churn"),
        (annotated("churn@v1.2.0", "S\n\nEvent: promote\nModel: churn\nVersion: 1.2.0\n"), "Stage is missing"),
        (annotated("churn@v1.2.0", f"S\n\nEvent: x\nSequence: {'9' * 5000}\n"), "Sequence cannot be"),
    ],
)
def test_an_odd_tag_is_named_with_its_problem(record: TagRecord, problem: str) -> None:
    found = read_record(record)
    assert isinstance(found, OddTag)
    assert found.name == record.name
    assert problem in found.problem


@pytest.mark.parametrize("name", ["v1.0.0", "release-7", "churn#production#1", "churn#production", "churn/v1.0.0"])
def test_a_tag_without_at_is_somebody_elses(name: str) -> None:
    assert read_record(annotated(name, format_message(PROMOTION))) is None
    assert model_of(name) is None


def test_trailers_are_authoritative_where_the_name_says_something_else() -> None:
    event = the_event(annotated("churn@v9.9.9", format_message(PROMOTION)))
    assert event.change == PROMOTION
    assert disagreement(event) == (
        "its name does not agree with its trailers, which tell a promote of 1.2.0 (production)"
    )


_odd_text = st.text(st.characters(codec="utf-8"), max_size=30)
_names = st.sampled_from(("churn@v1.0.0", "churn@v1.0.0-production", "x@created", "v1")) | _odd_text
_blocks = st.lists(
    st.tuples(
        st.sampled_from(("Event", "Model", "Version", "Stage", "Alias", "Sequence", "Supersedes", "Parent")),
        st.sampled_from(("promote", "register", "alias", "churn", "1.0.0", "production", "7")) | _odd_text,
    ).map(": ".join),
    max_size=6,
).map("\n".join)


@given(_names, st.sampled_from(("tag", "commit", "tree")), _odd_text, _odd_text | _blocks.map("S\n\nEvent: {}".format))
def test_no_tag_whatsoever_breaks_the_reader(name: str, kind: str, creator: str, message: str) -> None:
    target = ("", "") if kind != "tag" else (COMMIT, "commit")
    found = read_record(TagRecord(name, TAG, kind, *target, creator, message))
    if isinstance(found, Event):
        assert model_of(name) == found.model
        fold(found.model, [found])
        disagreement(found)


@pytest.mark.parametrize(
    ("line", "actor", "time"),
    [
        (CREATOR, "Ada Lovelace <ada@example.com>", 1700000000),
        ("A <> 5 +0000", "A", 5),
        ("A > B <a@b> 5 -0130", "A > B <a@b>", 5),
        ("A <a@b> 5", "A <a@b>", 5),
        ("", "unknown", 0),
        ("A <a@b>", "unknown", 0),
        ("A <a@b> soon +0000", "unknown", 0),
        ("A <a@b> -5 +0000", "unknown", 0),
        ("A <a@b> \u0665 +0000", "unknown", 0),
        ("A <a@b> 18446744073709551615 +0000", "A <a@b>", 253402300799),
        ("A <a@b> " + "9" * 5000 + " +0000", "unknown", 0),
    ],
)
def test_reads_who_and_when(line: str, actor: str, time: int) -> None:
    found, seconds = read_creator(line)
    assert (str(found), seconds) == (actor, time)


@given(changes(), st.integers(0, 10**11), st.sampled_from(["", "\n\nEvent: promote\n", "Signed-off-by: Ada\n"]))
def test_an_object_tells_what_its_parts_tell(change: Change, time: int, more: str) -> None:
    name = format_tag(TagName(change.model, change.version, change.label))
    header = f"object {COMMIT}\ntype commit\ntag {name}\ntagger Ada <ada@example.com> {time} +0100"
    text = f"{header}\n\n{format_message(change)}{more}"

    assert read_object(name, TAG, "tag", text) == read_record(record_of(name, TAG, "tag", text))

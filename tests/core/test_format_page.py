"""The examples of docs/format.md are true."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mreg.core.annotations import current, format_line, parse_note
from mreg.core.events import Event
from mreg.core.fold import as_of, fold, rollback_target
from mreg.core.records import disagreement, read_record
from mreg.core.tags import TagRecord

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "format.md").read_text(encoding="utf-8")
_OBJECT = re.compile(r"`refs/tags/(\S+)`, object `([0-9a-f]{40})`:\n\n```\n(.*?)```\n", re.DOTALL)


def the_events() -> list[Event]:
    found = [_event(*match.groups()) for match in _OBJECT.finditer(PAGE)]
    assert len(found) == 5
    return found


def _event(name: str, oid: str, text: str) -> Event:
    data = text.encode()
    assert hashlib.sha1(b"tag %d\0%s" % (len(data), data), usedforsecurity=False).hexdigest() == oid
    header, _, message = text.partition("\n\n")
    fields = dict(line.split(" ", 1) for line in header.split("\n"))
    assert fields["tag"] == name
    event = read_record(TagRecord(name, oid, "tag", fields["object"], fields["type"], fields["tagger"], message))
    assert isinstance(event, Event)
    return event


def test_the_tag_objects_are_a_chain_and_leave_the_state_that_the_page_says() -> None:
    events = the_events()
    for before, event in zip([None, *events], events, strict=False):
        assert event.change.parent == (before.oid if before else None)
        assert disagreement(event) is None
    state = fold("churn", events)
    assert state.ignored == ()
    assert f"`refs/mreg/churn@head` is now `{events[-1].oid}`" in PAGE
    assert str(state.holder("production")) == "1.2.0"
    assert str(state.latest) == "1.3.0"
    assert rollback_target(state, "production") is None


def test_the_table_of_the_replay_is_what_the_replay_does() -> None:
    events = the_events()
    rows = re.findall(r"^\| ([1-5]) \| [^|]+ \| ([a-z]*) ?\| ([a-z]*) ?\| ([0-9., ]*?) ?\|$", PAGE, re.MULTILINE)
    assert len(rows) == 5
    for number, first, second, tenures in rows:
        state = fold("churn", events[: int(number)])
        stages = {str(version): known.stage for version, known in state.versions.items()}
        assert (stages.get("1.2.0", ""), stages.get("1.3.0", "")) == (first, second)
        assert ", ".join(map(str, state.tenures.get("production", ()))) == tenures


@pytest.mark.parametrize(("day", "version"), [((2026, 2, 1), "1.3.0"), ((2026, 1, 31), "1.2.0")])
def test_production_at_noon_was_as_the_page_says(day: tuple[int, int, int], version: str) -> None:
    moment = int(datetime(*day, 12, tzinfo=UTC).timestamp())
    assert str(fold("churn", as_of(the_events(), moment)).holder("production")) == version


def test_the_manifest_has_the_digest_that_the_page_says() -> None:
    found = re.search(r"the digest `([0-9a-f]{64})`:\n\n```\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    digest, manifest = found.groups()
    assert hashlib.sha256(manifest.encode()).hexdigest() == digest
    contents = {"config.json": b"{}\n", "weights/model.bin": b"weights\n"}
    assert manifest == "".join(f"{hashlib.sha256(data).hexdigest()}  {path}\n" for path, data in contents.items())


def test_the_note_is_written_as_the_page_says() -> None:
    lines = [line for line in PAGE.split("\n") if line.startswith('{"actor"')]
    facts = parse_note("\n".join(lines))
    assert [format_line(fact) for fact in facts] == lines
    assert current(facts[:1])["validation_status"].value == "passed"
    assert current(facts) == {}


def test_every_anchor_that_the_code_points_at_is_on_the_page() -> None:
    anchors = {heading.lower().replace(" ", "-") for heading in re.findall(r"^## (.+)$", PAGE, re.MULTILINE)}
    cited = {
        anchor
        for file in (*(ROOT / "mreg").rglob("*.py"), ROOT / "docs" / "format.md")
        for anchor in re.findall(r"(?:docs/format\.md|\]\()#([a-z-]+)", file.read_text(encoding="utf-8"))
    }
    assert cited
    assert cited <= anchors

"""Facts about versions: the union of what two clones know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.adapters.git import RefUpdate
from mreg.adapters.git.commits import NOTES_REF, build_note, merge_notes
from mreg.core.events import EventKind
from mreg.errors import SystemFailure
from mreg.usecases.facts import read_notes
from mreg.usecases.sharing.own import tracked_notes
from mreg.usecases.sharing.results import Rewritten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mreg.adapters.git import Git
    from mreg.core.replay import Lost
    from mreg.usecases.sharing.standing import Standing


def repair(remote: str) -> str:
    """What to do about a remote's notes that are none."""
    return f"remove it there, git push {remote} --delete {NOTES_REF}, then mreg push from each clone with annotations"


class NotesDamaged(SystemFailure):
    """The remote's ref for annotations holds something else, which no annotations can follow."""

    def __init__(self, *, remote: str) -> None:
        super().__init__(f"{NOTES_REF} on {remote} is no commit with annotations; nothing was published")
        self.remote = remote
        self.hint = repair(remote)


def shared_notes(git: Git, remote: str, theirs: str | None, rewritten: Sequence[Rewritten]) -> list[RefUpdate]:
    """The refs to change so that this clone knows what both know, also of versions whose tag was written anew.

    Only objects are written.

    Args:
        git: The repository.
        remote: The remote's name.
        theirs: Its notes; they must be here.
        rewritten: Events whose tag has another id now, and those of `same_registrations`: what is noted on a
            registration goes with it.
    """
    ours, seen = git.resolve(NOTES_REF), git.resolve(tracked_notes(remote))
    if theirs not in (None, ours):
        theirs = git.resolve(f"{theirs}^{{commit}}")  # anything can be pushed under any name
    merged = ours if theirs is None else merge_notes(git, ours, theirs)
    merged = _moved(git, merged, rewritten)
    wanted = ((NOTES_REF, merged, ours), (tracked_notes(remote), theirs, seen))
    return [RefUpdate(ref, new, old) for ref, new, old in wanted if new != old]


def _moved(git: Git, notes: str | None, rewritten: Sequence[Rewritten]) -> str | None:
    for before, after in _registrations(rewritten):
        if notes is None:
            break
        with git.blobs() as blobs:
            text, known = read_notes(blobs, [before, after], notes=notes)
        if text:
            lines = dict.fromkeys((known + b"\n" + text).decode("utf-8", "surrogateescape").split("\n"))
            notes = build_note(git, notes=notes, oid=after, text="".join(f"{line}\n" for line in lines if line))
    return notes


def _registrations(rewritten: Sequence[Rewritten]) -> Iterator[tuple[str, str]]:
    for pair in rewritten:
        if pair.after.kind is EventKind.REGISTER:
            yield pair.before.oid, pair.after.oid


def same_registrations(found: Standing) -> Iterator[Rewritten]:
    """Own registrations that were not needed, each with the remote's of the same version at the same commit."""
    versions = found.there.history.state.versions
    for lost in found.lost:
        event = lost.event
        if event.kind is EventKind.REGISTER and lost.reason == "so already" and event.version in versions:
            yield Rewritten(event, versions[event.version].registered)


def left_behind(git: Git, lost: Iterable[Lost]) -> tuple[str, ...]:
    """In a sentence each: what is noted on registrations that lost, and so is not about what others registered."""
    gone = [one.event for one in lost if one.event.kind is EventKind.REGISTER and one.reason != "so already"]
    if not gone:
        return ()
    with git.blobs() as blobs:
        notes = read_notes(blobs, [event.oid for event in gone])
    return tuple(
        f"your annotations of {event.model} v{event.version} stay with the registration that was set aside: "
        f"git notes --ref=mreg show {event.oid[:10]}"
        for event, note in zip(gone, notes, strict=True)
        if note
    )

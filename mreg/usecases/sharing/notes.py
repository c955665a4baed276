"""Facts about versions: the union of what two clones know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.adapters.git import RefUpdate
from mreg.adapters.git.commits import NOTES_REF, build_note, merge_notes
from mreg.core.events import EventKind
from mreg.usecases.facts import read_notes
from mreg.usecases.sharing.own import tracked_notes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mreg.adapters.git import Git
    from mreg.usecases.sharing.results import Rewritten


def shared_notes(git: Git, remote: str, theirs: str | None, rewritten: Sequence[Rewritten]) -> list[RefUpdate]:
    """The refs to change so that this clone knows what both know, also of versions whose tag was written anew.

    Only objects are written.

    Args:
        git: The repository.
        remote: The remote's name.
        theirs: Its notes; they must be here.
        rewritten: Events whose tag has another id now: what is noted on a registration goes with it.
    """
    ours, seen = git.resolve(NOTES_REF), git.resolve(tracked_notes(remote))
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

"""Who did what for a version, told by its commits, the tags of its events and the notes on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from mreg.core.annotations import Annotation
from mreg.core.authorship import Commit, Request, parse_person
from mreg.core.events import Actor, Event, EventKind

if TYPE_CHECKING:
    from mreg.core.fold import VersionState
    from mreg.core.signatures import Signature


class Role(StrEnum):
    """What somebody was for a version, in the order in which it usually happens."""

    WROTE = "wrote"
    TRAINED = "trained"
    COMMITTED = "committed"
    CO_AUTHORED = "co-authored"
    SIGNED_OFF = "signed off"
    REVIEWED = "reviewed"
    MERGED = "merged"
    REGISTERED = "registered"
    PROMOTED = "promoted"
    ROLLED_BACK = "rolled back"
    ARCHIVED = "archived"
    YANKED = "yanked"
    ALIASED = "aliased"
    UNALIASED = "unaliased"
    ANNOTATED = "annotated"


_ORDER = {role: index for index, role in enumerate(Role)}
_EVENTS = {
    EventKind.REGISTER: Role.REGISTERED,
    EventKind.PROMOTE: Role.PROMOTED,
    EventKind.ROLLBACK: Role.ROLLED_BACK,
    EventKind.ARCHIVE: Role.ARCHIVED,
    EventKind.YANK: Role.YANKED,
    EventKind.ALIAS: Role.ALIASED,
    EventKind.UNALIAS: Role.UNALIASED,
}
_TRAILERS = {"Co-authored-by": Role.CO_AUTHORED, "Signed-off-by": Role.SIGNED_OFF}


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that one person did.

    Attributes:
        when: UTC. A trailer has no time of its own: it is that of its commit.
        source: What tells it.
        trailer: The trailer that names the person; empty where they are the commit's author or committer.
        signature: Of the tag or commit, where that is the person's own; None for what cannot be signed by them, which
            is a trailer in somebody's commit, and a note.
    """

    role: Role
    person: Actor
    when: datetime
    source: Commit | Event | Annotation
    trailer: str = ""
    signature: Signature | None = None

    @property
    def request(self) -> Request | None:
        """The pull request that was merged, or that a commit was squashed from."""
        if isinstance(self.source, Commit) and self.role in (Role.MERGED, Role.WROTE):
            return self.source.request
        return None


@dataclass(frozen=True, slots=True)
class Participant:
    """A person and what they did, oldest first."""

    person: Actor
    acts: tuple[Act, ...]

    @property
    def roles(self) -> tuple[Role, ...]:
        """Each once, in the order of `Role`."""
        return tuple(sorted({act.role for act in self.acts}, key=_ORDER.__getitem__))


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """The commits that made a version.

    Attributes:
        own: The commit that its tag points at.
        trained: The commit of its training, where that is known and here.
        changes: Those that brought something new of its card, pointer, pipeline or code; merges are not among them.
        merges: Those by which they came.
    """

    own: Commit
    trained: Commit | None
    changes: tuple[Commit, ...]
    merges: tuple[Commit, ...]


def acts_of_commits(making: Making) -> Iterator[Act]:
    """What the commits of a version tell."""
    own, changes = making.own, [commit for commit in making.changes if commit.id != making.own.id]
    if making.trained is not None:
        yield _act(Role.TRAINED, making.trained.author, making.trained.authored, making.trained)
    for commit in changes:
        yield _act(Role.WROTE, commit.author, commit.authored, commit)
        if commit.committer != commit.author:
            yield _act(Role.COMMITTED, commit.committer, commit.committed, commit)
    for commit in making.merges:
        # Of a merge on a server, the committer is the server.
        yield _act(Role.MERGED, commit.author, commit.committed, commit)
    for person in dict.fromkeys((own.author, own.committer)):
        yield _act(Role.COMMITTED, person, own.committed, own)
    for commit in {commit.id: commit for commit in (*changes, *making.merges, own)}.values():
        for trailer, person in commit.people:
            yield _act(_TRAILERS.get(trailer, Role.REVIEWED), person, commit.committed, commit, trailer)


def acts_of_events(version: VersionState, events: Iterable[Event]) -> Iterator[Act]:
    """What the tags of a model tell about one version: also that another one took its place."""
    for event in events:
        if event.version == version.version and event.annotated:
            yield _act(_EVENTS[event.kind], event.actor, event.time, event)
        elif version.version in event.change.supersedes:
            yield _act(Role.ARCHIVED, event.actor, event.time, event)


def acts_of_facts(facts: Iterable[Annotation]) -> Iterator[Act]:
    """What the notes on a version tell."""
    for fact in facts:
        yield Act(role=Role.ANNOTATED, person=parse_person(fact.actor), when=fact.time, source=fact)


def _act(role: Role, person: Actor, seconds: int, source: Commit | Event, trailer: str = "") -> Act:
    return Act(role=role, person=person, when=datetime.fromtimestamp(seconds, UTC), source=source, trailer=trailer)


def in_order(acts: Iterable[Act]) -> list[Act]:
    """Oldest first; at the same second, in the order of `Role`."""
    return sorted(acts, key=lambda act: (act.when, _ORDER[act.role]))


def participants(acts: Sequence[Act]) -> list[Participant]:
    """The people, in the order in which they came in; an address, whatever its case, is one person's."""
    found: dict[str, list[Act]] = {}
    for act in acts:
        found.setdefault(act.person.email.casefold() or act.person.name, []).append(act)
    return [Participant(acts[0].person, tuple(acts)) for acts in found.values()]

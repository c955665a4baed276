"""Events: what happened to a model, each one written as an annotated tag and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, assert_never

from mreg.core.names import UNALIAS_PREFIX

if TYPE_CHECKING:
    from mreg.core.versions import Version

NONE, STAGING, PRODUCTION, ARCHIVED, YANKED = "none", "staging", "production", "archived", "yanked"


class EventKind(StrEnum):
    """The closed list of what can happen to a model."""

    REGISTER = "register"
    PROMOTE = "promote"
    ROLLBACK = "rollback"
    ARCHIVE = "archive"
    YANK = "yank"
    ALIAS = "alias"
    UNALIAS = "unalias"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, as git's identity says."""

    name: str
    email: str

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>" if self.email else self.name


class Change(NamedTuple):
    """What an event says, before it is written: everything but who, when and where.

    A named tuple, as `Event` is: one command builds a hundred thousand of them, in half the time of a frozen dataclass.

    `stage` is the stage entered (promote, rollback, archive); `origin` the stage left; `supersedes` the versions that
    this event archives; `sequence` counts a model's events from 1; `parent` is the object id of the event before.
    """

    kind: EventKind
    model: str
    version: Version
    stage: str | None = None
    alias: str | None = None
    origin: str | None = None
    supersedes: tuple[Version, ...] = ()
    forced: bool = False
    sequence: int | None = None
    parent: str | None = None
    digest: str | None = None
    reason: str = ""

    @property
    def label(self) -> str | None:
        """What follows the version in the tag's name: nothing for a registration."""
        match self.kind:
            case EventKind.REGISTER:
                return None
            case EventKind.PROMOTE | EventKind.ROLLBACK:
                return self.stage
            case EventKind.ARCHIVE:
                return ARCHIVED
            case EventKind.YANK:
                return YANKED
            case EventKind.ALIAS:
                return self.alias
            case EventKind.UNALIAS:
                return f"{UNALIAS_PREFIX}{self.alias}"
        assert_never(self.kind)


class Event(NamedTuple):
    """One thing that happened, as its tag tells it.

    `oid` is the tag object's id (the commit's, where the tag is lightweight), `commit` what it peels to, `time` the
    tagger's time in seconds since 1970 UTC.
    """

    change: Change
    tag: str
    oid: str
    commit: str
    actor: Actor
    time: int
    annotated: bool = True
    signed: bool = False

    @property
    def kind(self) -> EventKind:
        return self.change.kind

    @property
    def version(self) -> Version:
        return self.change.version

    @property
    def model(self) -> str:
        return self.change.model

    @property
    def when(self) -> datetime:
        return datetime.fromtimestamp(self.time, UTC)

    @property
    def order(self) -> tuple[int, int, str]:
        """Sorts a model's events: by Sequence, so that clocks decide nothing; those without one come first."""
        return (self.change.sequence or 0, self.time, self.oid)

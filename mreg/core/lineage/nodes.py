"""What a lineage is made of: nodes that are equal where they mean the same thing, and edges between their keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Literal

from mreg.core.events import PRODUCTION

if TYPE_CHECKING:
    from mreg.core.events import Actor, EventKind
    from mreg.core.provenance import Parameters
    from mreg.core.versions import Version


class EdgeKind(StrEnum):
    """How one node relates to another; the first of two is the one that the words begin with."""

    PUBLISHES = "publishes"
    PRODUCED_BY = "producedBy"
    USED = "used"
    DERIVED_FROM = "derivedFrom"
    EVALUATED_ON = "evaluatedOn"
    AT = "at"
    TARGETS = "targets"
    MADE = "made"


@dataclass(frozen=True, slots=True)
class Edge:
    """`source kind target`, such as a step that used a file. `relation` says how something was derived."""

    source: str
    kind: EdgeKind
    target: str
    relation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionNode:
    """A registered version, with the stage that it is in now, or was in at the date that was asked about."""

    kind: ClassVar[str] = "version"
    key: str
    model: str
    version: Version
    stage: str
    aliases: tuple[str, ...]
    yanked: bool
    digest: str | None

    @property
    def label(self) -> str:
        return f"{self.model}@v{self.version}"

    @property
    def live(self) -> bool:
        return self.stage == PRODUCTION


@dataclass(frozen=True, slots=True, kw_only=True)
class FileNode:
    """A file or folder: the same node wherever its content is the same; `path` is where it was first found.

    `in_git` says that Git itself tracks it, as it does code.
    """

    kind: ClassVar[str] = "file"
    key: str
    path: str
    hash: str | None
    size: int | None
    nfiles: int | None
    in_git: bool

    @property
    def label(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class StepNode:
    """One run of a DVC stage: the same node as long as command, inputs, parameters and outputs are the same.

    `commit` is the first one, of the versions looked at, that recorded this run. `lender` is the version whose papers
    tell of it, where those of the versions that it led to do not: they used what it made, and content alone says so.
    """

    kind: ClassVar[str] = "step"
    key: str
    pipeline: str
    name: str
    label: str
    command: str
    commit: str
    lender: str | None = None
    params: Parameters = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalNode:
    """Something outside this repository: data, a model, a repository that was imported from, a tracker's run.

    Attributes:
        uri: A URI, `hf:id`, or a name alone where nothing else is known.
        path: Where in that repository, for what `dvc import` brought.
        rev: The branch or tag that was asked for.
        revision: What it was pinned to; None where it was not.
    """

    kind: ClassVar[str] = "external"
    key: str
    what: Literal["data", "model", "run"]
    uri: str
    path: str | None = None
    rev: str | None = None
    revision: str | None = None

    @property
    def label(self) -> str:
        place = f"{self.uri} {self.path}" if self.path else self.uri
        return f"{place}@{self.revision}" if self.revision else place


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitNode:
    """A commit; author, time and subject are None where it could not be read, as in a shallow clone."""

    kind: ClassVar[str] = "commit"
    key: str
    oid: str
    author: Actor | None = None
    time: int | None = None
    subject: str | None = None

    @property
    def label(self) -> str:
        return self.oid


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonNode:
    """Somebody, as Git's identities tell people apart: by e-mail address, or by name where there is none."""

    kind: ClassVar[str] = "person"
    key: str
    name: str
    email: str

    @property
    def label(self) -> str:
        return self.name or self.email


@dataclass(frozen=True, slots=True, kw_only=True)
class EventNode:
    """Something that happened to a version: its registration, what gave it its stage, a yank."""

    kind: ClassVar[str] = "event"
    key: str
    event: EventKind
    tag: str
    stage: str | None
    time: int
    reason: str

    @property
    def label(self) -> str:
        return self.tag


Node = VersionNode | FileNode | StepNode | ExternalNode | CommitNode | PersonNode | EventNode


def version_key(ref: str) -> str:
    """The key of `churn@v1.2.0`."""
    return f"version:{ref}"


def read_commit(oid: str, data: bytes) -> CommitNode:
    """A commit from its object; what its header does not have is None."""
    from mreg.core.records import read_creator

    header, _, message = data.decode("utf-8", "replace").partition("\n\n")
    line = next((line for line in header.split("\n") if line.startswith("author ")), None)
    author, time = (None, None) if line is None else read_creator(line.removeprefix("author "))
    return CommitNode(key=f"commit:{oid}", oid=oid, author=author, time=time, subject=message.strip().split("\n")[0])

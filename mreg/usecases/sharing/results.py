"""What sharing did, or found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mreg.core.events import Event
    from mreg.core.replay import Lost
    from mreg.core.unpublished import Differs
    from mreg.errors import MregError


@dataclass(frozen=True, slots=True)
class Rewritten:
    """An own unpublished event that was written anew on top of what others had published."""

    before: Event
    after: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Artifacts brought to the DVC remote: how many versions' and bytes; 0 where all was there already."""

    versions: int = 0
    bytes: int = 0

    def __add__(self, other: Sent) -> Sent:
        return Sent(versions=self.versions + other.versions, bytes=self.bytes + other.bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What a push published.

    Attributes:
        remote: The remote's name.
        events: What is published now, model by model, oldest first.
        rewritten: Those of them that had to follow what others published meanwhile.
        lost: Own events that no longer held; they are set aside, and nobody sees them.
        differing: Tags that were moved or deleted on the remote.
        branch: The branch that went with them; None where none had to.
        annotations: Whether facts about versions were published.
        artifacts: What was sent to the DVC remote first.
        dry_run: Nothing was done: this is what would be.
    """

    remote: str
    events: tuple[Event, ...] = ()
    rewritten: tuple[Rewritten, ...] = ()
    lost: tuple[Lost, ...] = ()
    differing: tuple[Differs, ...] = ()
    branch: str | None = None
    annotations: bool = False
    artifacts: Sent = Sent()
    dry_run: bool = False
    notices: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether anything of ours did not hold, or tags differ."""
        return bool(self.differing) or any(lost.reason != "so already" for lost in self.lost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfetched:
    """Versions whose artifact could not be had, for one and the same reason.

    Attributes:
        versions: `churn@v1.0.0`, each.
        error: What happened to the first of them.
    """

    versions: tuple[str, ...]
    error: MregError


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """Artifacts from the DVC remote: the versions whose artifact came, and those where it did not."""

    versions: tuple[str, ...] = ()
    failed: tuple[Unfetched, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What a pull brought.

    Attributes:
        remote: The remote's name.
        tags: New registry tags per model.
        rewritten: Own unpublished events that follow them now.
        lost: Own unpublished events that no longer held; they are set aside.
        differing: Tags that differ from the remote's, left as they are here.
        annotations: Whether new facts came.
        artifacts: Versions whose artifact was fetched.
        failed: Those whose artifact could not be had, and why.
    """

    remote: str
    tags: Mapping[str, int]
    rewritten: tuple[Rewritten, ...] = ()
    lost: tuple[Lost, ...] = ()
    differing: tuple[Differs, ...] = ()
    annotations: bool = False
    artifacts: tuple[str, ...] = ()
    failed: tuple[Unfetched, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether anything of ours did not hold, or tags differ."""
        return bool(self.differing) or any(lost.reason != "so already" for lost in self.lost)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStatus:
    """One model that is not the same here and there.

    Attributes:
        unpublished: Own events, oldest first.
        behind: Events there that are not here, oldest first.
        lost: Those unpublished ones that would not hold.
        differing: Tags that were moved or deleted there.
    """

    model: str
    unpublished: tuple[Event, ...]
    behind: tuple[Event, ...]
    lost: tuple[Lost, ...]
    differing: tuple[Differs, ...]


Side = Literal["here", "there", "both", "neither"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How this clone and a remote compare.

    Attributes:
        models: Those that are not the same, by name.
        annotations: Where facts about versions are that the other side lacks.
        aside: Own events that lost earlier, newest first.
        known: How many models there are on either side.
    """

    remote: str
    models: tuple[ModelStatus, ...]
    annotations: Side
    aside: tuple[Event, ...]
    known: int

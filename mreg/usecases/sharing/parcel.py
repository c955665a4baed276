"""What goes to a remote in one step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mreg.adapters.git.commits import NOTES_REF
from mreg.adapters.git.outgoing import FEW
from mreg.core.events import EventKind
from mreg.usecases.writing import head_ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mreg.core.events import Event
    from mreg.usecases.sharing.branch import Branch

# A system limits how much a command line may hold, and there is a lease for each model.
_REFS_AT_ONCE = 4000


@dataclass(frozen=True, slots=True)
class Batch:
    """What to push at once: refs there with object ids, and what refs there must hold until then."""

    refs: dict[str, str] = field(default_factory=dict)
    leases: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one model has to publish.

    Attributes:
        events: Oldest first.
        head: Where its head ref is to point; None where mreg wrote none of its events.
        lease: What the remote's head must hold until then.
        last: The event that this is, whose tag must be there still; None where there is none.
    """

    model: str
    events: tuple[Event, ...]
    head: str | None
    lease: str | None
    last: Event | None

    def batch(self, *, guarded: bool) -> Batch:
        """What to push. The head goes with its events, if the server keeps heads.

        The tag of the remote's newest event goes along too, as it is: it is a condition, for who deletes it there may
        have left the head alone.
        """
        batch = Batch({f"refs/tags/{event.tag}": event.oid for event in self.events})
        if guarded and self.head is not None and self.head != self.lease:
            batch.refs[head_ref(self.model)] = self.head
            batch.leases[head_ref(self.model)] = self.lease
            if self.last:
                batch.refs[f"refs/tags/{self.last.tag}"] = self.last.oid
                batch.leases[f"refs/tags/{self.last.tag}"] = self.last.oid
        return batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What several models have to publish, with the notes and the branch that go with them; None is none."""

    shares: tuple[Share, ...]
    notes: str | None
    branch: Branch | None

    @property
    def events(self) -> tuple[Event, ...]:
        return tuple(event for share in self.shares for event in share.events)

    @property
    def registered(self) -> tuple[Event, ...]:
        """Those of new versions."""
        return tuple(event for event in self.events if event.kind is EventKind.REGISTER)

    def batches(self, *, guarded: bool) -> Iterator[Batch]:
        """What to push at once: nearly always all of it.

        Where it is too much for that, branch and notes go first, and never a part of a model's events: what lands later
        is missed by nobody until then.

        Args:
            guarded: Whether the server keeps head refs.
        """
        batch = Batch()
        if self.notes:
            batch.refs[NOTES_REF] = self.notes
        if self.branch:
            batch.refs[self.branch.target] = self.branch.commit
        shares = [share.batch(guarded=guarded) for share in self.shares]
        if sum(len(share.refs) for share in shares) + len(batch.refs) > FEW and batch.refs:
            yield batch
            batch = Batch()
        for share in shares:
            if len(batch.refs) + len(share.refs) > _REFS_AT_ONCE and batch.refs:
                yield batch
                batch = Batch()
            batch.refs.update(share.refs)
            batch.leases.update(share.leases)
        if batch.refs:
            yield batch

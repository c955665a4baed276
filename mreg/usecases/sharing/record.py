"""What becomes of own events while they are being published."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mreg.usecases.sharing.results import Rewritten

if TYPE_CHECKING:
    from mreg.core.events import Event
    from mreg.core.replay import Lost
    from mreg.core.unpublished import Differs
    from mreg.usecases.sharing.reconcile import Reconciled


@dataclass(slots=True, kw_only=True)
class Record:
    """What came of the attempts so far. `rewritten` are own events that follow others', by their present ids."""

    rewritten: dict[str, Rewritten] = field(default_factory=dict)
    lost: list[Lost] = field(default_factory=list)
    differing: dict[str, Differs] = field(default_factory=dict)

    def add(self, found: Reconciled) -> None:
        for pair in found.rewritten:
            self.rewritten[pair.after.oid] = Rewritten(self._first(pair.before), pair.after)
        self.lost += [replace(lost, event=self._first(lost.event)) for lost in found.standing.lost]
        self.differing |= {tag.tag: tag for tag in found.standing.parts.differing}

    def now(self, event: Event) -> Event:
        """An own event as it is now."""
        return next((pair.after for pair in self.rewritten.values() if pair.before.oid == event.oid), event)

    def _first(self, event: Event) -> Event:
        """The event as it was before this run wrote it anew."""
        known = self.rewritten.pop(event.oid, None)
        return known.before if known else event

"""What a search finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mreg.core.fold import VersionState
from mreg.usecases.tabular import Tabular

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A version that was found.

    Attributes:
        values: The further fields that query and order name. None where there is no value, a tuple where there may be
            several, dates as times in UTC.
        score: None where the project weighs no metrics, or the version lacks one.
    """

    state: VersionState
    values: Mapping[str, Any]
    score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Tabular):
    """What a search found.

    Attributes:
        query: The query as it was understood.
        at: The date that was asked about.
        rows: The matches in order, up to the limit.
        fields: The names of the further fields, in their order.
        searched: How many versions there were.
        matched: How many match, whatever the limit.
        hidden: How many more would match, but are yanked.
        remarks: Which named fields nothing had that was looked at, a sentence each.
        caveats: What a shallow clone may lack.
    """

    query: str
    at: str | None
    rows: tuple[Hit, ...]
    fields: tuple[str, ...]
    searched: int
    matched: int
    hidden: int
    remarks: tuple[str, ...]
    caveats: tuple[str, ...] = ()

    def records(self) -> list[dict[str, Any]]:
        """A row a version: model, version, stage, registered (a time in UTC), author, score, then the further fields,
        of which those that may have several values are lists."""
        return [
            {
                "model": row.state.registered.model,
                "version": str(row.state.version),
                "stage": row.state.stage,
                "registered": row.state.registered.when,
                "author": row.state.registered.actor.name,
                "score": row.score,
                **{name: list(value) if isinstance(value, tuple) else value for name, value in row.values.items()},
            }
            for row in self.rows
        ]

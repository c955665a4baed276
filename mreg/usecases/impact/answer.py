"""What `mreg impact` answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from mreg.usecases.tabular import Tabular

if TYPE_CHECKING:
    from mreg.core.lineage import Affected

Kind = Literal["path", "hash", "version", "external"]


@dataclass(frozen=True, slots=True)
class Content:
    """A content that was looked for: what it is called here, and its hash; None for something outside."""

    label: str
    hash: str | None


@dataclass(frozen=True, slots=True)
class OtherContent:
    """Another content that the same path had, and the versions that it went into directly."""

    path: str
    hash: str | None
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact(Tabular):
    """Which versions something went into.

    Attributes:
        what: What was asked about, as it was typed.
        kind: What that turned out to be.
        at: The revision whose content a path was taken from; None is the work tree.
        contents: What was looked for.
        hits: The versions, those in production first.
        others: Other contents of the same path that versions were made from.
        versions: How many versions were looked at.
        unknown: What cannot be known, a sentence each.
    """

    what: str
    kind: Kind
    at: str | None
    contents: tuple[Content, ...]
    hits: tuple[Affected, ...]
    others: tuple[OtherContent, ...]
    versions: int
    unknown: tuple[str, ...]

    def records(self) -> list[dict[str, Any]]:
        """The versions, a row each."""
        return [
            {
                "ref": hit.ref,
                "model": hit.state.registered.model,
                "version": str(hit.state.version),
                "stage": hit.state.stage,
                "yanked": hit.state.yanked is not None,
                "role": hit.role,
                "how": " → ".join(hit.chain),
            }
            for hit in self.hits
        ]

"""Candidates, and what is read about them: in bulk, and only what the query needs."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from mreg.core.query import Candidate, Field, Need
from mreg.core.versions import latest
from mreg.usecases.dossiers import dossiers
from mreg.usecases.facts import read_all_facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.core.fold import VersionState
    from mreg.usecases.workspace import Workspace


def candidates(known: Sequence[VersionState]) -> list[Candidate]:
    """Every version, by model, the highest of each first.

    Args:
        known: In the order of a census.
    """
    found: list[Candidate] = []
    for _, group in groupby(known, key=lambda version: version.registered.model):
        versions = sorted(group, key=lambda version: version.version.precedence, reverse=True)
        newest = latest(version.version for version in versions if not version.yanked)
        found += [Candidate(version, latest=version.version is newest) for version in versions]
    return found


class Reader:
    """Completes candidates; what has been read is not read again."""

    def __init__(self, workspace: Workspace, moment: int | None) -> None:
        """Read as of a moment, in seconds since 1970 UTC; None is now."""
        self._workspace, self._moment = workspace, moment

    def read(self, wanted: Sequence[Candidate], need: Need) -> None:
        """Give the candidates the papers and annotations that are needed."""
        if Need.PAPERS in need and (new := [candidate for candidate in wanted if candidate.dossier is None]):
            for candidate, found in zip(new, dossiers(self._workspace, [c.state for c in new]), strict=True):
                candidate.dossier = found
        if Need.FACTS in need and (lacking := [candidate for candidate in wanted if candidate.facts is None]):
            by_oid = {candidate.state.registered.oid: candidate for candidate in lacking}
            with self._workspace.git.blobs() as blobs:
                facts = read_all_facts(blobs, by_oid, at=self._moment)
            for candidate in lacking:
                candidate.facts = facts.get(candidate.state.registered.oid, {})


def shown(field: Field, candidate: Candidate) -> Any:
    """A field's value for a row."""
    value = field.read(candidate)
    return datetime.fromtimestamp(value, UTC) if field.kind == "date" else value

"""The verbs that read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.registry.base import Base

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mreg.adapters.progress import Progress
    from mreg.core.signatures import Entry
    from mreg.usecases.comparing import Comparison, Scores, Trend
    from mreg.usecases.details import Resolution
    from mreg.usecases.impact import Impact
    from mreg.usecases.lineage import Direction, Lineage
    from mreg.usecases.listing import ModelList, VersionList
    from mreg.usecases.proof import Verification
    from mreg.usecases.searching.found import Found
    from mreg.usecases.show import Detail
    from mreg.usecases.who import People


class Reading(Base):
    """What a registry answers."""

    def models(
        self,
        *,
        stage: str | None = None,
        sort: str = "name",
        limit: int | None = None,
        at: str | None = None,
        everything: bool = False,
    ) -> ModelList:
        """The models, a row each: `mreg ls`."""
        from mreg.usecases.listing import models

        return models(self._source.models(), stage=stage, sort=sort, limit=limit, at=at, everything=everything)

    def versions(
        self,
        model: str,
        *,
        stage: str | None = None,
        sort: str = "version",
        limit: int | None = None,
        at: str | None = None,
        everything: bool = False,
    ) -> VersionList:
        """The versions of one model, a row each: `mreg ls MODEL`."""
        from mreg.usecases.listing import versions

        return versions(
            self._source.everything(), model, stage=stage, sort=sort, limit=limit, at=at, everything=everything
        )

    def search(
        self,
        query: str,
        *,
        sort: str | None = None,
        limit: int | None = None,
        at: str | None = None,
        everything: bool = False,
    ) -> Found:
        """The versions of any model that a query describes; its language is in `mreg.core.query`."""
        from mreg.usecases.search import search

        return search(self._source.everything(), query, sort=sort, limit=limit, at=at, everything=everything)

    def show(self, ref: str, *, at: str | None = None) -> Detail:
        """Everything about one version."""
        from mreg.usecases.show import show

        return show(self._source.version(ref, notes=True), ref, at=at)

    def resolve(self, ref: str, *, at: str | None = None) -> Resolution:
        """What a reference stands for: commit, pointer, hashes."""
        from mreg.usecases.details import resolve

        return resolve(self._source.version(ref), ref, at=at)

    def history(
        self,
        model: str | None = None,
        *,
        stage: str | None = None,
        since: str | None = None,
        until: str | None = None,
        limit: int | None = None,
    ) -> list[Entry]:
        """What happened, newest first."""
        from mreg.usecases.audit import history

        return history(self._source.tags(model), model, stage=stage, since=since, until=until, limit=limit)

    def compare(self, *refs: str, last: int | None = None, only: Sequence[str] = ()) -> Comparison | Trend:
        """Versions side by side, each against the first; or, for a range or with `last`, how one model went."""
        from mreg.usecases.comparing import compare

        return compare(self._source.everything(), refs, last=last, only=only)

    def score(self, model: str, *, weights: Mapping[str, float] | None = None, missing: str = "exclude") -> Scores:
        """Every version's Σ weight · metric, the best first."""
        from mreg.usecases.comparing import score

        return score(self._source.everything(), model, weights=weights, missing=missing)

    def lineage(
        self, ref: str, *, direction: Direction = "both", depth: int | None = None, at: str | None = None
    ) -> Lineage:
        """What a version was made from, back to the raw data, and what was made from it, as a typed graph."""
        from mreg.usecases.lineage import lineage

        return lineage(self._source.everything(), ref, direction=direction, depth=depth, at=at)

    def who(self, ref: str, *, at: str | None = None) -> People:
        """Who trained, wrote, reviewed, registered and promoted a version, and what Git does not tell."""
        from mreg.usecases.who import who

        return who(self._source.everything(), ref, at=at)

    def impact(self, what: str, *, at: str | None = None) -> Impact:
        """Which versions of any model a file, a hash, something outside or another version went into."""
        from mreg.usecases.impact import impact

        return impact(self._source.everything(), what, at=at, folder=self._path)

    def verify(
        self,
        model: str | None = None,
        *,
        deep: bool = False,
        remote: bool = False,
        progress: Progress | None = None,
    ) -> Verification:
        """Prove that names, trailers, chains, cards and pointers agree; with `deep` the artifacts' bytes; with `remote`
        that the Git remote has the same."""
        from mreg.adapters.progress import SILENT
        from mreg.usecases.proof import verify

        place = self._source.everything()
        return verify(place, model, deep=deep, remote=remote, progress=progress or SILENT)

"""`Registry`: the library's face over the use cases, with the command line's verbs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mreg.usecases.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mreg.adapters.progress import Progress
    from mreg.core.annotations import Scalar
    from mreg.core.signatures import Entry
    from mreg.core.versions import Bump
    from mreg.usecases.cards import CardReport
    from mreg.usecases.comparing import Comparison, Scores, Trend
    from mreg.usecases.delivery import Delivered
    from mreg.usecases.details import Detail, Resolution
    from mreg.usecases.facts import Annotated
    from mreg.usecases.impact import Impact
    from mreg.usecases.lineage import Direction, Lineage
    from mreg.usecases.listing import ModelList, VersionList
    from mreg.usecases.proof import Verification
    from mreg.usecases.register import Registered
    from mreg.usecases.searching.found import Found
    from mreg.usecases.setup import Initialized
    from mreg.usecases.who import People
    from mreg.usecases.writing import Written


class Registry:
    """The model registry in one Git repository.

    Every method reads the repository anew, so a registry never goes stale. All raise `mreg.errors.MregError` kinds;
    nothing is printed. Each use case is imported when it is first used, since a script pays for what it asks.
    """

    def __init__(self, path: Path | str = ".") -> None:
        """Open the repository at or above a folder.

        Raises:
            NotARepository, NoSuchFolder: There is none.
        """
        self._path = Path(path).absolute()  # the current folder may be another one later
        _ = self._workspace

    @property
    def _workspace(self) -> Workspace:
        # A new one each time: what it knows of the configuration is of the moment.
        return Workspace(self._path)

    @classmethod
    def init(cls, path: Path | str = ".") -> Initialized:
        """Make a folder ready for models; see `mreg init`."""
        from mreg.usecases.setup import init

        return init(Path(path))

    def register(
        self,
        model: str,
        path: Path | str | None = None,
        *,
        version: str | None = None,
        bump: Bump | None = None,
        metrics: Mapping[str, float] | None = None,
        metrics_files: Sequence[Path | str] = (),
        params: Mapping[str, Scalar] | None = None,
        params_files: Sequence[Path | str] = (),
        data: Sequence[Path | str] = (),
        base_models: Sequence[str] = (),
        card: Path | str | None = None,
        format: str | None = None,  # noqa: A002 - the option's name, and the card's
        framework: str | None = None,
        reason: str = "",
        stage: str | None = None,
        draft: bool = False,
        dry_run: bool = False,
        require_clean: bool = False,
        progress: Progress | None = None,
    ) -> Registered:
        """Put an artifact under DVC, fill its card, commit both and tag the commit; see `Request` for the options."""
        from mreg.adapters.progress import SILENT
        from mreg.usecases.register import Request, register

        request = Request(
            model=model,
            path=None if path is None else Path(path),
            version=version,
            bump=bump,
            metrics=dict(metrics or {}),
            metrics_files=tuple(map(Path, metrics_files)),
            params=dict(params or {}),
            params_files=tuple(map(Path, params_files)),
            data=tuple(map(Path, data)),
            base_models=tuple(base_models),
            card=None if card is None else Path(card),
            format=format,
            framework=framework,
            reason=reason,
            stage=stage,
            draft=draft,
            dry_run=dry_run,
            require_clean=require_clean,
        )
        return register(self._workspace, request, progress=progress or SILENT)

    def promote(self, ref: str, stage: str, *, reason: str = "", force: bool = False) -> Written:
        """Move a version into a stage; where the stage is exclusive, what was there becomes archived."""
        from mreg.usecases.stages import promote

        return promote(self._workspace, ref, stage, reason=reason, force=force)

    def rollback(self, model: str, *, stage: str = "production", to: str | None = None, reason: str = "") -> Written:
        """Return a stage to the version that held it before."""
        from mreg.usecases.stages import rollback

        return rollback(self._workspace, model, stage_name=stage, to=to, reason=reason)

    def archive(self, *refs: str, reason: str = "") -> list[Written]:
        """Take versions out of use."""
        from mreg.usecases.stages import archive

        return archive(self._workspace, refs, reason=reason)

    def yank(self, ref: str, *, reason: str) -> Written:
        """Mark a version as registered by mistake."""
        from mreg.usecases.stages import yank

        return yank(self._workspace, ref, reason=reason)

    def alias(self, ref: str, name: str, *, reason: str = "") -> Written:
        """Give a version a name of its own, such as `champion`."""
        from mreg.usecases.aliases import alias

        return alias(self._workspace, ref, name, reason=reason)

    def unalias(self, model: str, name: str, *, reason: str = "") -> Written:
        """Take an alias away."""
        from mreg.usecases.aliases import unalias

        return unalias(self._workspace, model, name, reason=reason)

    def annotate(self, ref: str, facts: Mapping[str, Scalar], *, remove: Sequence[str] = ()) -> Annotated:
        """Add facts to a version, or take them back."""
        from mreg.usecases.facts import annotate

        return annotate(self._workspace, ref, facts, remove=remove)

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

        return models(self._workspace, stage=stage, sort=sort, limit=limit, at=at, everything=everything)

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

        return versions(self._workspace, model, stage=stage, sort=sort, limit=limit, at=at, everything=everything)

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

        return search(self._workspace, query, sort=sort, limit=limit, at=at, everything=everything)

    def show(self, ref: str, *, at: str | None = None) -> Detail:
        """Everything about one version."""
        from mreg.usecases.details import show

        return show(self._workspace, ref, at=at)

    def resolve(self, ref: str, *, at: str | None = None) -> Resolution:
        """What a reference stands for: commit, pointer, hashes."""
        from mreg.usecases.details import resolve

        return resolve(self._workspace, ref, at=at)

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

        return history(self._workspace, model, stage=stage, since=since, until=until, limit=limit)

    def compare(self, *refs: str, last: int | None = None, only: Sequence[str] = ()) -> Comparison | Trend:
        """Versions side by side, each against the first; or, for a range or with `last`, how one model went."""
        from mreg.usecases.comparing import compare

        return compare(self._workspace, refs, last=last, only=only)

    def score(self, model: str, *, weights: Mapping[str, float] | None = None, missing: str = "exclude") -> Scores:
        """Every version's Σ weight · metric, the best first."""
        from mreg.usecases.comparing import score

        return score(self._workspace, model, weights=weights, missing=missing)

    def lineage(
        self, ref: str, *, direction: Direction = "both", depth: int | None = None, at: str | None = None
    ) -> Lineage:
        """What a version was made from, back to the raw data, and what was made from it, as a typed graph."""
        from mreg.usecases.lineage import lineage

        return lineage(self._workspace, ref, direction=direction, depth=depth, at=at)

    def who(self, ref: str, *, at: str | None = None) -> People:
        """Who trained, wrote, reviewed, registered and promoted a version, and what Git does not tell."""
        from mreg.usecases.who import who

        return who(self._workspace, ref, at=at)

    def impact(self, what: str, *, at: str | None = None) -> Impact:
        """Which versions of any model a file, a hash, something outside or another version went into."""
        from mreg.usecases.impact import impact

        return impact(self._workspace, what, at=at, folder=self._path)

    def verify(self, model: str | None = None, *, deep: bool = False, progress: Progress | None = None) -> Verification:
        """Prove that names, trailers, chains, cards, pointers and, with `deep`, the artifacts' bytes agree."""
        from mreg.adapters.progress import SILENT
        from mreg.usecases.proof import verify

        return verify(self._workspace, model, deep=deep, progress=progress or SILENT)

    def new_card(self, model: str) -> Path:
        """Write a skeleton of a model's card, with every key explained."""
        from mreg.usecases.cards import new_card

        return new_card(self._workspace, model)

    def check_card(self, model_or_path: Path | str) -> CardReport:
        """Every fault of a card, and what it lacks to be complete."""
        from mreg.usecases.cards import check_card

        return check_card(self._workspace, str(model_or_path))

    def get(
        self,
        ref: str,
        folder: Path | str,
        *,
        link: bool = False,
        force: bool = False,
        progress: Progress | None = None,
    ) -> Delivered:
        """Put a version's artifact into a folder, its bytes proven, without touching the work tree."""
        from mreg.adapters.progress import SILENT
        from mreg.usecases.delivery import get

        return get(self._workspace, ref, Path(folder), link=link, force=force, progress=progress or SILENT)

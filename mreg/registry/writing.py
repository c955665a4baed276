"""The verbs that write."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mreg.registry.base import Base

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mreg.adapters.progress import Progress
    from mreg.core.annotations import Scalar
    from mreg.core.versions import Bump
    from mreg.usecases.cards import CardReport
    from mreg.usecases.facts import Annotated
    from mreg.usecases.register import Registered
    from mreg.usecases.setup import Initialized
    from mreg.usecases.writing import Written


class Writing(Base):
    """What changes a registry."""

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
        push: bool = False,
        progress: Progress | None = None,
    ) -> Registered:
        """Put an artifact under DVC, fill its card, commit both and tag the commit; see `Request` for the options."""
        from mreg.adapters.progress import SILENT
        from mreg.usecases.register import Request, register

        if push and draft:
            from mreg.usecases.sharing.errors import DraftHasNoTag

            raise DraftHasNoTag
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
        registered = register(self._workspace, request, progress=progress or SILENT)
        if not push or dry_run:
            return registered
        from mreg.usecases.sharing.after import publish_registration

        return publish_registration(self._workspace, registered, progress=progress or SILENT)

    def promote(self, ref: str, stage: str, *, reason: str = "", force: bool = False, push: bool = False) -> Written:
        """Move a version into a stage; where the stage is exclusive, what was there becomes archived."""
        from mreg.usecases.stages import promote

        return self._shared(promote(self._workspace, ref, stage, reason=reason, force=force), push=push)

    def rollback(
        self, model: str, *, stage: str = "production", to: str | None = None, reason: str = "", push: bool = False
    ) -> Written:
        """Return a stage to the version that held it before."""
        from mreg.usecases.stages import rollback

        if push and to is None:
            from mreg.usecases.sharing.after import waiting_rollback

            if waiting := waiting_rollback(self._workspace, model, stage):
                return self._shared(waiting, push=True)
        return self._shared(rollback(self._workspace, model, stage_name=stage, to=to, reason=reason), push=push)

    def archive(self, *refs: str, reason: str = "", push: bool = False) -> list[Written]:
        """Take versions out of use."""
        from mreg.usecases.stages import archive

        written = archive(self._workspace, refs, reason=reason)
        if not push:
            return written
        from mreg.usecases.sharing.after import publish_events

        return publish_events(self._workspace, written)

    def yank(self, ref: str, *, reason: str, push: bool = False) -> Written:
        """Mark a version as registered by mistake."""
        from mreg.usecases.stages import yank

        return self._shared(yank(self._workspace, ref, reason=reason), push=push)

    def alias(self, ref: str, name: str, *, reason: str = "", push: bool = False) -> Written:
        """Give a version a name of its own, such as `champion`."""
        from mreg.usecases.aliases import alias

        return self._shared(alias(self._workspace, ref, name, reason=reason), push=push, alias=name)

    def unalias(self, model: str, name: str, *, reason: str = "", push: bool = False) -> Written:
        """Take an alias away."""
        from mreg.usecases.aliases import unalias

        return self._shared(unalias(self._workspace, model, name, reason=reason), push=push)

    def _shared(self, written: Written, *, push: bool, alias: str | None = None) -> Written:
        if not push:
            return written
        from mreg.usecases.sharing.after import publish_events

        return publish_events(self._workspace, [written], alias=alias)[0]

    def annotate(
        self, ref: str, facts: Mapping[str, Scalar], *, remove: Sequence[str] = (), push: bool = False
    ) -> Annotated:
        """Add facts to a version, or take them back."""
        from mreg.usecases.facts import annotate
        from mreg.usecases.sharing.after import publish_facts

        annotated = annotate(self._workspace, ref, facts, remove=remove)
        return publish_facts(self._workspace, annotated) if push else annotated

    def new_card(self, model: str) -> Path:
        """Write a skeleton of a model's card, with every key explained."""
        from mreg.usecases.cards import new_card

        return new_card(self._workspace, model)

    def check_card(self, model_or_path: Path | str) -> CardReport:
        """Every fault of a card, and what it lacks to be complete."""
        from mreg.usecases.cards import check_card

        return check_card(self._workspace, str(model_or_path))

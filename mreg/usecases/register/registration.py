"""The steps of a registration, in their order: look, gather, decide, write, publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.adapters.dvc import Dvc
from mreg.adapters.dvc.pointers import SUFFIX, candidates
from mreg.adapters.files import new_folder, write_atomic
from mreg.adapters.git.transaction import finish_interrupted, lock_file
from mreg.adapters.hashing import hash_artifact
from mreg.adapters.history import model_names
from mreg.adapters.progress import SILENT
from mreg.core.events import NONE
from mreg.core.messages import check_reason
from mreg.core.names import check_case, check_model_name
from mreg.core.policy import ForbiddenTransition, check_usable, stage_named
from mreg.errors import MregError
from mreg.usecases.register.artifact import Artifact, obtain, recover
from mreg.usecases.register.cardfile import CardAfter, read_before, registered_before, write_after
from mreg.usecases.register.draft import as_drafted
from mreg.usecases.register.evidence import gather
from mreg.usecases.register.place import NotAPath, check_card_place, destination, located
from mreg.usecases.register.publication import Published, publish
from mreg.usecases.register.request import (
    DirtyTree,
    DraftHasNoStage,
    NoCommits,
    NothingToRegister,
    Registered,
    Request,
    VersionExists,
    listed,
)
from mreg.usecases.register.undo import put_back_on_failure
from mreg.usecases.register.version import backwards, choose_version
from mreg.usecases.stages import promote

if TYPE_CHECKING:
    from pathlib import Path

    from mreg.adapters.progress import Progress
    from mreg.core.policy import Stage
    from mreg.core.versions import Version
    from mreg.usecases.workspace import Workspace
    from mreg.usecases.writing import Written


def register(workspace: Workspace, request: Request, *, progress: Progress = SILENT) -> Registered:
    """Put an artifact under DVC, fill its card, commit both, and tag the commit as a version.

    Registering the same artifact and card again changes nothing. A registration that was killed is completed by
    running it again.

    Args:
        workspace: The repository.
        request: What to register, see `Request`.
        progress: Shows bytes hashed, copied and fetched.

    Raises:
        InvalidName, CaseConflict, InvalidVersion, VersionExists: The name or the version.
        UnknownStage, ForbiddenTransition: The stage to promote it to.
        DraftHasNoStage, NoCommits, DirtyTree, NothingToRegister: The repository or the request is not ready.
        CardFaults, OtherModelsCard: The card.
        BadArtifact, ArtifactChanged, InGit, OutOfDate, NotDvc, DvcFailure, …: The artifact; see `Dvc.track`.
        HookRefused, GitFailed, DiskFailure: Git, its hooks, or the disk.
    """
    _check(workspace, request)
    if request.dry_run:
        return _Registration(workspace, request, progress).foresee()
    with lock_file(workspace.git.private_dir / "registering" / f"{request.model}.lock"):
        finish_interrupted(workspace.git)
        return _Registration(workspace, request, progress).run()


def _check(workspace: Workspace, request: Request) -> None:
    """Everything that can be refused before any work is done."""
    check_model_name(request.model)
    check_reason(request.reason)
    if request.stage is not None:
        stage_named(workspace.policy, request.stage)
        if request.draft:
            raise DraftHasNoStage
    if workspace.git.bare or workspace.git.head() is None:
        _ = workspace.git.root
        raise NoCommits
    workspace.git.identity()
    if not workspace.history(request.model).tags:
        check_case(request.model, model_names(workspace.git))


class _Registration:
    """One registration on its way through the steps."""

    def __init__(self, workspace: Workspace, request: Request, progress: Progress) -> None:
        self.workspace, self.request, self.progress = workspace, request, progress
        self.git, self.head = workspace.git, workspace.git.head() or ""
        self.card_path = workspace.card_path(request.model)
        self._card_file = self.git.root / self.card_path
        check_card_place(self.git, self.card_path)
        self.before = read_before(workspace, request)
        self.place = self._place()
        self.state = workspace.history(request.model).state
        self.choice = choose_version(
            self.state,
            version=request.version,
            bump=request.bump,
            card=self.before.version,
            stages=tuple(workspace.policy.stages),
        )
        Dvc.find((self.git.root / self.place).parent, self.git.root)
        self.evidence = gather(workspace, request, self.place, progress=progress)
        self.dirty = self._other_changes()

    def _place(self) -> str:
        if self.request.path is not None:
            return destination(self.git, self.request.path, self.card_path)
        named = self.before.path
        if named is None:
            raise self._nothing(f"no path is given, and there is no {self.card_path}")
        if destination(self.git, self.git.root / named, self.card_path) != named:
            raise NotAPath(path=self.git.root / named, problem="leads out of the repository, by a symbolic link")
        return named

    def _nothing(self, problem: str) -> NothingToRegister:
        return NothingToRegister(model=self.request.model, card_path=self.card_path, problem=problem)

    def _other_changes(self) -> tuple[str, ...]:
        """Files with changes that are no part of this registration."""
        folder = self.place.rpartition("/")[0]
        own = {self.card_path, self.place, *candidates(self.place), *self.evidence.values.outputs}
        own.add(f"{folder}/.gitignore" if folder else ".gitignore")
        return tuple(f for f in self.git.changed_files() if f not in own and not f.startswith(f"{self.place}/"))

    def foresee(self) -> Registered:
        """What `run` would do, as far as can be told without putting the artifact under DVC."""
        self._check_clean()
        card = self._card()
        repeated, digest = self._compare(card)
        return self._result(card, version=repeated or self.choice.version, repeated=repeated is not None, digest=digest)

    def run(self) -> Registered:
        self._check_clean()
        card = self._card()
        if self.choice.version in self.state.versions or self._closed_stage():
            self._compare(card)
        with new_folder(self._card_file.parent), put_back_on_failure(self.git, self._written(), copy=self._copy()):
            artifact = self._artifact()
            repeated = self._repeated(artifact.digest, card)
            if repeated is None:
                card, published = self._publish(card, artifact)
        if repeated is not None:
            return self._result(card, version=repeated, repeated=True, artifact=artifact)
        drafted = self.request.draft and published.commit == self.head
        return self._result(card, version=self.choice.version, repeated=drafted, artifact=artifact, published=published)

    def _check_clean(self) -> None:
        if self.request.require_clean and self.dirty:
            raise DirtyTree(files=self.dirty)

    def _compare(self, card: CardAfter) -> tuple[Version | None, str | None]:
        """The version that this registration repeats, and the artifact's digest, before DVC has seen it.

        Raises:
            VersionExists, ForbiddenTransition: It repeats none, and may not make one.
        """
        target = self.git.root / self.place
        source = self.request.path or (target if target.exists() else None)
        if source is None:  # its pointer has to be asked
            return None, None
        digest = hash_artifact(source, within=(self.git.root,), progress=self.progress)
        repeated = self._repeated(digest, card)
        if repeated is None:
            self._check_stage()
        return repeated, digest

    def _check_stage(self) -> None:
        if (stage := self._closed_stage()) is not None:
            version, first = str(self.choice.version), (stage.origins or ("",))[0]
            error = ForbiddenTransition(model=self.request.model, version=version, origin=NONE, stage=stage)
            error.hint = f"register it without --stage {stage.name}, and promote it to {first} first"
            raise error

    def _closed_stage(self) -> Stage | None:
        """The stage to promote it to at once, where no new version may enter that."""
        if self.request.stage is None:
            return None
        stage = stage_named(self.workspace.policy, self.request.stage)
        return stage if stage.origins is not None and NONE not in stage.origins else None

    def _written(self) -> tuple[Path, ...]:
        """What a registration writes into the work tree."""
        artifact = self.git.root / self.place
        return self._card_file, artifact.with_name(f"{artifact.name}{SUFFIX}"), artifact.with_name(".gitignore")

    def _copy(self) -> Path | None:
        """Where an artifact from outside is copied to."""
        path, target = self.request.path, self.git.root / self.place
        return None if path is None or located(path) == located(target) else target

    def _publish(self, card: CardAfter, artifact: Artifact) -> tuple[CardAfter, Published]:
        self._check_stage()
        version = self.choice.version
        card = as_drafted(self.workspace, self.state, self.before, card, version=version, artifact=artifact)
        write_atomic(self._card_file, card.text.encode())
        return card, publish(self.workspace, self.request, version, self.card_path, artifact)

    def _artifact(self) -> Artifact:
        target = self.git.root / self.place
        if self.request.path is not None or target.exists():
            path, model = self.request.path or target, self.request.model
            return obtain(self.git, path, self.place, model=model, progress=self.progress)
        if (recovered := recover(self.git, self.place, progress=self.progress)) is None:
            raise self._nothing(f"{self.card_path} names {self.place}, which is not here and has no DVC pointer")
        return recovered

    def _card(self) -> CardAfter:
        return write_after(
            self.workspace,
            self.request,
            self.before,
            self.evidence,
            version=self.choice.version,
            place=self.place,
            commit=self.head,
            clean=not self.dirty,
        )

    def _repeated(self, digest: str, card: CardAfter) -> Version | None:
        """The version that this registration repeats.

        Raises:
            VersionExists: The version asked for is taken by another artifact or card.
        """
        found = registered_before(self.workspace, self.state, digest, card.text)
        if found is not None and (found == self.choice.version or not self.choice.named):
            return found
        if (known := self.state.versions.get(self.choice.version)) is not None:
            check_usable(known)
            raise VersionExists(model=self.state.model, version=known.version, tag=known.registered.tag)
        return None

    def _result(
        self,
        card: CardAfter,
        *,
        version: Version,
        repeated: bool = False,
        artifact: Artifact | None = None,
        digest: str | None = None,
        published: Published | None = None,
    ) -> Registered:
        request, tagged = self.request, self.state.versions.get(version)
        notices = self.evidence.values.notices
        if not repeated:
            notices += (*self._dirty_notice(), *card.notices, *backwards(self.state, version), *self._shallow_notice())
            notices += published.notices if published else ()
        return Registered(
            model=request.model,
            version=version,
            event=published.event if published else None,
            repeated=repeated,
            draft=request.draft,
            dry_run=request.dry_run,
            path=self.place,
            card_path=self.card_path,
            pointer=artifact.pointer if artifact else None,
            digest=artifact.digest if artifact else digest,
            commit=published.commit if published else (tagged.commit if repeated and tagged else None),
            metrics=card.metrics,
            notices=notices,
            stage=request.stage,
            promoted=self._promoted(version),
        )

    def _dirty_notice(self) -> tuple[str, ...]:
        if not self.dirty:
            return ()
        return (f"the card says that the code was not clean, since these files have changes:\n{listed(self.dirty)}",)

    def _shallow_notice(self) -> tuple[str, ...]:
        if self.state.versions or not self.git.shallow:
            return ()
        return ("this clone is shallow: if other clones have versions of this model, `git fetch --tags` comes first",)

    def _promoted(self, version: Version) -> Written | None:
        request = self.request
        if request.stage is None or request.dry_run:
            return None
        try:
            return promote(self.workspace, f"{request.model}@v{version}", request.stage, reason=request.reason)
        except MregError as error:
            error.hint = f"{request.model} v{version} is registered, and only not promoted: {error.hint}"
            raise

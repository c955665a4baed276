"""The steps of a registration, in their order: look, gather, decide, write, publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.adapters.files import disk_errors, write_atomic
from mreg.adapters.git.transaction import lock_file
from mreg.adapters.hashing import hash_artifact
from mreg.adapters.history import model_names
from mreg.adapters.pointers import candidates
from mreg.adapters.progress import SILENT
from mreg.core.names import check_case, check_model_name
from mreg.core.policy import stage_named
from mreg.usecases.register.artifact import Artifact, destination, obtain, recover
from mreg.usecases.register.cardfile import CardAfter, read_before, registered_before, write_after
from mreg.usecases.register.evidence import gather
from mreg.usecases.register.publication import Published, publish
from mreg.usecases.register.request import (
    DirtyTree,
    NoCommits,
    NothingToRegister,
    Registered,
    Request,
    VersionExists,
    listed,
)
from mreg.usecases.register.version import backwards, choose_version
from mreg.usecases.stages import promote

if TYPE_CHECKING:
    from mreg.adapters.progress import Progress
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
        InvalidName, CaseConflict, InvalidVersion, VersionExists, UnknownStage: The request contradicts the rules.
        NoCommits, DirtyTree, NothingToRegister: The repository or the request is not ready.
        CardFaults, OtherModelsCard: The card.
        BadArtifact, ArtifactChanged, InGit, OutOfDate, NotDvc, DvcFailure, …: The artifact; see `Dvc.track`.
        HookRefused, GitFailed, DiskFailure: Git, its hooks, or the disk.
    """
    _check(workspace, request)
    if request.dry_run:
        return _Registration(workspace, request, progress).foresee()
    with lock_file(workspace.git.private_dir / "registering" / f"{request.model}.lock"):
        return _Registration(workspace, request, progress).run()


def _check(workspace: Workspace, request: Request) -> None:
    """Everything that can be refused before any work is done."""
    check_model_name(request.model)
    if request.stage is not None:
        stage_named(workspace.policy, request.stage)
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
        self.git = workspace.git
        self.card_path = workspace.card_path(request.model)
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
        self.evidence = gather(workspace, request, self.place, progress=progress)
        self.dirty = self._other_changes()

    def _place(self) -> str:
        if self.request.path is not None:
            return destination(self.git, self.request.path, self.card_path.rpartition("/")[0])
        if self.before.path is None:
            raise self._nothing(f"no path is given, and there is no {self.card_path}")
        return self.before.path

    def _nothing(self, problem: str) -> NothingToRegister:
        return NothingToRegister(model=self.request.model, card_path=self.card_path, problem=problem)

    def _other_changes(self) -> tuple[str, ...]:
        """Files with changes that are no part of this registration."""
        folder = self.place.rpartition("/")[0]
        own = {self.card_path, self.place, *candidates(self.place), *self.evidence.outputs}
        own.add(f"{folder}/.gitignore" if folder else ".gitignore")
        return tuple(f for f in self.git.changed_files() if f not in own and not f.startswith(f"{self.place}/"))

    def foresee(self) -> Registered:
        """What `run` would do, as far as can be told without putting the artifact under DVC."""
        if self.request.require_clean and self.dirty:
            raise DirtyTree(files=self.dirty)
        target = self.git.root / self.place
        source = self.request.path or (target if target.exists() else None)
        digest = None if source is None else hash_artifact(source, within=(self.git.root,), progress=self.progress)
        card = self._card()
        repeated = self._repeated(digest, card) if digest else None
        return self._result(card, version=repeated or self.choice.version, repeated=repeated is not None, digest=digest)

    def run(self) -> Registered:
        if self.request.require_clean and self.dirty:
            raise DirtyTree(files=self.dirty)
        artifact = self._artifact()
        card = self._card()
        repeated = self._repeated(artifact.digest, card)
        if repeated is not None:
            return self._result(card, version=repeated, repeated=True, artifact=artifact)
        file = self.git.root / self.card_path
        with disk_errors("make", file.parent):
            file.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(file, card.text.encode())
        published = publish(self.workspace, self.request, self.choice.version, self.card_path, artifact)
        return self._result(card, version=self.choice.version, artifact=artifact, published=published)

    def _artifact(self) -> Artifact:
        target = self.git.root / self.place
        if self.request.path is not None or target.exists():
            return obtain(self.git, self.request.path or target, self.place, progress=self.progress)
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
            commit=self.git.head() or "",
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
        notices = (*self.evidence.notices, *self._dirty_notice())
        if not repeated:
            notices += (*card.notices, *backwards(self.state, version), *(published.notices if published else ()))
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
            promoted=self._promoted(version),
        )

    def _dirty_notice(self) -> tuple[str, ...]:
        if not self.dirty:
            return ()
        return (f"the card says that the code was not clean, since these files have changes:\n{listed(self.dirty)}",)

    def _promoted(self, version: Version) -> Written | None:
        request = self.request
        if request.stage is None or request.draft or request.dry_run:
            return None
        return promote(self.workspace, f"{request.model}@v{version}", request.stage, reason=request.reason)

"""Promote, roll back, archive, yank: one event each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.core.events import ARCHIVED, NONE, PRODUCTION, Change, EventKind
from mreg.core.fold import rollback_target
from mreg.core.policy import check_transition, check_usable, stage_named
from mreg.core.refs import Ref, parse_ref
from mreg.core.versions import parse_version
from mreg.errors import RegistryError, UsageError
from mreg.usecases.writing import Written, write, write_about

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.core.fold import ModelState, VersionState
    from mreg.core.policy import Stage
    from mreg.core.versions import Version
    from mreg.usecases.workspace import Workspace


class NothingToRollBack(RegistryError):
    """No version held the stage before. `last` is the one that holds it, or was the last to leave it."""

    def __init__(self, *, model: str, stage: str, current: Version | None, last: Version | None) -> None:
        if current:
            problem = f"no version of {model} held {stage} before v{current}"
        elif last:
            problem = f"no version of {model} is in {stage}, and none that can be used was there before v{last}"
        else:
            problem = f"no version of {model} ever was in {stage}"
        super().__init__(problem)
        self.model, self.stage, self.current, self.last = model, stage, current, last
        self.hint = f"`mreg history {model} --stage {stage}` shows who held it; mreg promote {model}@VERSION {stage}"


class NeverHeld(RegistryError):
    """The version to roll back to never was in that stage."""

    def __init__(self, *, model: str, version: Version, stage: str) -> None:
        super().__init__(f"{model} v{version} never was in {stage}: there is nothing to roll back to")
        self.model, self.version, self.stage = model, version, stage
        self.hint = f"mreg promote {model}@v{version} {stage}"


class RollbackNamesVersion(UsageError):
    """`rollback` was given a version where it takes a model."""

    def __init__(self, *, ref: Ref) -> None:
        super().__init__(f"rollback takes a model, not the version {ref}")
        self.ref = str(ref)
        self.hint = f"mreg rollback {ref.model}, or mreg rollback {ref.model} --to VERSION"


class InUse(RegistryError):
    """The version holds an exclusive stage, so taking it away would leave nothing there."""

    def __init__(self, *, model: str, version: Version, stage: str) -> None:
        super().__init__(f"{model} v{version} is in {stage}: yanking it would leave {stage} empty")
        self.model, self.version, self.stage = model, version, stage
        self.hint = f"mreg rollback {model} --stage {stage}, or mreg archive {model}@v{version}, then yank it"


class ReasonMissing(UsageError):
    """A yank says why."""

    hint = "say what was wrong: -m 'trained on the test set'"

    def __init__(self) -> None:
        super().__init__("a yank needs a reason")


def promote(workspace: Workspace, text: str, stage_name: str, *, reason: str = "", force: bool = False) -> Written:
    """Move a version into a stage; where the stage is exclusive, what was there becomes archived.

    Args:
        workspace: The repository.
        text: The version, such as `churn@v1.2.0`.
        stage_name: The stage; `none` and `archived` are stages too.
        reason: Why, in the person's words.
        force: Go there even where the project's rules forbid the transition; the event records it.

    Raises:
        UnknownStage, UnknownModel, UnknownRef: There is no such stage or version.
        ForbiddenTransition: The project's rules forbid it.
        YankedVersion: The version is yanked.
    """
    stage = stage_named(workspace.policy, stage_name)

    def decide(state: ModelState, version: VersionState) -> Change | None:
        check_usable(version)
        others = tuple(v for v in state.holders.get(stage.name, ()) if v != version.version) if stage.exclusive else ()
        if version.stage == stage.name and not others:
            return None
        return _entering(version, stage, others, reason=reason, force=force)

    return write_about(workspace, text, stage.name, decide)


def _entering(
    version: VersionState, stage: Stage, superseded: tuple[Version, ...], *, reason: str, force: bool
) -> Change:
    allowed = stage.origins is None or version.stage in stage.origins
    if not force:
        check_transition(version, stage)
    return Change(
        kind=EventKind.ARCHIVE if stage.name == ARCHIVED else EventKind.PROMOTE,
        model=version.registered.model,
        version=version.version,
        stage=stage.name,
        origin=version.stage,
        supersedes=superseded,
        forced=not allowed,
        reason=reason,
    )


def rollback(
    workspace: Workspace, model: str, *, stage_name: str = PRODUCTION, to: str | None = None, reason: str = ""
) -> Written:
    """Return a stage to the version that held it before; `from` rules do not apply.

    Args:
        workspace: The repository.
        model: Whose stage.
        stage_name: The stage.
        to: Another version that held the stage at some time; None is the one before.
        reason: Why.

    Raises:
        NothingToRollBack: Nobody held the stage before.
        NeverHeld: The version named with `to` never did.
        YankedVersion: The version named with `to` is yanked.
        UnknownStage, UnknownModel, UnknownRef: There is no such stage, model or version.
    """
    rules = stage_named(workspace.policy, stage_name)
    stage = rules.name
    ref = parse_ref(model)
    if ref.selector is not None:
        raise RollbackNamesVersion(ref=ref)
    workspace.known(ref.model)

    def decide(state: ModelState) -> Change | None:
        current = state.holder(stage)
        target = rollback_target(state, stage) if to is None else _named_target(workspace, state, to, stage)
        if target is None:
            last = next(reversed(state.tenures.get(stage, ())), None)
            nothing = NothingToRollBack(model=ref.model, stage=stage, current=current, last=last)
            raise workspace.with_caveats(nothing, ref.model)
        if target == current:
            return None
        held = state.holders.get(stage, ()) if rules.exclusive else (current,) if current else ()
        return Change(
            kind=EventKind.ROLLBACK,
            model=ref.model,
            version=target,
            stage=stage,
            origin=state.versions[target].stage,
            supersedes=tuple(version for version in held if version != target),
            reason=reason,
        )

    event = write(workspace, ref.model, decide)
    version = event.version if event else workspace.known(ref.model).holder(stage)
    if version is None:
        raise NothingToRollBack(model=ref.model, stage=stage, current=None, last=None)
    caveats = workspace.caveats(ref.model)
    return Written(model=ref.model, version=version, stage=stage, event=event, caveats=caveats)


def _named_target(workspace: Workspace, state: ModelState, to: str, stage: str) -> Version:
    version = workspace.select(state, Ref(state.model, str(parse_version(to.removeprefix(f"{state.model}@")))))
    check_usable(version)
    entries = (EventKind.PROMOTE, EventKind.ROLLBACK)
    held = {event.version for event in state.events if event.kind in entries and event.change.stage == stage}
    if version.version not in held:
        raise NeverHeld(model=state.model, version=version.version, stage=stage)
    return version.version


def archive(workspace: Workspace, texts: Sequence[str], *, reason: str = "") -> list[Written]:
    """Take versions out of use; they stay registered and their bytes stay where they are.

    All references are looked up before the first event is written.

    Raises:
        UnknownModel, UnknownRef, YankedVersion, ForbiddenTransition: As for `promote`.
    """
    for text in texts:
        workspace.version(text)
    return [promote(workspace, text, ARCHIVED, reason=reason) for text in texts]


def yank(workspace: Workspace, text: str, *, reason: str) -> Written:
    """Mark a version as registered by mistake: hidden from `latest`, never promotable again.

    Raises:
        ReasonMissing: The reason is empty.
        InUse: It holds an exclusive stage.
    """
    if not reason.strip():
        raise ReasonMissing

    def decide(_: ModelState, version: VersionState) -> Change | None:
        if version.yanked:
            return None
        stage = workspace.policy.stages.get(version.stage)
        if stage is not None and stage.exclusive:
            raise InUse(model=version.registered.model, version=version.version, stage=version.stage)
        return Change(
            kind=EventKind.YANK,
            model=version.registered.model,
            version=version.version,
            origin=version.stage,
            reason=reason,
        )

    return write_about(workspace, text, NONE, decide)

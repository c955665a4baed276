"""`--push`: publishing what a command has just written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from mreg.adapters.git.remote import NoGitRemote, RemoteFailed, remote_named
from mreg.adapters.progress import SILENT
from mreg.core.events import YANKED, EventKind
from mreg.core.policy import stage_named
from mreg.core.refs import parse_ref
from mreg.core.unpublished import builds_on
from mreg.errors import MregError
from mreg.usecases.sharing.errors import HeadsRefused, LostRace, NoLongerSo, NotPublished, PushRefused, mention
from mreg.usecases.sharing.own import read_own
from mreg.usecases.sharing.push import push
from mreg.usecases.sharing.record import Record
from mreg.usecases.sharing.refusal import take_back
from mreg.usecases.writing import Written, head_ref

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mreg.adapters.progress import Progress
    from mreg.core.events import Event
    from mreg.core.replay import Lost
    from mreg.core.unpublished import Differs
    from mreg.core.versions import Version
    from mreg.usecases.facts import Annotated
    from mreg.usecases.register import Registered
    from mreg.usecases.sharing.results import Pushed
    from mreg.usecases.workspace import Workspace


def publish_events(workspace: Workspace, results: Sequence[Written], *, alias: str | None = None) -> list[Written]:
    """Publish what a command wrote about stages and aliases, and anything of the same models that waited.

    What the command is about is published then. What waited may be lost all the same, or tags differ: see `pushed`.

    Args:
        workspace: The repository.
        results: What the command did.
        alias: The alias that it is about; None where it is about stages.

    Returns:
        The results with the events as they are published: they may have had to follow those of others.

    Raises:
        LostRace: Somebody else was first; this clone has the remote's state, and the event is set aside.
        NoLongerSo: Nothing had to be written here, and on the remote it is not so.
        NotPublished: Tags of the model were moved or deleted on the remote; the event is written here and waits.
        PushRefused: The server has a rule against it; if it is against what the command wrote, that is set aside.
        MregError: The remote could not be reached, say; the event is written here and waits.
    """
    pushed = _publish(workspace, [_Claim.of(result, alias) for result in results])
    return [replace(result, event=_as_published(result.event, pushed), pushed=pushed) for result in results]


def publish_registration(workspace: Workspace, registered: Registered, *, progress: Progress = SILENT) -> Registered:
    """Publish a registration with its artifact and its branch; see `publish_events`."""
    promoted, version = registered.promoted, registered.version
    claims = [_Claim(model=registered.model, version=version, event=registered.event)]
    claims += [_Claim.of(promoted)] if promoted else []
    pushed = _publish(workspace, claims, progress=progress)
    if promoted:
        promoted = replace(promoted, event=_as_published(promoted.event, pushed))
    return replace(registered, event=_as_published(registered.event, pushed), promoted=promoted, pushed=pushed)


def publish_facts(workspace: Workspace, annotated: Annotated) -> Annotated:
    """Publish facts about a version; see `publish_events`."""
    about = _Claim(model=annotated.model, version=annotated.version, event=None, facts=True)
    return replace(annotated, pushed=_publish(workspace, [about], waiting=bool(annotated.changed)))


def waiting_rollback(workspace: Workspace, model: str, stage: str) -> Written | None:
    """A rollback of this stage that is written here and could not be published.

    To run the command again means to publish it, and not to go back one version further.

    Args:
        workspace: The repository.
        model: As a person names it.
        stage: Likewise.

    Returns:
        None where the newest event is none, or is published.
    """
    name, ref = stage_named(workspace.policy, stage).name, parse_ref(model)
    try:
        remote = remote_named(workspace.git, None)
    except NoGitRemote as error:
        if error.known:
            error.hint = f"run it without --push, then mreg push --remote {error.known[0]}"
        raise
    own = read_own(workspace.git, remote, [ref.model])[ref.model]
    unpublished = builds_on(own.history.state.events, own.seen)
    if not unpublished or unpublished[-1].kind is not EventKind.ROLLBACK or unpublished[-1].change.stage != name:
        return None
    return Written(model=ref.model, version=unpublished[-1].version, stage=name, event=unpublished[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """What a command says is so, and is to be so on the remote.

    Attributes:
        event: What it wrote for that; None where nothing had to be.
        staged: It is about the version's stage.
        alias: The alias of the version that it is about.
        facts: It is about facts, which differing tags do not keep from being published.
    """

    model: str
    version: Version
    event: Event | None
    staged: bool = False
    alias: str | None = None
    facts: bool = False

    @classmethod
    def of(cls, result: Written, alias: str | None = None) -> _Claim:
        return cls(model=result.model, version=result.version, event=result.event, staged=alias is None, alias=alias)


class _Known(NamedTuple):
    """What this clone knows of a version, as far as a claim is about it; None is that there is none."""

    commit: str | None = None
    stage: str | None = None
    named: bool = False


def _known(workspace: Workspace, claim: _Claim) -> _Known:
    version = workspace.history(claim.model).state.versions.get(claim.version)
    if version is None:
        return _Known()
    stage = YANKED if version.yanked else version.stage
    return _Known(version.commit, stage if claim.staged else None, claim.alias in version.aliases)


def _as_published(event: Event | None, pushed: Pushed) -> Event | None:
    """An event as everybody has it now; None where somebody else had done the same."""
    if event is None or _is_lost(event, pushed.lost):
        return None
    return next((pair.after for pair in pushed.rewritten if pair.before.oid == event.oid), event)


def _publish(
    workspace: Workspace, claims: Sequence[_Claim], *, waiting: bool = False, progress: Progress = SILENT
) -> Pushed:
    """Push, and make sure that what the command says is so there.

    Args:
        workspace: The repository.
        claims: What it says.
        waiting: It wrote something else, which is published along.
        progress: Shows the bytes of artifacts.
    """
    written, record = [claim.event for claim in claims if claim.event], Record()
    before = {claim: _known(workspace, claim) for claim in claims if claim.event is None}
    try:
        pushed = push(workspace, [claim.model for claim in claims], progress=progress, record=record)
        _check_won(written, pushed)
        for claim, known in before.items():
            _check_still_so(workspace, claim, known, pushed)
        _check_arrived(claims, pushed)
    except MregError as error:
        kept = [record.now(event) for event in written if not _is_lost(event, record.lost)]
        if isinstance(error, PushRefused):
            take_back(workspace, error, kept, waiting=waiting)
        elif not isinstance(error, LostRace | NoLongerSo | NotPublished):
            _say_what_waits(error, waiting=waiting or bool(kept))
        told = written if isinstance(error, LostRace) else ()
        mention(error, [lost for lost in record.lost if not any(_is_lost(event, [lost]) for event in told)])
        raise
    return pushed


def _is_lost(event: Event, among: Iterable[Lost]) -> bool:
    return any(lost.event.oid == event.oid for lost in among)


def _say_what_waits(error: MregError, *, waiting: bool) -> None:
    if isinstance(error, NoGitRemote) and error.known:
        error.hint = f"mreg push --remote {error.known[0]}"
    if waiting and not (isinstance(error, HeadsRefused) and error.arrived):
        unclear = isinstance(error, RemoteFailed) and error.unclear
        published = "and may be published or not" if unclear else "and not published"
        error.hint = f"it is written here {published}; {error.hint}"


def _losses(pushed: Pushed) -> list[Lost]:
    return [lost for lost in pushed.lost if lost.reason != "so already"]


def _check_won(written: Sequence[Event], pushed: Pushed) -> None:
    own = {event.oid for event in written}
    for lost in _losses(pushed):
        if lost.event.oid in own:
            others = {*(one.oid for one in pushed.events), *(pair.before.oid for pair in pushed.rewritten)}
            raise LostRace(lost=lost, remote=pushed.remote, others=not own.isdisjoint(others))


def _check_still_so(workspace: Workspace, claim: _Claim, before: _Known, pushed: Pushed) -> None:
    """Where a command had nothing to write, what it found may have waited here, and be lost now."""
    now = _known(workspace, claim)
    if now == before:
        return
    for lost in _losses(pushed):
        event = lost.event
        names = event.kind in (EventKind.ALIAS, EventKind.UNALIAS)
        altered = now.named != before.named if names else now.stage != before.stage
        if (event.model, event.version) == (claim.model, claim.version) and (altered or now.commit != before.commit):
            raise LostRace(lost=lost, remote=pushed.remote)
    newest = next(reversed(workspace.history(claim.model).state.events), None)
    raise NoLongerSo(model=claim.model, version=claim.version, newest=newest, remote=pushed.remote)


def _check_arrived(claims: Iterable[_Claim], pushed: Pushed) -> None:
    """Nothing is published of a model whose newest tag was deleted there, and nobody knows what is so."""
    there = {event.oid for event in pushed.events}
    for claim in claims:
        differing = [tag for tag in pushed.differing if _is_of(tag, claim.model)]
        event = _as_published(claim.event, pushed)
        if differing and not claim.facts and (event is None or event.oid not in there):
            raise NotPublished(
                model=claim.model,
                version=claim.version,
                event=event,
                differing=differing,
                remote=pushed.remote,
                others=any(one.event and _as_published(one.event, pushed) in pushed.events for one in claims),
            )


def _is_of(tag: Differs, model: str) -> bool:
    return tag.tag == head_ref(model) or tag.tag.startswith(f"{model}@")

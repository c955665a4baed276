"""`mreg pull`: what others published, and one's own unpublished events after it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from mreg.adapters.git import RefRace, RefUpdate
from mreg.adapters.git.commits import NOTES_REF
from mreg.adapters.git.refs import read_refs
from mreg.adapters.git.refspecs import split_refspecs
from mreg.adapters.git.remote import remote_named
from mreg.adapters.git.taking import take
from mreg.adapters.git.transaction import exclusive, lock_file
from mreg.adapters.history import read_tag_ids
from mreg.adapters.progress import SILENT
from mreg.core.unpublished import builds_on, is_line
from mreg.usecases.setup import EVERY_TAG, registry_refspecs
from mreg.usecases.sharing.artifacts import fetch_artifacts
from mreg.usecases.sharing.counterpart import Survey, list_all
from mreg.usecases.sharing.memory import recall
from mreg.usecases.sharing.notes import left_behind, repair
from mreg.usecases.sharing.own import read_own, tracked_head, tracked_notes
from mreg.usecases.sharing.results import Fetched, Pulled
from mreg.usecases.sharing.settling import settle
from mreg.usecases.sharing.survey import survey
from mreg.usecases.sharing.vanished import set_vanished_aside, vanished_notices, without_tag
from mreg.usecases.writing import head_ref

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from mreg.adapters.git import Git
    from mreg.adapters.progress import Progress
    from mreg.usecases.sharing.own import Own
    from mreg.usecases.workspace import Workspace

# What tells a clone that has fetched every tag since it was made.
_SEEN = ("--write-fetch-head",)


def pull(
    workspace: Workspace, *, remote: str | None = None, artifacts: bool = False, progress: Progress = SILENT
) -> Pulled:
    """Bring what others published: tags, heads, facts and branches; no branch of this clone is moved.

    Own unpublished events are written anew after theirs where they still hold, and set aside where not. Artifacts that
    cannot be had are named in the result, and raise nothing: the rest was done.

    Args:
        workspace: The repository.
        remote: From where; None is the only remote, or origin.
        artifacts: Also fetch the artifacts of the versions in use: those in a stage, and each model's latest.
        progress: Shows the bytes of artifacts.

    Raises:
        NoSuchRemote, NoGitRemote: As they say.
        RemoteFailed: The remote could not be reached.
    """
    git = workspace.git
    place = remote_named(git, remote)
    with lock_file(git.private_dir / "sharing"):
        before, facts = _tags(workspace), git.resolve(NOTES_REF)
        refspecs, overwriting = _refspecs(workspace, place)
        differ = take(git, place, refspecs, options=_SEEN)
        notes, damage = _notes(git, place)
        after = _tags(workspace)
        vanished = set_vanished_aside(git, place, without_tag(git, after))
        # Where git is told to overwrite heads, an earlier fetch may have done so: they tell nothing.
        changed = after if overwriting else _arrived(before, after, set())
        unlike = _unlike(workspace, place) if differ else ()
        models = {*recall(git, place), *_forked(workspace, place, changed), *unlike}
        found = survey(workspace, place, sorted(models)) if models else Survey({}, notes)
        settled = settle(workspace, place, found)
        _move_heads(workspace, place)
    fetched = fetch_artifacts(workspace, progress=progress) if artifacts else Fetched()
    rewritten = tuple(pair for model in settled for pair in model.rewritten)
    lost = tuple(lost for model in settled for lost in model.standing.lost)
    return Pulled(
        remote=place,
        tags=_arrived(before, _tags(workspace), {pair.after.oid for pair in rewritten}),
        rewritten=rewritten,
        lost=lost,
        differing=tuple(tag for model in settled for tag in model.standing.parts.differing),
        annotations=git.resolve(NOTES_REF) != facts,
        artifacts=fetched.versions,
        failed=fetched.failed,
        notices=(*damage, *vanished_notices(vanished), *left_behind(git, lost)),
    )


def _tags(workspace: Workspace) -> dict[str, set[str]]:
    return {tags.model: set(tags.ids.values()) for tags in read_tag_ids(workspace.git)}


def _arrived(before: Mapping[str, set[str]], after: Mapping[str, set[str]], own: set[str]) -> dict[str, int]:
    counts = {model: len(oids - before.get(model, set()) - own) for model, oids in after.items()}
    return {model: count for model, count in counts.items() if count}


def _refspecs(workspace: Workspace, remote: str) -> tuple[list[str], list[str]]:
    """What the remote is configured to bring, and everything of the registry; what is here is never overwritten.

    Returns:
        Those refspecs, and the configured ones that would overwrite it.
    """
    git = workspace.git
    kept, overwriting = split_refspecs(git.config_all(f"remote.{remote}.fetch"), bare=git.bare)
    overwriting = [refspec for refspec in overwriting if refspec != EVERY_TAG]
    return list(dict.fromkeys((*kept, EVERY_TAG, *registry_refspecs(remote)))), overwriting


def _notes(git: Git, remote: str) -> tuple[str | None, list[str]]:
    """The remote's notes, as they were fetched, and what to know where they are none."""
    ref = tracked_notes(remote)
    if (notes := git.resolve(f"{ref}^{{commit}}")) or git.resolve(ref) is None:
        return notes, []
    kind = git.run("cat-file", "-t", ref).text
    what = f"{NOTES_REF} on {remote} is a {kind} and not a commit, so that no annotations came"
    return None, [f"{what}: {repair(remote)}"]


def _forked(workspace: Workspace, remote: str, changed: Collection[str]) -> Iterator[str]:
    """The models of which this clone has unpublished events that do not follow the remote's newest.

    Args:
        workspace: The repository.
        remote: The remote's name.
        changed: Models to look at besides those whose heads tell that there may be such events.
    """
    unlike = _unlike_heads(workspace, remote)
    for model, own in unlike.items():
        events = own.history.state.events
        # A server without heads leaves it to the events themselves.
        if not is_line(events) if own.seen is None else builds_on(events, own.seen) is None:
            yield model
    for model, own in read_own(workspace.git, remote, sorted({*changed} - unlike.keys())).items():
        if not is_line(own.history.state.events):
            yield model


def _unlike_heads(workspace: Workspace, remote: str) -> dict[str, Own]:
    """The models whose head here is another one than the remote's, as far as it was seen."""
    git = workspace.git
    seen = read_refs(git, f"refs/mreg-remotes/{remote}")
    unlike = [model for model, head in git.head_refs().items() if seen.get(tracked_head(remote, model)) != head]
    return read_own(git, remote, unlike)


def _unlike(workspace: Workspace, remote: str) -> Iterator[str]:
    """The models that have a tag which is another one there: git has left it alone."""
    there = list_all(workspace.git, remote)
    for here in read_tag_ids(workspace.git):
        theirs = there.tags.get(here.model, {})
        if any(theirs.get(tag, oid) != oid for tag, oid in here.ids.items()):
            yield here.model


def _move_heads(workspace: Workspace, remote: str) -> None:
    """Let heads of this clone that lag behind follow. A missing one counts for nothing; the next event makes it."""
    git = workspace.git
    with suppress(RefRace), exclusive(git) as transaction:  # whoever was faster has moved them
        updates = []
        for model, own in _unlike_heads(workspace, remote).items():
            newest = own.history.state.newest
            if newest is not None and newest.oid != own.head:
                updates.append(RefUpdate(head_ref(model), newest.oid, own.head))
        if updates:
            transaction.commit(updates, reflog=f"mreg: follow {remote}")

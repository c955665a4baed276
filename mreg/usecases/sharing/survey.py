"""What a remote has of the models that matter for sharing: of those named, or of all that are not the same here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.adapters.git.commits import NOTES_REF
from mreg.adapters.history import read_tag_ids
from mreg.usecases.sharing.counterpart import Counterpart, Survey, ask_about, list_all
from mreg.usecases.sharing.own import histories

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mreg.adapters.git import Git
    from mreg.usecases.sharing.counterpart import Listing
    from mreg.usecases.workspace import Workspace


def survey(workspace: Workspace, remote: str, models: Sequence[str], *, behind: bool = False) -> Survey:
    """What the remote has, of these models or, where none is named, of all that this clone has something new of.

    Args:
        workspace: The repository.
        remote: The remote's name.
        models: Their names.
        behind: Where none is named, also those that only the remote has something new of.

    Raises:
        RemoteFailed: It could not be reached.
    """
    git = workspace.git
    if models:
        return ask_about(git, remote, models)
    return survey_listed(workspace, remote, list_all(git, remote), behind=behind)


def survey_listed(workspace: Workspace, remote: str, there: Listing, *, behind: bool) -> Survey:
    """As `survey` of all models, where the remote's refs are known already."""
    git = workspace.git
    here = {tags.model: tags.ids for tags in read_tag_ids(git)}
    guarded = workspace.policy.leases
    unguarded = {model for model in git.head_refs() if guarded and there.heads.get(model) is None}
    known: dict[str, Mapping[str, str]] = {}
    unknown: list[str] = []
    for model in sorted({*here, *there.tags}):
        ours, theirs = here.get(model, {}).items(), there.tags.get(model, {}).items()
        head = there.heads.get(model)
        torn = head is not None and head not in there.tags.get(model, {}).values()
        if ours <= theirs and model not in unguarded and not torn and not (behind and ours != theirs):
            continue
        if theirs <= ours and head in (None, *here[model].values()):
            known[model] = dict(theirs)
        else:
            unknown.append(model)
    fetched = _from_here(git, there, known)
    if not unknown and there.notes in (None, git.resolve(NOTES_REF), *_present(workspace, there)):
        return Survey(fetched, there.notes)
    asked = ask_about(git, remote, unknown)
    return Survey(fetched | dict(asked.models), asked.notes)


def _present(workspace: Workspace, there: Listing) -> tuple[str | None, ...]:
    """The remote's notes, where they were fetched before."""
    return (there.notes,) if there.notes and workspace.git.resolve(f"{there.notes}^{{commit}}") else ()


def _from_here(git: Git, there: Listing, models: Mapping[str, Mapping[str, str]]) -> dict[str, Counterpart]:
    """Models of which the remote has nothing that is not here: no object need be fetched."""
    return {
        model: Counterpart(model=model, history=history, ids=models[model], head=there.heads.get(model))
        for model, history in histories(git, models).items()
    }

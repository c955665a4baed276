"""`mreg status`: what is unpublished, what is behind, what conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.adapters.git.commits import NOTES_REF
from mreg.adapters.git.remote import remote_named
from mreg.adapters.history import read_tag_ids
from mreg.usecases.sharing.aside import set_aside
from mreg.usecases.sharing.results import ModelStatus, Status
from mreg.usecases.sharing.standing import standings
from mreg.usecases.sharing.survey import survey

if TYPE_CHECKING:
    from mreg.adapters.git import Git
    from mreg.usecases.sharing.results import Side
    from mreg.usecases.sharing.standing import Standing
    from mreg.usecases.workspace import Workspace


def status(workspace: Workspace, *, remote: str | None = None) -> Status:
    """Compare this clone with a remote as it is now; nothing is changed.

    Args:
        workspace: The repository.
        remote: Which one; None is the only remote, or origin.

    Raises:
        NoSuchRemote, NoGitRemote: As they say.
        RemoteFailed: The remote could not be reached.
    """
    git = workspace.git
    place = remote_named(git, remote)
    found = survey(workspace, place, (), behind=True)
    models = [_of(model) for model in standings(workspace, place, found.models)]
    return Status(
        remote=place,
        models=tuple(model for model in models if model.unpublished or model.behind or model.differing),
        annotations=_newer_facts(git, found.notes),
        aside=set_aside(git),
        known=len({*found.models, *(tags.model for tags in read_tag_ids(git))}),
    )


def _of(found: Standing) -> ModelStatus:
    return ModelStatus(
        model=found.there.model,
        unpublished=(*found.parts.ours, *found.parts.loose),
        behind=found.behind,
        lost=found.lost,
        differing=found.parts.differing,
    )


def _newer_facts(git: Git, theirs: str | None) -> Side:
    ours = git.resolve(NOTES_REF)
    if ours == theirs:
        return "neither"
    if theirs is None or (ours is not None and _leads_to(git, theirs, ours)):
        return "here"
    return "there" if ours is None or _leads_to(git, ours, theirs) else "both"


def _leads_to(git: Git, older: str, newer: str) -> bool:
    return git.run("merge-base", "--is-ancestor", older, newer, allowed=(0, 1)).code == 0

"""The models as this clone has them, beside what it last saw of a remote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mreg.adapters.git.refs import read_refs
from mreg.adapters.history import TagIds, replay
from mreg.core.names import check_model_name
from mreg.core.records import model_of
from mreg.core.tags import SEPARATOR
from mreg.usecases.writing import head_ref

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mreg.adapters.git import Git
    from mreg.adapters.history import History
    from mreg.usecases.workspace import Workspace

TAGS = "refs/tags/"
# Above so many models, one pattern for all costs less than one for each.
MANY = 500


def tracked_head(remote: str, model: str) -> str:
    """The ref that remembers a remote's head of a model, as last seen."""
    return f"refs/mreg-remotes/{remote}/{model}@head"


def tracked_notes(remote: str) -> str:
    """The ref that remembers a remote's notes, as last seen."""
    return f"refs/notes/mreg-remotes/{remote}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """One model in this clone: its history, its tags' object ids, its head, and the remote's head as last seen."""

    history: History
    ids: Mapping[str, str]
    head: str | None
    seen: str | None


def check_known(workspace: Workspace, models: Collection[str]) -> None:
    """Refuse the names of no model, in one git process that reads no history.

    Raises:
        InvalidName: No model can be named so.
        UnknownModel: None is.
    """
    patterns = [f"{TAGS}{check_model_name(model)}{SEPARATOR}*" for model in models]
    tags = by_model(read_refs(workspace.git, *patterns)) if patterns else {}
    for model in models:
        if model not in tags:
            workspace.known(model)


def read_own(git: Git, remote: str, models: Collection[str]) -> dict[str, Own]:
    """These models as they are here, in two git processes whatever their number."""
    if len(models) > MANY:
        patterns = [TAGS, "refs/mreg", f"refs/mreg-remotes/{remote}"]
    else:
        tags = [f"{TAGS}{model}{SEPARATOR}*" for model in models]
        patterns = [*tags, *map(head_ref, models), *(tracked_head(remote, model) for model in models)]
    refs = read_refs(git, *patterns) if models else {}
    found = by_model(refs)
    ids = {model: found.get(model, {}) for model in models}
    return {
        model: Own(
            history=history,
            ids=ids[model],
            head=refs.get(head_ref(model)),
            seen=refs.get(tracked_head(remote, model)),
        )
        for model, history in histories(git, ids).items()
    }


def histories(git: Git, models: Mapping[str, Mapping[str, str]]) -> dict[str, History]:
    """The histories that tags tell, whether or not they are refs of this clone, in one git process.

    Args:
        git: The repository that has the objects.
        models: Each model's tags, with their object ids.
    """
    tags = [TagIds(model, dict(ids)) for model, ids in models.items()]
    with git.blobs() as objects:
        return dict(zip(models, replay(objects, tags), strict=True))


def by_model(refs: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The tags among refs that are named after a model: model → tag → object id."""
    tags: dict[str, dict[str, str]] = {}
    for name, oid in refs.items():
        if name.startswith(TAGS) and (model := model_of(tag := name.removeprefix(TAGS))) is not None:
            tags.setdefault(model, {})[tag] = oid
    return tags

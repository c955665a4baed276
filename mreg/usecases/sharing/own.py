"""The models as this clone has them, beside what it last saw of a remote."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mreg.adapters.git.refs import read_refs
from mreg.adapters.history import TagIds, read_events, replay
from mreg.core.names import check_model_name
from mreg.core.records import model_of
from mreg.core.tags import SEPARATOR
from mreg.core.unpublished import ancestors
from mreg.usecases.writing import head_ref

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from mreg.adapters.git import BlobReader, Git
    from mreg.adapters.history import History
    from mreg.core.events import Event
    from mreg.usecases.workspace import Workspace

TAGS = "refs/tags/"
# Above so many models, one pattern for all costs less than one for each.
MANY = 500


def tracked_head(remote: str, model: str) -> str:
    """The ref that remembers a remote's head of a model, as last seen."""
    return f"refs/mreg-remotes/{remote}/{model}@head"


def known_head(remote: str, model: str) -> str:
    """The ref that remembers the newest event of a model that a remote had; no fetch writes it, nor takes it back."""
    return f"refs/mreg-known/{remote}/{model}@head"


def tracked_notes(remote: str) -> str:
    """The ref that remembers a remote's notes, as last seen."""
    return f"refs/notes/mreg-remotes/{remote}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """One model in this clone.

    Attributes:
        ids: The object ids of its tags.
        head: Its head ref.
        seen: The remote's head as last seen; any `git fetch` may have brought it.
        known: The newest event that the remote is known to have had.
        elsewhere: Other remotes with their heads as last seen.
    """

    history: History
    ids: Mapping[str, str]
    head: str | None
    seen: str | None
    known: str | None
    elsewhere: Mapping[str, str]

    @property
    def forgets(self) -> bool:
        """Whether the head last seen is not built on what the remote is known to have had."""
        events = self.history.state.events
        return self.known not in (None, self.seen) and self.known not in ancestors(events, [self.seen])


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
        patterns = [TAGS, "refs/mreg", "refs/mreg-remotes", f"refs/mreg-known/{remote}"]
    else:
        tags = [f"{TAGS}{model}{SEPARATOR}*" for model in models]
        heads = [ref for model in models for ref in (tracked_head("*", model), known_head(remote, model))]
        patterns = [*tags, *map(head_ref, models), *heads]
    refs = read_refs(git, *patterns) if models else {}
    found = by_model(refs)
    ids = {model: found.get(model, {}) for model in models}
    elsewhere = _heads_elsewhere(refs, remote)
    return {
        model: Own(
            history=history,
            ids=ids[model],
            head=refs.get(head_ref(model)),
            seen=refs.get(tracked_head(remote, model)),
            known=refs.get(known_head(remote, model)),
            elsewhere=elsewhere.get(model, {}),
        )
        for model, history in histories(git, ids).items()
    }


def back(blobs: BlobReader, end: str | None, known: Collection[str]) -> Iterator[Event]:
    """The event with this id and those that it was built on, newest first, up to one that is known or cannot be read.

    They need no tags.
    """
    while end is not None and end not in known:
        events = read_events(blobs, [end])
        yield from events
        end = events[0].change.parent if events else None


def event_of(history: History, oid: str | None) -> Event | None:
    """The event of a model that has an object id."""
    return next((event for event in history.state.events if event.oid == oid), None)


_TRACKED = re.compile(r"refs/mreg-remotes/([^/]+)/(.+)@head")


def _heads_elsewhere(refs: Mapping[str, str], remote: str) -> dict[str, dict[str, str]]:
    """The heads of other remotes among refs: model → remote → object id."""
    heads: dict[str, dict[str, str]] = {}
    for name, oid in refs.items():
        if (tracked := _TRACKED.fullmatch(name)) and tracked[1] != remote:
            heads.setdefault(tracked[2], {})[tracked[1]] = oid
    return heads


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

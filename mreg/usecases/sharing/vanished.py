"""Own unpublished events whose tags are gone here, as `git fetch --prune-tags` removes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.adapters.git import RefUpdate
from mreg.adapters.git.transaction import exclusive
from mreg.core.unpublished import ancestors
from mreg.usecases.sharing.aside import aside_ref
from mreg.usecases.sharing.own import back, read_own
from mreg.usecases.writing import head_ref, until_won

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mreg.adapters.git import BlobReader, Git
    from mreg.core.events import Event
    from mreg.usecases.sharing.own import Own


def without_tag(git: Git, tags: Mapping[str, Collection[str]]) -> list[str]:
    """The models whose head is no tag of theirs.

    Args:
        git: The repository.
        tags: The ids of the tags that are here, by model.
    """
    return [model for model, head in git.head_refs().items() if head not in tags.get(model, ())]


def set_vanished_aside(git: Git, remote: str, models: Collection[str]) -> list[Event]:
    """Set aside what a head of this clone is built on, what has no tag here any more, and was not published.

    Nobody can tell whether git or a person removed the tags: the events are neither published, nor forgotten.

    Args:
        git: The repository.
        remote: The remote's name.
        models: The models to look at.

    Returns:
        What is set aside now, and was not before; oldest first.

    Raises:
        Contended: Somebody else changed this clone's refs at every attempt.
    """

    def attempt() -> list[Event]:
        with exclusive(git) as transaction, git.blobs() as blobs:
            found = {model: (own, _vanished(blobs, own)) for model, own in read_own(git, remote, models).items()}
            gone = [event for _, events in found.values() for event in events]
            new = [event for event in gone if git.resolve(aside_ref(event)) is None]
            updates = [RefUpdate(aside_ref(event), event.oid, None) for event in new]
            updates += [_head(model, own) for model, (own, events) in found.items() if events]
            if updates:
                transaction.commit(updates, reflog="mreg: set aside what has no tag any more")
            return new

    return until_won(", ".join(models), attempt) if models else []


def _head(model: str, own: Own) -> RefUpdate:
    newest = own.history.state.newest
    return RefUpdate(head_ref(model), newest.oid if newest else None, own.head)


def _vanished(blobs: BlobReader, own: Own) -> list[Event]:
    here = set(own.ids.values())
    published = ancestors(own.history.state.events, [own.seen, own.known, *own.elsewhere.values()])
    published |= {event.oid for end in published for event in back(blobs, end, here)}
    return list(back(blobs, own.head, here | published))[::-1]


def vanished_notices(events: Collection[Event]) -> list[str]:
    """What to know about each, and how it is undone."""
    return [
        f"{event.tag} is not published, and its tag is gone here, as after git fetch --prune-tags: it is set aside; "
        f"if you still mean it, git tag {event.tag} {event.oid}, then mreg push"
        for event in events
    ]

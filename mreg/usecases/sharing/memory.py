"""What a remote is known to have had: in refs of our own, since any `git fetch` takes over what is there now."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from mreg.adapters.git import RefRace, RefUpdate
from mreg.adapters.git.refs import read_refs
from mreg.adapters.git.transaction import exclusive
from mreg.usecases.sharing.own import known_head, read_own

if TYPE_CHECKING:
    from mreg.adapters.git import Git


def recall(git: Git, remote: str) -> list[str]:
    """Remember the heads that were fetched, where they lead to what is remembered.

    Returns:
        The models where they do not: something that was published is gone there.
    """
    tracked = f"refs/mreg-remotes/{remote}/"
    refs = read_refs(git, tracked, f"refs/mreg-known/{remote}/")
    seen = {name.removeprefix(tracked).removesuffix("@head"): oid for name, oid in refs.items() if tracked in name}
    known = {model: refs.get(known_head(remote, model)) for model in seen}
    moved = [model for model, oid in seen.items() if known[model] not in (None, oid)]
    forgetting = [model for model, own in read_own(git, remote, moved).items() if own.forgets]
    updates = [
        RefUpdate(known_head(remote, model), oid, known[model])
        for model, oid in seen.items()
        if known[model] != oid and model not in forgetting
    ]
    if updates:
        with suppress(RefRace), exclusive(git) as transaction:  # whoever was faster has remembered them
            transaction.commit(updates, reflog=f"mreg: seen on {remote}")
    return forgetting

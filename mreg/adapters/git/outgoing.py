"""Publishing refs: a few as they are, many by way of a repository that has no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.adapters.git.remote import push
from mreg.adapters.git.scratch import scratch_repository

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mreg.adapters.git.remote import PushedRef
    from mreg.adapters.git.repository import Git

FEW = 500
"""So many refs are pushed as they are. For each, git goes through all refs of both sides: thousands take minutes."""


def push_refs(
    git: Git, remote: str, refs: Mapping[str, str], *, leases: Mapping[str, str | None], keep_open: Sequence[int] = ()
) -> tuple[list[PushedRef], str]:
    """Publish refs, full name there → object id, all or none; see `mreg.adapters.git.remote.push`.

    Many at once must be no branches: the repository's hooks, which see to what a branch needs, do not run for them.

    Raises:
        RemoteFailed: No answer came. The refs may have landed all the same.
    """
    if len(refs) <= FEW:
        refspecs = [f"{oid}:{name}" for name, oid in refs.items()]
        return push(git, remote, refspecs, leases=leases, keep_open=keep_open)
    with scratch_repository(git) as scratch:
        scratch.write_refs(refs)
        return push(scratch, remote, ["refs/*:refs/*"], leases=leases, keep_open=keep_open)

"""A remote's refs as they are there, without touching one of ours."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from mreg.adapters.git.remote import fetch
from mreg.adapters.git.scratch import scratch_repository

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mreg.adapters.git.process import Runner
    from mreg.adapters.git.repository import Git


@contextmanager
def incoming(git: Git, remote: str, patterns: Sequence[str], *, have: Iterable[str]) -> Iterator[Runner]:
    """Fetch refs into a throw-away repository, under the names that they have there.

    Their objects are in ours from then on, so that a ref of ours may be made of what is found good.

    Args:
        git: The repository.
        remote: The name of a remote, or a URL.
        patterns: What to fetch, such as `refs/tags/churn@v*`; one that matches nothing brings nothing.
        have: Ids of objects here that the remote is likely to have too, and need not send.

    Raises:
        RemoteFailed: It could not be reached.
    """
    with scratch_repository(git) as scratch:
        scratch.write_refs({f"refs/here/{number:08}": oid for number, oid in enumerate(dict.fromkeys(have))})
        fetch(scratch, remote, [f"{pattern}:{pattern}" for pattern in patterns])
        yield scratch

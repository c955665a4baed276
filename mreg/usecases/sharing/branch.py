"""The branch that a registration's commit is on: it goes where its tags go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from mreg.adapters.git import Git

_HEADS = "refs/heads/"
_TO_UPSTREAM = ("upstream", "tracking")


@dataclass(frozen=True, slots=True)
class Branch:
    """The tip of the branch that is checked out, and the branch there that it goes to."""

    commit: str
    target: str

    @property
    def name(self) -> str:
        return self.target.removeprefix(_HEADS)


def branch_with(git: Git, remote: str, commits: Collection[str]) -> Branch | None:
    """The branch to push so that the remote has these commits on one; None where there is nothing to push.

    Commits that are not on the branch checked out, and branches without one of them, stay here: a promotion publishes
    nobody's work in progress.
    """
    if not commits:
        return None
    branch, head = git.branch(), git.head()
    if branch is None or head is None:
        return None
    unpublished = git.run("rev-list", head, "--not", f"--remotes={remote}").text.splitlines()
    if not set(commits) & set(unpublished):
        return None
    return Branch(head, _target(git, remote, branch))


def _target(git: Git, remote: str, branch: str) -> str:
    """Where a branch goes: to its own name, as with `git push`, unless `push.default` says to its upstream.

    A branch made by `git checkout -b mine origin/main` has main for its upstream, and is not meant for it.
    """
    name = branch.removeprefix(_HEADS)
    if git.config("push.default") not in _TO_UPSTREAM or git.config(f"branch.{name}.remote") != remote:
        return branch
    return git.config(f"branch.{name}.merge") or branch

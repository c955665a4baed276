"""Why something could not be published."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mreg.core.messages import subject
from mreg.core.tags import SEPARATOR
from mreg.errors import RegistryError, SystemFailure, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mreg.adapters.git.remote import PushedRef
    from mreg.core.events import Event
    from mreg.core.replay import Lost
    from mreg.core.unpublished import Differs
    from mreg.core.versions import Version
    from mreg.errors import MregError


_TAGS = "refs/tags/"
# So many tags are named one by one.
_FEW = 3
# So many that all of them must be deleted.
_MANY = 20


def loss(lost: Lost) -> str:
    """In a sentence: what was not published, and who came first; events are called what their tags call them."""
    event, winner = lost.event, lost.winner
    what = f'"{subject(event.change)}"'
    if lost.reason == "taken":
        return f"{what} is not possible: the tag {event.tag} on the remote is something else"
    if lost.reason == "not ours":
        return f"{what} is {event.actor}'s, who alone can publish it after what happened meanwhile"
    if winner is None:
        return f"{what} no longer holds: what it was built on is not on the remote"
    first = f'{winner.actor.name} was first with "{subject(winner.change)}" ({winner.when:%Y-%m-%d %H:%M} UTC)'
    return f"{what} {'was not needed' if lost.reason == 'so already' else 'came too late'}: {first}"


def mention(error: MregError, lost: Iterable[Lost]) -> None:
    """Say in an error's hint that events were lost besides what it is about: they are set aside by now."""
    if any(one.reason != "so already" and loss(one) != str(error) for one in lost):
        error.hint += f"{'; ' if error.hint else ''}what was lost to others besides is set aside: mreg status shows it"


def difference(tag: Differs, remote: str) -> str:
    """In a sentence: what became of a tag there."""
    if tag.there is None:
        return f"{tag.tag} was deleted on {remote}; it is {tag.here[:10]} here"
    return f"{tag.tag} is {tag.there[:10]} on {remote}, and {tag.here[:10]} here"


def restoring(differing: Sequence[Differs], remote: str) -> str:
    """What to do about tags that were changed there."""
    found = "what was published never changes: find out who changed it"
    if tags := [f"{_TAGS}{tag.tag}" for tag in differing if not tag.tag.startswith("refs/")]:
        return f"{found}; if yours is right, git push --force {remote} {' '.join(_together(tags))} restores it there"
    if gone := differing[0].there:
        show = f"git cat-file tag {gone} shows what is gone"
        return f"{found}; {show}, and git push {remote} {gone}:refs/tags/TAG restores it"
    return found


def _together(tags: Sequence[str]) -> list[str]:
    """So many tags that nobody types them, by a pattern for each model."""
    if len(tags) <= _FEW:
        return list(tags)
    return list(dict.fromkeys(f"'{tag.partition(SEPARATOR)[0]}{SEPARATOR}*'" for tag in tags))


class LostRace(RegistryError):
    """Somebody else changed first what the event is about. `others`: further events of the command were published."""

    def __init__(self, *, lost: Lost, remote: str, others: bool = False) -> None:
        super().__init__(loss(lost))
        event = lost.event
        self.model, self.version, self.remote = event.model, event.version, remote
        self.winner = None if lost.winner is None else lost.winner.tag
        self.actor = None if lost.winner is None else str(lost.winner.actor)
        self.hint = (
            f"{'the rest' if others else 'nothing of it'} was published, and this clone has the state of {remote} now: "
            f"look at `mreg history {event.model}`, then run the command again if you still mean it"
        )


class NoLongerSo(RegistryError):
    """What a command was to bring about was so in this clone, and is not on the remote."""

    def __init__(self, *, model: str, version: Version, newest: Event | None, remote: str) -> None:
        by = f" ({newest.actor.name}, {newest.when:%Y-%m-%d %H:%M} UTC)" if newest else ""
        there = f"where {newest.tag} is newest{by}" if newest else "which has nothing of that model"
        super().__init__(f"{model} v{version} was so here, and is not on {remote}, {there}")
        self.model, self.version, self.remote, self.newest = model, version, remote, newest.tag if newest else None
        self.hint = (
            f"nothing was written, and this clone has the state of {remote} now: look at `mreg history {model}`, "
            "then run the command again if you still mean it"
        )


class NotPublished(RegistryError):
    """A tag of the model was moved or deleted on the remote, so that nobody can tell there what a command was about.

    Attributes:
        event: The tag of what the command wrote; None where it had nothing to write.
        others: Whether further events of the command were published.
    """

    def __init__(
        self,
        *,
        model: str,
        version: Version,
        event: Event | None,
        differing: Sequence[Differs],
        remote: str,
        others: bool = False,
    ) -> None:
        first = difference(differing[0], remote)
        if event is None:
            super().__init__(f"{model} v{version} is so here, and {model} is not the same on {remote}: {first}")
        else:
            super().__init__(f'"{subject(event.change)}" is written here and not published: {first}')
        self.model, self.version, self.remote = model, version, remote
        self.event, self.differing, self.others = event and event.tag, tuple(differing), others
        rest = "the rest was published; " if others else ""
        self.hint = f"{rest}{restoring(differing, remote)}; then run the command again"


class DraftHasNoTag(UsageError):
    """A draft has nothing to publish before it is registered."""

    hint = "leave --push out and push the branch with git; mreg register MODEL --push tags a draft and publishes it"

    def __init__(self) -> None:
        super().__init__("--draft and --push contradict each other")


class BranchMoved(RegistryError):
    """Somebody else pushed to the branch, so that ours does not follow it."""

    def __init__(self, *, branch: str, remote: str) -> None:
        super().__init__(f"{branch} has moved on {remote}: nothing was published")
        self.branch, self.remote = branch, remote
        # A rebase would leave the tags on commits that the branch no longer has.
        self.hint = (
            f"git pull --no-rebase {remote} {branch}, then mreg push; or leave the branch out: mreg push --no-branch"
        )


class PushRefused(RegistryError):
    """The server has a rule against it."""

    def __init__(self, *, remote: str, refs: Sequence[PushedRef], said: str) -> None:
        first = refs[0]
        words = [line.removeprefix("remote:").strip() for line in said.splitlines() if line.startswith("remote:")]
        # Of two hooks git itself adds what the summary says.
        reason = "; ".join(word for word in words if word and "hook declined" not in word) or first.summary
        super().__init__(f"{remote} refused {first.target}: {reason}")
        self.remote, self.refs, self.said = remote, tuple(ref.target for ref in refs), said
        self.tell("nothing was published", self.tags)

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags among what it refused; none where it refused a branch, without which they may be welcome."""
        tags = tuple(ref.removeprefix(_TAGS) for ref in self.refs if ref.startswith(_TAGS))
        return () if self.branches else tags

    @property
    def branches(self) -> tuple[str, ...]:
        return tuple(ref for ref in self.refs if ref.startswith("refs/heads/"))

    def tell(self, outcome: str, anew: Sequence[str]) -> None:
        """Say in the hint what came of it and what to do.

        Args:
            outcome: What became of the events.
            anew: Tags that stay here, and must be deleted to be written anew where the server asks for that.
        """
        self.hint = f"{outcome}: do what the server asks for, then run the command again"
        if self.branches:
            self.hint += "; or leave the branch to a pull request: mreg push --no-branch"
        if anew:
            more = f" and {len(anew) - _MANY} more" if len(anew) > _MANY else ""
            wrote = "the command that wrote it" if len(anew) == 1 else "the commands that wrote them"
            self.hint += (
                "; if an event has to be written anew for that, to sign it, say: "
                f"git tag -d {' '.join(anew[:_MANY])}{more}, then {wrote}"
            )
        if all(ref.startswith("refs/mreg/") for ref in self.refs):
            self.hint += f"; if it takes no refs/mreg/* at all, {_WITHOUT_HEADS}"


_WITHOUT_HEADS = (
    "two people can promote over each other unnoticed: if that is acceptable, set `push: {leases: false}` in .mreg.yaml"
)


class HeadsRefused(SystemFailure):
    """The server keeps no refs but branches and tags, so that nothing there can guard a history.

    Attributes:
        arrived: The refs that it changed all the same, although it was to take all or none: Git does so where
            `receive.hideRefs` names refs/mreg.
    """

    def __init__(self, *, remote: str, ref: str, summary: str, arrived: Sequence[str] = ()) -> None:
        super().__init__(f"{remote} refuses {ref}: {summary}")
        self.remote, self.ref, self.summary, self.arrived = remote, ref, summary, tuple(arrived)
        ask = f"ask for refs/mreg/* to be allowed there. Without them, {_WITHOUT_HEADS}"
        self.hint = f"it took the rest, unguarded: {', '.join(arrived)}; {ask}" if arrived else ask


class ServerFailed(SystemFailure):
    """The server could not store what was sent."""

    def __init__(self, *, remote: str, summary: str, said: str) -> None:
        super().__init__(f"{remote} could not store what was sent: {said or summary}")
        self.remote, self.summary, self.said = remote, summary, said
        self.hint = "nothing was published: see to the server's disk, then run `mreg push`"


class NeverLanded(SystemFailure):
    """Others published at every attempt."""

    hint = "nothing is lost: run `mreg push` again"

    def __init__(self, *, remote: str, attempts: int) -> None:
        super().__init__(f"{remote} was changed by others at each of {attempts} attempts; nothing was published")
        self.remote, self.attempts = remote, attempts


_LOCK = re.compile(r"Unable to create '([^']+\.lock)': File exists")


class NothingMoved(SystemFailure):
    """The server says that a ref has changed, and shows none that did.

    Attributes:
        lock: The file that is in the way there, as the server names it; None where none is.
    """

    def __init__(self, *, remote: str, attempts: int, said: str) -> None:
        found = _LOCK.search(said)
        self.remote, self.attempts, self.lock = remote, attempts, found[1] if found else None
        if self.lock:
            super().__init__(f"{remote} had the same lock at {attempts} attempts, {self.lock}; nothing was published")
            self.hint = (
                "if nobody is pushing, a Git process was killed on the server: remove that file there, then mreg push"
            )
            return
        super().__init__(
            f"{remote} refused {attempts} times what was made for the refs that it shows; nothing was published"
        )
        self.hint = (
            "does the server hide refs/mreg from those who push, as receive.hideRefs does? Let it show them, or set "
            "`push: {leases: false}` in .mreg.yaml; else run `mreg push` again"
        )

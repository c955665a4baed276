"""Why something could not be published."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mreg.core.messages import subject
from mreg.errors import RegistryError, SystemFailure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.adapters.git.remote import PushedRef
    from mreg.core.events import Event
    from mreg.core.replay import Lost
    from mreg.core.versions import Version


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

    def __init__(self, *, model: str, version: Version, newest: Event, remote: str) -> None:
        by = f"{newest.actor.name}, {newest.when:%Y-%m-%d %H:%M} UTC"
        super().__init__(f"{model} v{version} was so here, and is not on {remote}, where {newest.tag} is newest ({by})")
        self.model, self.version, self.remote, self.newest = model, version, remote, newest.tag
        self.hint = (
            f"nothing was written, and this clone has the state of {remote} now: look at `mreg history {model}`, "
            "then run the command again if you still mean it"
        )


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
        self.hint = "nothing was published: do what the server asks for, then run the command again"
        if all(ref.target.startswith("refs/mreg/") for ref in refs):
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

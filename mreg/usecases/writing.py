"""Writing one event: decide on the newest state, make the tag, and move the refs only if nobody was faster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from mreg.adapters.git import RefRace, RefUpdate
from mreg.adapters.git.commits import build_tag
from mreg.adapters.git.transaction import exclusive
from mreg.core.events import Change, Event
from mreg.core.messages import MAX_SEQUENCE, format_message, subject
from mreg.core.records import read_creator
from mreg.core.tags import TagName, count_of, format_tag
from mreg.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from mreg.adapters.git import Git
    from mreg.adapters.git.transaction import Transaction
    from mreg.adapters.history import History
    from mreg.core.fold import ModelState, VersionState
    from mreg.core.versions import Version
    from mreg.usecases.sharing.results import Pushed
    from mreg.usecases.workspace import Workspace

# Between processes of one clone a lock decides, so a race is lost only to a fetch or to another host's process.
_ATTEMPTS = 20

T = TypeVar("T")


def head_ref(model: str) -> str:
    """The ref that guards the end of a model's history."""
    return f"refs/mreg/{model}@head"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a command that writes one event did.

    Attributes:
        event: None where everything was so already.
        emptied: The exclusive stage that the event took its only version from.
        caveats: What a shallow clone may lack of the history that this was decided on.
        pushed: What was published with it, where that was asked for.
    """

    model: str
    version: Version
    stage: str
    event: Event | None
    emptied: str | None = None
    caveats: tuple[str, ...] = ()
    pushed: Pushed | None = None


class Contended(RegistryError):
    """Somebody else changed the model at every attempt."""

    hint = "run the same command again"

    def __init__(self, *, model: str) -> None:
        super().__init__(f"{model} was changed by somebody else at each of {_ATTEMPTS} attempts; nothing was written")
        self.model = model


class SequenceExhausted(RegistryError):
    """A tag claims so high a place in the history that no event can follow it."""

    def __init__(self, *, model: str, tag: str) -> None:
        super().__init__(f"{tag} claims the last possible Sequence, so that nothing can follow it in {model}")
        self.model, self.tag = model, tag
        self.hint = f"mreg did not write it: look at it with `git cat-file -p {tag}`, and delete it where it came from"


def write(workspace: Workspace, model: str, decide: Callable[[ModelState], Change | None]) -> Event | None:
    """Write the event that `decide` makes of the model's newest state.

    Args:
        workspace: The repository.
        model: Whose event it is.
        decide: Checks its conditions on a state and returns the change, without Sequence and Parent; None where there
            is nothing to do. It is asked again after a lost race.

    Returns:
        The event as written, or None where there was nothing to do.

    Raises:
        Contended: Every attempt lost a race.
    """

    def attempt() -> Event | None:
        with exclusive(workspace.git) as transaction:
            history = workspace.history(model)
            change = decide(history.state)
            if change is None:
                return None
            commit = history.state.versions[change.version].commit
            return publish(workspace.git, transaction, history, change, commit=commit)

    return until_won(model, attempt)


def until_won(model: str, attempt: Callable[[], T]) -> T:
    """Make an attempt to change refs, and again whenever it loses a race.

    Raises:
        Contended: It lost every time.
    """
    for _ in range(_ATTEMPTS):
        try:
            return attempt()
        except RefRace:
            continue
    raise Contended(model=model)


def write_about(
    workspace: Workspace,
    text: str,
    stage: str | None,
    decide: Callable[[ModelState, VersionState], Change | None],
) -> Written:
    """Write an event about the version that a reference picks, as it is at the time of writing."""
    ref, state, version = workspace.version(text)

    def decide_now(newest: ModelState) -> Change | None:
        nonlocal state, version
        state, version = newest, workspace.select(newest, ref)
        return decide(newest, version)

    event = write(workspace, ref.model, decide_now)
    return Written(
        model=ref.model,
        version=version.version,
        stage=version.stage if stage is None else stage,
        event=event,
        emptied=_emptied(workspace, state, event),
        caveats=workspace.caveats(ref.model),
    )


def _emptied(workspace: Workspace, before: ModelState, event: Event | None) -> str | None:
    left = event.change.origin if event and event.change.stage != event.change.origin else None
    rules = workspace.policy.stages.get(left or "")
    alone = event is not None and before.holders.get(left or "") == (event.version,)
    return left if rules and rules.exclusive and alone else None


def publish(
    git: Git,
    transaction: Transaction,
    history: History,
    change: Change,
    *,
    commit: str,
    besides: Sequence[RefUpdate] = (),
    index: bytes = b"",
) -> Event:
    """Tag `commit` with the change as the model's next event and move its head, together with other refs.

    Args:
        git: The repository.
        transaction: The right to change its refs.
        history: The model's history, which the change follows.
        change: What happened, without Sequence and Parent.
        commit: The full id of what the tag points at.
        besides: Further refs of the same transaction, such as the branch.
        index: See `Transaction.commit`.

    Raises:
        RefRace: Somebody else was faster; nothing was changed.
    """
    event = build_event(git, history.state, history.tags, change, commit=commit)
    head = head_ref(change.model)
    updates = [*besides, RefUpdate(f"refs/tags/{event.tag}", event.oid, None)]
    updates.append(RefUpdate(head, event.oid, git.resolve(head)))
    transaction.commit(updates, reflog=f"mreg: {subject(event.change)}", index=index)
    return event


def build_event(git: Git, state: ModelState, taken: Collection[str], change: Change, *, commit: str) -> Event:
    """The change as the model's next event: its tag object is written, and no ref points at it yet.

    Args:
        git: The repository.
        state: The model's state, which the change follows.
        taken: The names of the model's tags.
        change: What happened, without Sequence and Parent.
        commit: The full id of what the tag points at.

    Raises:
        SequenceExhausted: No event can follow.
    """
    if state.next_sequence > MAX_SEQUENCE:
        raise SequenceExhausted(model=change.model, tag=state.events[-1].tag)
    parent = state.newest
    change = change._replace(sequence=state.next_sequence, parent=parent.oid if parent else None)
    name = _free_name(change, taken)
    tagger = git.identity()
    oid = build_tag(git, name=name, commit=commit, message=format_message(change), tagger=tagger)
    actor, time = read_creator(tagger)
    return Event(change=change, tag=name, oid=oid, commit=commit, actor=actor, time=time)


def _free_name(change: Change, taken: Collection[str]) -> str:
    first = TagName(change.model, change.version, change.label)
    if change.label is None:
        return format_tag(first)
    count = max((count_of(tag, format_tag(first)) for tag in taken), default=0) + 1
    return format_tag(TagName(change.model, change.version, change.label, count))

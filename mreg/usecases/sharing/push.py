"""`mreg push`: artifacts first, then tags, heads, notes and branch in one step that happens or does not."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from mreg.adapters.git import RefRace, RefUpdate
from mreg.adapters.git.commits import NOTES_REF
from mreg.adapters.git.outgoing import push_refs
from mreg.adapters.git.refs import read_refs
from mreg.adapters.git.remote import remote_named
from mreg.adapters.git.transaction import exclusive, lock_file
from mreg.adapters.history import read_tag_ids
from mreg.adapters.progress import SILENT
from mreg.core.events import Event
from mreg.core.unpublished import builds_on
from mreg.usecases.sharing.artifacts import send_artifacts
from mreg.usecases.sharing.aside import done_again
from mreg.usecases.sharing.branch import branch_with
from mreg.usecases.sharing.errors import NeverLanded, NothingMoved
from mreg.usecases.sharing.notes import left_behind
from mreg.usecases.sharing.outcome import landed
from mreg.usecases.sharing.own import check_known, event_of, known_head, read_own, tracked_head, tracked_notes
from mreg.usecases.sharing.parcel import Parcel, Share
from mreg.usecases.sharing.record import Record
from mreg.usecases.sharing.results import Pushed, Sent
from mreg.usecases.sharing.settling import settle
from mreg.usecases.sharing.standing import standings
from mreg.usecases.sharing.survey import survey
from mreg.usecases.sharing.vanished import set_vanished_aside, vanished_notices, without_tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.adapters.progress import Progress
    from mreg.usecases.workspace import Workspace

# Of many who push at once, one wins each time; the others wait for random times that grow, so as not to meet again.
_ATTEMPTS = 20
_FIRST_WAIT, _LONGEST_WAIT = 0.05, 2.0
# A server may show for some moments what it held before; not for so many attempts.
_PATIENCE = 6

_NOTHING = Sent()


def push(
    workspace: Workspace,
    models: Sequence[str] = (),
    *,
    remote: str | None = None,
    branch: bool = True,
    dry_run: bool = False,
    progress: Progress = SILENT,
    record: Record | None = None,
) -> Pushed:
    """Publish what only this clone has: of these models, or of all.

    Args:
        workspace: The repository.
        models: Their names; none is all.
        remote: Where to; None is the only remote, or origin.
        branch: Also publish the branch with the commits of new versions.
        dry_run: Only say what would be published.
        progress: Shows the bytes of artifacts.
        record: Takes what becomes of own events, also where the push fails in the end.

    Raises:
        UnknownModel, NoSuchRemote, NoGitRemote: As they say.
        RemoteFailed: The remote could not be reached.
        DvcFailure, NoRemote, MissingObject, CorruptObject: An artifact did not arrive, or would not; nothing was
            published.
        BranchMoved, PushRefused, HeadsRefused, ServerFailed, NothingMoved, NeverLanded: The remote did not take it.
    """
    check_known(workspace, models)
    place = remote_named(workspace.git, remote)
    with lock_file(workspace.git.private_dir / "sharing") as lock:
        named, record = tuple(dict.fromkeys(models)), record or Record()
        run = _Push(workspace, place, named, branch=branch, lock=lock, record=record)
        return run.preview() if dry_run else run.publish(progress)


class _Push:
    """One run of the command."""

    def __init__(
        self, workspace: Workspace, remote: str, models: Sequence[str], *, branch: bool, lock: int, record: Record
    ) -> None:
        self._workspace, self._remote, self._models = workspace, remote, models
        self._branch, self._lock, self._record = branch, lock, record
        self._said, self._vanished = "", list[Event]()

    def publish(self, progress: Progress) -> Pushed:
        """Publish, again and again while others are faster."""
        parcel = self._parcel(self._optimistic() or self._settled())
        if not parcel.events and not parcel.notes:  # that there is nothing to do may be old news
            parcel = self._parcel(self._settled())
        sent, arrived, unchanged = _NOTHING, set[str](), 0
        for attempt in range(_ATTEMPTS):
            new = [event for event in parcel.registered if event.commit not in arrived]
            sent += send_artifacts(self._workspace, new, progress=progress)
            arrived |= {event.commit for event in new}
            if self._send(parcel):
                return self._result(parcel, sent=sent)
            time.sleep(random.uniform(0, min(_LONGEST_WAIT, _FIRST_WAIT * 2**attempt)))
            refused, parcel = parcel, self._parcel(self._settled())
            unchanged = unchanged + 1 if parcel == refused else 0
            if unchanged == _PATIENCE:
                raise NothingMoved(remote=self._remote, attempts=attempt + 1, said=self._said)
        raise NeverLanded(remote=self._remote, attempts=_ATTEMPTS)

    def preview(self) -> Pushed:
        """What would be published now; nothing is written."""
        found = survey(self._workspace, self._remote, self._models)
        shares = []
        for seen in standings(self._workspace, self._remote, found.models):
            self._record.lost += seen.lost
            self._record.differing |= {tag.tag: tag for tag in seen.parts.differing}
            lost = {event.event.oid for event in seen.lost}
            ours = () if seen.torn else (*seen.parts.ours, *seen.parts.loose)
            events = tuple(event for event in ours if event.oid not in lost)
            shares.append(Share(model=seen.there.model, events=events, head=None, lease=None, last=None))
        parcel = self._parcel(shares)
        sent = send_artifacts(self._workspace, parcel.registered, dry_run=True)
        return self._result(parcel, sent=sent, dry_run=True)

    def _optimistic(self) -> list[Share] | None:
        """What the models named have to publish, if nobody has published anything since this clone last saw them."""
        if not self._models or not self._workspace.policy.leases:
            return None
        shares = []
        for model, own in read_own(self._workspace.git, self._remote, self._models).items():
            events = builds_on(own.history.state.events, own.seen)
            if events is None or own.forgets or own.head not in (None, *own.ids.values()):
                return None
            head, last = events[-1].oid if events else own.seen, event_of(own.history, own.seen)
            shares.append(Share(model=model, events=events, head=head, lease=own.seen, last=last))
        return shares

    def _settled(self) -> list[Share]:
        """What there is to publish after this clone has taken over what others published."""
        git = self._workspace.git
        suspect = self._models or without_tag(git, {tags.model: tags.ids.values() for tags in read_tag_ids(git)})
        self._vanished += set_vanished_aside(git, self._remote, suspect)
        found = settle(self._workspace, self._remote, survey(self._workspace, self._remote, self._models))
        for model in found:
            self._record.add(model)
        return [
            Share(
                model=model.standing.there.model,
                events=model.events,
                head=model.newest.oid if model.newest else None,
                lease=model.standing.there.head,
                last=event_of(model.standing.there.history, model.standing.there.head),
            )
            for model in found
        ]

    def _parcel(self, shares: list[Share]) -> Parcel:
        git = self._workspace.git
        notes = read_refs(git, NOTES_REF, tracked_notes(self._remote))
        ours = notes.get(NOTES_REF)
        parcel = Parcel(
            shares=tuple(shares),
            notes=ours if ours != notes.get(tracked_notes(self._remote)) else None,
            branch=None,
        )
        commits = {event.commit for event in parcel.registered}
        return replace(parcel, branch=branch_with(git, self._remote, commits) if self._branch else None)

    def _send(self, parcel: Parcel) -> bool:
        git, kept = self._workspace.git, (self._lock,)
        for batch in parcel.batches(guarded=self._workspace.policy.leases):
            refs, self._said = push_refs(git, self._remote, batch.refs, leases=batch.leases, keep_open=kept)
            if not landed(self._remote, refs, self._said):
                return False
        self._remember(parcel)
        return True

    def _remember(self, parcel: Parcel) -> None:
        """Note what the remote has now, so that the next push need not ask."""
        git = self._workspace.git
        heads = {share.model: share.head for share in parcel.shares if share.head}
        wanted = {ref(self._remote, model): head for ref in (tracked_head, known_head) for model, head in heads.items()}
        wanted |= {tracked_notes(self._remote): parcel.notes} if parcel.notes else {}
        # A fetch at the same time knows better.
        with suppress(RefRace), exclusive(git) as transaction:
            now = read_refs(git, *wanted) if wanted else {}
            updates = [RefUpdate(ref, oid, now.get(ref)) for ref, oid in wanted.items() if now.get(ref) != oid]
            updates += done_again(git, parcel.events)
            if updates:
                transaction.commit(updates, reflog=f"mreg: pushed to {self._remote}")

    def _result(self, parcel: Parcel, *, sent: Sent = _NOTHING, dry_run: bool = False) -> Pushed:
        record = self._record
        return Pushed(
            remote=self._remote,
            events=parcel.events,
            rewritten=tuple(record.rewritten.values()),
            lost=tuple(record.lost),
            differing=tuple(record.differing.values()),
            branch=parcel.branch.name if parcel.branch else None,
            annotations=parcel.notes is not None,
            artifacts=sent,
            dry_run=dry_run,
            notices=(*vanished_notices(self._vanished), *left_behind(self._workspace.git, record.lost)),
        )

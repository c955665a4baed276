"""Card and pointer become a commit, and the commit a version: all of it in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mreg.adapters.git import RefRace, RefUpdate
from mreg.adapters.git.commits import build_commit
from mreg.adapters.git.transaction import exclusive
from mreg.core.events import Change, Event, EventKind
from mreg.core.messages import check_reason
from mreg.usecases.register.request import VersionExists
from mreg.usecases.writing import publish as publish_event
from mreg.usecases.writing import until_won

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.adapters.git import Git
    from mreg.adapters.git.transaction import Transaction
    from mreg.core.versions import Version
    from mreg.usecases.register.artifact import Artifact
    from mreg.usecases.register.request import Request
    from mreg.usecases.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The commit that holds card and pointer, and the registration; a draft has none."""

    commit: str
    event: Event | None
    notices: tuple[str, ...]


def publish(workspace: Workspace, request: Request, version: Version, card_path: str, artifact: Artifact) -> Published:
    """Commit card and pointer on top of HEAD and, but for a draft, tag the commit.

    Branch, tag and head ref move together or not at all. Where HEAD holds card and pointer already, it is HEAD that
    is tagged.

    Raises:
        VersionExists: Somebody registered the version meanwhile.
        HookRefused, GitFailed, Contended: As they say.
    """
    git = workspace.git
    verb = "Draft" if request.draft else "Register"
    reason = check_reason(request.reason)
    message = f"{verb} {request.model} v{version}\n" + (f"\n{reason}\n" if reason else "")
    change = Change(
        kind=EventKind.REGISTER, model=request.model, version=version, digest=artifact.digest, reason=reason
    )

    def attempt() -> Published:
        branch, parent = git.branch(), git.head() or ""
        # Outside the lock: the repository's hooks run here, which may take their time or call mreg themselves.
        commit, index = _build(git, parent, card_path, artifact, message)
        moved = [RefUpdate(branch or "HEAD", commit, parent)] if commit != parent else []
        with exclusive(git) as transaction:
            if (git.branch(), git.head()) != (branch, parent):
                raise RefRace
            event = None
            if not request.draft:
                event = _tag(workspace, transaction, change, commit, moved, index)
            elif moved:
                transaction.commit(moved, reflog=f"mreg: {message.splitlines()[0]}", index=index)
        return Published(commit=commit, event=event, notices=_notices(branch, request.model, version))

    return until_won(request.model, attempt)


def _tag(
    workspace: Workspace,
    transaction: Transaction,
    change: Change,
    commit: str,
    moved: Sequence[RefUpdate],
    index: bytes,
) -> Event:
    history = workspace.history(change.model)
    if (known := history.state.versions.get(change.version)) is not None:
        raise VersionExists(model=change.model, version=change.version, tag=known.registered.tag)
    return publish_event(workspace.git, transaction, history, change, commit=commit, besides=moved, index=index)


def _build(git: Git, parent: str, card_path: str, artifact: Artifact, message: str) -> tuple[str, bytes]:
    contents = {}
    if artifact.gitignore is not None:
        path, ignored = artifact.gitignore
        with git.blobs() as blobs:
            before = blobs.read([f"{parent}:{path}"])[0] or b""
        if ignored.encode() not in before.splitlines():
            # Only DVC's line: others that a person added to the file are theirs to commit.
            separator = b"" if not before or before.endswith(b"\n") else b"\n"
            contents[path] = before + separator + ignored.encode() + b"\n"
    return build_commit(git, parent=parent, paths=(card_path, *artifact.files), contents=contents, message=message)


def _notices(branch: str | None, model: str, version: Version) -> tuple[str, ...]:
    if branch is not None:
        return ()
    return (f"HEAD is detached: only the tag {model}@v{version} keeps this commit; a branch would keep it in history",)

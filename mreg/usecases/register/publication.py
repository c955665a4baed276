"""Card and pointer become a commit, and the commit a version: all of it in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mreg.adapters.git import RefUpdate
from mreg.adapters.git.commits import build_commit
from mreg.core.events import Change, Event, EventKind
from mreg.core.messages import check_reason
from mreg.usecases.register.request import VersionExists
from mreg.usecases.writing import in_turn
from mreg.usecases.writing import publish as publish_event

if TYPE_CHECKING:
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
    branch = git.branch()

    def attempt(transaction: Transaction) -> Published:
        parent = git.head() or ""
        commit, index = _build(git, parent, card_path, artifact, message)
        moved = [RefUpdate(branch or "HEAD", commit, parent)] if commit != parent else []
        if request.draft:
            if moved:
                transaction.commit(moved, reflog=f"mreg: {message.partition(chr(10))[0]}", index=index)
            return Published(commit=commit, event=None, notices=_notices(branch, request.model, version))
        history = workspace.history(request.model)
        if (known := history.state.versions.get(version)) is not None:
            raise VersionExists(model=request.model, version=version, tag=known.registered.tag)
        change = Change(
            kind=EventKind.REGISTER,
            model=request.model,
            version=version,
            digest=artifact.digest,
            reason=reason,
        )
        event = publish_event(git, transaction, history, change, commit=commit, besides=moved, index=index)
        return Published(commit=commit, event=event, notices=_notices(branch, request.model, version))

    return in_turn(git, request.model, attempt)


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

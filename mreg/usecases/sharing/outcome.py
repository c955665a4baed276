"""What a server's answer to a push means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.adapters.git.commits import NOTES_REF
from mreg.usecases.sharing.errors import BranchMoved, HeadsRefused, PushRefused, ServerFailed
from mreg.usecases.sharing.notes import NotesDamaged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.adapters.git.remote import PushedRef

# What git says of a ref that held something else: found here by a lease, or there while it was being changed.
_MOVED = (
    "stale info",
    "fetch first",
    "non-fast-forward",
    "already exists",
    "needs force",
    "remote ref updated since checkout",
    "failed to update ref",
    "incorrect old value",
    "cannot lock ref",
    "failed to lock",
)
# Of a ref that holds no commit there.
_NO_COMMIT = "needs force"
# What it says of all the others in the same push.
_ALONG = ("atomic push fail", "atomic transaction failed")
_UNSTORED = ("unpacker error", "unpack failed", "missing necessary objects")
_BRANCH = "refs/heads/"


def landed(remote: str, refs: Sequence[PushedRef], said: str) -> bool:
    """Whether everything is published. False is that others were faster.

    Args:
        remote: The remote's name, for errors.
        refs: What became of each ref.
        said: What git and the server said besides.

    Raises:
        BranchMoved, HeadsRefused, NotesDamaged, PushRefused, ServerFailed: Trying again would not help.
    """
    refused = [ref for ref in refs if not ref.landed]
    if not refused:
        return True
    causes = [ref for ref in refused if not _says(ref.summary, _ALONG)]
    if not causes and _says(said, _MOVED):  # git took all of them together, and found one moved
        return False
    causes = causes or refused
    if any(ref.target == NOTES_REF and _NO_COMMIT in ref.summary for ref in causes):
        raise NotesDamaged(remote=remote)
    for ref in causes:
        if _says(ref.summary, _MOVED) and ref.target.startswith(_BRANCH):
            raise BranchMoved(branch=ref.target.removeprefix(_BRANCH), remote=remote)
    for ref in causes:
        if _says(ref.summary, _UNSTORED):
            raise ServerFailed(remote=remote, summary=ref.summary, said=_first_line(said))
    others = [ref for ref in causes if not _says(ref.summary, _MOVED)]
    if not others:
        return False
    for ref in others:
        if ref.target.startswith("refs/mreg/") and not _says(ref.summary, ("hook declined",)):
            arrived = [other.target for other in refs if other.landed and other.flag != "="]
            raise HeadsRefused(remote=remote, ref=ref.target, summary=ref.summary, arrived=arrived)
    raise PushRefused(remote=remote, refs=others, said=said)


def _says(text: str, words: Sequence[str]) -> bool:
    return any(word in text for word in words)


def _first_line(said: str) -> str:
    lines = (line.removeprefix("remote:").removeprefix("error:").strip() for line in said.splitlines())
    return next((line for line in lines if line), "")

"""Fetching into one's own refs: which of them git left alone, and why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mreg.adapters.git.process import GitFailed
from mreg.adapters.git.remote import RemoteFailed, fetch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.adapters.git.process import Runner

# ` ! [rejected]        churn@v1.0.0 -> churn@v1.0.0  (would clobber existing tag)`
_LEFT_ALONE = re.compile(r"^ ! .* \((.+)\)$", re.MULTILINE)
_CLOBBER = "would clobber existing tag"
# A branch that was rewritten there, and that the configuration does not let move.
_HARMLESS = {_CLOBBER, "non-fast-forward"}


def take(git: Runner, remote: str, refspecs: Sequence[str], *, options: Sequence[str] = ()) -> bool:
    """Bring what the refspecs name into refs here; see `mreg.adapters.git.remote.fetch`.

    Returns:
        Whether a tag here is another one there, and was left alone.

    Raises:
        RemoteFailed: The remote could not be reached, or a ref here could not be written.
    """
    done = fetch(git, remote, refspecs, options=(*options, "--no-quiet"), allowed=(0, 1))
    if done.code == 0:
        return False
    reasons = set(_LEFT_ALONE.findall(done.stderr))
    errors = [line for line in done.stderr.splitlines() if line.startswith(("error: ", "fatal: "))]
    if errors or not reasons or not reasons <= _HARMLESS:
        raise _unwritten(remote, errors, done.stderr)
    return _CLOBBER in reasons


_ENOUGH = 3
# What git says at the end of all such failures, whether or not it would help.
_ADVICE = "some local refs could not be updated"


def _unwritten(remote: str, errors: Sequence[str], output: str) -> RemoteFailed:
    said = list(dict.fromkeys(line for line in errors if _ADVICE not in line)) or output.splitlines()
    more = [f"and {len(said) - _ENOUGH} more"] if len(said) > _ENOUGH else []
    failed = RemoteFailed(remote=remote, doing="store what came from", output="\n".join((*said[:_ENOUGH], *more)))
    failed.hint = _in_the_way(output) or GitFailed(command="fetch", code=1, output=output).hint
    return failed


_EXISTS = re.compile(r"'(refs/[^']+)' exists; cannot create '(refs/[^']+)'")
_REMEMBERED = "refs/remotes/"


def _in_the_way(output: str) -> str:
    """What to do about refs here whose names cannot be beside those that came, as feat and feat/x; empty for none."""
    found = list(dict.fromkeys(ref for ref, _ in _EXISTS.findall(output)))
    branches = [ref.removeprefix(_REMEMBERED) for ref in found if ref.startswith(_REMEMBERED)]
    others = [ref for ref in found if not ref.startswith(_REMEMBERED)]
    if others:
        return f"{', '.join(others)} here is in the way: rename or delete it, then run the same command again"
    if branches:
        forget = f"git branch --delete --remotes {' '.join(branches)}"
        return f"forget what the branch was called there before: {forget}, then run the same command again"
    return ""

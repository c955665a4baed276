"""Signatures of tags, as git and the user's own configuration judge them."""

from __future__ import annotations

import re
from signal import SIGPIPE
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mreg.core.signatures import UNSIGNED, Signature, SignatureState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mreg.adapters.git.repository import Git

# No tag can have this name: asked for after each tag, its line on stderr ends what git says about that tag. The exit
# code is one for all tags, and no option prints both a tag's name and the state of its signature.
_NO_TAG = ".."
_END = f"error: tag '{_NO_TAG}' not found.\n"

# Bytes of arguments for one process, and what each tag needs besides its name. Systems allow a megabyte and more.
_ROOM = 100_000
_OVERHEAD = 50

# Of an object that is damaged, git says that it is "of type (null)".
_NO_SIGNATURE = (
    "error: no signature found",
    *(f"cannot verify a non-tag object of type {kind}" for kind in ("commit", "tree", "blob")),
)

# What git itself reads from ssh-keygen; a principal may contain blanks.
_SSH = re.compile(r'^Good "git" signature (?:for (?P<signer>.+) )?with \S+ key \S+$', re.MULTILINE)
_SSH_REFUSED = "Could not verify signature."
_SSH_NOT_ALLOWED = 'key is not permitted for use in signature namespace "git"'

# GnuPG's machine-readable lines. A signature has exactly one of these results.
_GPG = re.compile(r"^\[GNUPG:\] (GOOD|BAD|ERR|EXP|EXPKEY|REVKEY)SIG (?:\S+) ?(.*)$", re.MULTILINE)
_GPG_TRUST = re.compile(r"^\[GNUPG:\] TRUST_(\w+)", re.MULTILINE)
_TRUST = ("undefined", "never", "marginal", "fully", "ultimate")

_BAD = Signature(SignatureState.BAD)
_UNKNOWN = Signature(SignatureState.UNKNOWN)


def signature_states(git: Git, tags: Sequence[str]) -> dict[str, Signature]:
    """Check the signatures of tags, in one git process for about a thousand of them.

    A good one is made by a key that is trusted: for SSH, one of `gpg.ssh.allowedSignersFile`; for OpenPGP, as `git
    merge --verify-signatures` demands, which is `gpg.minTrustLevel` (asked in one more process), or marginally. Git
    starts a program for each tag, which takes about 8 ms: pass only the tags whose message has a signature block.

    Args:
        git: The repository.
        tags: Their names, without `refs/tags/`.

    Returns:
        An entry for each name, also where there is no such tag: unknown.
    """
    if not tags:
        return {}
    said = {tag: text for chunk in _chunks(tags) for tag, text in zip(chunk, _ask(git, chunk), strict=True)}
    # Levels of trust are OpenPGP's: of an SSH key, allowedSignersFile says all.
    levels = any(_GPG.search(text) for text in said.values())
    minimum = _trust((git.config("gpg.minTrustLevel") if levels else None) or "marginal")
    return {tag: _judge(text, minimum) for tag, text in said.items()}


def _chunks(tags: Sequence[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    room = _ROOM
    for tag in tags:
        needed = len(tag.encode("utf-8", "surrogateescape")) + _OVERHEAD
        if needed > room and chunk:
            yield chunk
            chunk, room = [], _ROOM
        room -= needed
        chunk.append(tag)
    yield chunk


def _ask(git: Git, tags: Sequence[str]) -> list[str]:
    """What git says about each tag; nothing about those that it did not come to."""
    said: list[str] = []
    while len(said) < len(tags):
        names = [name for tag in tags[len(said) :] for name in (f"refs/tags/{tag}", _NO_TAG)]
        done = git.run("verify-tag", "--raw", "--", *names, allowed=(0, 1, 128, -SIGPIPE))
        said += done.stderr.split(_END)[:-1]
        # ssh-keygen does not read the tag of what is no signature at all, and git may end by that: go on after it.
        said += [_SSH_REFUSED] if done.code == -SIGPIPE else [""] * (len(tags) - len(said))
    return said


def _judge(said: str, minimum: int) -> Signature:
    if any(words in said for words in _NO_SIGNATURE):
        return UNSIGNED
    if results := _GPG.findall(said):
        return _judge_gpg(results, _GPG_TRUST.search(said), minimum)
    if found := _SSH.search(said):
        signer = found["signer"]
        return Signature(SignatureState.GOOD, signer) if signer else _UNKNOWN
    return _BAD if _SSH_REFUSED in said and _SSH_NOT_ALLOWED not in said else _UNKNOWN


def _judge_gpg(results: Sequence[tuple[str, str]], trust: re.Match[str] | None, minimum: int) -> Signature:
    [(result, signer), *more] = results
    if more:  # two signatures in one block: git trusts neither
        return _BAD
    if result in {"BAD", "REVKEY"}:
        return _BAD
    if result == "GOOD" and trust and _trust(trust[1]) >= minimum:
        return Signature(SignatureState.GOOD, unquote(signer))
    return _UNKNOWN


def _trust(level: str) -> int:
    """The rank of a trust level; one that we do not know is worth nothing, and git does not accept it as a minimum."""
    return _TRUST.index(level.lower()) if level.lower() in _TRUST else 0

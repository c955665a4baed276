"""Other repositories: what refs they have, bringing objects from them, and publishing ours in one atomic push."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mreg.adapters.git.process import GitFailed
from mreg.core.urls import without_credentials
from mreg.errors import RegistryError, SystemFailure, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mreg.adapters.git.process import Completed, Runner
    from mreg.adapters.git.repository import Git


class RemoteFailed(SystemFailure):
    """A remote repository could not be reached, or could not do what was asked.

    Attributes:
        unclear: No answer came to what was sent: it may have done it all the same.
    """

    def __init__(self, *, remote: str, doing: str, output: str) -> None:
        said = _said(output)
        super().__init__(f"cannot {doing} {without_credentials(remote)}: {said}")
        self.remote, self.doing, self.output = without_credentials(remote), doing, output.strip()
        self.hint = _hint(output, without_credentials(remote))
        # By HTTP, git connects once more where a connection breaks: what it says of that is not about what was sent.
        broken = self.hint == _AGAIN or "unexpected disconnect" in output
        self.unclear = doing == "push to" and broken


class NoSuchRemote(UsageError):
    """The repository has no remote of that name."""

    def __init__(self, *, remote: str, known: Sequence[str]) -> None:
        super().__init__(f"there is no remote {remote}")
        self.remote, self.known = remote, tuple(known)
        self.hint = f"the remotes here are {', '.join(known)}" if known else "git remote add origin URL"


class NoGitRemote(RegistryError):
    """The repository has no remote to share with, or several of which none is meant."""

    def __init__(self, *, known: Sequence[str]) -> None:
        super().__init__(
            "there are several remotes, and none is called origin" if known else "there is no remote to share with"
        )
        self.known = tuple(known)
        self.hint = f"name one: --remote {known[0]}" if known else "git remote add origin URL"


class PushedRef(NamedTuple):
    """What became of one ref of a push, as `git push --porcelain` says.

    `flag` is a blank (moved), `*` (new), `+` (forced), `-` (deleted), `=` (was so already) or `!` (refused); `summary`
    says why where it was refused, and who refused: "[rejected]" is this side, "[remote rejected]" the other.
    """

    flag: str
    target: str
    summary: str

    @property
    def landed(self) -> bool:
        return self.flag != "!"


def remote_named(git: Git, name: str | None) -> str:
    """The remote that a person means.

    Args:
        git: The repository.
        name: As given; None is the only remote, or the one called origin.

    Raises:
        NoSuchRemote: There is none of that name.
        NoGitRemote: There is none at all, or it is not clear which.
    """
    known = git.remotes()
    if name is not None:
        if name not in known:
            raise NoSuchRemote(remote=name, known=known)
        return name
    if "origin" in known:
        return "origin"
    if len(known) == 1:
        return known[0]
    raise NoGitRemote(known=known)


def list_refs(git: Runner, remote: str) -> dict[str, str]:
    """Every ref of a remote with its object id, in one `git ls-remote`; what tags peel to is left out.

    Args:
        git: Where to run git.
        remote: The name of a remote, or a URL.

    Raises:
        RemoteFailed: It could not be reached.
    """
    done = _ask(git, remote, "read", "ls-remote", "--refs", "--", remote)
    lines = (line.partition("\t") for line in done.stdout.decode("utf-8", "surrogateescape").split("\n") if line)
    return {name: oid for oid, _, name in lines}


def fetch(
    git: Runner, remote: str, refspecs: Sequence[str], *, options: Sequence[str] = (), allowed: Sequence[int] = (0,)
) -> Completed:
    """Bring what the refspecs name, and nothing else: no tags that happen to point at it, no FETCH_HEAD.

    A server is asked for refs by how their names begin, up to the pattern, so that its answer does not grow with the
    rest of the repository.

    Args:
        git: Where to run git.
        remote: The name of a remote, or a URL.
        refspecs: `[+]source:target`.
        options: Further options of `git fetch`, such as a filter.
        allowed: Exit codes that are answers; 1 is that a ref here differs and was left alone.

    Raises:
        RemoteFailed: It could not be reached, or lacks a ref that a refspec without a pattern names.
    """
    lean = ("--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules", "--quiet")
    # Whatever fetch.prune says: it would delete the tags here that are not published yet.
    kept = ("--no-prune", "--no-prune-tags")
    return _ask(git, remote, "fetch from", "fetch", *lean, *kept, *options, "--", remote, *refspecs, allowed=allowed)


def push(
    git: Runner,
    remote: str,
    refspecs: Sequence[str],
    *,
    leases: Mapping[str, str | None],
    keep_open: Sequence[int] = (),
) -> tuple[list[PushedRef], str]:
    """Publish refs, all or none.

    Args:
        git: Where to run git.
        remote: The name of a remote, or a URL.
        refspecs: `source:target`; a tag that is there and differs is refused.
        leases: What refs of the remote must hold; None is that there must be no such ref.
        keep_open: File descriptors that git inherits: a lock held by one lives as long as the push.

    Returns:
        What became of each ref that git came to, and what git and the server said.

    Raises:
        RemoteFailed: No answer came. The refs may have landed all the same.
    """
    guards = [f"--force-with-lease={ref}:{oid or ''}" for ref, oid in leases.items()]
    command = ("push", "--atomic", "--porcelain", "--no-follow-tags", "--recurse-submodules=no", "--quiet")
    arguments = (*command, *guards, "--", remote, *refspecs)
    done = _ask(git, remote, "push to", *arguments, allowed=(0, 1), keep_open=keep_open)
    refs = [_pushed(line) for line in done.text.splitlines() if line.count("\t") == _TABS]
    if done.code and not any(not ref.landed for ref in refs):
        raise RemoteFailed(remote=remote, doing="push to", output=done.stderr or done.text)
    return refs, without_credentials(done.stderr).strip()


# flag TAB source:target TAB summary
_TABS = 2


def _pushed(line: str) -> PushedRef:
    flag, refs, summary = line.split("\t")
    return PushedRef(flag, refs.rpartition(":")[2], summary)


def _ask(
    git: Runner, remote: str, doing: str, *args: str, allowed: Sequence[int] = (0,), keep_open: Sequence[int] = ()
) -> Completed:
    try:
        return git.run(*args, allowed=allowed, keep_open=keep_open)
    except GitFailed as error:
        raise RemoteFailed(remote=remote, doing=doing, output=error.output) from error


_NOISE = re.compile(
    r"(?:Please make sure you have the correct access rights\n?and the repository exists\.?"
    r"|Could not read from remote repository\.?|the remote end hung up unexpectedly)",
    re.IGNORECASE,
)


def _said(output: str) -> str:
    """Git's own words in one line, without the advice that is the same for every failure."""
    lines = _NOISE.sub("", output).splitlines()
    words = [re.sub(r"^(?:fatal|error):\s*", "", line.strip()).rstrip(".") for line in lines]
    return "; ".join(dict.fromkeys(word for word in words if word)) or "the connection ended without an answer"


# A bare number may also be a part of a port or of an object id.
_NO_ACCESS = (
    *("Authentication failed", "Permission denied", "could not read Username", "access denied"),
    *("error: 401", "error: 403"),
)
_NOT_THERE = ("not found", "does not exist", "does not appear to be a git repository", "not appear to be")
_UNREACHABLE = ("Could not resolve", "Connection refused", "Failed to connect", "timed out", "No route", "unreachable")
_AGAIN = "run the same command again: what arrived is recognised, and nothing is published twice"
_NO_ATOMIC = ("does not support --atomic",)


def _hint(output: str, remote: str) -> str:
    if any(words in output for words in _NO_ATOMIC):
        return "publish to a server that knows atomic pushes: git's own does since 2.4"
    if "No space left on device" in output or "unpack failed" in output:
        return "make room on the server, then run the same command again: nothing was published"
    if any(words in output for words in _NO_ACCESS):
        return f"check that you may read and write there: git ls-remote {remote}"
    if any(words in output for words in _UNREACHABLE):
        return "check the network, then run the same command again; nothing here is lost"
    if any(words in output for words in _NOT_THERE):
        return "check the URL: git remote -v"
    return _AGAIN

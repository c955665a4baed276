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
        self.hint = _hint(output, without_credentials(remote), doing)
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
    # Whatever fetch.prune and the configured refspecs say: they would delete tags here that are not published yet, and
    # overwrite notes and heads.
    kept = ("--no-prune", "--no-prune-tags", "--refmap=")
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
    # To a mirror, git refuses to push some refs alone. Not by -c: the name of a remote may contain a "=".
    some = (f"--config-env=remote.{remote}.mirror={_NO}",)
    guards = [f"--force-with-lease={ref}:{oid or ''}" for ref, oid in leases.items()]
    command = ("push", "--atomic", "--porcelain", "--no-follow-tags", "--recurse-submodules=no", "--quiet")
    arguments = (*some, *command, *guards, "--", remote, *refspecs)
    done = _ask(git, remote, "push to", *arguments, allowed=(0, 1), keep_open=keep_open, env={_NO: "false"})
    refs = [_pushed(line) for line in done.text.splitlines() if _is_ref(line)]
    if done.code and not any(not ref.landed for ref in refs):
        raise RemoteFailed(remote=remote, doing="push to", output=done.stderr or done.text)
    if done.code:
        _check_level(git, remote, done.text)
    return refs, without_credentials(done.stderr).strip()


def _check_level(git: Runner, remote: str, output: str) -> None:
    """Tell where a remote has several push URLs and only some refused: no push is atomic for all of them.

    Raises:
        RemoteFailed: That is so.
    """
    refused = [line.removeprefix("To ") for line in output.splitlines() if line.startswith("To ")]
    places = git.run("remote", "get-url", "--push", "--all", "--", remote, allowed=range(256)).text.splitlines()
    if not 0 < len(refused) < len(places):
        return
    causes = [ref for ref in map(_pushed, filter(_is_ref, output.splitlines())) if "atomic push" not in ref.summary]
    why = next(f": {ref.target} {ref.summary}" for ref in causes if not ref.landed)
    behind = without_credentials(", ".join(refused))
    said = f"of its {len(places)} push URLs, {behind} did not take what the rest took{why}"
    failed = RemoteFailed(remote=remote, doing="push to", output=said)
    failed.unclear = True
    failed.hint = (
        f"make {behind} a copy of {remote}: git push --mirror {behind}, in a git clone --mirror of {remote}; "
        f"or take it out: git remote set-url --delete --push {remote} {behind}; then mreg push"
    )
    raise failed


_NO = "MREG_MIRROR"
# flag TAB source:target TAB summary
_TABS = 2


def _is_ref(line: str) -> bool:
    return line.count("\t") == _TABS


def _pushed(line: str) -> PushedRef:
    flag, refs, summary = line.split("\t")
    return PushedRef(flag, refs.rpartition(":")[2], summary)


def _ask(
    git: Runner,
    remote: str,
    doing: str,
    *args: str,
    allowed: Sequence[int] = (0,),
    keep_open: Sequence[int] = (),
    env: Mapping[str, str] | None = None,
) -> Completed:
    try:
        return git.run(*args, allowed=allowed, keep_open=keep_open, env=env)
    except GitFailed as error:
        raise RemoteFailed(remote=remote, doing=doing, output=error.output) from error


_NOISE = re.compile(
    r"(?:Please make sure you have the correct access rights\n?and the repository exists\.?"
    r"|Could not read from remote repository\.?|the remote end hung up unexpectedly"
    r"|^From .*$|^ [ *!+=t-] .*$)",  # what became of refs until then
    re.IGNORECASE | re.MULTILINE,
)


def _said(output: str) -> str:
    """Git's own words in one line, without the advice that is the same for every failure."""
    lines = _ASKS.sub(_NOBODY_ANSWERS, _NOISE.sub("", output)).splitlines()
    words = [re.sub(r"^(?:fatal|error):\s*", "", line.strip()).rstrip(".") for line in lines]
    return "; ".join(dict.fromkeys(word for word in words if word)) or "the connection ended without an answer"


_ASKS = re.compile(r"could not read (?:Username|Password) for .*")
_NOBODY_ANSWERS = "the server asks for user and password, and git finds neither a helper nor a terminal that gives them"
# A bare number may also be a part of a port or of an object id.
_NO_ACCESS = (
    *("Authentication failed", "Permission denied", "access denied"),
    *("error: 401", "error: 403"),
)
_NOT_THERE = (
    *("not found", "does not exist", "does not appear to be a git repository", "not appear to be"),
    *("Unable to find remote helper", "is not a git command"),  # an unknown scheme
)
_UNREACHABLE = ("Could not resolve", "Connection refused", "Failed to connect", "timed out", "No route", "unreachable")
_AGAIN = "run the same command again: what arrived is recognised, and nothing is published twice"
_NO_ATOMIC = ("does not support --atomic",)
_FULL = re.compile(r"^(?P<there>remote: )?.*(?:No space left on device|Out of diskspace|couldn't write ')", re.M)
_FORBIDDEN = re.compile(r"transport '(?P<name>[^']+)' not allowed")


def _hint(output: str, remote: str, doing: str) -> str:
    if any(words in output for words in _NO_ATOMIC):
        return "publish to a server that knows atomic pushes: git's own does since 2.4"
    full = _FULL.search(output)
    if "unpack failed" in output or (full and doing == "push to"):
        return "make room on the server, then run the same command again: nothing was published"
    if full:
        return f"free some disk space {'on the server' if full['there'] else 'here'}, then run the same command again"
    if "Host key verification failed" in output:
        return (
            "this machine knows no key of the server, or another one: ask its owner for the right one, and put it into "
            "~/.ssh/known_hosts (ssh-keyscan HOST prints the one it has)"
        )
    if forbidden := _FORBIDDEN.search(output):
        return f"git's setting protocol.{forbidden['name']}.allow forbids such URLs: use https://, ssh:// or file://"
    if _ASKS.search(output):
        return "let a credential helper give them to git (git config credential.helper), see docs/guide/serve.md"
    if any(words in output for words in _NO_ACCESS):
        return f"check that you may read and write there: git ls-remote {remote}"
    if any(words in output for words in _UNREACHABLE):
        return "check the network, then run the same command again; nothing here is lost"
    if any(words in output for words in _NOT_THERE):
        return "check the URL: git remote -v"
    return _AGAIN

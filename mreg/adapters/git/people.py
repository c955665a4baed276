"""Commits as the work of people: read in bulk, in a number of git processes that does not depend on how many."""

from __future__ import annotations

import posixpath
import re
from signal import SIGPIPE
from typing import TYPE_CHECKING

from mreg.adapters.git.changes import UTF_8
from mreg.core.authorship import Commit, parse_commit, parse_person
from mreg.core.signatures import Signature, SignatureState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from mreg.adapters.git.blobs import BlobReader
    from mreg.adapters.git.process import Runner
    from mreg.adapters.git.repository import Git
    from mreg.core.events import Actor

# Git's letters: good; bad, or made with a revoked key. All others, expired keys among them, prove nothing here.
_STATES = {"G": SignatureState.GOOD, "B": SignatureState.BAD, "R": SignatureState.BAD}
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_IDENTITY = re.compile(r"[^<>\0\n]*")


def tags_within(git: Runner, commit: str, pattern: str) -> set[str]:
    """The tags below `refs/tags/` that match a pattern of for-each-ref and are in a commit's history, or on it."""
    done = git.run("for-each-ref", f"--merged={commit}", "--format=%(refname:lstrip=2)", f"refs/tags/{pattern}")
    return set(done.text.split("\n"))


def history(git: Runner, tip: str, *, without: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The commits that lead to a tip, newest first, each with its parents.

    Args:
        git: The repository.
        tip: A full commit id.
        without: Commits whose own histories are left out; those that are not here leave nothing out.
    """
    lines = _rev_list(git, "--parents", tip=tip, without=without)
    return {commit: tuple(parents) for commit, *parents in (line.split(" ") for line in lines)}


def changes(git: Runner, tip: str, *, without: Iterable[str], paths: Collection[str]) -> list[str]:
    """The commits, newest first, that explain how these files became what they are at a tip; merges are left out.

    Args:
        git: The repository.
        tip: A full commit id.
        without: As for `history`.
        paths: Posix, relative to the root; those that no commit can hold are passed over.
    """
    asked = [path for path in paths if _can_be_in_git(path)]
    return _rev_list(git, "--no-merges", tip=tip, without=without, paths=asked) if asked else []


def _rev_list(git: Runner, *options: str, tip: str, without: Iterable[str], paths: Sequence[str] = ()) -> list[str]:
    lines = [tip, *(f"^{commit}" for commit in without), *(("--", *paths) if paths else ())]
    asked = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")
    # A commit that is missing, as in a shallow clone, is no reason to say nothing.
    done = git.run("--literal-pathspecs", "rev-list", "--ignore-missing", *options, "--stdin", stdin=asked)
    return done.text.splitlines()


def _can_be_in_git(path: str) -> bool:
    top, _, _ = posixpath.normpath(path or ".").partition("/")
    return top not in ("", ".", "..") and not {"\n", "\0"} & set(path)


def introduction(git: Runner, tip: str, *, path: str, text: str) -> str | None:
    """The newest commit in a tip's history by which a text came into a file, or went; None where none is here.

    Args:
        git: The repository.
        tip: A full commit id.
        path: Posix, relative to the root.
        text: What to look for, such as a hash.
    """
    if "\0" in text:
        return None
    lean = ("log", UTF_8, "--max-count=1", "--no-show-signature", "--no-color", "--format=%H", f"-S{text}", tip)
    return git.run("--literal-pathspecs", *lean, "--", path).text or None


def cut_off(git: Git) -> frozenset[str]:
    """The oldest commits of a shallow clone: without their parents, they seem to bring every file that they have."""
    return frozenset((git.common_dir / "shallow").read_text("ascii").split()) if git.shallow else frozenset()


def named_commit(blobs: BlobReader, text: str) -> str | None:
    """The commit that a card means by an id, whole or abbreviated; None where it is not here, or no id at all."""
    if not _COMMIT.fullmatch(text):
        return None
    [found] = blobs.identify([f"{text}^{{commit}}"])
    return found.oid if found else None


def read_commits(blobs: BlobReader, oids: Sequence[str]) -> dict[str, Commit]:
    """These commits by id; those that are not here are left out."""
    found = zip(oids, blobs.stream(oids), strict=True)
    return {
        oid: parse_commit(oid, entry[1].decode("utf-8", "replace"))
        for oid, entry in found
        if entry and entry[0] == "commit"
    }


def commit_signatures(git: Runner, oids: Sequence[str]) -> dict[str, Signature]:
    """Check the signatures of commits that carry one; git starts a program for each, which takes about 8 ms.

    Args:
        git: The repository.
        oids: Commits that are here, each once.
    """
    said: list[Signature] = []
    while len(said) < len(oids):
        asked = "".join(f"{oid}\n" for oid in oids[len(said) :]).encode()
        lean = ("log", UTF_8, "--no-walk=unsorted", "--no-show-signature", "--format=%G?%x00%GS", "--stdin")
        done = git.run(*lean, stdin=asked, allowed=(0, -SIGPIPE))
        said += [_signature(*line.split("\0", 1)) for line in done.text.split("\n") if line]
        # ssh-keygen does not read the commit of what is no signature at all, and git may end by that: go on after it.
        said += [Signature(SignatureState.BAD)] if done.code else []
    return dict(zip(oids, said, strict=True))


def _signature(letter: str, signer: str) -> Signature:
    state = _STATES.get(letter, SignatureState.UNKNOWN)
    return Signature(state, signer if state is SignatureState.GOOD else "")


def canonical(git: Runner, people: Iterable[Actor]) -> dict[Actor, Actor]:
    """Who people are by the repository's `.mailmap`; whom it does not know stays as they are."""
    asked = list(dict.fromkeys(person for person in people if _can_be_mapped(person)))
    if not asked:
        return {}
    lines = "".join(f"{person.name} <{person.email}>\n".lstrip() for person in asked)
    done = git.run("check-mailmap", "--stdin", stdin=lines.encode("utf-8", "replace"))
    return dict(zip(asked, map(parse_person, done.text.split("\n")), strict=True))


def _can_be_mapped(person: Actor) -> bool:
    return bool(person.email and _IDENTITY.fullmatch(person.name) and _IDENTITY.fullmatch(person.email))

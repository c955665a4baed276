"""Making a view: an empty repository with a configuration of its own, and its first refs where there are many."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from mreg.adapters.files import disk_errors, remove, scratch, write_atomic
from mreg.adapters.git.process import Runner

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mreg.adapters.git.remote import RemoteFailed
    from mreg.adapters.views.fetching import Fetcher

HEAD = "refs/view/head"
CLOSED = "mreg/closed"
# What people configure for their own repositories is not meant for this one.
_CONFIGURATION = f"""\
[core]
\thooksPath = {os.devnull}
[gc]
\tauto = 0
[maintenance]
\tauto = false
[fetch]
\twriteCommitGraph = false
\tunpackLimit = 1
"""
MANY = 1000
"""Refs: so many in a file each make git slow."""

# What git certainly takes for a ref's name.
_NAME = re.compile(r"refs(?:/[\w@+-]+(?:\.[\w@+-]+)*)+(?<!\.lock)", re.ASCII)

# Git's words where the view is at fault, not the other repository or the network.
_DAMAGED = (
    "bad object",
    "unable to read",
    "is corrupt",
    "unable to unpack",
    "missing object",
    "missing necessary objects",
    "did not send all necessary objects",
    "not a git repository",
    "inflate:",
    "unable to parse",
    "does not match index",
    "shallow file",
    "unresolved deltas",
    "broken",
)
_OTHER_HASH = re.compile(r"mismatched algorithms: client \w+; server (\w+)")


def make(folder: Path, form: str) -> None:
    """Make an empty view in the place of whatever is there.

    Args:
        folder: Where.
        form: By which hash objects are named.

    Raises:
        GitFailed, DiskFailure: It cannot be made.
    """
    with disk_errors("write to", folder.parent), scratch(folder.parent) as new:
        new.mkdir()
        Runner(new).run("init", "--quiet", "--bare", "--template=", f"--object-format={form}")
        (new / "HEAD").write_text(f"ref: {HEAD}\n")
        with (new / "config").open("a") as config:
            config.write(_CONFIGURATION)
        # A store of objects that has all of the real one's, and takes none: its folder for packs is a file.
        closed = new / CLOSED
        (closed / "info").mkdir(parents=True)
        (closed / "info" / "alternates").write_text("../../objects\n")
        (closed / "pack").touch()
        remove(folder)
        new.rename(folder)


def remedy(error: RemoteFailed) -> str | None:
    """The hash of a new view that would do what this one failed to; None where a new one would fail as well."""
    if other := _OTHER_HASH.search(error.output):
        return other[1]
    return "sha1" if any(words in error.output for words in _DAMAGED) else None


def take_in_bulk(fetcher: Fetcher, folder: Path, sources: Sequence[str], options: Sequence[str]) -> None:
    """Bring very many refs into a view that has none, and write them into one file.

    Git would write a file for each: of 100,000 tags, that takes nine tenths of the time. A ref that is not taken here,
    or has changed meanwhile, is left to the fetch that has to follow.

    Args:
        fetcher: Fetches into the view.
        folder: The view.
        sources: Patterns of refs, which end in a star.
        options: Of `git fetch`.

    Raises:
        RemoteFailed: They cannot be had.
    """
    prefixes = tuple(source.removesuffix("*") for source in sources)
    refs = {name: oid for name, oid in fetcher.refs().items() if name.startswith(prefixes) and _NAME.fullmatch(name)}
    if len(refs) >= MANY:
        fetcher.fetch_listed(dict.fromkeys(refs.values()), options=options)
        write_atomic(folder / "packed-refs", _packed(refs))


def _packed(refs: Mapping[str, str]) -> bytes:
    """Source: git's files backend, refs/packed-backend.c"""
    lines = ["# pack-refs with: sorted ", *(f"{refs[name]} {name}" for name in sorted(refs))]
    return "".join(f"{line}\n" for line in lines).encode()

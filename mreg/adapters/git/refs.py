"""Refs in bulk, by name and object id."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mreg.adapters.git.process import Runner


def read_refs(git: Runner, *patterns: str) -> dict[str, str]:
    """The refs that match one of the patterns, full name → object id, in one git process; without a pattern, all."""
    done = git.run("for-each-ref", "--format=%(objectname) %(refname)", *patterns)
    # Not splitlines(): a ref's name may contain what Unicode calls a line separator.
    lines = done.stdout.decode("utf-8", "surrogateescape").split("\n")[:-1]
    return {name: oid for oid, _, name in (line.partition(" ") for line in lines)}

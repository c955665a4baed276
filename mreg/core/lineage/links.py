"""How files of one commit belong together: which one a step used is which one that another step made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from mreg.core.provenance import File

if TYPE_CHECKING:
    from mreg.core.provenance import Provenance, Step

PART_OF, HOLDS = "part of", "holds"

# Of nothing, and of a folder without files: equal everywhere, so they say nothing about where something is from.
EMPTY = frozenset(
    {
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        "md5:d751713988987e9331980363e24189ce.dir",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    }
)


class Origin(NamedTuple):
    """What stands behind a used file: `made` is the file itself, a folder that it is in, or a file in it.

    `step` is what made it; None where a `.dvc` file tracks it.
    """

    made: File
    step: Step | None
    relation: str | None


def relation(used: str, made: str) -> str | None:
    """How a path that was used relates to a different one that was made; None where they have nothing in common."""
    if used.startswith(f"{made}/"):
        return PART_OF
    return HOLDS if made.startswith(f"{used}/") else None


def same_content(one: File, other: File) -> bool:
    """Whether two records of one path speak of the same content, as far as anybody recorded it."""
    return one.hash == other.hash or one.hash is None or other.hash is None


def origins(used: File, provenance: Provenance) -> Iterator[Origin]:
    """The outs of steps and `.dvc` files that a used file is, is part of, or holds.

    An out at the same path with other content is none: what was used is not what that step made last.
    """
    made = [(out, step) for step in (*provenance.steps, *provenance.checks) for out in step.outs]
    tracked = [(source.out, None) for source in provenance.sources]
    for out, step in [*made, *tracked]:
        if out.path == used.path:
            if same_content(used, out):
                yield Origin(out, step, None)
        elif how := relation(used.path, out.path):
            yield Origin(out, step, how)

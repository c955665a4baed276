"""Which of a remote's configured refspecs would write over refs that mreg brings in line itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.adapters.git.commits import NOTES_REF

if TYPE_CHECKING:
    from collections.abc import Iterable

_FAMILIES = ("refs/tags/", "refs/mreg/", "refs/mreg-aside/", "refs/mreg-known/")
_BRANCHES = "+refs/heads/*:refs/heads/*"
_EVERYTHING = "+refs/*:refs/*"


def split_refspecs(configured: Iterable[str], *, bare: bool) -> tuple[list[str], list[str]]:
    """Part what may be fetched as it is configured from what would move or overwrite a registry's own refs.

    A mirror's `+refs/*:refs/*` is its branches beside the registry's refs: the branches of a bare mirror are not its
    own, so that they follow here too, as they do with `git fetch`.

    Args:
        configured: Refspecs as in `remote.<name>.fetch`; those that begin with `^` take something out.
        bare: Whether the repository has no work tree, and so no branch that is checked out.

    Returns:
        The refspecs to fetch, and those that were left out for it.
    """
    kept, overwriting = [], []
    for refspec in configured:
        if not _overwrites(refspec):
            kept.append(refspec)
            continue
        overwriting.append(refspec)
        if refspec == _EVERYTHING and bare:
            kept.append(_BRANCHES)
    return kept, overwriting


def _overwrites(refspec: str) -> bool:
    target = _full(refspec.removeprefix("+").partition(":")[2])
    if refspec.startswith("^") or not target:
        return False
    start, star, end = target.partition("*")
    if not star:
        return target == NOTES_REF or target.startswith(_FAMILIES)
    notes = NOTES_REF.startswith(start) and NOTES_REF[len(start) :].endswith(end)
    return notes or any(start.startswith(family) or family.startswith(start) for family in _FAMILIES)


def _full(target: str) -> str:
    """A target as git reads it."""
    if not target or target.startswith("refs/"):
        return target
    return f"refs/{target}" if target.startswith(("heads/", "tags/", "remotes/")) else f"refs/heads/{target}"

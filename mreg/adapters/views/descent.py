"""Finding what is needed of commits folder by folder: each commit of a thousand models has a thousand folders."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from mreg.adapters.git.trees import TreeReader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mreg.adapters.git import BlobReader
    from mreg.adapters.git.trees import Entry

Test = Callable[[str], bool]

_FEW = 10  # files of a folder that may not be needed
_DEEPEST = 64  # as for a `TreeReader`


def _never(name: str) -> bool:
    return False


class Wanted(NamedTuple):
    """What is needed of a commit.

    Attributes:
        commit: A full commit id.
        paths: Files and folders, posix, relative to the root; of a folder, what it contains is known then. That one of
            them does not exist is no error.
        likely: Whether a file beside them, or beside a folder on the way to them, may be needed too, by its name. Those
            of a folder come along unless there are many: they cost no more exchanges.
    """

    commit: str
    paths: tuple[str, ...]
    likely: Test = _never


class _Node(NamedTuple):
    """An object that is needed, and what is below it, relative to it."""

    oid: str
    paths: tuple[str, ...]
    likely: Test


def descend(trees: TreeReader, roots: Sequence[tuple[str, Wanted]], have: Callable[[Sequence[str]], None]) -> None:
    """Have what is needed, level by level, that of all commits together.

    Args:
        trees: Reads what is here.
        roots: The root trees of the commits, each with what is wanted of it.
        have: Brings those objects that are not here, by their ids; called once for each level.
    """
    level = [_Node(root, wanted.paths, wanted.likely) for root, wanted in roots]
    for _ in range(_DEEPEST):
        if not level:
            break
        have([node.oid for node in level])
        entered = [node for node in level if node.paths]
        listed = trees.entries([node.oid for node in entered])
        level = [below for node, entries in zip(entered, listed, strict=True) for below in _below(node, entries)]


def edge(objects: BlobReader, root: str) -> list[str]:
    """The folders of a tree that are not here: the tree itself, or those of which the folder above is."""
    trees, missing, level = TreeReader(objects), [], [root]
    for _ in range(_DEEPEST):
        known = list(zip(level, objects.identify(level), strict=True))
        missing += [oid for oid, found in known if found is None]
        listed = trees.entries([oid for oid, found in known if found])
        level = list(dict.fromkeys(oid for entries in listed for _, oid, is_folder in entries if is_folder))
        if not level:
            break
    return missing


def _below(node: _Node, entries: Sequence[Entry]) -> Iterator[_Node]:
    paths: dict[str, list[str]] = {}
    for path in node.paths:
        name, _, rest = path.partition("/")
        paths.setdefault(name, []).append(rest)
    likely = []
    for name, oid, is_folder in entries:
        if name in paths:
            yield _Node(oid, tuple(filter(None, paths[name])) if is_folder else (), node.likely)
        elif not is_folder and node.likely(name):
            likely.append(oid)
    if len(likely) <= _FEW:
        yield from (_Node(oid, (), node.likely) for oid in likely)

"""Folders of commits, read as objects: which files of a kind commits have, without a process per commit."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mreg.adapters.git.blobs import BlobReader

_FOLDER = b"40000"
_SUBMODULE = b"160000"

# A tree of a few objects can name more files than there are atoms: each level a hundred times the same folder.
_MOST_LOOKED_AT, _MOST_NAMED = 1_000_000, 50_000
_DEEPEST = 64

# Name, object id, and whether it is a folder.
Entry = tuple[str, str, bool]


class TreeReader:
    """Lists the files of trees, reading each tree once: most of a commit's are those of the commit before."""

    def __init__(self, blobs: BlobReader) -> None:
        self._blobs = blobs
        self._trees: dict[str, tuple[Entry, ...]] = {}
        self._named: dict[tuple[str, Callable[[str], bool]], dict[str, str]] = {}

    def files(self, root: str, wanted: Callable[[str], bool]) -> dict[str, str]:
        """The files whose path is wanted, with their object ids.

        Args:
            root: What git resolves to a tree, such as `1f2e…^{tree}`; one that is missing has no files.
            wanted: Decides by the path, posix, relative to the root.

        Returns:
            None from beyond the first million files, or deeper than 64 folders.
        """
        found: dict[str, str] = {}
        left = _MOST_LOOKED_AT
        self._read([root])
        level = [("", root)]
        for _ in range(_DEEPEST):
            below: list[tuple[str, str]] = []
            for folder, tree in level:
                entries = self._trees[tree][:left]
                left -= len(entries)
                below += [(f"{folder}{name}/", oid) for name, oid, is_folder in entries if is_folder]
                paths = ((f"{folder}{name}", oid) for name, oid, is_folder in entries if not is_folder)
                found.update((path, oid) for path, oid in paths if wanted(path))
            if not below:
                break
            self._read([oid for _, oid in below])
            level = below
        return found

    def folder(self, tree: str) -> dict[str, str]:
        """The files that lie in a tree itself, not in those below: name → object id.

        Args:
            tree: As for `files`, or `<commit>:<path>`.
        """
        self._read([tree])
        return {name: oid for name, oid, is_folder in self._trees[tree] if not is_folder}

    def entries(self, trees: Sequence[str]) -> list[tuple[Entry, ...]]:
        """What lies in each of these trees itself, in the same order; nothing in one that is missing.

        Args:
            trees: As for `files`.
        """
        self._read(trees)
        return [self._trees[tree] for tree in trees]

    def named(self, roots: Sequence[str], wanted: Callable[[str], bool]) -> list[Mapping[str, str]]:
        """The files whose own name is wanted, of many trees: what two of them share is looked through once.

        Args:
            roots: As for `files`.
            wanted: Decides by the name, without the folders. It is to be the same function in every call.

        Returns:
            Path → object id for each root; to be read only. Not more than 50,000, none deeper than 64.
        """
        self._read_below(roots)
        return [self._collect(root, wanted) for root in roots]

    def _collect(self, root: str, wanted: Callable[[str], bool]) -> dict[str, str]:
        waiting = [(root, 0)]
        while waiting:
            tree, depth = waiting[-1]
            known = self._named
            missing = [] if depth >= _DEEPEST else [oid for oid in self._folders(tree) if (oid, wanted) not in known]
            if (tree, wanted) in known or not missing:
                waiting.pop()
                known.setdefault((tree, wanted), self._join(tree, wanted))
            else:
                waiting += [(oid, depth + 1) for oid in dict.fromkeys(missing)]
        return self._named[root, wanted]

    def _join(self, tree: str, wanted: Callable[[str], bool]) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, oid, is_folder in self._trees.get(tree, ()):
            if not is_folder:
                if wanted(name) and len(found) < _MOST_NAMED:
                    found[name] = oid
            elif below := self._named.get((oid, wanted)):
                some = islice(below.items(), _MOST_NAMED - len(found))
                found |= {f"{name}/{path}": blob for path, blob in some}
        return found

    def _folders(self, tree: str) -> Iterator[str]:
        return (oid for _, oid, is_folder in self._trees.get(tree, ()) if is_folder)

    def _read_below(self, roots: Sequence[str]) -> None:
        level = [root for root in dict.fromkeys(roots) if root not in self._trees]
        for _ in range(_DEEPEST):
            if not level:
                break
            self._read(level)
            below = dict.fromkeys(oid for tree in level for oid in self._folders(tree))
            level = [oid for oid in below if oid not in self._trees]

    def _read(self, names: Iterable[str]) -> None:
        """Know these trees; git is asked about all that are new at once."""
        new = [name for name in dict.fromkeys(names) if name not in self._trees]
        for name, found in zip(new, self._blobs.stream(new), strict=True):
            self._trees[name] = tuple(_entries(found[1], name)) if found and found[0] == "tree" else ()


def _entries(tree: bytes, name: str) -> Iterator[Entry]:
    """The entries of a tree object: `mode SP name NUL id`, the id as bytes."""
    size = len(name.partition("^")[0].partition(":")[0]) // 2
    position = 0
    with suppress(ValueError):  # git itself stores a damaged tree, and says so where it is asked to list it
        while position < len(tree):
            space = tree.index(b" ", position)
            end = tree.index(b"\0", space)
            mode = tree[position:space]
            position = end + 1 + size
            if mode != _SUBMODULE:
                path = tree[space + 1 : end].decode("utf-8", "surrogateescape")
                yield path, tree[end + 1 : position].hex(), mode.lstrip(b"0") == _FOLDER

"""Folders of commits, read as objects: which files of a kind a commit has, without a process per commit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mreg.adapters.git.blobs import BlobReader

_FOLDER = b"40000"
_SUBMODULE = b"160000"

# Name, object id, and whether it is a folder.
Entry = tuple[str, str, bool]


class TreeReader:
    """Lists the files of trees, reading each tree once: most of a commit's are those of the commit before."""

    def __init__(self, blobs: BlobReader) -> None:
        self._blobs = blobs
        self._trees: dict[str, tuple[Entry, ...]] = {}

    def files(self, root: str, wanted: Callable[[str], bool]) -> dict[str, str]:
        """The files whose path is wanted, with their object ids.

        Args:
            root: What git resolves to a tree, such as `1f2e…^{tree}`; one that is missing has no files.
            wanted: Decides by the path, posix, relative to the root.
        """
        found: dict[str, str] = {}
        level = [("", root)]
        while level:
            below: list[tuple[str, str]] = []
            for folder, entries in zip(level, self._read([name for _, name in level]), strict=True):
                for name, oid, is_folder in entries:
                    path = f"{folder[0]}{name}"
                    if is_folder:
                        below.append((f"{path}/", oid))
                    elif wanted(path):
                        found[path] = oid
            level = below
        return found

    def _read(self, names: Sequence[str]) -> Iterator[tuple[Entry, ...]]:
        new = [name for name in dict.fromkeys(names) if name not in self._trees]
        for name, found in zip(new, self._blobs.stream(new), strict=True):
            self._trees[name] = tuple(_entries(found[1], name)) if found and found[0] == "tree" else ()
        return (self._trees[name] for name in names)


def _entries(tree: bytes, name: str) -> Iterator[Entry]:
    """The entries of a tree object: `mode SP name NUL id`, the id as bytes."""
    size = len(bytes.fromhex(name.removesuffix("^{tree}")))
    position = 0
    while position < len(tree):
        space = tree.index(b" ", position)
        end = tree.index(b"\0", space)
        mode = tree[position:space]
        position = end + 1 + size
        if mode != _SUBMODULE:
            path = tree[space + 1 : end].decode("utf-8", "surrogateescape")
            yield path, tree[end + 1 : position].hex(), mode == _FOLDER

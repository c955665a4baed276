"""What a path holds, as the hashes by which DVC and cards may know it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from io import SEEK_END
from typing import TYPE_CHECKING, BinaryIO

from mreg.adapters.dvc.cache import new_hasher
from mreg.adapters.dvc.manifests import member
from mreg.adapters.dvc.pointers import BadPointer
from mreg.adapters.files import pour
from mreg.core.lineage.index import artifact_file
from mreg.usecases.impact.trees import outs

if TYPE_CHECKING:
    from mreg.adapters.dvc.cache import Cache
    from mreg.adapters.files import Sink
    from mreg.core.provenance import File
    from mreg.usecases.impact.trees import Tree


@dataclass(slots=True)
class Contents:
    """What a path turned out to hold.

    Attributes:
        hashes: Hash → the path that has it.
        objects: Path → the id that Git has, or would have, for its content.
        unknown: What could not be found out, a sentence each.
    """

    hashes: dict[str, str] = field(default_factory=dict)
    objects: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def add_known(self, path: str, stream: BinaryIO, *, algorithm: str) -> None:
        """Take a file's content: as DVC 3 and DVC 2 hash it, as cards do, and as Git does."""
        size = stream.seek(0, SEEK_END)
        stream.seek(0)
        named = hashlib.new(algorithm, b"blob %d\0" % size)
        self.add_file(path, stream, named.update)
        self.objects[path] = named.hexdigest()

    def add_file(self, path: str, stream: BinaryIO, *others: Sink) -> None:
        """Take the content of a file that Git need not know; others are given it, too."""
        for value in file_hashes(stream, *others):
            self.hashes.setdefault(value, path)


def file_hashes(stream: BinaryIO, *others: Sink) -> tuple[str, ...]:
    """The hashes by which a file's content may have been recorded."""
    md5, unified, sha256 = new_hasher("md5"), new_hasher("md5-dos2unix"), hashlib.sha256()
    pour(stream, md5.update, unified.update, sha256.update, *others)
    return f"md5:{md5.hexdigest()}", f"md5:{unified.hexdigest()}", f"sha256:{sha256.hexdigest()}"


def contents_of(tree: Tree, path: str, *, cache: Cache | None, algorithm: str) -> Contents:
    """What a file or folder holds: what DVC recorded of it, or else the bytes of the files that Git knows.

    Args:
        tree: Where to look.
        path: Posix, relative to the Git root; empty is the root itself.
        cache: DVC's local cache, where there is one.
        algorithm: By which Git names objects here: `sha1` or `sha256`.
    """
    found = Contents()
    tracked = {} if path in tree.files else _tracked(found, tree, path)
    for out in tracked.values():
        if out.path == path or _inside(out.path, path):
            found.hashes.setdefault(out.identity, out.path)
        elif _inside(path, out.path):
            _add_member(found, tree, path, out, cache)
    for name in tree.files:
        if (name == path or _inside(name, path)) and name not in tracked and (stream := tree.open(name)):
            with stream:
                found.add_known(name, stream, algorithm=algorithm)
    return found


def _tracked(found: Contents, tree: Tree, path: str) -> dict[str, File]:
    """The outs that DVC recorded, by path; no further than to the path itself, which only one file can track."""
    tracked: dict[str, File] = {}
    try:
        for _, pointers in outs(tree, path):
            tracked |= {pointer.path: artifact_file(pointer) for pointer in pointers}
            if path in tracked:
                break
    except BadPointer as error:
        found.unknown.append(str(error))
    return tracked


def _add_member(found: Contents, tree: Tree, path: str, folder: File, cache: Cache | None) -> None:
    below = path.removeprefix(f"{folder.path}/")
    md5 = member(cache, (folder.hash or "").partition(":")[2], below) if cache else None
    if md5:
        found.hashes.setdefault(f"md5:{md5}", path)
    elif stream := tree.open(path):
        with stream:
            found.add_file(path, stream)
    else:
        found.unknown.append(
            f"the manifest of {folder.path} is not in the local DVC cache, or does not list {path}; "
            f"dvc fetch {folder.path}"
        )


def _inside(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")

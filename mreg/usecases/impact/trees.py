"""Where the present content of a path is looked up: in the work tree, or in a commit."""

from __future__ import annotations

import posixpath
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, Protocol

from mreg.adapters.dvc.pointers import LOCK, SUFFIX, is_pointer_file, parse_dvc_file, parse_lock
from mreg.adapters.dvc.settings import PIPELINE
from mreg.adapters.files import disk_errors
from mreg.adapters.git.trees import TreeReader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mreg.adapters.git import BlobReader, Git
    from mreg.core.pointer import Pointer


class Tree(Protocol):
    """Files that Git knows; paths are posix, relative to the Git root."""

    @property
    def files(self) -> Sequence[str]:
        """All of them, sorted."""

    def read(self, path: str) -> bytes | None:
        """A file's content; None where there is none of that name."""

    def open(self, path: str) -> BinaryIO | None:
        """The same, of files of any size."""


class WorkTree:
    """What is checked out, as it is on the disk, and what nobody has committed yet."""

    def __init__(self, git: Git) -> None:
        self._git = git

    @cached_property
    def files(self) -> Sequence[str]:
        listed = self._git.run("ls-files", "-z", "--cached", "--others", "--exclude-standard").stdout
        return sorted(set(listed.decode("utf-8", "surrogateescape").split("\0")) - {""})

    def read(self, path: str) -> bytes | None:
        file: Path = self._git.root / path
        with disk_errors("read", file):
            return file.read_bytes() if file.is_file() else None

    def open(self, path: str) -> BinaryIO | None:
        file: Path = self._git.root / path
        with disk_errors("read", file):
            return file.open("rb") if file.is_file() else None


class Commit:
    """What a commit holds."""

    def __init__(self, blobs: BlobReader, commit: str) -> None:
        self._blobs, self._commit = blobs, commit

    @cached_property
    def files(self) -> Sequence[str]:
        return sorted(TreeReader(self._blobs).files(f"{self._commit}^{{tree}}", lambda path: True))

    def read(self, path: str) -> bytes | None:
        return self._blobs.read([f"{self._commit}:{path}"])[0]

    def open(self, path: str) -> BinaryIO | None:
        data = self.read(path)
        return None if data is None else BytesIO(data)


def outs(tree: Tree, path: str) -> Iterator[tuple[str, tuple[Pointer, ...]]]:
    """The DVC files that may speak of a path, or of what lies in it, with their outs: the likeliest first.

    Raises:
        BadPointer: One of them is not what DVC writes.
    """
    for file in sorted(filter(_is_pointer, tree.files), key=lambda file: _distance(file, path)):
        folder, name = posixpath.split(file)
        if name != LOCK and not _may_speak(folder, path):
            continue
        data = tree.read(file)
        if data is None:
            continue
        if name != LOCK:
            yield file, parse_dvc_file(data, file)
            continue
        pipeline = tree.read(posixpath.join(folder, PIPELINE))
        if _may_name(folder, data + (pipeline or b""), path):
            yield file, parse_lock(data, file, pipeline)


def _is_pointer(file: str) -> bool:
    return is_pointer_file(file) and posixpath.basename(file) != PIPELINE


def _distance(file: str, path: str) -> tuple[bool, int, str]:
    """Its own `.dvc` file, then locks and `.dvc` files in the folders above, the nearest first, then all others."""
    folder = posixpath.dirname(file)
    above = not folder or path.startswith(f"{folder}/")
    return file != path + SUFFIX, -len(folder) if above else 1, file


def _may_speak(folder: str, path: str) -> bool:
    """Whether a `.dvc` file in this folder may track the path, something above it or something in it."""
    return not folder or not path or f"{folder}/".startswith(f"{path}/") or path.startswith(f"{folder}/")


def _may_name(folder: str, text: bytes, path: str) -> bool:
    """Whether a pipeline may: from outside, it writes names of the path. To parse every pipeline would take seconds."""
    if not path or f"{folder}/".startswith(f"{path}/"):
        return True
    return any(part.encode("utf-8", "surrogateescape") in text for part in path.split("/"))

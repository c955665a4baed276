"""Where a path that a person typed is, and what it holds there."""

from __future__ import annotations

import os
import posixpath
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mreg.adapters.dvc.local import LocalCaches
from mreg.adapters.dvc.pointers import SUFFIX
from mreg.adapters.files import disk_errors
from mreg.errors import RegistryError
from mreg.usecases.impact.contents import Contents, contents_of
from mreg.usecases.impact.trees import Commit, WorkTree

if TYPE_CHECKING:
    from collections.abc import Container

    from mreg.adapters.dvc.cache import Cache
    from mreg.adapters.git import BlobReader, Git
    from mreg.usecases.impact.trees import Tree

_SHA256_DIGITS = 64


class UnknownRevision(RegistryError):
    """Git knows no such commit."""

    def __init__(self, *, rev: str) -> None:
        super().__init__(f"{rev} is no revision of this repository")
        self.rev = rev
        self.hint = "name a commit, a branch or a tag, such as HEAD~3 or churn@v1.0.0"


class Places:
    """The work tree or, where a revision was named, that commit."""

    def __init__(self, git: Git, blobs: BlobReader, *, at: str | None, folder: Path | None) -> None:
        """Look there.

        Raises:
            UnknownRevision: There is no such commit.
        """
        self._git, self._folder, self._on_disk = git, folder, at is None and not git.bare
        self._tree: Tree = WorkTree(git) if self._on_disk else Commit(blobs, _commit(git, at or "HEAD"))

    def find(self, what: str, known: Container[str]) -> tuple[str, Contents] | None:
        """A path's label and what it holds; None where nothing of that name is here, nor known from versions.

        Raises:
            DiskFailure: A file cannot be read.
        """
        for path in map(self._pointed, self._candidates(what)):
            found = contents_of(self._tree, path, cache=self.cache, algorithm=self._algorithm)
            if not found.hashes and not found.unknown:
                self._add_ignored(found, path)
            if found.hashes or found.unknown or path in known:
                return path, found
        return self._outside(what)

    @cached_property
    def cache(self) -> Cache | None:
        """DVC's local cache; None where there is none, or where only DVC itself could tell where it is."""
        return LocalCaches(self._git).around(str(self._folder or ""))

    @cached_property
    def _algorithm(self) -> str:
        head = self._git.head() or ""
        return "sha256" if len(head) == _SHA256_DIGITS else "sha1"

    def _candidates(self, what: str) -> list[str]:
        """From the current folder, and from the repository's root; posix, relative to the root."""
        root = Path("/") if self._git.bare else self._git.root.resolve()
        folders = [root if self._git.bare or self._folder is None else self._folder.resolve(), root]
        paths = [Path(posixpath.normpath(folder / what)) for folder in folders]
        if self._on_disk:  # through a link, it is something else's content
            paths += [Path(os.path.realpath(path)) for path in paths]
        inside = (path.relative_to(root).as_posix() for path in paths if path.is_relative_to(root))
        return list(dict.fromkeys("" if path == "." else path for path in inside))

    def _pointed(self, path: str) -> str:
        """What a `.dvc` file stands for: where the data is not checked out, it is what a shell completes."""
        return path.removesuffix(SUFFIX) if path.endswith(SUFFIX) and path in self._tree.files else path

    def _add_ignored(self, found: Contents, path: str) -> None:
        """What neither Git nor DVC tracks, and yet is here."""
        file = self._git.root / path if self._on_disk else None
        if file and file.is_file():
            _add(found, path, file)

    def _outside(self, what: str) -> tuple[str, Contents] | None:
        file = (self._folder or Path()) / what
        if not self._on_disk or not file.is_file():
            return None
        found = Contents()
        _add(found, what, file)
        return what, found


def _add(found: Contents, label: str, file: Path) -> None:
    with disk_errors("read", file), file.open("rb") as stream:
        found.add_file(label, stream)


def _commit(git: Git, rev: str) -> str:
    commit = git.resolve(f"{rev}^{{commit}}")
    if commit is None:
        raise UnknownRevision(rev=rev)
    return commit

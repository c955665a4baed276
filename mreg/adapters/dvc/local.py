"""What DVC's local cache has of what a commit names, found without DVC."""

from __future__ import annotations

import posixpath
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from mreg.adapters.dvc.cache import Cache, locate_cache, verify_object
from mreg.adapters.dvc.manifests import member
from mreg.adapters.dvc.pointers import MD5_NAMES
from mreg.adapters.dvc.repository import Dvc, NotDvc
from mreg.errors import MregError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mreg.adapters.git import Git
    from mreg.core.provenance import File

_MD5 = re.compile(r"[0-9a-f]{32}(\.dir)?")


class LocalCaches:
    """The caches of the DVC repositories in one work tree, each found once."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._known: dict[str, Cache | None] = {}

    def of(self, path: str) -> Cache | None:
        """The cache of the DVC repository that a path lies in.

        Args:
            path: Posix, relative to the Git root; it need not exist.

        Returns:
            None where there is no work tree, no such repository, or only DVC itself can tell where its cache is.
        """
        return self.around(posixpath.dirname(path))

    def around(self, folder: str) -> Cache | None:
        """The same of the repository that a folder lies in, which may be absolute."""
        if folder not in self._known:
            self._known[folder] = None
            if not self._git.bare:
                with suppress(NotDvc, OSError):
                    root = self._git.root
                    self._known[folder] = locate_cache(Dvc.find(root / folder, root).root)
        return self._known[folder]

    def content(self, path: str, outs: Iterable[File], *, most: int) -> bytes | None:
        """The bytes of an out, or of a file in one.

        Args:
            path: Posix, relative to the Git root.
            outs: What may have it.
            most: Larger files are not read.

        Returns:
            None where it is not there, too large, or not what its name says.
        """
        for out in outs:
            inside = path.removeprefix(f"{out.path}/") if path != out.path else ""
            md5 = (out.hash or "").removeprefix("md5:")
            cache = self.of(out.path) if inside != path and _MD5.fullmatch(md5) else None
            if cache is None:
                continue
            with suppress(MregError, OSError):
                if (content := _read(cache, member(cache, md5, inside) if inside else md5, most)) is not None:
                    return content
        return None


def _read(cache: Cache, md5: str | None, most: int) -> bytes | None:
    for name in MD5_NAMES:
        path = None if md5 is None else cache.find(name, md5)
        if path is not None and md5 is not None and path.stat().st_size <= most:
            verify_object(path, name, md5)
            return path.read_bytes()
    return None

"""Where things are: the folders that everything about one DVC repository needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mreg.adapters.dvc.cache import Cache


@dataclass(frozen=True, slots=True)
class Place:
    """One DVC repository.

    Attributes:
        root: The folder with `.dvc/`.
        git_root: The top of the Git work tree.
        cache: The local cache.
    """

    root: Path
    git_root: Path
    cache: Cache

    def relative(self, path: Path | str) -> str:
        """Posix, relative to the Git root."""
        return Path(path).relative_to(self.git_root).as_posix()

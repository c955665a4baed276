"""Where a registry is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

from mreg.usecases.here import Here

if TYPE_CHECKING:
    from mreg.usecases.here import Source
    from mreg.usecases.workspace import Workspace


class Base:
    """A repository, here or elsewhere, that every verb asks anew."""

    def __init__(self, path: Path | str = ".") -> None:
        """Open the repository at or above a folder.

        Raises:
            NotARepository, NoSuchFolder: There is none.
        """
        self._path = Path(path).absolute()  # the current folder may be another one later
        self._source: Source = Here(self._path)
        _ = self._workspace

    @property
    def _workspace(self) -> Workspace:
        return self._source.writable()

    @classmethod
    def at(cls, url: str, *, folder: Path | str = ".") -> Self:
        """The registry in a repository that is elsewhere, to be read without a clone of it.

        What is needed to answer is kept in the user's cache folder, and brought up to date at every question.

        Args:
            url: A URL, an scp-like `host:path`, or the path of a repository.
            folder: Where a relative path begins.

        Raises:
            NoSuchFolder, NoSuchRepository: There is nothing.
        """
        from mreg.adapters.views import parse_address
        from mreg.usecases.elsewhere import Elsewhere

        registry = cls.__new__(cls)
        registry._path = Path(folder).absolute()
        registry._source = Elsewhere(parse_address(url, registry._path))
        return registry

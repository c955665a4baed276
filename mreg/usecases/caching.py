"""`mreg cache`: what is kept of repositories that were asked with --repo."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mreg.adapters.files import DiskFailure
from mreg.adapters.views import NoSuchRepository, Shelf, parse_address
from mreg.core.names import did_you_mean
from mreg.errors import RegistryError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.adapters.views import Kept
    from mreg.errors import MregError


class NotKept(RegistryError):
    """Nothing is kept of the repository."""

    def __init__(self, *, url: str, known: Sequence[str]) -> None:
        super().__init__(f"nothing is kept of {url}")
        self.url, self.known = url, tuple(known)
        self.hint = did_you_mean(url, known) or "mreg cache info lists what is kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRepository:
    """What is kept of one repository.

    Attributes:
        url: Without user, password and tokens.
        folder: Where.
        repository: Bytes of refs and objects, and of what was computed from them.
        artifacts: Bytes of artifacts.
        used: When it was last asked, in seconds since 1970 UTC.
    """

    url: str
    folder: Path
    repository: int
    artifacts: int
    used: int

    @property
    def size(self) -> int:
        return self.repository + self.artifacts


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptList:
    """What is kept of which repositories, sorted by URL; `folder` is the one for all of them."""

    folder: Path
    repositories: tuple[KeptRepository, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """What was removed, and what was left because somebody uses it at the moment."""

    removed: tuple[KeptRepository, ...]
    in_use: tuple[KeptRepository, ...]


def kept_list() -> KeptList:
    """What is kept."""
    shelf = Shelf()
    return KeptList(folder=shelf.folder, repositories=tuple(map(_measured, shelf.kept())))


def was_removed(url: str, folder: Path, error: MregError) -> bool:
    """Whether a question to a repository failed because somebody removed what is kept of it meanwhile.

    Args:
        url: As it was given with --repo.
        folder: Where a relative path begins.
        error: How the question failed.
    """
    if isinstance(error, UsageError) or (isinstance(error, DiskFailure) and error.errno != errno.ENOENT):
        return False  # it may never have been there
    shown = _shown(url, folder)
    return not any(one.url == shown for one in Shelf().kept())


def clear(url: str | None = None, *, folder: Path = Path()) -> Cleared:
    """Remove what is kept of one repository, or of all.

    Args:
        url: As it was given with --repo; its user and password do not matter. None is all.
        folder: Where a relative path begins.

    Raises:
        NotKept: Nothing is kept of it.
        DiskFailure: It cannot be removed.
    """
    shelf = Shelf()
    kept = shelf.kept()
    chosen = kept if url is None else _named(kept, url, folder)
    removed: list[KeptRepository] = []
    in_use: list[KeptRepository] = []
    for one in chosen:
        measured = _measured(one)
        (removed if shelf.clear(one) else in_use).append(measured)
    return Cleared(removed=tuple(removed), in_use=tuple(in_use))


def _named(kept: Sequence[Kept], url: str, folder: Path) -> list[Kept]:
    # What is kept of a repository that is gone has its URL as `mreg cache info` shows it.
    shown = url if any(one.url == url for one in kept) else _shown(url, folder)
    found = [one for one in kept if one.url == shown]
    if not found:
        raise NotKept(url=shown, known=[one.url for one in kept])
    return found


def _shown(url: str, folder: Path) -> str:
    try:
        return parse_address(url, folder).shown
    except NoSuchRepository as gone:
        return gone.path


def _measured(kept: Kept) -> KeptRepository:
    repository, artifacts = kept.sizes()
    return KeptRepository(url=kept.url, folder=kept.folder, repository=repository, artifacts=artifacts, used=kept.used)

"""Where a repository is that somebody names by its URL, and what may be said of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mreg.adapters.git.repository import NoSuchFolder
from mreg.core.urls import without_credentials
from mreg.errors import UsageError

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_SCP = re.compile(r"[^/]+:")
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
_READABLE, _DIGITS = 60, 12


class NoSuchRepository(UsageError):
    """The path given as a repository's URL leads nowhere."""

    def __init__(self, *, path: Path, folder: Path | None = None) -> None:
        super().__init__(f"there is no repository {path}")
        self.path = str(path)
        self.hint = f"check the path; it was taken relative to {folder}" if folder else "check the path"


class EmptyAddress(UsageError):
    """The repository's URL is an empty text."""

    hint = "where it comes from a variable, check that the variable is set"

    def __init__(self) -> None:
        super().__init__("the repository's URL is empty")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A repository's URL.

    Attributes:
        url: As git is to be given it; it may contain a password.
        shown: Without user, password and tokens: for output, and for what is kept.
        folder: Where it is on this machine; None where it is not.
    """

    url: str = field(repr=False)
    shown: str
    folder: Path | None

    @property
    def key(self) -> str:
        """The name of what is kept of it: readable, and different for different URLs."""
        readable = _UNFIT.sub("-", _SCHEME.sub("", self.shown)).strip("-.")[-_READABLE:].lstrip("-.")
        return f"{readable}-{sha256(self.shown.encode(errors='surrogateescape')).hexdigest()[:_DIGITS]}"

    @property
    def root(self) -> Path | None:
        """The folder that paths in the repository are relative to, if it is on this machine."""
        return self.folder.parent if self.folder and self.folder.name == ".git" else self.folder


def parse_address(text: str, folder: Path) -> Address:
    """What a person gave as a repository's URL.

    Args:
        text: A URL, an scp-like `host:path`, or a path.
        folder: Where a relative path begins.

    Raises:
        NoSuchFolder: The folder does not exist.
        EmptyAddress: It is no text at all.
        NoSuchRepository: It is a path, and there is nothing.
    """
    if not text.strip():
        raise EmptyAddress
    if not folder.is_dir():
        raise NoSuchFolder(path=folder)
    if _SCHEME.match(text):
        local = Path(unquote(urlsplit(text).path)) if text.lower().startswith("file://") else None
        if local and not local.exists():
            raise NoSuchRepository(path=local)
        return Address(url=text, shown=without_credentials(text), folder=local)
    if _SCP.match(text):  # as git reads it: a path with a colon begins with ./
        return Address(url=text, shown=text, folder=None)
    path = (folder / text).resolve()
    if not path.exists():
        raise NoSuchRepository(path=path, folder=None if Path(text).is_absolute() else folder.resolve())
    return Address(url=str(path), shown=str(path), folder=path)

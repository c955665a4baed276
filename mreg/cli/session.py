"""What a command needs to begin."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mreg.registry import Registry


def registry(folder: Path | None, repo: str | None = None) -> Registry:
    """The registry of the folder given with -C, or of the current one; or the one that --repo names."""
    prepare()
    from mreg.registry import Registry

    return Registry(folder or Path()) if repo is None else Registry.at(repo, folder=folder or Path())


def prepare() -> None:
    """Import what takes care in a program; before anything that uses git."""
    from mreg.adapters.gitpython import import_gitpython

    import_gitpython()

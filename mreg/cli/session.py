"""What a command needs to begin."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mreg.registry import Registry


def registry(folder: Path | None) -> Registry:
    """The registry of the folder given with -C, or of the current one."""
    from mreg.adapters.gitpython import import_gitpython

    import_gitpython()
    from mreg.registry import Registry

    return Registry(folder or Path())

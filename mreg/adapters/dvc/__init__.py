"""DVC: the only importer of dvc, and the reader of its files. Reading from the local cache never imports dvc."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mreg.adapters.dvc.repository import Dvc, NotDvc, OutsideDvc

__all__ = ["Dvc", "NotDvc", "OutsideDvc"]


def __getattr__(name: str) -> Any:
    # Most who import a module from here read pointers, and need no repository.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mreg.adapters.dvc import repository

    return getattr(repository, name)

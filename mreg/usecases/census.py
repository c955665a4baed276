"""Every version of every model, with its stage: what commands about all of them begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.adapters.history import read_models

if TYPE_CHECKING:
    from mreg.core.fold import VersionState
    from mreg.usecases.workspace import Workspace


def census(workspace: Workspace, *, at: int | None = None) -> list[VersionState]:
    """Every version, sorted by model and, within one, in the order in which they were registered.

    Args:
        workspace: The repository.
        at: The moment that is asked about, in seconds since 1970 UTC; None is now.
    """
    return [version for found in read_models(workspace.git, at=at) for version in found.state.versions.values()]

"""The papers of many versions, read in bulk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.core.dossier import Dossier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.core.fold import VersionState
    from mreg.usecases.workspace import Workspace


def dossiers(workspace: Workspace, versions: Sequence[VersionState]) -> list[Dossier]:
    """What the commits of these versions say about them, in the same order.

    One git process reads everything, whatever the number of versions; what a commit says is kept in a cache.
    """
    raise NotImplementedError

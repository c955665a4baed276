"""What the shell offers after a tab. A completion never fails: where nothing can be read, nothing is offered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mreg.errors import MregError

if TYPE_CHECKING:
    from mreg.usecases.workspace import Workspace


def models(incomplete: str) -> list[str]:
    """Names of models that begin so."""
    try:
        from mreg.adapters.history import model_names

        return [name for name in model_names(_workspace().git) if name.startswith(incomplete)]
    except (MregError, OSError):
        return []


def refs(incomplete: str) -> list[str]:
    """Models, or after an `@` the versions, stages and aliases of one."""
    model, at, _ = incomplete.partition("@")
    if not at:
        return models(incomplete)
    try:
        workspace = _workspace()
        state = workspace.known(model)
    except (MregError, OSError):
        return []
    selectors = ["latest", *(f"v{version}" for version in state.versions), *state.holders, *state.aliases]
    return [ref for selector in selectors if (ref := f"{model}@{selector}").startswith(incomplete)]


def stages(incomplete: str) -> list[str]:
    """Stages of this project that begin so."""
    try:
        return [stage for stage in _workspace().policy.stages if stage.startswith(incomplete)]
    except (MregError, OSError):
        return []


def _workspace() -> Workspace:
    from mreg.usecases.workspace import Workspace

    return Workspace(Path())

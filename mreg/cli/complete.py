"""What the shell offers after a tab. A completion never fails: where nothing can be read, nothing is offered."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from mreg.adapters.gitpython import import_gitpython

if TYPE_CHECKING:
    from mreg.usecases.workspace import Workspace


def models(context: typer.Context, incomplete: str) -> list[str]:
    """Names of models that begin so."""
    found: list[str] = []
    with suppress(Exception):  # a message would land in the middle of the line that is being typed
        git = _workspace(context).git
        from mreg.adapters.history import model_names

        found += model_names(git)
    return [name for name in found if name.startswith(incomplete)]


def refs(context: typer.Context, incomplete: str) -> list[str]:
    """Models, or after an `@` the versions, stages and aliases of one."""
    model, at, _ = incomplete.partition("@")
    if not at:
        return models(context, incomplete)
    found: list[str] = []
    with suppress(Exception):
        state = _workspace(context).known(model)
        found += ["latest", *(f"v{version}" for version in state.versions), *state.holders, *state.aliases]
    return [ref for selector in found if (ref := f"{model}@{selector}").startswith(incomplete)]


def stages(context: typer.Context, incomplete: str) -> list[str]:
    """Stages of this project that begin so."""
    found: list[str] = []
    with suppress(Exception):
        found += _workspace(context).policy.stages
    return [stage for stage in found if stage.startswith(incomplete)]


def aliases(context: typer.Context, incomplete: str) -> list[str]:
    """Aliases of the model that stands before."""
    found: list[str] = []
    with suppress(Exception):
        found += _workspace(context).known(context.params["model"]).aliases
    return [alias for alias in found if alias.startswith(incomplete)]


def _workspace(context: typer.Context) -> Workspace:
    import_gitpython()
    from mreg.usecases.workspace import Workspace

    folder = context.params.get("folder") or context.find_root().params.get("folder")
    return Workspace(folder or Path())

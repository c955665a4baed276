"""Commands that share a registry: push, pull, status."""

from __future__ import annotations

from typing import Annotated

import typer

from mreg.cli.complete import models as model_names
from mreg.cli.options import Folder, Json
from mreg.cli.output import emit, note
from mreg.cli.session import registry
from mreg.errors import SystemFailure

_Remote = Annotated[
    str | None,
    typer.Option("--remote", metavar="NAME", help="Another remote than the only one, or origin.", show_default=False),
]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (push, pull, status):
        app.command()(command)


def push(
    models: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MODEL]...", help="Models; none is all.", show_default=False, autocompletion=model_names
        ),
    ] = None,
    remote: _Remote = None,
    no_branch: Annotated[
        bool, typer.Option("--no-branch", help="Leave the branch here; tags keep its commits.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be published.")] = False,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Publish what only this clone has.

    The artifacts of new versions go to the DVC remote first; then tags, heads and annotations, and the branch that has
    the new versions' commits, go to the Git remote in one step that happens as a whole or not at all. Where others have
    published meanwhile, your events follow theirs if they still mean the same. If somebody else changed the same stage,
    say, yours is set aside, this clone has the remote's state, and the exit code is 1.

    \b
    Example:
      mreg push
      mreg push churn --dry-run
    """
    from mreg.cli.progress import progress
    from mreg.render.sharing import PUSHED

    pushed = registry(folder).push(
        *(models or ()), remote=remote, branch=not no_branch, dry_run=dry_run, progress=progress()
    )
    emit(pushed, PUSHED, json=json)
    if pushed.refused:
        raise typer.Exit(1)


def pull(
    remote: _Remote = None,
    artifacts: Annotated[
        bool, typer.Option("--artifacts", help="Also the artifacts of versions in a stage, and of each latest one.")
    ] = False,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Bring what others published.

    Tags, heads, annotations and remote branches; what is checked out stays as it is. Your own unpublished events follow
    theirs where they still mean the same, and are set aside where not. A tag that differs is named and left alone.

    \b
    Example:
      mreg pull
    """
    from mreg.cli.progress import progress
    from mreg.render.sharing import PULLED, unfetched

    pulled = registry(folder).pull(remote=remote, artifacts=artifacts, progress=progress())
    emit(pulled, PULLED, json=json)
    if pulled.failed:
        note([] if json else unfetched(pulled.failed))
        raise typer.Exit(SystemFailure.exit_code)
    if pulled.refused:
        raise typer.Exit(1)


def status(remote: _Remote = None, json: Json = False, folder: Folder = None) -> None:
    """Show what is unpublished, what is behind, and what conflicts.

    The remote is asked, and nothing is changed.

    \b
    Example:
      mreg status
    """
    from mreg.render.sharing import STATUS

    emit(registry(folder).status(remote=remote), STATUS, json=json)

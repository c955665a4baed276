"""Commands for those who keep the server: hook install."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mreg.cli.options import Folder, Json
from mreg.cli.output import emit

app = typer.Typer()


@app.callback(invoke_without_command=True)
def hook(context: typer.Context) -> None:
    """Protect a registry on the server that people push to.

    \b
    Example:
      mreg hook install --server /srv/git/models.git
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def install(
    server: Annotated[Path, typer.Option("--server", metavar="PATH", help="The bare repository that people push to.")],
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Write an update hook into a bare repository.

    It refuses to move or delete a registry's tags, heads that do not build on the newest event, and, where the
    repository's configuration says so, changes of stages that are not signed by one of those who may make them. It is
    a shell script: the server needs git and nothing else. Run twice, it changes nothing the second time.

    \b
    Example:
      mreg hook install --server /srv/git/models.git
      git -C /srv/git/models.git config mreg.signed production
    """
    from mreg.adapters.gitpython import import_gitpython

    import_gitpython()
    from mreg.render.server import HOOK_INSTALLED
    from mreg.usecases.server import install_hook

    emit(install_hook((folder or Path()) / server), HOOK_INSTALLED, json=json)

"""Commands about what is kept of other repositories: cache info, cache clear."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mreg.cli.options import Folder, Json
from mreg.cli.output import emit
from mreg.cli.session import prepare

app = typer.Typer()


@app.callback(invoke_without_command=True)
def cache(context: typer.Context) -> None:
    """Show or remove what is kept of other repositories.

    \b
    Example:
      mreg cache info
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def info(json: Json = False, folder: Folder = None) -> None:
    """List what is kept of which repository.

    How much of its tags, commits and files, how much of artifacts, and when it was last asked.

    \b
    Example:
      mreg cache info
    """
    prepare()
    from mreg.render.caching import KEPT
    from mreg.usecases.caching import kept_list

    emit(kept_list(), KEPT, json=json)


@app.command()
def clear(
    url: Annotated[
        str | None,
        typer.Argument(
            metavar="[URL]", help="The repository, as given with --repo; none is all of them.", show_default=False
        ),
    ] = None,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Remove what is kept of a repository, or of all.

    It costs nothing but time: the next question fetches anew. What another process uses at the moment is left.

    \b
    Example:
      mreg cache clear https://git.example.com/models.git
    """
    prepare()
    from mreg.render.caching import CLEARED
    from mreg.usecases.caching import clear as remove

    emit(remove(url, folder=folder or Path()), CLEARED, json=json)

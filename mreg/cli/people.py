"""Commands about the people behind versions: who."""

from __future__ import annotations

import typer

from mreg.cli.options import At, Folder, Json, RefArgument, Repo
from mreg.cli.output import emit
from mreg.cli.session import registry


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command()(who)


def who(ref: RefArgument, at: At = None, repo: Repo = None, json: Json = False, folder: Folder = None) -> None:
    """Say who is behind a version.

    Who trained, wrote, reviewed, merged, registered, promoted and annotated it, from commits, trailers, tags and notes,
    with the state of signatures; and what Git does not tell.

    \b
    Example:
      mreg who churn@production
    """
    from mreg.render.people import PEOPLE

    emit(registry(folder, repo).who(ref, at=at), PEOPLE, json=json)

"""The command that proves: verify."""

from __future__ import annotations

from typing import Annotated

import typer

from mreg.cli.options import Folder, Json, OptionalModel
from mreg.cli.output import emit
from mreg.cli.session import registry


def add_to(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command()(verify)


def verify(
    model: OptionalModel = None,
    deep: Annotated[bool, typer.Option("--deep", help="Also hash every artifact, fetching what is missing.")] = False,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Prove that nothing was tampered with.

    Names, trailers, the chain of events, cards and pointers agree, and with --deep the bytes of every artifact; or each
    fault is named, and the exit code is 1.

    \b
    Example:
      mreg verify churn --deep
    """
    from mreg.cli.progress import progress
    from mreg.render.proof import VERIFIED

    found = registry(folder).verify(model, deep=deep, progress=progress())
    emit(found, VERIFIED, json=json)
    if found.faults:
        raise typer.Exit(1)

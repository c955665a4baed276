"""The command that proves: verify."""

from __future__ import annotations

from typing import Annotated

import typer

from mreg.cli.options import Folder, Json, OptionalModel, Repo
from mreg.cli.output import emit
from mreg.cli.session import registry
from mreg.errors import UsageError


def add_to(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command()(verify)


def verify(
    model: OptionalModel = None,
    deep: Annotated[bool, typer.Option("--deep", help="Also hash every artifact, fetching what is missing.")] = False,
    remote: Annotated[
        bool, typer.Option("--remote", help="Also compare with the Git remote: moved, deleted and foreign tags.")
    ] = False,
    repo: Repo = None,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Prove that nothing was tampered with.

    Names, trailers, the chain of events, cards and pointers agree, with --deep the bytes of every artifact, and with
    --remote what the Git remote has; or each fault is named, and the exit code is 1.

    \b
    Example:
      mreg verify churn --deep
    """
    from mreg.cli.progress import progress
    from mreg.render.proof import VERIFIED

    if remote and repo:
        hint = "leave --repo out, in a clone: it is compared with its remote"
        raise UsageError("--remote and --repo contradict each other", hint=hint)

    found = registry(folder, repo).verify(model, deep=deep, remote=remote, progress=progress())
    emit(found, VERIFIED, json=json)
    if found.faults:
        raise typer.Exit(1)

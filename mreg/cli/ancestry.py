"""Commands about where things come from and where they went: lineage, impact."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import typer

from mreg.cli.options import At, Folder, Json, RefArgument, Repo
from mreg.cli.output import emit, write_out
from mreg.cli.session import registry


class LineageFormat(StrEnum):
    """What a lineage can be printed as."""

    TREE = "tree"
    MERMAID = "mermaid"
    DOT = "dot"
    JSON = "json"
    OPENLINEAGE = "openlineage"


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (lineage, impact):
        app.command()(command)


def lineage(
    ref: RefArgument,
    up: Annotated[bool, typer.Option("--up", help="Only what it comes from.")] = False,
    down: Annotated[bool, typer.Option("--down", help="Only what was made from it.")] = False,
    both: Annotated[bool, typer.Option("--both", help="Both, which is the default.")] = False,
    depth: Annotated[
        int | None, typer.Option("--depth", metavar="N", min=1, help="At most N steps away.", show_default=False)
    ] = None,
    form: Annotated[LineageFormat, typer.Option("--format", help="How to print it.")] = LineageFormat.TREE,
    at: At = None,
    repo: Repo = None,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Show what a version was made from, and what was made from it.

    Upstream are the DVC stage that produced the artifact, its code, parameters and inputs back to the raw data, the
    data and base models that the card names, commit, author and run. Downstream are the versions of all models that
    were derived from it, with the stage that each is in. What cannot be known is said.

    \b
    Example:
      mreg lineage churn@production
      mreg lineage churn@v1.2.0 --down
      mreg lineage churn --format mermaid > lineage.mmd
    """
    one_way = up != down and not both
    direction: Literal["up", "down", "both"] = "both" if not one_way else "up" if up else "down"
    found = registry(folder, repo).lineage(ref, direction=direction, depth=depth, at=at)
    from mreg.render.lineage import LINEAGE, diagram_notices, to_dot, to_mermaid, to_openlineage

    match LineageFormat.JSON if json else form:
        case LineageFormat.MERMAID:
            write_out(to_mermaid(found), notices=diagram_notices(found))
        case LineageFormat.DOT:
            write_out(to_dot(found), notices=found.unknown)
        case LineageFormat.OPENLINEAGE:
            write_out(to_openlineage(found), notices=found.unknown)
        case LineageFormat.TREE | LineageFormat.JSON as shown:
            emit(found, LINEAGE, json=shown is LineageFormat.JSON)


def impact(
    what: Annotated[
        str,
        typer.Argument(
            metavar="WHAT",
            help="A file or folder, a hash (md5, sha256, or its first 8 digits), a version, hf:ID or a URI.",
        ),
    ],
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="REV", help="A path's content at this Git revision.", show_default=False),
    ] = None,
    repo: Repo = None,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Show which versions something went into.

    Those in production come first. A file counts by its content, whatever it was called: as the work tree has it, or a
    revision named with --at. What went into a version went into all that were derived from it. Files in folders are
    found by the folders' manifests in the local DVC cache; where one is missing, that is said.

    \b
    Example:
      mreg impact data/raw.csv
      mreg impact data/raw.csv --at churn@v1.0.0
      mreg impact hf:acme/base
    """
    found = registry(folder, repo).impact(what, at=at)
    from mreg.render.impact import IMPACT

    emit(found, IMPACT, json=json)

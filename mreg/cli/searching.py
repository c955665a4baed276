"""Commands: search."""

from __future__ import annotations

from typing import Annotated

import typer

from mreg.cli.options import At, Folder, Json, Limit, Repo
from mreg.cli.output import emit
from mreg.cli.session import registry


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command()(search)


def search(
    query: Annotated[
        list[str] | None,
        typer.Argument(metavar="[QUERY]...", help="Conditions and words; none is every version.", show_default=False),
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option(
            "--sort",
            metavar="FIELD",
            help="The best, newest or highest first; -FIELD is the other way round.",
            show_default=False,
        ),
    ] = None,
    limit: Limit = None,
    at: At = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what is yanked.")] = False,
    repo: Repo = None,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Find versions of any model.

    Words alone, or "several in quotes", are looked for in all that cards, annotations and events say. Fields are
    compared by == != < <= > >=, by ~ with a pattern (model ~ nlp/*, description ~ tumour), by in (a, b), and by
    tag:nlp for one word; and, or, not and parentheses join them, and so does standing side by side.

    \b
    Fields:
      model version stage alias latest yanked registered changed author email commit sha256
      description task license format framework owner tag dataset base score
      metrics.NAME params.NAME annotations.KEY card.KEY, as in card.training.compute.hours

    \b
    Example:
      mreg search 'metrics.f1 > 0.9 and stage == production'
      mreg search tag:nlp 'registered > "two weeks ago"' --sort metrics.f1 --limit 5
      mreg search 'not exists annotations.reviewed and owner:ann' --at 2026-03-03
    """
    from mreg.render.search import FOUND

    found = registry(folder, repo).search(" ".join(query or ()), sort=sort, limit=limit, at=at, everything=everything)
    emit(found, FOUND, json=json)

"""Commands about cards: card new, card check, card schema."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mreg.cli.complete import models
from mreg.cli.options import Folder, Json, ModelArgument
from mreg.cli.output import emit
from mreg.cli.session import registry

app = typer.Typer()


@app.callback(invoke_without_command=True)
def card(context: typer.Context) -> None:
    """Begin a model card, check one, or print their JSON Schema.

    \b
    Example:
      mreg card check churn
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def new(model: ModelArgument, json: Json = False, folder: Folder = None) -> None:
    """Write a skeleton of a model's card, with every key explained.

    \b
    Example:
      mreg card new churn
    """
    from mreg.render.cards import new_card

    emit(registry(folder).new_card(model), new_card(model), json=json)


@app.command()
def check(
    named: Annotated[
        list[str], typer.Argument(metavar="MODEL|FILE...", help="Models, or card files.", autocompletion=models)
    ],
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Say what is wrong with cards and what they lack.

    Each fault has its line and column; the exit code is 1 if there is any. A card that is valid may lack things that
    a complete one has: they are listed, and the exit code is 0.

    \b
    Example:
      mreg card check churn
    """
    from mreg.render.cards import CARD_REPORTS

    here, opened = folder or Path(), registry(folder)
    files = ((here / name, name) for name in named)
    reports = [opened.check_card(file if file.is_file() else name) for file, name in files]
    emit(reports, CARD_REPORTS, json=json)
    if any(report.faults for report in reports):
        raise typer.Exit(1)


@app.command()
def schema(json: Json = False, folder: Folder = None) -> None:
    """Print the JSON Schema of cards, for editors.

    \b
    Example:
      mreg card schema > .card-schema.json
    """
    from mreg.core.card import json_schema
    from mreg.render.cards import SCHEMA

    emit(json_schema(), SCHEMA, json=json)

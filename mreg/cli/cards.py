"""Commands about cards: card new, card check, card schema."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mreg.cli.complete import models
from mreg.cli.options import Folder, Json, ModelArgument
from mreg.cli.output import emit
from mreg.cli.session import registry

app = typer.Typer(help="Model cards: begin one, check one, or print their JSON Schema.", no_args_is_help=True)


@app.command()
def new(model: ModelArgument, json: Json = False, folder: Folder = None) -> None:
    """Write a skeleton of a model's card, with every key explained.

    Example: mreg card new churn
    """
    from mreg.render.cards import NEW_CARD

    emit(registry(folder).new_card(model), NEW_CARD, json=json)


@app.command()
def check(
    model: Annotated[str, typer.Argument(metavar="MODEL|FILE", help="A model, or a card file.", autocompletion=models)],
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Check a card: every fault with its line and column, and what it lacks; exit code 1 if it is not valid.

    Example: mreg card check churn
    """
    from mreg.render.cards import CARD_REPORT

    here = folder or Path()
    named = here / model if (here / model).is_file() else model
    report = registry(folder).check_card(named)
    emit(report, CARD_REPORT, json=json)
    if report.faults:
        raise typer.Exit(1)


@app.command()
def schema(json: Json = False, folder: Folder = None) -> None:
    """Print the JSON Schema of cards: editors complete and check with it.

    Example: mreg card schema > .card-schema.json
    """
    import sys
    from json import dumps

    from mreg.core.card import json_schema

    sys.stdout.write(dumps(json_schema(), indent=2, ensure_ascii=False) + "\n")

"""Options and arguments that several commands share, each written once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from mreg.cli.complete import models, refs, stages


def _or_before_the_command(context: typer.Context, parameter: typer.CallbackParam, value: Any) -> Any:
    """`mreg -C PATH ls` is `mreg ls -C PATH`, as people know it from git."""
    return value or context.find_root().params.get(parameter.name or "")


Json = Annotated[
    bool,
    typer.Option("--json", help="Print one JSON document (docs/json.md).", callback=_or_before_the_command),
]
Folder = Annotated[
    Path | None,
    typer.Option(
        "-C", metavar="PATH", help="Run as if started in PATH.", show_default=False, callback=_or_before_the_command
    ),
]
Repo = Annotated[
    str | None,
    typer.Option("--repo", metavar="URL", help="Ask the repository at URL, without a clone of it.", show_default=False),
]
Message = Annotated[str, typer.Option("-m", "--message", metavar="TEXT", help="Why, kept in the history.")]
Push = Annotated[bool, typer.Option("--push", help="Publish it at once: mreg push MODEL.")]

RefArgument = Annotated[
    str,
    typer.Argument(
        metavar="REF",
        help="A version: churn@v1.2.0, churn@production, churn@latest, an alias, or churn alone for the latest.",
        autocompletion=refs,
    ),
]
ModelArgument = Annotated[str, typer.Argument(metavar="MODEL", help="A model's name.", autocompletion=models)]
OptionalModel = Annotated[
    str | None, typer.Argument(metavar="[MODEL]", help="A model's name; none is all.", autocompletion=models)
]
StageArgument = Annotated[str, typer.Argument(metavar="STAGE", help="A stage.", autocompletion=stages)]
StageOption = Annotated[
    str | None, typer.Option("--stage", metavar="STAGE", help="Only this stage.", autocompletion=stages)
]
Limit = Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="At most N rows.", show_default=False)]
At = Annotated[
    str | None,
    typer.Option(
        "--at", metavar="DATE", help="As of a date: 2026-03-03, or words such as 'two weeks ago'.", show_default=False
    ),
]

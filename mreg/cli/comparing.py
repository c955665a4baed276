"""Commands that compare: compare, score."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from mreg.cli.complete import refs
from mreg.cli.options import Folder, Json, ModelArgument, Repo
from mreg.cli.output import emit, write_out
from mreg.cli.session import registry

if TYPE_CHECKING:
    from mreg.usecases.comparing import Comparison, Trend


class Format(StrEnum):
    """How a comparison can be written."""

    TABLE = "table"
    MD = "md"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


class Missing(StrEnum):
    """What a missing metric does to a score."""

    EXCLUDE = "exclude"
    ZERO = "zero"


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (compare, score):
        app.command()(command)


def compare(
    versions: Annotated[
        list[str],
        typer.Argument(
            metavar="REF...",
            help="Versions, the first is what the others are compared with; a model alone; or MODEL@FIRST..LAST.",
            autocompletion=refs,
        ),
    ],
    last: Annotated[
        int | None,
        typer.Option("--last", metavar="N", min=1, help="A trend of a model's N newest versions.", show_default=False),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(
            "--only",
            metavar="SECTIONS",
            help="metrics, score, params, data, code, environment, card, annotations; several with commas.",
            show_default=False,
        ),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="md is fit for a comment on a pull request.")] = Format.TABLE,
    repo: Repo = None,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Say what differs between versions, and what is better.

    Metrics, parameters, data, code, environment and card are compared; the first line says what it comes to. A model
    alone compares its version in production with the latest; --last, or a range, shows one row a version instead.

    \b
    Example:
      mreg compare churn@v1.2.0 churn@v1.3.0
      mreg compare churn --format md
      mreg compare churn --last 10
      mreg compare churn@v1.0.0..v2.0.0
    """
    sections = [section.strip() for section in (only or "").split(",") if section.strip()]
    result = registry(folder, repo).compare(*versions, last=last, only=sections)
    _write(result, Format.JSON if json else form)


def _write(result: Comparison | Trend, form: Format) -> None:
    from mreg.render.compare.faces import COMPARISON, TREND
    from mreg.usecases.comparing.results import Comparison

    if form in (Format.TABLE, Format.JSON):
        if isinstance(result, Comparison):
            emit(result, COMPARISON, json=form is Format.JSON)
        else:
            emit(result, TREND, json=form is Format.JSON)
        return
    write_out(_text(result, form), notices=result.notices if form is Format.CSV else ())


def _text(result: Comparison | Trend, form: Format) -> str:
    from mreg.usecases.comparing.results import Comparison

    if form is Format.CSV:
        from mreg.render.compare.csvtable import to_csv

        return to_csv(result)
    if form is Format.HTML:
        from mreg.render.compare.page import comparison_page, trend_page

        return comparison_page(result) if isinstance(result, Comparison) else trend_page(result)
    from mreg.render.compare.markdown import comparison_markdown, trend_markdown

    return comparison_markdown(result) if isinstance(result, Comparison) else trend_markdown(result)


def score(
    model: ModelArgument,
    weights: Annotated[
        str | None,
        typer.Option(
            "--weights",
            metavar="METRIC=WEIGHT,…",
            help="What each metric weighs, as in f1=0.7,latency=-0.3; without it, what .mreg.yaml says.",
            show_default=False,
        ),
    ] = None,
    missing: Annotated[
        Missing, typer.Option("--missing", help="A version that lacks a metric: without a score, or with 0 for it.")
    ] = Missing.EXCLUDE,
    repo: Repo = None,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Rank the versions of a model by a weighted score.

    The score is the sum of weight times metric, and each term is shown. Weights come from .mreg.yaml, under metrics:,
    or from --weights.

    \b
    Example:
      mreg score churn
      mreg score churn --weights f1=0.7,latency=-0.3
    """
    here, given = registry(folder, repo), None
    if weights is not None:
        from mreg.usecases.comparing.scoring import parse_weights

        given = parse_weights(weights)
    from mreg.render.score import SCORES

    emit(here.score(model, weights=given, missing=missing.value), SCORES, json=json)

"""Commands that make a repository ready and put versions into it: init, register."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from mreg.cli.complete import refs, stages
from mreg.cli.options import Folder, Json, Message, ModelArgument, Push
from mreg.cli.output import emit, emit_published
from mreg.cli.session import registry


class Bump(StrEnum):
    """The part of a version to raise."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (init, register):
        app.command()(command)


def init(json: Json = False, folder: Folder = None) -> None:
    """Make a repository ready for models.

    Git and DVC where they are not yet, a commented .mreg.yaml, and what a fetch brings from each remote. Run twice, it
    changes nothing the second time.

    \b
    Example:
      mreg init && git add .mreg.yaml && git commit -m "Begin a model registry"
    """
    from mreg.registry import Registry
    from mreg.render.registration import INITIALIZED

    emit(Registry.init(folder or Path()), INITIALIZED, json=json)


def _option(name: str, metavar: str, text: str) -> Any:
    # readable: that a file cannot be read is for the registry to say, which knows what it is for.
    return typer.Option(name, metavar=metavar, help=text, show_default=False, readable=False)


_Version = Annotated[str | None, _option("--version", "X.Y.Z", "The version to register.")]
_Bump = Annotated[
    Bump | None, typer.Option("--bump", help="Raise this part of the highest version instead of the minor one.")
]
_Path = Annotated[
    Path | None,
    typer.Argument(metavar="[PATH]", help="The artifact; without it, what the model's card names.", show_default=False),
]
_Metrics = Annotated[
    list[Path] | None, _option("--metrics", "FILE", "Metrics: JSON, YAML, TOML or a DVCLive folder; repeatable.")
]
_Metric = Annotated[list[str] | None, _option("--metric", "K=V", "One metric; repeatable.")]
_Params = Annotated[
    list[Path] | None, _option("--params", "FILE", "Parameters: JSON, YAML, TOML or Python; repeatable.")
]
_Param = Annotated[list[str] | None, _option("--param", "K=V", "One parameter; repeatable.")]
_Data = Annotated[list[Path] | None, _option("--data", "PATH", "Training data, recorded with its hash; repeatable.")]
_BaseModels = Annotated[
    list[str] | None,
    typer.Option(
        "--base-model",
        metavar="REF",
        help="What it was made from; repeatable.",
        show_default=False,
        autocompletion=refs,
    ),
]
_Card = Annotated[Path | None, _option("--card", "FILE", "A card to take instead of the model's own.")]
_Format = Annotated[str | None, _option("--format", "NAME", "How it is stored, where its name does not tell.")]
_Framework = Annotated[str | None, _option("--framework", "NAME", "What loads it, such as scikit-learn.")]
_Stage = Annotated[
    str | None,
    typer.Option(
        "--stage", metavar="STAGE", help="Promote it there at once.", show_default=False, autocompletion=stages
    ),
]
_Draft = Annotated[bool, typer.Option("--draft", help="Commit card and pointer, and tag nothing yet.")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Change nothing, and say what would be done.")]
_Clean = Annotated[bool, typer.Option("--require-clean", help="Refuse where other files have changes.")]


def register(
    model: ModelArgument,
    path: _Path = None,
    version: _Version = None,
    bump: _Bump = None,
    metrics: _Metrics = None,
    metric: _Metric = None,
    params: _Params = None,
    param: _Param = None,
    data: _Data = None,
    base_model: _BaseModels = None,
    card: _Card = None,
    form: _Format = None,
    framework: _Framework = None,
    message: Message = "",
    stage: _Stage = None,
    draft: _Draft = False,
    dry_run: _DryRun = False,
    require_clean: _Clean = False,
    push: Push = False,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Register a trained model as a version.

    DVC tracks the artifact, the model's card is filled, both are committed, and the commit is tagged. The artifact is a
    file or a folder: one that DVC tracks already, an output of a pipeline, or any other, which is put under DVC; from
    outside the repository it is copied to models/MODEL/. Metrics and parameters that nobody names are taken from the
    pipeline in dvc.yaml. Registering the same artifact and card again changes nothing.

    \b
    Example:
      mreg register churn model.joblib --metrics metrics.json --params params.yaml
      mreg register churn model.joblib --metric f1=0.93 --data data.csv --stage staging
      mreg register churn model.joblib --draft     # for a pull request; then
      mreg register churn                          # tag what the card names
    """
    from mreg.adapters.measurements import parse_param
    from mreg.cli.progress import progress
    from mreg.core.metrics import parse_metric
    from mreg.render.registration import REGISTERED

    here = folder or Path()

    def placed(paths: list[Path] | None) -> list[Path]:
        return [here / path for path in paths or []]

    registered = registry(folder).register(
        model,
        None if path is None else here / path,
        version=version,
        bump=None if bump is None else bump.value,
        metrics=dict(parse_metric(text) for text in metric or []),
        metrics_files=placed(metrics),
        params=dict(parse_param(text) for text in param or []),
        params_files=placed(params),
        data=placed(data),
        base_models=base_model or [],
        card=None if card is None else here / card,
        format=form,
        framework=framework,
        reason=message,
        stage=stage,
        draft=draft,
        dry_run=dry_run,
        require_clean=require_clean,
        push=push,
        progress=progress(),
    )
    emit_published(registered, REGISTERED, registered.pushed, json=json)

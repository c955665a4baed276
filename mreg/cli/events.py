"""Commands that write one event: promote, rollback, archive, yank, alias, unalias, annotate."""

from __future__ import annotations

from typing import Annotated

import typer

from mreg.cli.complete import aliases, refs, stages
from mreg.cli.options import Folder, Json, Message, ModelArgument, Push, RefArgument, StageArgument
from mreg.cli.output import emit_published
from mreg.cli.session import registry


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (promote, rollback, archive, yank, alias, unalias, annotate):
        app.command()(command)


def promote(
    ref: RefArgument,
    stage: StageArgument,
    message: Message = "",
    force: Annotated[
        bool, typer.Option("--force", help="Go there even where a rule of .mreg.yaml forbids it.")
    ] = False,
    push: Push = False,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Move a version into a stage.

    Where the stage is exclusive, as production is, the version that was there becomes archived.

    \b
    Example:
      mreg promote churn@v1.3.0 production -m "two points of F1 over v1.2.0"
    """
    from mreg.render.writing import written

    done = registry(folder).promote(ref, stage, reason=message, force=force, push=push)
    emit_published(done, written(), done.pushed, json=json)


def rollback(
    model: ModelArgument,
    stage: Annotated[
        str, typer.Option("--stage", metavar="STAGE", help="The stage to roll back.", autocompletion=stages)
    ] = "production",
    to: Annotated[
        str | None, typer.Option("--to", metavar="VERSION", help="Another version that was there.", show_default=False)
    ] = None,
    message: Message = "",
    push: Push = False,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Return a stage to the version that held it before.

    Twice in a row goes back two versions. Versions that were yanked since are passed over.

    \b
    Example:
      mreg rollback churn -m "v1.3.0 times out on long texts"
    """
    from mreg.render.writing import written

    done = registry(folder).rollback(model, stage=stage, to=to, reason=message, push=push)
    emit_published(done, written(), done.pushed, json=json)


def archive(
    versions: Annotated[list[str], typer.Argument(metavar="REF...", help="Versions.", autocompletion=refs)],
    message: Message = "",
    push: Push = False,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Take versions out of use.

    They stay registered, and their bytes stay where they are.

    \b
    Example:
      mreg archive churn@v1.0.0 churn@v1.1.0 -m "superseded"
    """
    from mreg.render.writing import WRITTEN_ALL

    done = registry(folder).archive(*versions, reason=message, push=push)
    emit_published(done, WRITTEN_ALL, done[0].pushed, json=json)


def yank(
    ref: RefArgument, message: Message = "", push: Push = False, json: Json = False, folder: Folder = None
) -> None:
    """Mark a version as registered by mistake.

    It is hidden from lists and from latest, and can never be promoted again.

    \b
    Example:
      mreg yank churn@v1.3.0 -m "trained on the test set"
    """
    from mreg.render.writing import written

    done = registry(folder).yank(ref, reason=message, push=push)
    emit_published(done, written("yanked"), done.pushed, json=json)


def alias(
    ref: RefArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The alias, such as champion.")],
    message: Message = "",
    push: Push = False,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Give a version a name, such as champion.

    The version that had the name loses it.

    \b
    Example:
      mreg alias churn@v1.3.0 champion
    """
    from mreg.render.writing import written

    done = registry(folder).alias(ref, name, reason=message, push=push)
    emit_published(done, written(name), done.pushed, json=json)


def unalias(
    model: ModelArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The alias.", autocompletion=aliases)],
    message: Message = "",
    push: Push = False,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Take an alias away.

    \b
    Example:
      mreg unalias churn champion
    """
    from mreg.render.writing import written

    done = registry(folder).unalias(model, name, reason=message, push=push)
    emit_published(done, written(), done.pushed, json=json)


def annotate(
    ref: RefArgument,
    facts: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Facts to add.", show_default=False)
    ] = None,
    remove: Annotated[
        list[str] | None,
        typer.Option("--remove", metavar="KEY", help="A fact to take back; repeatable.", show_default=False),
    ] = None,
    push: Push = False,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Add to a version what was learned about it later.

    A value is read as YAML reads it: 0.08 is a number, true is true, '1.10' in quotes is text.

    \b
    Example:
      mreg annotate churn@v1.3.0 validation_status=passed drift_psi=0.08
      mreg annotate churn@v1.3.0 --remove drift_psi
    """
    from mreg.adapters.measurements import parse_param
    from mreg.render.version import ANNOTATED

    values = dict(parse_param(fact) for fact in facts or [])
    done = registry(folder).annotate(ref, values, remove=remove or [], push=push)
    emit_published(done, ANNOTATED, done.pushed, json=json)

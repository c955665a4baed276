"""Commands that read: ls, show, history, resolve, get."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mreg.cli.options import At, Folder, Json, Limit, OptionalModel, RefArgument, Repo, StageOption
from mreg.cli.output import emit
from mreg.cli.session import registry
from mreg.errors import MregError

if TYPE_CHECKING:
    from mreg.usecases.delivery import Delivered


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (ls, show, history, resolve, get):
        app.command()(command)


def ls(
    model: OptionalModel = None,
    stage: StageOption = None,
    sort: Annotated[
        str | None,
        typer.Option(
            "--sort",
            metavar="KEY",
            help="Models: name, updated, versions, score. Versions: version, date, stage, score, or a metric.",
            show_default=False,
        ),
    ] = None,
    limit: Limit = None,
    at: At = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what is archived or yanked.")] = False,
    repo: Repo = None,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """List the models, or the versions of one.

    \b
    Example:
      mreg ls
      mreg ls --stage production --at 2026-03-03
      mreg ls churn --sort f1 --limit 5
    """
    from mreg.render.lists import MODELS, VERSIONS

    here = registry(folder, repo)
    if model is None:
        found = here.models(stage=stage, sort=sort or "name", limit=limit, at=at, everything=everything)
        emit(found, MODELS, json=json)
    else:
        versions = here.versions(model, stage=stage, sort=sort or "version", limit=limit, at=at, everything=everything)
        emit(versions, VERSIONS, json=json)


def show(ref: RefArgument, at: At = None, repo: Repo = None, json: Json = False, folder: Folder = None) -> None:
    """Show everything about one version.

    What it is and where, what its card says, what was learned about it later, and what happened to it.

    \b
    Example:
      mreg show churn@production
    """
    from mreg.render.version import DETAIL

    emit(registry(folder, repo).show(ref, at=at), DETAIL, json=json)


def history(
    model: OptionalModel = None,
    stage: StageOption = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="From this date on.", show_default=False)
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Up to this date.", show_default=False)
    ] = None,
    limit: Limit = None,
    repo: Repo = None,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Show what happened, newest first.

    Who, when, from where to where, and why; with the state of signatures where there are any.

    \b
    Example:
      mreg history churn --stage production --since 2026-01-01
    """
    from mreg.render.events import LOG

    entries = registry(folder, repo).history(model, stage=stage, since=since, until=until, limit=limit)
    emit(entries, LOG, json=json)


def resolve(ref: RefArgument, at: At = None, repo: Repo = None, json: Json = False, folder: Folder = None) -> None:
    """Say which commit, pointer and hashes a reference means.

    \b
    Example:
      mreg resolve churn@production --json
    """
    from mreg.render.version import RESOLUTION

    emit(registry(folder, repo).resolve(ref, at=at), RESOLUTION, json=json)


def get(
    ref: RefArgument,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="The folder to put it into.")],
    if_changed: Annotated[
        bool, typer.Option("--if-changed", help="Only where DIR has another version, which it replaces in one step.")
    ] = False,
    link: Annotated[bool, typer.Option("--link", help="Hard-link to the DVC cache; the file is read-only.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace something else that has the name.")] = False,
    repo: Repo = None,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Get the artifact of a version.

    From the local cache or the DVC remote, without touching the work tree. The bytes are hashed and compared with what
    was registered before they appear under their name.

    With --repo there need be no repository here: what is needed is kept in your cache folder (mreg cache info).

    With --if-changed, DIR follows the reference: nothing is read or written where it has the version already, and
    nobody who reads there ever sees half of a version.

    \b
    Example:
      mreg get churn@production -o serving/
      mreg get churn@production -o serving/ --if-changed
      mreg get churn@production -o serving/ --repo https://git.example.com/models.git
    """
    from mreg.cli.progress import progress
    from mreg.render.version import DELIVERED

    target = (folder or Path()) / output

    def bring() -> Delivered:
        here = registry(folder, repo)
        return here.get(ref, target, if_changed=if_changed, link=link, force=force, progress=progress())

    emit(bring() if repo is None else _in_spite_of_removals(bring, repo, folder or Path()), DELIVERED, json=json)


def _in_spite_of_removals(bring: Callable[[], Delivered], repo: str, folder: Path) -> Delivered:
    """Begin anew, once, where somebody removed what was kept of the repository, as everybody may at any time."""
    try:
        return bring()
    except MregError as error:
        if not _is_of_a_removal(error, repo, folder):
            raise
    try:
        return bring()
    except MregError as error:
        if _is_of_a_removal(error, repo, folder):
            error.hint = "what was kept of the repository was removed meanwhile: run the command again"
        raise


def _is_of_a_removal(error: MregError, repo: str, folder: Path) -> bool:
    from mreg.usecases.caching import was_removed

    return was_removed(repo, folder, error)

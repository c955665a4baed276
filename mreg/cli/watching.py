"""`mreg watch`."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Annotated

import typer

from mreg.cli.complete import refs
from mreg.cli.options import Folder, Json, Repo
from mreg.cli.output import is_unicode, note, write_out
from mreg.cli.session import registry

if TYPE_CHECKING:
    from mreg.usecases.watching import WatchRemark


def add_to(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command()(watch)


def watch(
    ref: Annotated[
        str,
        typer.Argument(
            metavar="MODEL[@STAGE]",
            help="A model's stage, alias or latest; a model alone is its production version.",
            autocompletion=refs,
        ),
    ],
    command: Annotated[str, typer.Option("--exec", metavar="CMD", help="What the shell runs, in the current folder.")],
    interval: Annotated[
        float, typer.Option("--interval", metavar="S", help="Seconds between two looks, at least 0.1.")
    ] = 30.0,
    repo: Repo = None,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Run a command whenever a stage gets another version.

    The command runs first for the version that is there now, and then once per change; after a restart it goes on from
    where it was. It finds the version in its environment: MREG_MODEL, MREG_STAGE, MREG_VERSION, MREG_REF, MREG_TAG,
    MREG_COMMIT, and the one before in MREG_PREVIOUS. Where it fails, it is run again at the next look. Its output goes
    to stderr. SIGTERM is passed on to it, and ends the watch after it.

    Without --repo, the tags of this repository are watched as they are here.

    \b
    Example:
      mreg watch churn@production --exec 'mreg get "$MREG_REF" -o serving/ --if-changed && kill -HUP 1'
      mreg watch churn --repo https://git.example.com/models.git --interval 60 --exec ./reload.sh --json
    """
    import sys

    from mreg.adapters.shell import Shell
    from mreg.render.watching import run_line
    from mreg.usecases.watching import WatchRun

    gc.enable()  # this one goes on for months
    shell = Shell()
    with shell.ends_with_sigterm():
        for event in registry(folder, repo).watch(ref, command, interval=interval, shell=shell):
            if isinstance(event, WatchRun):
                write_out(run_line(event, json=json, ascii_only=not is_unicode(sys.stdout)))
            else:
                _tell(event)


def _tell(remark: WatchRemark) -> None:
    note([f"mreg: {remark.text}", *([f"hint: {remark.hint}"] if remark.hint else [])])

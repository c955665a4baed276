"""`mreg`: the program, its commands, and the one place where errors become exit codes."""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, NoReturn, TextIO

import typer

from mreg import __version__
from mreg.cli import (
    ancestry,
    caching,
    cards,
    comparing,
    events,
    people,
    proof,
    reading,
    searching,
    serving,
    sharing,
    watching,
    writing,
)
from mreg.cli.options import Folder, Json
from mreg.errors import MregError, SystemFailure, UsageError

INTERRUPTED, BUG = 130, 70
_FIRST_FREE = 3  # after stdin, stdout and stderr

app = typer.Typer(
    rich_markup_mode=None,  # with it, --help takes three times as long
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (writing, events, reading, searching, comparing, ancestry, people, proof, sharing, watching):
    group.add_to(app)
app.add_typer(cards.app, name="card")
app.add_typer(caching.app, name="cache")
app.add_typer(serving.app, name="hook")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mreg {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    folder: Folder = None,
    json: Json = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """A model registry in your Git repository: versions and stages are tags, artifacts are DVC's, no server.

    \b
    Example:
      mreg init
      mreg register churn model.joblib --metrics metrics.json
      mreg promote churn@latest production -m "first model"
      mreg ls

    Data goes to stdout, everything else to stderr. Exit codes: 0 done, 1 the registry says no, 2 usage, 3 git, DVC,
    the disk or the network failed, 4 a gate refused, 130 interrupted, 70 a bug.
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit.

    Args:
        arguments: What follows the program's name; None is what this process was started with.
    """
    # The process ends before its garbage would be worth collecting; collecting costs a third of a large listing.
    gc.disable()
    _open_streams()
    words = sys.argv[1:] if arguments is None else list(arguments)
    code = _run(words, json=_asks_for_json(words))
    gc.freeze()  # Python collects once more as it ends, disabled or not: it would look at every module, 15 ms
    sys.exit(code)


def _asks_for_json(words: Sequence[str]) -> bool:
    return not {"--json", "--format=json"}.isdisjoint(words) or ("--format", "json") in pairwise(words)


def _open_streams() -> None:
    """Make the standard streams fit to be written to, whoever started us."""
    # A stream that was closed would be the next file that is opened: a lock, or what git says.
    while (descriptor := os.open(os.devnull, os.O_RDWR)) < _FIRST_FREE:
        pass
    os.close(descriptor)
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal of another encoding is no reason to fail


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _run(words: list[str], *, json: bool) -> int:
    try:
        code: int = app(words, prog_name="mreg", standalone_mode=False) or 0
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except MregError as error:
        return _report(error, json=json)
    except typer.TyperException as error:
        return _report_usage(error, json=json)
    except OSError as error:
        return _report_system(error, json=json)
    except Exception:
        return _report_bug()
    if code == INTERRUPTED:  # which Typer, too, makes of a KeyboardInterrupt
        sys.stderr.write("mreg: interrupted; it is safe to run the same command again\n")
    return code


def _report(error: MregError, *, json: bool) -> int:
    if json:
        from mreg.render.errors import error_json

        sys.stderr.write(error_json(error))
    else:
        from mreg.cli.output import note

        note([f"mreg: {error}", *([f"hint: {error.hint}"] if error.hint else [])])
    return error.exit_code


def _report_usage(error: typer.TyperException, *, json: bool) -> int:
    """What Typer itself finds wrong: an option that does not exist, an argument that is missing."""
    context: typer.Context | None = getattr(error, "ctx", None)
    hint = f"{context.command_path if context else 'mreg'} --help shows what there is"
    return _report(UsageError(error.format_message().rstrip("."), hint=hint), json=json)


def _report_system(error: OSError, *, json: bool) -> int:
    named = f"{error.filename}: {error.strerror}" if error.filename else str(error)
    return _report(SystemFailure(named, hint="mend this, then run the same command again"), json=json)


def _report_bug() -> int:
    import traceback

    traceback.print_exc()
    sys.stderr.write(f"mreg: this is a bug in mreg {__version__}; please report it with the lines above\n")
    return BUG

"""`mreg`: the program, its commands, and the one place where errors become exit codes."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

import typer

from mreg import __version__
from mreg.cli import cards, events, proof, reading, writing
from mreg.cli.options import Folder, Json
from mreg.errors import MregError

INTERRUPTED, BUG = 130, 70

app = typer.Typer(
    help="A model registry in your Git repository.",
    no_args_is_help=True,
    rich_markup_mode=None,  # with it, --help takes three times as long
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (writing, events, reading, proof):
    group.add_to(app)
app.add_typer(cards.app, name="card")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mreg {__version__}")
        raise typer.Exit


@app.callback()
def root(
    folder: Folder = None,
    json: Json = False,
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Print the version."),
) -> None:
    """A model registry in your Git repository: versions and stages are tags, artifacts are DVC's, no server.

    Exit codes: 0 done, 1 the registry says no, 2 usage, 3 git, DVC or the disk failed, 4 a gate refused,
    130 interrupted, 70 a bug.
    """


def main() -> NoReturn:
    """Run the command line and exit."""
    # The process ends before its garbage would be worth collecting; collecting costs a third of a large listing.
    gc.disable()
    try:
        app()
    except MregError as error:
        code = _report(error)
    except OSError as error:
        code = _report_system(error)
    except KeyboardInterrupt:
        sys.stderr.write("mreg: interrupted; nothing was left half-done\n")
        code = INTERRUPTED
    except Exception:
        code = _report_bug()
    else:
        code = 0
    sys.exit(code)


def _report(error: MregError) -> int:
    if "--json" in sys.argv:
        from mreg.render.errors import error_json

        sys.stderr.write(error_json(error))
    else:
        from mreg.cli.output import note

        note([f"mreg: {error}", *([f"hint: {error.hint}"] if error.hint else [])])
    return error.exit_code


def _report_system(error: OSError) -> int:
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has had enough, as in `mreg ls | head`. Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    from mreg.errors import SystemFailure

    named = f"{error.filename}: {error.strerror}" if error.filename else str(error)
    return _report(SystemFailure(named, hint="mend this, then run the same command again"))


def _report_bug() -> int:
    import traceback

    traceback.print_exc()
    sys.stderr.write(f"mreg: this is a bug in mreg {__version__}; please report it with the lines above\n")
    return BUG

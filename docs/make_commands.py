"""Write docs/commands.md from the program itself.

python docs/make_commands.py            # write it
python docs/make_commands.py --check    # only say whether it would change; exit code 1 if so
"""

from __future__ import annotations

import inspect
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from mreg.cli.app import app

PAGE = Path(__file__).resolve().parent / "commands.md"

INTRODUCTION = """\
# Commands

<!-- Written by `make docs` from the program's own help: change that, not this page. -->

Data goes to stdout; progress, notes, hints and errors go to stderr: where nothing matches, stdout is empty. In a pipe
or a file there are no colours and no progress bars, and tables are as wide as they need to be. Times are UTC. Dates are
days (`2026-03-03`, from its first second or to its last), times (`2026-03-03T14:00Z`), or words as `git log --since`
reads them (`two weeks ago`).

Every command has these options; they may also stand before the command, as in `mreg -C ../churn --json ls`:

| option | meaning |
|---|---|
| `-C PATH` | Run as if started in PATH. Other paths on the command line are then relative to it. |
| `--json` | Print one JSON document instead of text, see [json.md](json.md). |
| `-h`, `--help` | Show what the command takes. |

| exit code | meaning |
|---|---|
| 0 | done, or nothing to do |
| 1 | the registry says no: a rule, a state or the data forbids it; `verify` or `card check` found a fault |
| 2 | the command line cannot be understood |
| 3 | git, DVC, the disk or the network failed |
| 4 | a gate refused |
| 130 | interrupted; it is safe to run the same command again |
| 70 | a bug in mreg |

`mreg --install-completion` teaches the shell to complete commands, options, models, versions, stages and aliases. Bash
takes `@` for the beginning of a host's name unless `~/.bashrc` says `shopt -u hostcomplete`.
"""
COMMON = {"--json", "-C", "--help"}


def page() -> str:
    """The whole text of docs/commands.md."""
    commands = list(_commands(get_command(app), "mreg"))
    listed = [f"| [`{path}`](#{path.replace(' ', '-')}) | {_summary(command)} |" for path, command in commands]
    parts = [INTRODUCTION, "\n".join(["| command | does |", "|---|---|", *listed, ""])]
    return "\n".join([*parts, *(_section(path, command) for path, command in commands)])


def _commands(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def _text(command: Any) -> tuple[list[str], list[str]]:
    """The paragraphs of a command's help, each a line, and the lines of its example."""
    prose, _, example = inspect.cleandoc(command.callback.__doc__ or "").partition("\b\nExample:\n")
    paragraphs = [" ".join(part.split()) for part in prose.strip().split("\n\n")]
    return paragraphs, [line.removeprefix("  ") for line in example.splitlines()]


def _summary(command: Any) -> str:
    return _text(command)[0][0].removesuffix(".")


def _section(path: str, command: Any) -> str:
    prose, example = _text(command)
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    options = [parameter for parameter in command.params if not COMMON.intersection(parameter.opts)]
    options = [parameter for parameter in options if parameter not in arguments]
    needed = [f"{each.opts[0]} {each.metavar}" for each in options if each.required]
    optional = ["[OPTION]..."] if len(options) > len(needed) else []
    usage = " ".join([path, *optional, *(_argument(each) for each in arguments), *needed])
    lines = [f"## {path}", *(textwrap.fill(part, 120) for part in prose), f"```text\n{usage}\n```"]
    if described := [f"- `{_argument(each)}`: {each.help}" for each in arguments]:
        lines.append("\n".join(described))
    if described := [f"- `{_option(each)}`: {each.help}{_default(each)}" for each in options]:
        lines.append("\n".join(described))
    lines.append("\n".join(["Example:", "", "```sh", *example, "```"]))
    return "\n\n".join(lines) + "\n"


def _argument(parameter: Any) -> str:
    return str(parameter.metavar)


def _option(parameter: Any) -> str:
    names = ", ".join(parameter.opts)
    if parameter.is_flag:
        return names
    return f"{names} {parameter.metavar or '|'.join(parameter.type.choices)}"


def _default(parameter: Any) -> str:
    if parameter.required:
        return " Required."
    shown = parameter.show_default and not parameter.is_flag and parameter.default not in (None, "")
    return f" Default: {parameter.default}." if shown else ""


def main() -> None:
    """Write the page, or compare it."""
    text = page()
    if sys.argv[1:] != ["--check"]:
        PAGE.write_text(text, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        sys.exit(f"{PAGE.name} is not as the program says: make docs")


if __name__ == "__main__":
    main()

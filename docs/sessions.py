"""Run the sessions that Markdown pages show, and put below each command what it prints.

    python docs/sessions.py README.md docs/guide/*.md            # name the pages that would change; exit code 1 if any
    python docs/sessions.py --write README.md docs/guide/*.md    # change them

Each page runs from its beginning in a new, empty folder, by a fixed person and clock. In a page,

- a block fenced as `console` holds commands after `$ ` (continued after `> `) and what they print;
- `<!-- $ command -->` runs a command that readers need not see;
- `<!-- file: NAME -->` before a block writes the block into a file;
- `<!-- day: 2026-03-02 -->` sets the clock to nine o'clock; every command then takes a quarter of an hour.

A command that fails ends the run, unless the next one is `echo $?`: what readers see fail has to be meant so.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

HOME = "/home/ada"
EXAMPLES = Path(__file__).resolve().parent.parent / "examples"

_FENCE = re.compile(r"^```(\w*)")
_NOTE = re.compile(r"^<!-- (\$|file:|day:) (.*?) ?-->$", re.DOTALL)
_END = "--- end of output, exit code "


class Shell:
    """A bash that goes on from command to command, at a clock of its own."""

    def __init__(self, folder: Path) -> None:
        home = folder / "home"
        (home / "work").mkdir(parents=True)
        self._home, self._now = home, datetime(2026, 3, 2, 9, tzinfo=UTC)
        self._bash = subprocess.Popen(
            ["bash", "--norc"],
            cwd=home / "work",
            env=_environment(home),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.code = 0
        for setting in ("user.name 'Ada Lovelace'", "user.email ada@example.com", "init.defaultBranch main"):
            self.run(f"git config --global {setting}")

    @property
    def folder(self) -> Path:
        """Where the next command runs."""
        return Path(self.run('printf %s "$PWD"', seen=False))

    def set_day(self, day: str) -> None:
        self._now = datetime.fromisoformat(day).replace(hour=9, tzinfo=UTC)

    def run(self, command: str, *, seen: bool = True) -> str:
        """What a command prints on both streams; `code` is its exit code."""
        date = self._now.isoformat()
        lines = [
            f"export GIT_AUTHOR_DATE='{date}' GIT_COMMITTER_DATE='{date}'",
            f"(exit {self.code})",
            command,
            f'printf "\\n{_END}%d\\n" $?',
        ]
        assert self._bash.stdin is not None
        self._bash.stdin.write("\n".join(lines) + "\n")
        self._bash.stdin.flush()
        printed, code = self._read()
        if seen:
            self.code, self._now = code, self._now + timedelta(minutes=15)
        return printed.replace(str(self._home), HOME) if seen else printed

    def _read(self) -> tuple[str, int]:
        assert self._bash.stdout is not None
        printed: list[str] = []
        for line in self._bash.stdout:
            if line.startswith(_END):
                return "".join(printed).removesuffix("\n"), int(line.removeprefix(_END))
            printed.append(line)
        raise SystemExit(f"the shell ended after: {''.join(printed)}")

    def close(self) -> None:
        self._bash.communicate()


def _environment(home: Path) -> dict[str, str]:
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    return {
        "PATH": path,
        "HOME": str(home),
        "TZ": "UTC",
        "LANG": "C.UTF-8",
        "EXAMPLES": str(EXAMPLES),
        "GIT_CONFIG_NOSYSTEM": "1",
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(home / "dvc"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@contextmanager
def shell() -> Iterator[Shell]:
    """A shell in a new folder, which is removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="mreg-docs-")).resolve()
    opened = Shell(folder)
    try:
        yield opened
    finally:
        opened.close()
        shutil.rmtree(folder, ignore_errors=True)


def rerun(page: Path) -> str:
    """The page's text with what its commands print now."""
    with shell() as bash:
        return "".join(_rerun(page.read_text(encoding="utf-8"), bash))


def _rerun(text: str, bash: Shell) -> Iterator[str]:
    file = None
    for part in re.split(r"(^```.*?^```\n|^<!-- .*?-->\n)", text, flags=re.MULTILINE | re.DOTALL):
        if note := _NOTE.match(part.rstrip("\n")):
            file = note[2] if note[1] == "file:" else None
            if note[1] == "day:":
                bash.set_day(note[2])
            elif note[1] == "$":
                checked(bash, note[2])
        elif (fence := _FENCE.match(part)) and file:
            target = bash.folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(part.partition("\n")[2].removesuffix("```\n"), encoding="utf-8")
            file = None
        elif fence and fence[1] == "console":
            yield _console(part, bash)
            continue
        yield part


def _console(block: str, bash: Shell) -> str:
    commands: list[list[str]] = []
    for line in block.splitlines()[1:-1]:
        if line.startswith("$ "):
            commands.append([line])
        elif line.startswith(">") and commands:
            commands[-1].append(line)
    shown = [block.partition("\n")[0]]
    for lines, following in zip(commands, [*commands[1:], [""]], strict=True):
        printed = checked(bash, "\n".join(line[2:] for line in lines), following[0])
        shown += [*lines, *(line.rstrip() for line in printed.splitlines())]
    return "\n".join([*shown, "```", ""])


def checked(bash: Shell, command: str, following: str = "") -> str:
    """What a command prints; it has to succeed unless `echo $?` follows, and may not end in a traceback."""
    printed = bash.run(command)
    if (bash.code and following != "$ echo $?") or "Traceback (most recent call last)" in printed:
        raise SystemExit(f"exit code {bash.code}: {command}\n{printed}")
    return printed


def main() -> None:
    """Run the pages named on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="change the pages")
    parser.add_argument("pages", nargs="+", type=Path)
    options = parser.parse_args()
    changed = []
    for page in options.pages:
        text = rerun(page)
        if text != page.read_text(encoding="utf-8"):
            changed.append(page)
            sys.stdout.write(f"{page} {'changed' if options.write else 'would change'}\n")
        if options.write:
            page.write_text(text, encoding="utf-8")
    sys.exit(bool(changed) and not options.write)


if __name__ == "__main__":
    main()

"""What a person sees at a terminal: colours, narrow windows, progress, and texts that try to take it over."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import termios
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from mreg import Registry
from mreg.render.blocks import Block, Cell, Column, Fields, Table, line, safe, width
from mreg.render.events import LOG
from mreg.render.lists import MODELS, VERSIONS
from mreg.render.plain import to_plain
from mreg.render.terminal import print_blocks
from mreg.render.version import DETAIL
from tests.cli.program import SCRIPT
from tests.cli.snapshot import check
from tests.gitrepos import write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.cli.projects import Project

HOSTILE = (
    "[red]a[/red] \x1b[2J\x1b]0;title\x07 \u202etxt.exe \u2066x\u2069 \u200bzero\u00adsoft\x9b31m\U000e0041 "
    "\r\n\v \ud800 \u2028"
)
"""Rich's markup, escape sequences with ESC and with C1, turned reading order, invisible characters, line ends."""


def rendered(blocks: Sequence[Block], columns: int, *, colours: bool = False) -> str:
    """What a terminal of so many columns gets."""
    output = io.StringIO()
    console = Console(file=output, width=columns, highlight=False)
    if colours:
        console = Console(
            file=output, width=columns, highlight=False, force_terminal=True, color_system="standard", no_color=False
        )
    print_blocks(console, blocks)
    return output.getvalue()


@pytest.mark.parametrize("columns", [120, 80, 40])
def test_widths(registry: Project, columns: int) -> None:
    there = Registry(registry.root)
    texts = [
        rendered(MODELS.blocks(there.models()), columns),
        rendered(VERSIONS.blocks(there.versions("cancer", everything=True)), columns),
        # An id that is broken in two cannot be told from other words.
        *([rendered(DETAIL.blocks(there.show("cancer@production")), columns)] if columns >= 80 else []),
        rendered(LOG.blocks(there.history(limit=4)), columns),
    ]
    text = "\n".join(texts)
    check(f"terminal-{columns}.txt", text)
    assert all(width(row) <= columns for row in text.splitlines())
    assert not any(row.endswith(" ") for row in text.splitlines())


def test_as_wide_as_need_be_is_as_plain(registry: Project) -> None:
    there = Registry(registry.root)
    for blocks in (MODELS.blocks(there.models()), DETAIL.blocks(there.show("cancer")), LOG.blocks(there.history())):
        assert rendered(blocks, 500) == to_plain(blocks)


def test_colours_tell_the_stage(registry: Project) -> None:
    text = rendered(MODELS.blocks(Registry(registry.root).models()), 100, colours=True)
    check("terminal-colours.txt", text.replace("\x1b", "ESC"))


def test_many_metrics(project: Project) -> None:
    project.write("model.joblib", "weights")
    project.mreg("register", "net", "model.joblib", *(f"--metric=fold{n}.accuracy=0.{n}" for n in range(1, 13)))
    found = VERSIONS.blocks(Registry(project.root).versions("net"))
    check("terminal-many-metrics.txt", rendered(found, 100))
    assert len(to_plain(found).splitlines()) == 2


@pytest.mark.parametrize("text", [HOSTILE, *HOSTILE.split(" ")])
def test_hostile_texts(text: str) -> None:
    columns = Column(text), Column("B", wraps=True), Column("C", spare=True)
    blocks: list[Block] = [
        line("a ", Cell(text, "bad")),
        Fields(text, ((text, Cell(text)),)),
        Table(columns, ((Cell(text), Cell(text), Cell(text)),)),
    ]
    for shown in (to_plain(blocks), rendered(blocks, 200), rendered(blocks, 30)):
        assert all(character == "\n" or safe(character) == character for character in shown)
    assert to_plain(blocks).count("[red]a[/red]") == (8 if "[red]" in text else 0)


def test_hostile_texts_of_a_real_history(registry: Project) -> None:
    reason = "[bold]fine[/bold] \u202ereversed"
    registry.mreg("promote", "cancer@v1.1.0", "staging", "-m", reason)
    registry.mreg("annotate", "cancer@v1.1.0", f"note={reason}")
    for command in (("history", "cancer", "--limit", "1"), ("show", "cancer@v1.1.0")):
        shown = registry.mreg(*command).out
        assert "[bold]fine[/bold] \\u202ereversed" in shown
    assert registry.data("history", "--limit", "1")[0]["reason"] == reason


def test_hostile_texts_in_errors(registry: Project) -> None:
    ran = registry.mreg("show", "cancer@\x1b[31m\u202ex", code=1)
    assert ran.err.isascii()
    assert "\x1b" not in ran.err


def test_wide_characters_are_aligned() -> None:
    rows = ((Cell("日本語"), Cell("x")), (Cell("e\u0301"), Cell("x")), (Cell("👩\u200d🔬"), Cell("x")))
    shown = to_plain([Table((Column("A"), Column("B")), rows)]).splitlines()
    assert {width(row[: row.index("x")]) for row in shown[1:]} == {8}


class Screen:
    """A terminal that a program runs in, and what it printed there."""

    def __init__(self, *command: str | Path, folder: Path, columns: int = 100) -> None:
        program, terminal = pty.fork()
        if program == 0:
            os.chdir(folder)
            kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
            os.execve(command[0], [os.fspath(part) for part in command], kept | {"TERM": "xterm"})
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        printed = b""
        while chunk := self._read(terminal):
            printed += chunk
        _, status = os.waitpid(program, 0)
        self.code, self.text = os.waitstatus_to_exitcode(status), printed.decode()

    @staticmethod
    def _read(terminal: int) -> bytes:
        try:
            return os.read(terminal, 1 << 16)
        except OSError:  # the program has ended
            return b""


def test_a_real_terminal(registry: Project) -> None:
    screen = Screen(SCRIPT, "ls", folder=registry.root)
    assert screen.code == 0
    assert "\x1b[1mMODEL" in screen.text
    assert "\x1b[32m" in screen.text
    assert "\x1b" not in Screen("/usr/bin/env", "NO_COLOR=1", "TERM=dumb", SCRIPT, "ls", folder=registry.root).text


def test_progress_of_a_large_artifact(registry: Project) -> None:
    write(registry.root / "large.bin", os.urandom(1 << 20) * 40)
    screen = Screen(SCRIPT, "register", "large", "large.bin", folder=registry.root)
    assert screen.code == 0, screen.text
    assert "Hashing large.bin" in screen.text
    assert "41.9 MB" in screen.text
    assert "\x1b[1mlarge v1.0.0\x1b[0m is registered at commit" in screen.text
    assert screen.text.removesuffix("\x1b[0m").endswith("  card      models/large/card.yaml\r\n")
    piped = registry.mreg("get", "large", "-o", "out")
    assert "Copying" not in piped.out + piped.err


def test_no_progress_of_a_small_one(registry: Project) -> None:
    screen = Screen(SCRIPT, "get", "cancer", "-o", "out", folder=registry.root)
    assert screen.code == 0
    assert "%" not in screen.text
    assert "Copying" not in screen.text

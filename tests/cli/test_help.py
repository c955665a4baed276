"""Help texts, and the page that is made of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from mreg.cli.app import app
from tests.cli.program import run

MAKE = Path(__file__).parents[2] / "docs" / "make_commands.py"


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command, and of every group of commands."""
    yield path
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command, (*path, name))


ALL = list(commands(get_command(app)))
"""All the commands."""
GROUPS = {("card",), ("hook",), ("cache",)}


def test_they_are_those_of_the_issue() -> None:
    single = "init register promote rollback archive yank alias unalias annotate ls show history resolve get verify"
    single += " compare lineage impact score search who push pull status watch"
    double = "card new, card check, card schema, hook install, cache info, cache clear"
    groups = {tuple(words.split()) for words in double.split(", ")} | GROUPS
    assert {*ALL} == {(), *((word,) for word in single.split()), *groups}


@pytest.mark.parametrize("words", ALL, ids=lambda words: " ".join(words) or "mreg")
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_each_has_help_with_an_example(words: tuple[str, ...], option: str, tmp_path: Path) -> None:
    ran = run(*words, option, folder=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Usage: mreg")
    lines = ran.out.splitlines()
    assert lines[lines.index("  Example:") + 1].startswith(" ".join(("    mreg", *words)))
    assert "..." not in ran.out.partition("Commands:")[2]  # a summary that was cut
    assert "--json" in ran.out or words in GROUPS


@pytest.mark.parametrize("words", [(), *sorted(GROUPS)])
def test_without_a_command(words: tuple[str, ...], tmp_path: Path) -> None:
    ran = run(*words, folder=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == run(*words, "--help", folder=tmp_path).out


def test_the_page_is_current() -> None:
    done = subprocess.run([sys.executable, MAKE, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_page_names_every_command_and_option() -> None:
    page = (MAKE.parent / "commands.md").read_text()
    for words in ALL:
        command = get_command(app)
        for word in words:
            command = command.commands[word]  # type: ignore[attr-defined]  # a group of Typer's own kind
        if words and words not in GROUPS:
            assert f"\n## {' '.join(('mreg', *words))}\n" in page
        for parameter in command.params:
            assert all(name in page for name in parameter.opts if name.startswith("-") and "completion" not in name)

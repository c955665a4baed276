"""What the shell offers after a tab."""

from __future__ import annotations

import os
import pty
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import SCRIPT, run, run_program

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.projects import Project


def offered(folder: Path, line: str) -> list[str]:
    """What is offered at the end of a line, as bash asks for it."""
    words = line.split(" ")
    env = {"_MREG_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    ran = run(folder=folder, env=env)
    assert (ran.code, ran.err) == (0, "")
    return ran.out.split()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("mreg prom", ["promote"]),
        ("mreg ls ", ["cancer", "nlp/sentiment"]),
        ("mreg ls n", ["nlp/sentiment"]),
        ("mreg show ca", ["cancer"]),
        ("mreg show cancer@v1", ["cancer@v1.0.0", "cancer@v1.1.0", "cancer@v1.2.0"]),
        ("mreg show cancer@p", ["cancer@production"]),
        ("mreg resolve cancer@c", ["cancer@champion"]),
        ("mreg get nlp/sentiment@", ["nlp/sentiment@latest", "nlp/sentiment@v1.0.0"]),
        ("mreg archive cancer@v1.0.0 cancer@l", ["cancer@latest"]),
        ("mreg register child model.pkl --base-model nlp", ["nlp/sentiment"]),
        ("mreg promote cancer@v1.0.0 ", ["none", "staging", "production", "archived", "canary"]),
        ("mreg ls --stage pro", ["production"]),
        ("mreg history cancer --stage c", ["canary"]),
        ("mreg rollback cancer --stage st", ["staging"]),
        ("mreg register cancer model.pkl --stage arch", ["archived"]),
        ("mreg unalias cancer ", ["champion"]),
        ("mreg verify c", ["cancer"]),
        ("mreg card check n", ["nlp/sentiment"]),
        ("mreg register cancer model.pkl --bump m", ["major", "minor"]),
        ("mreg show unknown@", []),
        ("mreg show @", []),
    ],
)
def test_offers(registry: Project, line: str, expected: list[str]) -> None:
    registry.write(".mreg.yaml", "stages:\n  canary:\n")
    assert offered(registry.root, line) == expected


@pytest.mark.parametrize("line", ["mreg -C project ls ", "mreg ls -C project "])
def test_in_the_folder_that_is_named(registry: Project, tmp_path: Path, line: str) -> None:
    assert registry.root == tmp_path / "project"
    assert offered(tmp_path, line) == ["cancer", "nlp/sentiment"]


@pytest.mark.parametrize("line", ["mreg ls c", "mreg show cancer@p", "mreg unalias cancer ", "mreg -C nowhere ls c"])
def test_outside_a_repository(tmp_path: Path, line: str) -> None:
    assert offered(tmp_path, line) == []


def test_with_a_broken_configuration(registry: Project) -> None:
    registry.write(".mreg.yaml", "stages: [")
    assert offered(registry.root, "mreg promote cancer ") == []
    assert offered(registry.root, "mreg ls c") == ["cancer"]


def test_in_a_real_bash(registry: Project, tmp_path: Path) -> None:
    """Bash takes `@` for the end of a word, unless it is told not to: docs/commands.md says how."""
    script = run_program("--show-completion", "bash", folder=registry.root, env={"SHELL": "/bin/bash"}).out
    rc = tmp_path / "rc"
    rc.write_text(f"PATH={SCRIPT.parent}:$PATH; PS1='$ '\nshopt -u hostcomplete\n{script}\n")
    bash, terminal = pty.fork()
    if bash == 0:
        os.chdir(registry.root)
        os.execvp("timeout", ["timeout", "--foreground", "60", "bash", "--rcfile", str(rc), "-i"])
    os.write(terminal, b"mreg resolve cancer@prod\t; exit\n")
    shown = b""
    while chunk := _read(terminal):
        shown += chunk
    os.waitpid(bash, 0)
    assert b"ref       cancer@v1.0.0" in shown


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other side has ended
        return b""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_each_shell(tmp_path: Path, shell: str) -> None:
    ran = run_program("--show-completion", shell, folder=tmp_path)
    assert ran.code == 0
    assert "_MREG_COMPLETE" in ran.out

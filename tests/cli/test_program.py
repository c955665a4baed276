"""The installed program as a process: exit codes, streams, interruptions, readers that leave, other encodings."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mreg import __version__
from tests.cli.program import SCRIPT, run, run_program
from tests.cli.projects import train
from tests.gitrepos import write_hook

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.projects import Project

MODULE = (sys.executable, "-m", "mreg")


@pytest.mark.parametrize("program", [(SCRIPT,), MODULE])
def test_both_ways_to_start_it(program: tuple[str | Path, ...], registry: Project) -> None:
    ran = run_program("ls", folder=registry.root, program=program)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == run("ls", folder=registry.root).out
    assert run_program("--version", folder=registry.root, program=program).out == f"mreg {__version__}\n"


def test_data_and_remarks_go_apart(registry: Project) -> None:
    ran = run_program("ls", "cancer", folder=registry.root)
    assert ran.code == 0
    assert ran.out.startswith("VERSION ")
    assert ran.err == "note: 2 versions archived or yanked: see --all\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("ls",), 0),
        (("show", "cancr"), 1),
        (("promote", "cancer@v1.2.0", "production"), 1),
        (("show", "cancer@@"), 2),
        (("ls", "--no-such-option"), 2),
        (("no-such-command",), 2),
        (("show",), 2),
        (("-C", "no-such-folder", "ls"), 2),
        (("-C", "/", "ls"), 3),
    ],
)
def test_exit_codes(registry: Project, arguments: tuple[str, ...], code: int) -> None:
    ran = run_program(*arguments, folder=registry.root)
    assert ran.code == code
    assert bool(ran.err) == bool(code)
    if code:
        assert ran.out == ""
        assert ran.err.startswith("mreg: ")
        assert "\nhint: " in ran.err
        assert "Traceback" not in ran.err


def test_a_bug_is_said_to_be_one(registry: Project) -> None:
    program = "import mreg.cli.session as s, mreg.cli.app as a; s.__dict__.clear(); a.main(['ls'])"
    ran = run_program(folder=registry.root, program=(sys.executable, "-c", program))
    assert ran.code == 70
    assert "Traceback" in ran.err
    assert ran.err.endswith("please report it with the lines above\n")


def test_an_interruption(project: Project, tmp_path: Path) -> None:
    """Ctrl-C reaches every process of the terminal: mreg, git and git's hook."""
    project.write("model.joblib", train(3).model)
    ready = tmp_path / "ready"
    os.mkfifo(ready)
    hook = write_hook(project.root, "pre-commit", f"echo > {ready}\nexec sleep 60")
    before = project.git("for-each-ref")
    command = [str(SCRIPT), "register", "cancer", "model.joblib"]
    with subprocess.Popen(command, cwd=project.root, stderr=subprocess.PIPE, start_new_session=True) as running:
        ready.read_bytes()
        os.killpg(running.pid, signal.SIGINT)
        assert running.stderr is not None
        said = running.stderr.read().decode()
    assert running.returncode == 130
    assert said == "mreg: interrupted; it is safe to run the same command again\n"
    assert project.git("for-each-ref") == before
    hook.unlink()
    project.mreg("register", "cancer", "model.joblib")
    assert project.mreg("verify", "--deep").code == 0


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_reader_that_leaves(registry: Project, options: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([SCRIPT, "history", *options], cwd=registry.root, stdout=writer, stderr=-1, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_in_a_pipeline(registry: Project) -> None:
    pipeline = f"set -o pipefail; {SCRIPT} ls | head -1"
    done = subprocess.run(["bash", "-c", pipeline], cwd=registry.root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("MODEL ")


def test_a_terminal_of_another_encoding(registry: Project) -> None:
    ran = run_program("history", "--limit", "3", folder=registry.root, env={"PYTHONIOENCODING": "ascii"})
    assert ran.code == 0
    assert "none \\u2192 staging" in ran.out
    ran = run_program("history", "--json", folder=registry.root, env={"PYTHONIOENCODING": "ascii"})
    assert ran.data[0]["model"] == "nlp/sentiment"


def test_no_git(registry: Project, tmp_path: Path) -> None:
    ran = run_program("ls", folder=registry.root, env={"PATH": str(tmp_path)}, program=MODULE)
    assert ran.code == 3
    assert "git" in ran.err
    assert "Traceback" not in ran.err


def test_outside_a_repository(tmp_path: Path) -> None:
    ran = run_program("ls", folder=tmp_path)
    assert ran.code == 3
    assert "is not inside a git repository" in ran.err
    ran = run_program("ls", "--json", folder=tmp_path)
    assert ran.json["kind"] == "error"
    assert ran.data["exit_code"] == 3


def test_folders(registry: Project, tmp_path: Path) -> None:
    """-C stands before or after the command, as in git or as people expect it."""
    expected = run("ls", folder=registry.root).out
    for arguments in (("-C", registry.root, "ls"), ("ls", "-C", registry.root), ("-C", "project/models", "ls")):
        assert run_program(*arguments, folder=tmp_path).out == expected
    assert run("--json", "-C", registry.root, "ls", folder=tmp_path).json["kind"] == "models"

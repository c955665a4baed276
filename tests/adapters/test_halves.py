"""Work in two processes: the results of both, or of one where the other fails.

Each program runs in a process of its own, since a process with other threads, such as a test runner's, never forks.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

PRELUDE = """\
import os, sys, threading
from mreg.adapters.halves import _can_fork, in_halves
parent = os.getpid()
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", PRELUDE + program], capture_output=True, text=True, check=False)


@pytest.fixture(autouse=True)
def two_processors() -> None:
    if run("sys.exit(not _can_fork())").returncode:
        pytest.skip("this machine has one processor, or cannot fork")


def test_two_processes_do_a_half_each() -> None:
    program = "found = in_halves(range(5), lambda part: {str(n): os.getpid() for n in part})\n"
    done = run(program + "print(list(found), [pid == parent for pid in found.values()])")
    assert done.stdout == "['0', '1', '2', '3', '4'] [True, True, False, False, False]\n"


def test_more_than_a_pipe_holds() -> None:
    done = run("print(len(in_halves(range(8), lambda part: {str(n): 'x' * 200_000 for n in part})))")
    assert done.stdout == "8\n"


def test_what_the_child_cannot_do_is_done_here() -> None:
    work = "def work(part):\n    if os.getpid() != parent: raise OSError\n    return {str(n): n for n in part}\n"
    done = run(work + "print(in_halves(range(4), work))")
    assert (done.stdout, done.stderr) == ("{'0': 0, '1': 1, '2': 2, '3': 3}\n", "")


def test_an_error_here_leaves_no_child_behind() -> None:
    work = "def work(part):\n    if os.getpid() == parent: raise KeyError('here')\n    return {'x': 'x' * 10**6}\n"
    check = "try: in_halves(range(4), work)\nexcept KeyError as error: print(error)\n"
    done = run(work + check + "try: os.wait()\nexcept ChildProcessError: print('no child')")
    assert done.stdout == "'here'\nno child\n"


def test_a_process_with_other_threads_does_not_fork() -> None:
    program = "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    done = run(
        program
        + "print(set(in_halves(range(4), lambda part: {str(n): os.getpid() for n in part}).values()) == {parent})"
    )
    assert done.stdout == "True\n"


def test_the_table_is_the_same_from_one_process_and_from_two() -> None:
    program = """\
import shutil, subprocess, tempfile
from pathlib import Path
from mreg.usecases import overview
from mreg.usecases.workspace import Workspace
root = Path(tempfile.mkdtemp())
git = ["git", "-C", str(root), "-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
subprocess.run([*git, "init", "-q"], check=True)
subprocess.run([*git, "commit", "-qm", "x", "--allow-empty"], check=True)
for model in "abcde":
    subprocess.run([*git, "tag", f"{model}@v1.0.0"], check=True)
one = overview.overview(Workspace(root))
shutil.rmtree(root / ".git" / "mreg")
overview._WORTH_A_PROCESS = 1
two = overview.overview(Workspace(root))
print([row.model for row in two], one == two)
shutil.rmtree(root)
"""
    assert run(program).stdout == "['a', 'b', 'c', 'd', 'e'] True\n"

"""Nobody's name, no home, no room, no rights, no Unicode, nobody who listens."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.adapters.dvcrepos import run_unprivileged, small_disk
from tests.cli.badinput import (
    CARD,
    READING,
    WRITING,
    Place,
    first_work_fixture,  # noqa: F401
    still_fixture,  # noqa: F401
    unchanged,
    work_fixture,  # noqa: F401
)
from tests.cli.program import SCRIPT
from tests.gitrepos import copy_repository

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

REGISTER = ("register", "churn", "churn.pkl")
AS_ANYBODY = "import os, sys; os.chdir(sys.argv.pop(1)); from mreg.cli.app import main; main()"


def test_nobody(still: Place) -> None:
    """Git has no name and no address, and guesses none."""
    nobody = {"GIT_CONFIG_GLOBAL": os.devnull, "EMAIL": "", "GIT_CONFIG_COUNT": "1"}
    nobody |= {"GIT_CONFIG_KEY_0": "user.useConfigOnly", "GIT_CONFIG_VALUE_0": "true"}
    hint = "git config user.name 'Your Name' && git config user.email you@example.com"
    for command in (REGISTER, *(command for command in WRITING if command[0] in ("promote", "annotate", "alias"))):
        still.refused(*command, code=3, says="git does not know who you are", hint=hint, env=nobody)
    for command in READING:
        still.done(*command, env=nobody)


def _program(
    work: Place, *args: str, env: Mapping[str, str], shell: str = '"$@"'
) -> subprocess.CompletedProcess[bytes]:
    """The installed program in just this environment, started by a shell."""
    basic = {"PATH": os.environ["PATH"]} | {
        name: value for name, value in os.environ.items() if name.startswith("GIT_")
    }
    command = ["/bin/sh", "-c", shell, "sh", str(SCRIPT), *args]
    return subprocess.run(command, cwd=work.root, env=basic | dict(env), capture_output=True, check=False)


def test_no_home(work: Place) -> None:
    done = _program(work, *REGISTER, env={})
    assert done.returncode == 0, done.stderr.decode()
    assert b"churn v1.2.0 is registered" in done.stdout


def test_no_git(still: Place) -> None:
    done = _program(still, "ls", env={"PATH": "/nowhere"}, shell='exec "$@"')
    assert done.returncode == 3
    assert done.stderr == b"mreg: git is not installed, or not in PATH\nhint: install git 2.36 or newer\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_an_encoding_that_cannot_say_it(work: Place, encoding: str) -> None:
    work.done("promote", "churn@v1.1.0", "staging", "-m", "Größe → 🎉")
    env = {"LC_ALL": "C", "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = _program(work, "history", env=env)
    assert done.returncode == 0, done.stderr
    assert rb"none \u2192 staging" in done.stdout
    done = _program(work, "history", "churn", "--json", env=env)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.decode(encoding))["data"][0]["reason"] == "Größe → 🎉"
    done = _program(work, "promote", "churn", "größer", env=env)
    assert done.returncode == 1
    assert b"there is no stage gr" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "shell",
    [
        '"$@" >&-',
        '"$@" 2>&-',
        '"$@" >&- 2>&- <&-',
        '"$@" | true',
        '"$@" 2>/dev/full',
    ],
)
def test_nobody_who_listens(work: Place, shell: str) -> None:
    """What was asked for is done all the same."""
    done = _program(work, "promote", "churn@v1.1.0", "production", env={}, shell=shell)
    assert b"Traceback" not in done.stderr
    assert done.returncode == 0
    assert work.git("tag", "--list", "churn@v1.1.0-production") != ""


def test_an_output_that_is_full(still: Place) -> None:
    done = _program(still, "ls", env={}, shell='"$@" >/dev/full')
    assert done.returncode == 3
    assert b"No space left on device\nhint: " in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_repository_that_is_read_only(work: Place) -> None:
    subprocess.run(["chmod", "--recursive", "a-w", work.root], check=True)
    try:
        for command in (("ls",), *READING):
            done = run_unprivileged(AS_ANYBODY, work.root, *command)
            assert done.returncode == 0, done.stderr
        for command in (REGISTER, ("register", "new", "churn.pkl"), *WRITING[:2], ("annotate", "churn", "a=1")):
            done = run_unprivileged(AS_ANYBODY, work.root, *command)
            assert (done.returncode, done.stdout) == (3, "")
            assert done.stderr.startswith(f"mreg: cannot write {work.root}/.git/mreg/")
            assert done.stderr.endswith("Permission denied\nhint: check that the repository is writable for you\n")
        done = run_unprivileged(AS_ANYBODY, work.root, "get", "churn@v1.0.0", "-o", "out")
        assert (done.returncode, "Permission denied\nhint: " in done.stderr) == (3, True)
    finally:
        subprocess.run(["chmod", "--recursive", "u+w", work.root], check=True)


@pytest.mark.parametrize("folder", ["models/churn", ".dvc", ".git/objects", ".git/refs/tags", ".git/refs/mreg"])
def test_a_folder_that_is_read_only(work: Place, folder: str) -> None:
    before, path = work.state(), work.root / folder
    folders = [path, *(below for below in path.rglob("*") if below.is_dir())]
    for below in folders:
        below.chmod(0o555)
    try:
        done = run_unprivileged(AS_ANYBODY, work.root, *REGISTER)
    finally:
        for below in folders:
            below.chmod(0o755)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "ermission" in done.stderr
    assert "\nhint: " in done.stderr
    unchanged(before, work.state(), but=("cache",))
    work.done(*REGISTER)
    work.done("verify", "--deep")


@pytest.mark.parametrize("blocks", [0, 1])
def test_files_that_may_not_grow(work: Place, blocks: int) -> None:
    """A limit of the user's, which ends git by a signal."""
    before = work.state()
    for command in (REGISTER, ("promote", "churn@v1.1.0", "production")):
        done = _program(work, *command, env={}, shell=f'ulimit -f {blocks}; "$@"')
        assert (done.returncode, done.stdout) == (3, b"")
        assert b"\nhint: " in done.stderr
        assert b"Traceback" not in done.stderr
        unchanged(before, work.state(), but=("cache", "leftovers"))
        work.done(*command)
        before = work.state()
    work.done("verify", "--deep")


@pytest.mark.parametrize("room", [0, 8, 16, 32])
def test_a_full_disk(work: Place, tmp_path: Path, room: int) -> None:
    """Whatever the step at which the disk is full: nothing is lost, and with more room the same command succeeds."""
    with small_disk(tmp_path / "disk", size="1m") as disk:
        small = Place(copy_repository(work.root, disk / "work"))
        small.write("churn.pkl", os.urandom(4096))
        before = small.state()
        fill = disk / "fill"
        fill.write_bytes(b"x" * max(0, shutil.disk_usage(disk).free - room * 1024))
        for command in (REGISTER, ("promote", "churn@v1.1.0", "production"), ("annotate", "churn@v1.0.0", "a=1")):
            ran = small.mreg(*command)
            if ran.code == 0:
                continue
            assert ran.code == 3, ran.err
            assert "Traceback" not in ran.err
            assert "\nhint: " in ran.err
        fill.unlink()
        after = small.state()
        assert {**after.files, **before.files}.keys() == after.files.keys()
        assert after.files["churn.pkl"] == before.files["churn.pkl"]
        small.done("verify", "--deep")
        for command in (REGISTER, ("promote", "churn@v1.1.0", "production"), ("annotate", "churn@v1.0.0", "a=1")):
            small.done(*command)
        small.done("verify", "--deep")
        assert small.git("status", "--porcelain") == ""
        assert CARD in small.git("ls-files")

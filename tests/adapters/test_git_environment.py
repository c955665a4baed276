"""The tests themselves: whatever the person who runs them has configured must not decide whether they pass."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.gitrepos import WHEN, copy_repository, git, new_repository


def test_git_reads_no_configuration_but_ours(repository: Path) -> None:
    files = {line.split("\t")[0] for line in git(repository, "config", "--list", "--show-origin").split("\n")}
    assert files == {f"file:{os.environ['GIT_CONFIG_GLOBAL']}", "file:.git/config"}


def test_dvc_reads_no_configuration_but_ours() -> None:
    script = "from dvc.config import Config; print(Config.from_cwd().files)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    home = str(Path.home())
    assert os.environ["DVC_GLOBAL_CONFIG_DIR"] in done.stdout
    assert home not in done.stdout.replace(os.environ["DVC_GLOBAL_CONFIG_DIR"], "")


def test_the_clock_zone_is_ours() -> None:
    assert time.localtime().tm_zone == "UTC"
    assert subprocess.run(["date", "+%Z"], capture_output=True, check=True).stdout == b"UTC\n"


def test_no_variable_of_git_but_ours() -> None:
    ours = {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_TERMINAL_PROMPT"}
    # GitPython tells git where it found itself once it was imported.
    assert {name for name in os.environ if name.startswith("GIT_")} <= ours | {"GIT_PYTHON_REFRESH"}


def test_a_copy_is_equal_and_independent(first_repository: Path, tmp_path: Path) -> None:
    one = copy_repository(first_repository, tmp_path / "one")
    two = new_repository(tmp_path / "two")
    assert git(one, "rev-parse", "HEAD") == git(two, "rev-parse", "HEAD")
    assert git(one, "log", "-1", "--format=%cI") == WHEN.replace("Z", "+00:00")
    git(one, "tag", "mine")
    assert git(first_repository, "tag") == git(two, "tag") == ""
    assert git(one, "status", "--porcelain") == ""


def test_git_that_fails_fails_the_test(repository: Path) -> None:
    with pytest.raises(AssertionError, match="git rev-parse"):
        git(repository, "rev-parse", "nosuchref^{commit}")

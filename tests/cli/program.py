"""The command line as tests run it: in this process, where it is fast, or as the installed program."""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mreg.cli.app import main

if TYPE_CHECKING:
    from collections.abc import Mapping

SCRIPT = Path(sys.executable).parent / "mreg"


@dataclass(frozen=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The document on stdout, or, where the command failed without one, that on stderr."""
        return json.loads(self.out or self.err)

    @property
    def data(self) -> Any:
        """The document's data."""
        return self.json["data"]


def run(*arguments: str | Path, folder: Path, env: Mapping[str, str] | None = None) -> Ran:
    """Run mreg in this process, started in a folder."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(folder):
        for name, value in (env or {}).items():
            patch.setenv(name, value)
        patch.setattr(gc, "freeze", lambda: None)  # this process goes on
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main([os.fspath(argument) for argument in arguments])
            except SystemExit as ended:
                code = ended.code
            finally:
                gc.enable()
    assert isinstance(code, int)
    return Ran(code, out.getvalue(), err.getvalue())


def run_program(
    *arguments: str | Path,
    folder: Path,
    env: Mapping[str, str] | None = None,
    program: tuple[str | Path, ...] = (SCRIPT,),
) -> Ran:
    """Run the installed program."""
    done = subprocess.run(
        [*program, *arguments],
        cwd=folder,
        env=os.environ | dict(env or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)

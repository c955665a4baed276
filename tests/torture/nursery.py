"""Forks mreg commands from a process that has everything imported: run as a program, never imported.

A kill then hits what a command does, and not the second that Python needs to import DVC. The children are whole
processes, each the leader of a process group of its own. One JSON object a line is asked, and one is answered.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from contextlib import suppress
from typing import Any

import dvc.repo.add  # noqa: F401 - what mreg imports on its way

import mreg.adapters.card_update
import mreg.adapters.dvc.track
import mreg.registry
import mreg.render.registration
import mreg.usecases.aliases
import mreg.usecases.facts
import mreg.usecases.proof
import mreg.usecases.register
import mreg.usecases.stages  # noqa: F401
from mreg.cli.app import main

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
_CREATES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod"}
_CHANGES |= {"fcntl.flock", "subprocess.Popen", "shutil.move"}


class _Steps:
    """Counts what a process does to files and processes, and ends it just there.

    A file that is opened to be written is left as the kill that hurts most leaves it: there, and empty.
    """

    def __init__(self, die_at: int, *, group: bool) -> None:
        self._left, self._group, self._off = die_at, group, False

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if self._off or not (event in _CHANGES or (event == "open" and args[2] and args[2] & _CREATES)):
            return
        self._left -= 1
        if self._left:
            return
        self._off = True
        if event == "open" and isinstance(args[0], str):
            with suppress(OSError):
                os.close(os.open(args[0], args[2], 0o666))
        os.write(2, f"killed at {event} {args[0]!r}\n".encode())
        if self._group:
            os.killpg(0, signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)


def _perform(argv: list[str], folder: str, output: str, die_at: int, group: bool) -> int:
    os.setpgid(0, 0)
    os.chdir(folder)
    streams = [os.open(os.devnull, os.O_RDONLY), os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)]
    for number, stream in enumerate((streams[0], streams[1], streams[1])):
        os.dup2(stream, number)
    sys.argv = ["mreg", *argv]
    if die_at:
        sys.addaudithook(_Steps(die_at, group=group))
    return main()


def _settle(group: int) -> None:
    """Wait until the last process of a group has ended. Those whose parent was killed are ours: see `serve`."""
    while True:
        with suppress(ChildProcessError):
            os.waitpid(-group, 0)
            continue
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return


def serve() -> int:
    if sys.platform == "linux":  # elsewhere the system adopts orphans and cleans up after them at once
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    for line in sys.stdin:
        request = json.loads(line)
        if "settle" in request:
            _settle(request["settle"])
            print("{}", flush=True)
            continue
        pid = os.fork()
        if not pid:
            return _perform(**request)
        with suppress(PermissionError):  # it was faster, and runs its first program already
            os.setpgid(pid, pid)
        print(json.dumps({"pid": pid}), flush=True)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        print(json.dumps({"code": code}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(serve())

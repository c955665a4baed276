"""Forks mreg commands from a process that has everything imported: run as a program, never imported.

A kill then hits what a command does, and not the second that Python needs to import DVC. The children are whole
processes, each the leader of a process group of its own. One JSON object a line is asked, and one is answered.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import json
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from mreg.cli.app import main

if TYPE_CHECKING:
    from collections.abc import Iterable

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
_CREATES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod"}
_CHANGES |= {"fcntl.flock", "subprocess.Popen"}


class _Steps:
    """Counts what a process does to files and processes, and ends it just there.

    A file that is opened to be written is left as the kill that hurts most leaves it: there, and empty.
    """

    def __init__(self, die_at: int, *, group: bool) -> None:
        self._die_at, self._group, self._off = die_at, group, False
        self.count = 0

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if self._off or not (event in _CHANGES or (event == "open" and _creates(*args))):
            return
        self.count += 1
        if self.count < self._die_at:
            return
        self._off = True
        if event == "open":
            with suppress(OSError):
                os.close(os.open(args[0], args[2], 0o666))
        os.write(2, f"killed at {event} {args[0]!r}\n".encode())
        if self._group:
            os.killpg(0, signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)


def _creates(path: Any, _: Any, flags: int) -> bool:
    return isinstance(path, str) and path != os.devnull and bool(flags & _CREATES)


def _perform(argv: list[str], folder: str, output: str, die_at: int, group: bool, env: dict[str, str]) -> int:
    os.setpgid(0, 0)
    os.chdir(folder)
    os.environ.update(env)
    new = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    streams = os.open(os.devnull, os.O_RDONLY), os.open(output, new, 0o666), os.open(f"{output}.errors", new, 0o666)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    sys.argv = ["mreg", *argv]
    steps = _Steps(die_at, group=group) if die_at else None
    atexit.register(_report, f"{output}.report", steps)
    if steps:
        sys.addaudithook(steps)
    try:
        return main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1


def _end(code: int) -> NoReturn:
    """End as Python does, but for taking down all that was imported: that would copy it first."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def _report(file: str, steps: _Steps | None) -> None:
    count = steps.count if steps else 0
    with open(file, "w") as report:  # noqa: PTH123 - without importing anything more
        json.dump({"steps": count, "modules": list(sys.modules)}, report)


def _learn(output: str) -> int:
    """Import what a command that has ended imported, for those to come; returns the number of its steps."""
    with open(f"{output}.report") as file:  # noqa: PTH123
        report = json.load(file)
    for name in report["modules"]:
        if name not in sys.modules:
            with suppress(ImportError):
                importlib.import_module(name)
    gc.freeze()  # what is here stays: collecting it in each child would copy it there
    steps: int = report["steps"]
    return steps


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


def _answer(**facts: int) -> None:
    os.write(1, json.dumps(facts).encode() + b"\n")  # not through sys.stdout, which importing DVC replaces


def _be_twin(asked: str, answered: str) -> int:
    """Serve by two named pipes."""
    for number, (path, how) in enumerate(((asked, os.O_RDONLY), (answered, os.O_WRONLY))):
        os.dup2(stream := os.open(path, how), number)
        os.close(stream)
    with open(0, closefd=False) as requests:
        return serve(requests)


def serve(requests: Iterable[str]) -> int:
    if sys.platform == "linux":  # elsewhere the system adopts orphans and cleans up after them at once
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    for line in requests:
        request = json.loads(line)
        if "settle" in request:
            _settle(request["settle"])
            _answer()
            continue
        pid = os.fork()
        if not pid and "twin" in request:
            return _be_twin(*request["twin"])
        if not pid:
            _end(_perform(**request))
        if "twin" in request:
            _answer(pid=pid)
            continue
        with suppress(PermissionError):  # it was faster, and runs its first program already
            os.setpgid(pid, pid)
        _answer(pid=pid)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        _answer(code=code, steps=0 if code else _learn(request["output"]))
    return 0


if __name__ == "__main__":
    sys.exit(serve(sys.stdin))

"""mreg commands as processes that can be killed at any moment."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

KILLED = -signal.SIGKILL


class Nursery:
    """Starts one command at a time: see the program `nursery.py`."""

    def __init__(self, scratch: Path) -> None:
        command = [sys.executable, "-B", str(Path(__file__).with_name("nursery.py"))]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self._output = scratch / "output"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.__exit__(kind, error, at)

    def start(self, folder: Path, *argv: str, die_at: int = 0, group: bool = False) -> Victim:
        """Start `mreg argv` in a folder.

        Args:
            folder: Where.
            argv: Its arguments.
            die_at: The step, as `nursery.py` counts them, at which it kills itself; 0 is never.
            group: Its children die then with it.
        """
        request = {"argv": argv, "folder": str(folder), "output": str(self._output), "die_at": die_at, "group": group}
        return Victim(self, self.ask(request)["pid"])

    def run(self, folder: Path, *argv: str) -> tuple[int, str]:
        """Run `mreg argv` to its end; returns exit code and output."""
        victim = self.start(folder, *argv)
        return victim.wait(), victim.output

    def ask(self, request: dict[str, Any]) -> dict[str, int]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        return self.answer()

    def answer(self) -> dict[str, int]:
        assert self._process.stdout is not None
        answer: dict[str, int] = json.loads(self._process.stdout.readline())
        return answer

    def answers_within(self, seconds: float) -> bool:
        assert self._process.stdout is not None
        return bool(select.select([self._process.stdout], [], [], seconds)[0])

    @property
    def output(self) -> str:
        return self._output.read_text(errors="replace") if self._output.exists() else ""


class Victim:
    """A running command.

    Attributes:
        steps: How many it took, where it succeeded and they were counted.
    """

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self._nursery, self._pid = nursery, pid
        self._code: int | None = None
        self.steps = 0

    def ends_within(self, seconds: float) -> bool:
        """Whether it ends within so many seconds; returns as soon as it does."""
        return self._code is not None or self._nursery.answers_within(seconds)

    def wait(self) -> int:
        """Its exit code, once it has ended."""
        if self._code is None:
            answer = self._nursery.answer()
            self._code, self.steps = answer["code"], answer["steps"]
        return self._code

    def kill(self, *, group: bool) -> None:
        """Kill it, if it still runs, and its children too or not."""
        with suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(self._pid, signal.SIGKILL)

    def settle(self) -> None:
        """Wait until its orphans have ended too."""
        self._nursery.ask({"settle": self._pid})

    @property
    def output(self) -> str:
        return self._nursery.output

"""mreg commands as processes that can be killed at any moment."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from copy import copy
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

KILLED = -signal.SIGKILL


class Nursery:
    """Starts one command at a time: see the program `nursery.py`."""

    def __init__(self, scratch: Path) -> None:
        command = [sys.executable, "-B", str(Path(__file__).with_name("nursery.py"))]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        assert process.stdin is not None
        assert process.stdout is not None
        self._process: subprocess.Popen[bytes] | None = process
        self._scratch = scratch
        self._connect(process.stdin, process.stdout, scratch / "output")

    def _connect(self, asked: IO[bytes], answered: IO[bytes], output: Path) -> None:
        self._asked, self._answered, self._output = asked, answered, output

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._asked.close()
        self._answered.close()
        if self._process is not None:
            self._process.wait()

    def twin(self, name: str) -> Nursery:
        """Another one, which knows what this one has seen, for commands at the same time."""
        pipes = [str(self._scratch / f"{name}.{way}") for way in ("asked", "answered")]
        for pipe in pipes:
            Path(pipe).unlink(missing_ok=True)
            os.mkfifo(pipe)
        self.ask({"twin": pipes})
        twin = copy(self)
        twin._process = None
        asked, answered = Path(pipes[0]).open("wb", 0), Path(pipes[1]).open("rb", 0)  # noqa: SIM115 - until the end
        twin._connect(asked, answered, self._scratch / f"{name}.output")
        return twin

    def start(
        self, folder: Path, *argv: str, die_at: int = 0, group: bool = False, env: Mapping[str, str] | None = None
    ) -> Victim:
        """Start `mreg argv` in a folder.

        Args:
            folder: Where.
            argv: Its arguments.
            die_at: The step, as `nursery.py` counts them, at which it kills itself; 0 is never.
            group: Its children die then with it.
            env: Variables to add.
        """
        request = {"argv": argv, "folder": str(folder), "output": str(self._output), "die_at": die_at, "group": group}
        return Victim(self, self.ask(request | {"env": dict(env or {})})["pid"])

    def run(self, folder: Path, *argv: str, env: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Run `mreg argv` to its end; returns exit code and output."""
        victim = self.start(folder, *argv, env=env)
        return victim.wait(), victim.output

    def ask(self, request: dict[str, Any]) -> dict[str, int]:
        self._asked.write(json.dumps(request).encode() + b"\n")
        return self.answer()

    def answer(self) -> dict[str, int]:
        answer: dict[str, int] = json.loads(self._answered.readline())
        return answer

    def answers_within(self, seconds: float) -> bool:
        return bool(select.select([self._answered], [], [], seconds)[0])

    @property
    def streams(self) -> tuple[str, str]:
        """What the last command printed on stdout and on stderr."""
        files = self._output, Path(f"{self._output}.errors")
        out, errors = (file.read_text(errors="replace") if file.exists() else "" for file in files)
        return out, errors

    @property
    def output(self) -> str:
        return "".join(self.streams)


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

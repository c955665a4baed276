"""People's own commands, run by the shell, and the signals that reach mreg meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import contextmanager, suppress
from threading import current_thread, main_thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_STDERR = 2
_BY_SIGNAL = 128
"""Added to a signal's number where a command ended by it, as shells do."""


class Shell:
    """Runs one command at a time, in a process group of its own.

    Its output goes to stderr, since stdout is ours. It reads nothing.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._busy = self._ending = self._interrupted = False

    def run(self, command: str, variables: Mapping[str, str]) -> int:
        """Run a command with more variables in its environment, and return its exit code.

        Ctrl-C is passed on to it, and is raised once it has ended.
        """
        with self._interrupted_later():
            self._process = subprocess.Popen(
                ["sh", "-c", command],
                env={**os.environ, **variables},
                stdin=subprocess.DEVNULL,
                stdout=_STDERR,
                process_group=0,
            )
            # The command may be at work before it is known here whom to pass a signal on to.
            if self._ending:
                self._pass_on(signal.SIGTERM)
            if self._interrupted:
                self._pass_on(signal.SIGINT)
            code = self._process.wait()
            self._process = None
        return code if code >= 0 else _BY_SIGNAL - code

    @contextmanager
    def _interrupted_later(self) -> Iterator[None]:
        """Pass Ctrl-C on to the command; it is raised when that has ended."""
        if current_thread() is not main_thread():  # which alone hears of signals
            yield
            return
        before = signal.signal(signal.SIGINT, self._interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
        if self._interrupted:
            self._interrupted = False
            raise KeyboardInterrupt

    def _interrupt(self, *_: object) -> None:
        self._interrupted = True
        self._pass_on(signal.SIGINT)

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """A SIGTERM meanwhile is passed on to the running command, and ends the program afterwards."""
        self._busy = True
        try:
            yield
        finally:
            self._busy = False
        if self._ending:
            raise SystemExit(0)

    @contextmanager
    def ends_with_sigterm(self) -> Iterator[None]:
        """Let SIGTERM end the program with exit code 0: at once, or after what is to be undisturbed."""
        before = signal.signal(signal.SIGTERM, self._end)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, before)

    def _end(self, *_: object) -> None:
        if not self._busy:
            raise SystemExit(0)
        self._ending = True
        self._pass_on(signal.SIGTERM)

    def _pass_on(self, number: int) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

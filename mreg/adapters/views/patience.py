"""How long looking at another repository may take, where nobody is there to interrupt it."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from subprocess import TimeoutExpired
from threading import Lock, Timer
from typing import TYPE_CHECKING

from mreg.errors import MregError, SystemFailure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from subprocess import Popen

_GRACE = 2.0
"""Seconds for a git that is to end, in which it removes what it has written in part."""


class NoAnswer(SystemFailure):
    """Another repository has not answered, or not to the end."""

    hint = "check that its server is up, and that the network lets through what it says"

    def __init__(self, *, repository: str, seconds: float) -> None:
        super().__init__(f"{repository} has given no answer, or not all of it, within {seconds:g} s")
        self.repository, self.seconds = repository, seconds


class _Patience:
    def __init__(self, seconds: float) -> None:
        self.deadline = time.monotonic() + seconds
        self._lock, self._over = Lock(), False
        self._running: list[Popen[bytes]] = []

    def take(self, process: Popen[bytes]) -> None:
        with self._lock:
            self._running.append(process)
            over = self._over
        if over:
            _end(process)

    def end(self) -> None:
        with self._lock:
            self._over, running = True, list(self._running)
        for process in running:
            _end(process)

    def close(self) -> None:
        """Close the pipes that whoever was interrupted has left open."""
        for process in self._running:
            for pipe in (process.stdin, process.stdout, process.stderr):
                with suppress(OSError):
                    if pipe:
                        pipe.close()


_PATIENCE: ContextVar[_Patience | None] = ContextVar("patience", default=None)


@contextmanager
def patience(seconds: float, repository: str) -> Iterator[None]:
    """Let what the code inside asks of another repository take only so long: then git is ended, and its children.

    They are ended, too, where the code inside is interrupted.

    Args:
        seconds: How long.
        repository: How it is called in the error.

    Raises:
        NoAnswer: It took longer.
    """
    own = _Patience(seconds)
    token, timer = _PATIENCE.set(own), Timer(seconds, own.end)
    timer.daemon = True
    timer.start()
    try:
        yield
        if time.monotonic() >= own.deadline:
            raise TimeoutError  # what a git that was ended had said may be half of it
    except (MregError, OSError) as error:
        if time.monotonic() < own.deadline:
            raise
        raise NoAnswer(repository=repository, seconds=seconds) from error
    except BaseException:
        own.end()
        own.close()
        raise
    finally:
        timer.cancel()
        _PATIENCE.reset(token)


def observe(process: Popen[bytes]) -> None:
    """Have a git end in time, if there is a limit."""
    if own := _PATIENCE.get():
        own.take(process)


def time_left() -> float | None:
    """The seconds until the limit; None where there is none."""
    own = _PATIENCE.get()
    return max(0.0, own.deadline - time.monotonic()) if own else None


def _end(process: Popen[bytes]) -> None:
    """End a process and all that come from it: they would go on waiting for the server, and keep our pipes open."""
    if process.poll() is not None:
        return
    family = _descendants(process.pid)
    for pid, _ in family:
        _signal(pid, signal.SIGTERM)
    process.terminate()
    with suppress(TimeoutExpired):
        process.wait(_GRACE)
    process.kill()
    process.wait()
    for pid, began in family:
        if (status := _status(pid)) and status[1] == began:
            _signal(pid, signal.SIGKILL)


def _signal(pid: int, number: int) -> None:
    with suppress(OSError):
        os.kill(pid, number)


def _descendants(pid: int) -> list[tuple[int, str]]:
    """The processes that come from one, each with when it began; none on a system without /proc."""
    children: dict[int, list[tuple[int, str]]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        if status := _status(int(folder.name)):
            children.setdefault(status[0], []).append((int(folder.name), status[1]))
    found, parents = [], [pid]
    while parents:
        below = children.get(parents.pop(), [])
        found += below
        parents += [child for child, _ in below]
    return found


def _status(pid: int) -> tuple[int, str] | None:
    """The parent of a process, and when it began. Source: proc_pid_stat(5)"""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return int(fields[1]), fields[19].decode()
    return None

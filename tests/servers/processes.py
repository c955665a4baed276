"""Processes that serve on a port of loopback: started, waited for, and killed with all that they started."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HOST = "127.0.0.1"

_TRIES = 2000  # of a hundredth of a second, in which a server comes up or not at all
_PORTS = range(15_000, 32_000)  # below those that systems hand out to clients, so that one is free again after a stop


class ServerFailed(Exception):
    """A server did not come up; the text is its log."""


def free_port() -> int:
    """A port that nothing listens on."""
    while True:
        port = random.choice(_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            return port


def needed(program: str, package: str) -> str:
    """The path of a program that need not be in PATH; without it, the test is skipped.

    Args:
        program: Its name.
        package: What to install, for the reason.
    """
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin:/sbin")
    if found is None:
        pytest.skip(f"{program} is not installed: {package}")
    return found


@dataclass
class ServerProcess:
    """One server.

    Attributes:
        command: In the foreground, listening on `port` of loopback; absolute, since it may be started again.
        port: Always the same.
        log: What it prints.
        env: The whole environment.
    """

    command: Sequence[str | Path]
    port: int
    log: Path
    env: Mapping[str, str]
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it and wait until it accepts connections; one that runs is left alone.

        Raises:
            ServerFailed: It ended, or did not come up.
        """
        if self._process is not None and self._process.poll() is None:
            return
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(self.env),
                cwd=self.log.parent,
                start_new_session=True,
            )
        for _ in range(_TRIES):
            with suppress(OSError), socket.create_connection((HOST, self.port), timeout=5):
                return
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(0.01)  # wakes up at once where the server ends
                break
        self.stop()
        raise ServerFailed(f"{self.command[0]}: {self.log.read_text(errors='replace')}")

    def stop(self) -> None:
        """Kill it and everything that it started: connections break where they are."""
        process, self._process = self._process, None
        if process is None:
            return
        for child in (known := _family(process.pid)):
            with suppress(psutil.NoSuchProcess):
                child.suspend()  # so that none starts another meanwhile
        for child in {*known, *_family(process.pid)}:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        process.wait()


def _family(pid: int) -> list[psutil.Process]:
    """A process and all that come from it, whatever sessions they have made for themselves."""
    with suppress(psutil.NoSuchProcess):
        first = psutil.Process(pid)
        return [first, *first.children(recursive=True)]
    return []

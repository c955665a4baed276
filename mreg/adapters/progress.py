"""How long work on large files is reported: the face (a bar, or nothing) is the caller's choice."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

Advance = Callable[[int], None]
"""Called with the bytes done since the last call, possibly from another thread."""


class Progress(Protocol):
    """Something that can show one task after the other.

    `with progress.start("Hashing model.bin", size) as advance:` shows the task, and its end takes it away again.
    """

    def start(self, label: str, total_bytes: int) -> AbstractContextManager[Advance]:
        """Begin a task of `total_bytes`; 0 where the size is not known."""
        ...


class Silent:
    """Shows nothing."""

    def start(self, label: str, total_bytes: int) -> AbstractContextManager[Advance]:
        return nullcontext(_ignore)


def _ignore(count: int) -> None:
    return None


SILENT = Silent()

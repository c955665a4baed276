"""Work on many things at once: one half here, the other in a forked child."""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")


def in_halves(items: Sequence[T], work: Callable[[Sequence[T]], dict[str, Any]]) -> dict[str, Any]:
    """What `work` makes of all the items, in half the time where there are two processors.

    Two, and not as many as there are processors: each half has git processes of its own, whose number is bounded.

    Args:
        items: What to work on.
        work: Makes a dictionary of some items; its values must be JSON.
    """
    middle = len(items) // 2
    if not _can_fork():
        return work(items)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _answer(writer, lambda: work(items[middle:]))
    os.close(writer)
    try:
        with open(reader, "rb") as pipe:  # noqa: PTH123 - a descriptor
            first, rest = work(items[:middle]), pipe.read()
    finally:
        # Where this half failed, the child ends at the pipe that nobody reads any more.
        _, status = os.waitpid(child, 0)
    return first | (json.loads(rest) if status == 0 else work(items[middle:]))


def _can_fork() -> bool:
    # A child of a process with other threads may wait for ever for what one of them holds.
    return hasattr(os, "sched_getaffinity") and len(os.sched_getaffinity(0)) > 1 and threading.active_count() == 1


def _answer(writer: int, work: Callable[[], dict[str, Any]]) -> NoReturn:
    """Write the work's result and end, whatever happens, without the parent's clean-up and output."""
    with suppress(BaseException), open(writer, "w", encoding="utf-8") as pipe:
        json.dump(work(), pipe)
        pipe.flush()
        os._exit(0)
    os._exit(1)

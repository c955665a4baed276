"""A bar with bytes and rate on stderr, while a large artifact is hashed, copied or fetched."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mreg.adapters.progress import SILENT, Advance, Progress

if TYPE_CHECKING:
    from collections.abc import Iterator

# Below this the work is over before a bar could be read.
_WORTH_A_BAR = 16 << 20


def progress() -> Progress:
    """A bar where a person watches; nothing in a pipe, a file or CI."""
    return Bar() if sys.stderr.isatty() else SILENT


class Bar:
    """Rich's progress bar, one task at a time."""

    @contextmanager
    def start(self, label: str, total_bytes: int) -> Iterator[Advance]:
        if 0 < total_bytes < _WORTH_A_BAR:
            with SILENT.start(label, total_bytes) as advance:
                yield advance
            return
        from rich import progress as rich
        from rich.console import Console

        from mreg.render.blocks import safe

        columns = (
            rich.TextColumn("{task.description}", markup=False),
            rich.BarColumn(),
            rich.DownloadColumn(),
            rich.TransferSpeedColumn(),
            rich.TimeRemainingColumn(),
        )
        # DVC is imported meanwhile, and takes the standard streams that it finds for good: they stay as they are.
        bar = rich.Progress(
            *columns, console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False
        )
        with bar:
            task = bar.add_task(safe(label), total=total_bytes or None)
            yield lambda count: bar.advance(task, count)

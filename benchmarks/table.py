"""Measurements as rows, and rows as a Markdown table between two markers of a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"

_HEAD = ("measurement", "command", "median", "against", "its median", "ratio", "bound", "met")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One promise, measured. `met` is None where nothing was promised."""

    what: str
    command: str
    value: str
    against: str = ""
    base: str = ""
    ratio: str = ""
    bound: str = ""
    met: bool | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        met = {True: "yes", False: "**no**", None: ""}[self.met]
        command, against = (f"`{text}`" if text else "" for text in (self.command, self.against))
        return (self.what, command, self.value, against, self.base, self.ratio, self.bound, met)


def compared(
    what: str, *, command: str, seconds: float, against: str, base: float, at_most: float | None = None
) -> Row:
    """A time beside another one; `at_most` bounds their ratio."""
    row = Row(what=what, command=command, value=duration(seconds), against=against, base=duration(base))
    return _related(row, seconds / base, at_most)


def weighed(what: str, *, command: str, size: float, against: str, base: float, at_most: float | None = None) -> Row:
    """As `compared`, of bytes."""
    row = Row(what=what, command=command, value=_bytes(size), against=against, base=_bytes(base))
    return _related(row, size / base, at_most)


def _related(row: Row, ratio: float, at_most: float | None) -> Row:
    shown = f"{ratio:.2f}x" if ratio >= 0.01 else f"{ratio:.2g}x"
    if at_most is None:
        return replace(row, ratio=shown)
    return replace(row, ratio=shown, bound=f"at most {at_most:g}x", met=ratio <= at_most)


def faster(what: str, *, command: str, seconds: float, against: str, base: float, at_least: float) -> Row:
    """A time beside a longer one: how many times faster it is."""
    ratio = base / seconds
    return Row(
        what=what,
        command=command,
        value=duration(seconds),
        against=against,
        base=duration(base),
        ratio=f"{ratio:.1f}x faster",
        bound=f"at least {at_least:g}x faster",
        met=ratio >= at_least,
    )


def duration(seconds: float) -> str:
    """Three digits, in ms below a second."""
    return f"{seconds:.3g} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"


def _bytes(count: float) -> str:
    return f"{count / 1e6:.3g} MB" if count >= 1e6 else f"{count / 1e3:.3g} kB"


def render(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    cells = [_HEAD, ("---",) * len(_HEAD), *(row.cells for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


def write_between_markers(document: Path, text: str) -> None:
    """Replace what the document has between the two markers.

    Raises:
        ValueError: It lacks them.
    """
    before, begin, rest = document.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{document} has no place for the table: {BEGIN} and {END}")
    document.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}")

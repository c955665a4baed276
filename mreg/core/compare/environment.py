"""The files that say which packages are needed, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mreg.core.compare.difference import Difference, ValueRow, value_rows
from mreg.core.compare.inputs import aligned

if TYPE_CHECKING:
    from collections.abc import Hashable


@dataclass(frozen=True, slots=True)
class Held:
    """A file as a commit holds it: its path, and the id of its content."""

    path: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentFile:
    """One such file in each version.

    Attributes:
        held: The file; None where a version does not have it.
        packages: The packages that differ, with their versions.
        problem: Why the packages cannot be told; empty where they can.
    """

    held: tuple[Held | None, ...]
    packages: tuple[ValueRow, ...] = ()
    problem: str = ""

    @property
    def name(self) -> str:
        return next(file.path for file in self.held if file)

    @property
    def changes(self) -> tuple[Difference, ...]:
        """What became of it in each version after the first."""
        return tuple(_change(self.held[0], file) for file in self.held[1:])

    @property
    def differs(self) -> bool:
        return any(change is not Difference.SAME for change in self.changes)


def paired(columns: Sequence[Mapping[str, str]]) -> list[tuple[Held | None, ...]]:
    """The files of several versions side by side.

    Args:
        columns: Path → id of the content, for each version.
    """
    files: list[dict[Hashable, Held]] = [{path: Held(path, oid) for path, oid in column.items()} for column in columns]
    rows = aligned(files, _content)
    return list(rows)


def _content(file: Held) -> str:
    return file.id


def compared(
    held: tuple[Held | None, ...], packages: Sequence[Mapping[str, str]], problem: str = ""
) -> EnvironmentFile:
    """One file with the packages that differ between its versions."""
    rows = () if problem else tuple(row for row in value_rows(packages) if row.differs)
    return EnvironmentFile(held=held, packages=rows, problem=problem)


def _change(before: Held | None, after: Held | None) -> Difference:
    if before is None or after is None:
        return Difference.SAME if before == after else Difference.ADDED if before is None else Difference.REMOVED
    if before.id != after.id:
        return Difference.CHANGED
    return Difference.SAME if before.path == after.path else Difference.MOVED

"""What differs between named values: parameters, annotations, commands, packages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum

from mreg.core.annotations import Scalar


class Difference(StrEnum):
    """What became of a thing, seen from the first version."""

    SAME = "same"
    CHANGED = "changed"
    MOVED = "moved"
    ADDED = "added"
    REMOVED = "removed"
    UNKNOWN = "unknown"


class Absent(Enum):
    """Not there at all, which null is not."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT
Value = Scalar | Absent


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One name and its value in each version."""

    name: str
    values: tuple[Value, ...]

    @property
    def changes(self) -> tuple[Difference, ...]:
        """What became of it in each version after the first."""
        return tuple(change_of(self.values[0], value) for value in self.values[1:])

    @property
    def differs(self) -> bool:
        return any(change is not Difference.SAME for change in self.changes)


def value_rows(columns: Sequence[Mapping[str, Scalar]]) -> tuple[ValueRow, ...]:
    """The values of several mappings side by side: the first one's names in their order, then what others add."""
    names = dict.fromkeys(name for column in columns for name in column)
    return tuple(ValueRow(name, tuple(column.get(name, ABSENT) for column in columns)) for name in names)


def change_of(before: Value, after: Value) -> Difference:
    if before is ABSENT and after is not ABSENT:
        return Difference.ADDED
    if after is ABSENT and before is not ABSENT:
        return Difference.REMOVED
    # True and 1 are equal to Python and two things to people; 1 and 1.0 are one number.
    alike = before == after and isinstance(before, bool) is isinstance(after, bool)
    return Difference.SAME if alike else Difference.CHANGED

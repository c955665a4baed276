"""The code of two versions: the commits between them, and what became of the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from mreg.core.compare.difference import Difference, ValueRow

_END = int(datetime.max.replace(tzinfo=UTC).timestamp()) - 1

Basis = Literal["pipeline", "card"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit between two versions. `ours` tells that the second version has it, and the first does not."""

    id: str
    author: str
    time: int
    subject: str
    ours: bool = True

    @property
    def when(self) -> datetime:
        """The author's time; a commit may say anything, and what no calendar has is its nearest end."""
        return datetime.fromtimestamp(min(max(self.time, 0), _END), UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """The commits that only one of two versions has.

    Attributes:
        ahead: How many only the second has.
        behind: How many only the first has.
        commits: The newest of both kinds, newest first.
    """

    ahead: int = 0
    behind: int = 0
    commits: tuple[Commit, ...] = ()

    @property
    def count(self) -> int:
        return self.ahead + self.behind


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """What became of one file of code.

    Attributes:
        path: Its path, the new one where it has moved.
        before: Its path before, where it has moved.
        added: Lines added; None of a file that is not text.
        deleted: Lines deleted; None likewise.
        touched: False where the file is as it was, and the pipeline uses it newly, or no more.
    """

    path: str
    change: Difference
    before: str | None = None
    added: int | None = 0
    deleted: int | None = 0
    touched: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeChange:
    """The code of a version against the first one's.

    Attributes:
        between: The commits between the two versions' commits.
        files: What became of the files of code that differ.
        basis: Whose files these are: the `pipeline`'s, or all that differ between the commits that the `card`s name as
            the code; None where neither is known.
        commands: What the pipeline's steps ran, where it differs.
        unknown: What cannot be known, a sentence each.
    """

    between: Between
    files: tuple[FileChange, ...] = ()
    basis: Basis | None = None
    commands: tuple[ValueRow, ...] = field(default=())
    unknown: tuple[str, ...] = ()


def differing(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The paths that only one has, or that have another object id."""
    return [path for path in dict.fromkeys((*before, *after)) if before.get(path) != after.get(path)]


def with_uses(
    files: tuple[FileChange, ...], before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[FileChange, ...]:
    """The changes of files, and with them those that are as they were and that the pipeline uses no more, or newly."""
    told = {path for file in files for path in (file.path, file.before)}
    uses = [
        FileChange(path=path, change=Difference.REMOVED if path in before else Difference.ADDED, touched=False)
        for path in differing(before, after)
        if (path not in before or path not in after) and not _told(path, told)
    ]
    return (*files, *uses)


def _told(path: str, told: set[str | None]) -> bool:
    return path in told or any(other and other.startswith(f"{path}/") for other in told)

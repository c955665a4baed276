"""What one DVC file says, with its stages and sources found by the paths and contents that they name."""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar

from mreg.adapters.dvc.pointers import is_pointer_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mreg.adapters.dvc.pointers import BadPointer
    from mreg.core.pointer import Pointer
    from mreg.core.provenance import Source, Step

T = TypeVar("T")


class PathIndex(Generic[T]):
    """Things by the path that each is about."""

    def __init__(self, items: Iterable[tuple[str, T]]) -> None:
        self._by_path: dict[str, list[T]] = {}
        for path, item in items:
            self._by_path.setdefault(path, []).append(item)
        self._paths = sorted(self._by_path)

    def at(self, path: str) -> list[T]:
        """What is about the path itself."""
        return self._by_path.get(path, [])

    def covering(self, path: str) -> Iterator[T]:
        """What is about the path or a folder above it; the nearest first."""
        yield from self.at(path)
        while "/" in path.lstrip("/"):
            path = posixpath.dirname(path)
            yield from self.at(path)

    def overlapping(self, path: str) -> Iterator[T]:
        """What is about the path, a folder above it or something in it."""
        yield from self.covering(path)
        yield from self.inside(path)

    def inside(self, folder: str) -> Iterator[T]:
        """What is about something in the folder."""
        prefix = f"{folder}/"
        position = bisect_left(self._paths, prefix)
        while position < len(self._paths) and self._paths[position].startswith(prefix):
            yield from self._by_path[self._paths[position]]
            position += 1


@dataclass(frozen=True, kw_only=True)
class DvcFile:
    """What one `dvc.lock` or `.dvc` file says, read once for all the commits that have it.

    Attributes:
        steps: The stages of a lock that the `dvc.yaml` beside it has too, in the lock's order.
        orphans: Those that it has no more, which DVC leaves in the lock.
        reporting: The labels of the stages whose outs only tell about what they used, as those of an evaluation do.
        remarks: By the label of a stage, what is to be said where the stage matters.
        unknown: What is to be said in any case.
        problem: Set, and the rest is empty, where the file could not be read.
    """

    steps: tuple[Step, ...] = ()
    orphans: tuple[Step, ...] = ()
    sources: tuple[Source, ...] = ()
    pointers: tuple[Pointer, ...] = ()
    reporting: frozenset[str] = frozenset()
    remarks: dict[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    problem: BadPointer | None = None

    def outs(self) -> tuple[Pointer, ...]:
        """The pointers.

        Raises:
            BadPointer: The file could not be read.
        """
        if self.problem:
            raise self.problem
        return self.pointers

    @cached_property
    def makers(self) -> PathIndex[Step]:
        """The stages by what they make."""
        return PathIndex((out.path, step) for step in self.steps for out in step.outs)

    @cached_property
    def former_makers(self) -> PathIndex[Step]:
        """The orphans by what they made."""
        return PathIndex((out.path, step) for step in self.orphans for out in step.outs)

    @cached_property
    def users(self) -> PathIndex[Step]:
        """The stages by what they use."""
        return PathIndex((dep.path, step) for step in self.steps for dep in step.deps)

    @cached_property
    def makers_of_content(self) -> PathIndex[Step]:
        """The stages by the hashes of what they make."""
        return PathIndex((out.hash, step) for step in self.steps for out in step.outs if out.hash)

    @cached_property
    def sources_by_path(self) -> PathIndex[Source]:
        """The sources by what they track."""
        return PathIndex((source.out.path, source) for source in self.sources)


def is_outside(path: str) -> bool:
    """Whether a path, or a URI, leaves the repository."""
    return "://" in path or path.startswith(("/", "../", "db:")) or path == ".."


def holds_code(members: Mapping[str, str] | None) -> bool:
    """Whether git has more of a folder than what DVC writes there to track what is in it."""
    names = () if members is None else map(posixpath.basename, members)
    return members is None or any(not is_pointer_file(name) and name != ".gitignore" for name in names)

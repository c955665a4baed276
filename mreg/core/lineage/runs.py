"""Which recorded run of a step made a content, and which used it: one index over the papers of all versions.

A version may have used what only the pipeline of another one made: a file that was added by hand, imported, or left
over from an earlier commit. Its content tells, wherever the run that made it was recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from mreg.core.lineage.links import EMPTY, origins

if TYPE_CHECKING:
    from mreg.core.dossier import Dossier
    from mreg.core.provenance import File, Provenance, Step

Chain = tuple[str, ...]

T = TypeVar("T")


class Run(NamedTuple):
    """A step as it ran, and the first version whose papers recorded that."""

    step: Step
    ref: str


class Runs:
    """All recorded runs, those of versions registered first before the others."""

    def __init__(self, dossiers: Mapping[str, Dossier]) -> None:
        self._dossiers = dossiers

    def _steps(self) -> Iterator[tuple[str, tuple[Step, ...]]]:
        for ref, dossier in self._dossiers.items():
            yield ref, (*dossier.provenance.steps, *dossier.provenance.checks)

    @cached_property
    def _runs(self) -> Sequence[Run]:
        """Each run once: most versions' papers repeat those of the version before."""
        found: list[Run] = []
        objects: set[int] = set()
        seen: set[tuple[object, ...]] = set()
        for ref, steps in self._steps():
            for step in steps:
                if id(step) in objects:  # shared by the cache: quicker than to compare
                    continue
                objects.add(id(step))
                known = (step.label, step.command, step.deps, step.outs)
                if known not in seen:
                    seen.add(known)
                    found.append(Run(step, ref))
        return found

    @cached_property
    def makers(self) -> Mapping[str | None, Sequence[Run]]:
        """Content → the runs that made it."""
        found: dict[str | None, list[Run]] = {}
        for run in self._runs:
            for out in run.step.outs:
                found.setdefault(out.hash, []).append(run)
        return _telling(found)

    @cached_property
    def users(self) -> Mapping[str | None, Sequence[Run]]:
        """Content → the runs that used it."""
        found: dict[str | None, list[Run]] = {}
        for run in self._runs:
            for dep in run.step.deps:
                found.setdefault(dep.hash, []).append(run)
        return _telling(found)

    @cached_property
    def parts(self) -> Mapping[str | None, Mapping[str | None, str]]:
        """Content that a version's step made → content in it, or that holds it, which a step of it used → its path."""
        found: dict[str | None, dict[str | None, str]] = {}
        for _, steps in self._steps():
            made = [out for step in steps for out in step.outs]
            used = [dep for step in steps for dep in step.deps]
            for folder in filter(_is_folder, made):
                for dep in used:
                    if dep.path.startswith(f"{folder.path}/"):
                        found.setdefault(folder.hash, {}).setdefault(dep.hash, dep.path)
            for folder in filter(_is_folder, used):
                for out in made:
                    if out.path.startswith(f"{folder.path}/"):
                        found.setdefault(out.hash, {}).setdefault(folder.hash, folder.path)
        return _telling(found)

    def spread(self, contents: Mapping[str, Chain]) -> dict[str, Chain]:
        """These contents and all that recorded runs made from them, each with the shortest chain to it."""
        chains: dict[str, Chain] = {}
        nearest = {content: len(chain) for content, chain in contents.items()}
        waiting = [(len(chain), chain, content) for content, chain in contents.items()]
        heapify(waiting)
        while waiting:
            length, chain, content = heappop(waiting)
            if content in chains:
                continue
            chains[content] = chain
            for made, way in self._made_from(content):
                longer = length + len(way)
                if made and longer <= nearest.get(made, longer):
                    nearest[made] = longer
                    heappush(waiting, (longer, (*chain, *way), made))
        return {content: chain for content, chain in chains.items() if content not in EMPTY}

    def _made_from(self, content: str) -> Iterator[tuple[str | None, Chain]]:
        for step, ref in self.users.get(content, ()):
            for out in step.outs:
                yield out.hash, (f"{step.label} ({ref})", out.path)
        for other, path in self.parts.get(content, {}).items():
            yield other, (path,)

    def lent(self, files: Iterable[File]) -> dict[str, list[Step]]:
        """The runs that made these files, and what those used: version that recorded them → its steps.

        Of several runs that made one content, it is the first that was recorded.
        """
        found: dict[str, list[Step]] = {}
        waiting, seen = list(files), set()
        while waiting:
            file = waiting.pop()
            runs = self.makers.get(file.hash, ())
            if file.hash in seen or not runs:
                continue
            seen.add(file.hash)
            step, ref = runs[0]
            provenance = self._dossiers[ref].provenance
            steps = _leading_to(step, provenance)
            found.setdefault(ref, []).extend(one for one in steps if one not in found.get(ref, ()))
            waiting += foreign((dep for one in steps for dep in one.deps), provenance)
        return found


def foreign(files: Iterable[File], provenance: Provenance) -> Iterator[File]:
    """Those of a version's files that none of its own steps made: where they are from, only others may tell."""
    made = {out.hash for step in (*provenance.steps, *provenance.checks) for out in step.outs}
    for file in files:
        if file.hash and file.hash not in made and not any(origin.step for origin in origins(file, provenance)):
            yield file


def _leading_to(step: Step, provenance: Provenance) -> list[Step]:
    """A step and those of the same version that made what it used."""
    found, waiting = [step], [step]
    while waiting:
        for dep in waiting.pop().deps:
            for origin in origins(dep, provenance):
                if origin.step and origin.step not in found:
                    found.append(origin.step)
                    waiting.append(origin.step)
    return found


def _telling(found: dict[str | None, T]) -> dict[str | None, T]:
    """Without what was not recorded, and what is equal everywhere."""
    return {content: what for content, what in found.items() if content and content not in EMPTY}


def _is_folder(file: File) -> bool:
    return file.nfiles is not None or (file.hash or "").endswith(".dir")

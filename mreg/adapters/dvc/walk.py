"""The way back from one artifact, through the stages that led to it, to raw data and code: at one commit."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from mreg.adapters.dvc.pointers import (
    LOCK,
    PIPELINE,
    BadPointer,
    InsideTrackedFolder,
    candidates,
    choose_pointer,
    is_pointer_file,
)
from mreg.core.provenance import File, Provenance, Source, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mreg.adapters.dvc.lockfile import DvcFile
    from mreg.adapters.git.blobs import Named
    from mreg.core.pointer import Pointer


class Walk:
    """One artifact's walk. The caller brings what git knows of the paths in `lookups()`, then calls `step()`.

    Attributes:
        objects: What git has at this commit under a path; "" is the commit itself.
        files: The DVC files among them, as parsed.
        needs_listing: Something was not found where it usually is: the files that `may_explain` it are to be looked up.
    """

    def __init__(self, commit: str, artifact: str | None) -> None:
        self.commit, self.artifact = commit, artifact
        self.objects: dict[str, Named | None] = {}
        self.files: dict[str, DvcFile] = {}
        self.needs_listing = False
        self._listed = False
        self._open: list[str] = [] if artifact is None else [artifact]
        self._unexplained: list[str] = []
        self._steps: dict[str, Step] = {}
        self._checks: dict[str, Step] = {}
        self._upstream = True
        self._sources: dict[str, Source] = {}
        self._code: dict[str, str] = {}
        self._unknown: dict[str, None] = {}

    def lookups(self) -> list[str]:
        """The paths to ask git about next."""
        wanted = ["", *(path for open_ in self._open for path in (open_, *candidates(open_)))]
        return [path for path in dict.fromkeys(wanted) if path not in self.objects]

    def may_explain(self, path: str) -> bool:
        """Whether this may be a file that says where something comes from that was not found yet: any pipeline, and a
        `.dvc` file of whatever name in its folder or above."""
        if posixpath.basename(path) in (LOCK, PIPELINE):
            return True
        folder = posixpath.dirname(path)
        return is_pointer_file(path) and any(not folder or open_.startswith(f"{folder}/") for open_ in self._open)

    def unread(self) -> list[str]:
        """The DVC files that are there and not parsed yet."""
        there = (path for path, found in self.objects.items() if found and found.kind == "blob")
        return [path for path in there if path not in self.files and is_pointer_file(path) and not _is_pipeline(path)]

    def pipelines(self) -> list[Named | None]:
        """The `dvc.yaml` files that are there."""
        return [found for path, found in self.objects.items() if found and _is_pipeline(path)]

    def step(self) -> bool:
        """Explain what can be explained with what is known now; True where git has to be asked again."""
        if self.artifact is None or self.objects.get("") is None:
            return False
        for path in self._take():
            if not self._explain(path):
                self._unexplained.append(path)
        if self._unexplained and not self._listed:
            self._listed = self.needs_listing = True
            self._open, self._unexplained = self._unexplained, []
            return True
        if not self._open and self._upstream:
            self._upstream = False
            self._find_checks(self.artifact)
        return bool(self._open)

    def _take(self) -> list[str]:
        taken, self._open = self._open, []
        return list(dict.fromkeys(taken))

    def _explain(self, path: str) -> bool:
        """Find where a file comes from: a stage, a `.dvc` file, or Git itself."""
        if _is_outside(path):
            return True
        if makers := [step for step in self._all_steps() if any(_overlap(out.path, path) for out in step.outs)]:
            for step in makers:
                self._add(step)
            return True
        if source := self._source(path):
            self._sources[source.file] = source
            self._follow_copy(source)
            return True
        if found := self.objects.get(path):
            self._code[path] = found.oid
            return True
        return False

    def _follow_copy(self, source: Source) -> None:
        """A pipeline's output that was copied or renamed before it was registered: its content tells."""
        if source.origin is None and source.out.hash:
            for step in self._all_steps():
                if any(out.hash == source.out.hash for out in step.outs):
                    self._add(step)

    def _add(self, step: Step) -> None:
        if step.label not in self._steps and step.label not in self._checks:
            (self._steps if self._upstream else self._checks)[step.label] = step
            self._open += [dep.path for dep in step.deps]

    def _find_checks(self, artifact: str) -> None:
        """The stages that measure the artifact. One that makes another model of it measures that one, and one that uses
        it as data measures what came of that."""
        users = [step for step in self._all_steps() if any(_overlap(dep.path, artifact) for dep in step.deps)]
        users = [step for step in users if step.label not in self._steps]
        for step in [step for step in users if step.only_reports] or [step for step in users if step.metrics]:
            self._add(step)

    def _all_steps(self) -> Iterator[Step]:
        for file in self.files.values():
            yield from file.steps

    def _source(self, path: str) -> Source | None:
        sources = [source for file in self.files.values() for source in file.sources]
        exact = (source for source in sources if source.out.path == path)
        return next(exact, next((source for source in sources if _overlap(source.out.path, path)), None))

    def code_used(self) -> Iterator[tuple[str, str, str]]:
        """Path, object id and recorded hash of each file that a stage used and Git tracks."""
        for step in (*self._steps.values(), *self._checks.values()):
            for dep in step.deps:
                if dep.path in self._code and dep.hash and not dep.hash.endswith(".dir"):
                    yield dep.path, self._code[dep.path], dep.hash

    def differs(self, path: str) -> None:
        """Note that a stage ran with another content of this file than the commit holds."""
        users = [step.label for step in self._used() if any(dep.path == path for dep in step.deps)]
        self._unknown[f"{' and '.join(users)} ran with another {path} than the one in this commit"] = None

    def _used(self) -> Sequence[Step]:
        return (*self._steps.values(), *self._checks.values())

    def provenance(self) -> Provenance:
        """What was found."""
        return Provenance(
            artifact=self._pointer(),
            steps=tuple(self._steps.values()),
            checks=tuple(self._checks.values()),
            sources=tuple(self._sources.values()),
            code=dict(self._code),
            unknown=tuple(self._gaps()),
        )

    def _pointer(self) -> Pointer | None:
        if self.artifact is None:
            return None
        try:
            return choose_pointer(self.artifact, {name: file.outs for name, file in self.files.items()})
        except (BadPointer, InsideTrackedFolder) as error:
            self._unknown[str(error)] = None
            return None

    def _gaps(self) -> Iterator[str]:
        if self.objects and self.objects.get("") is None:
            yield f"the commit {self.commit[:10]} is not in this clone; git fetch --unshallow completes a shallow one"
            return
        yield from self._unknown
        for path in self._unexplained:
            users = [step.label for step in self._used() if any(dep.path == path for dep in step.deps)]
            what = f"{path}, which {' and '.join(users)} used," if users else path
            yield f"{what} is tracked neither by DVC nor by Git at this commit"
        yield from self._stale()

    def _stale(self) -> Iterator[str]:
        """Where a stage used another content of a file than the one that its maker, or its `.dvc` file, recorded."""
        made: dict[str, tuple[File, str]] = {s.out.path: (s.out, s.file) for s in self._sources.values()}
        made |= {out.path: (out, step.label) for step in self._used() for out in step.outs}
        for step in self._used():
            for dep in step.deps:
                known, maker = made.get(dep.path, (dep, ""))
                if known.hash != dep.hash and known.hash and dep.hash:
                    yield f"{step.label} ran with another {dep.path} than the one of {maker} in this commit"


def _is_pipeline(path: str) -> bool:
    return posixpath.basename(path) == PIPELINE


def _is_outside(path: str) -> bool:
    return "://" in path or path.startswith(("/", "../"))


def _overlap(one: str, other: str) -> bool:
    """Whether two paths are the same, or one is a folder with the other in it."""
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")

"""The way back from one artifact, through the stages that led to it, to raw data and code: at one commit."""

from __future__ import annotations

import posixpath
from collections import deque
from typing import TYPE_CHECKING

from mreg.adapters.dvc.dvcfile import holds_code, is_outside
from mreg.adapters.dvc.gaps import gaps
from mreg.adapters.dvc.pointers import (
    LOCK,
    BadPointer,
    InsideTrackedFolder,
    candidates,
    choose_pointer,
    is_pointer_file,
)
from mreg.adapters.dvc.settings import PIPELINE
from mreg.core.provenance import Provenance, Source, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mreg.adapters.dvc.dvcfile import DvcFile
    from mreg.adapters.git.blobs import Named
    from mreg.core.pointer import Pointer


class Walk:
    """One artifact's walk. The caller brings what git knows of the paths in `lookups()`, then calls `step()`.

    Attributes:
        objects: What git has at this commit under a path; "" is the commit itself.
        files: The DVC files among them, as parsed.
        folders: What git has in a folder that is used: path in it → object id; None where that is too much to look at.
        needs_listing: What is near has been seen: the files that `may_explain` more are to be looked up.
        code: What the stages used and Git tracks: path → object id.
    """

    def __init__(self, commit: str, artifact: str | None) -> None:
        self.commit, self.artifact = commit, artifact
        self.objects: dict[str, Named | None] = {}
        self.files: dict[str, DvcFile] = {}
        self.folders: dict[str, Mapping[str, str] | None] = {}
        self.needs_listing = False
        self.code: dict[str, str] = {}
        self.steps: dict[str, Step] = {}
        self.checks: dict[str, Step] = {}
        self.sources: dict[str, Source] = {}
        self.unexplained: list[str] = []
        self.remarks: dict[str, None] = {}
        self._open: list[str] = [] if artifact is None else [artifact]
        self._listed = False
        self._seen: set[str] = set(self._open)
        self._unread: list[str] = []
        self._upstream = True
        # Under which paths the artifact is known: its own, and those of what it is a copy of.
        self._names: dict[str, None] = dict.fromkeys(self._open)

    @property
    def used(self) -> tuple[Step, ...]:
        """All the stages that were found."""
        return (*self.steps.values(), *self.checks.values())

    def lookups(self) -> list[str]:
        """The paths to ask git about next."""
        inside = [open_ for open_ in self._open if not is_outside(open_)]
        wanted = ["", *(path for open_ in inside for path in (open_, *candidates(open_)))]
        return [path for path in dict.fromkeys(wanted) if path not in self.objects]

    def may_explain(self, path: str) -> bool:
        """Whether this may be a file that says where something comes from that was not found yet: any pipeline, and a
        `.dvc` file of whatever name in its folder or above."""
        if posixpath.basename(path) in (LOCK, PIPELINE):
            return True
        folder = posixpath.dirname(path)
        return is_pointer_file(path) and any(not folder or open_.startswith(f"{folder}/") for open_ in self._open)

    def unlisted(self) -> Iterator[tuple[str, str]]:
        """Path and object id of the folders that are to be looked into."""
        for path in self._open:
            found = self.objects.get(path)
            if found and found.kind == "tree" and path not in self.folders:
                yield path, found.oid

    def know(self, path: str, found: Named | None) -> None:
        """Take what git has under a path."""
        if path in self.objects:
            return
        self.objects[path] = found
        if found and found.kind == "blob" and is_pointer_file(path) and posixpath.basename(path) != PIPELINE:
            self._unread.append(path)

    def unread(self) -> list[str]:
        """The DVC files that have come since this was asked last."""
        taken, self._unread = self._unread, []
        return taken

    def step(self) -> bool:
        """Explain what can be explained with what is known now; True where git has to be asked again."""
        if self.artifact is None or self.objects.get("") is None:
            return False
        taken, self._open = self._open, []
        self.unexplained += [path for path in taken if not self._explain(path)]
        self._follow()
        if not self._open and not self._listed and self.unexplained:
            # A pipeline in another folder may explain the rest. Folders are not read without need: in a repository of a
            # thousand models, each commit has a thousand.
            self._listed = self.needs_listing = True
            self._open, self.unexplained = self.unexplained, []
        elif not self._open and self._upstream:
            self._upstream = False
            self._find_checks()
            self._follow()
        return bool(self._open)

    def _follow(self) -> None:
        """Go on from what a stage made that is known already: git need not be asked about it."""
        waiting, others = deque(self._open), []
        while waiting:
            path = waiting.popleft()
            if self._makers(path):
                self._open = []
                self._explain(path)
                waiting.extend(self._open)
            else:
                others.append(path)
        self._open = others

    def _push(self, paths: Iterable[str]) -> None:
        """Leave paths to be explained, each once."""
        new = [path for path in dict.fromkeys(paths) if path not in self._seen]
        self._seen.update(new)
        self._open += new

    def _explain(self, path: str) -> bool:
        """Find where a file comes from: a stage, a `.dvc` file, or Git itself; a folder may come from several."""
        if is_outside(path):
            return True
        if makers := self._makers(path):
            for step in makers:
                self._add(step)
            return True
        if source := next((s for file in self.files.values() for s in file.sources_by_path.covering(path)), None):
            self._add_source(source)
            return True
        if former := next((s for file in self.files.values() for s in file.former_makers.covering(path)), None):
            self._add(former)
            self.remarks[f"{path} was made by {former.label}, a stage that {former.pipeline} no longer has"] = None
            return True
        inside = [step for file in self.files.values() for step in file.makers.inside(path)]
        parts = [source for file in self.files.values() for source in file.sources_by_path.inside(path)]
        for step in inside:
            self._add(step)
        for part in parts:
            self._add_source(part)
        return self._is_code(path) or bool(inside or parts)

    def _makers(self, path: str) -> list[Step]:
        """The stages that made a file, or the folder that it is in."""
        return [step for file in self.files.values() for step in file.makers.covering(path)]

    def _is_code(self, path: str) -> bool:
        found = self.objects.get(path)
        if found is None or (found.kind == "tree" and not holds_code(self.folders.get(path))):
            return False
        self.code[path] = found.oid
        return True

    def _add_source(self, source: Source) -> None:
        self.sources[source.file] = source
        if source.origin is not None:
            self._push([source.origin.url] if source.origin.path is None and source.origin.url else [])
            return
        # What a pipeline made, copied or renamed before it was tracked: its content tells.
        for file in self.files.values():
            for step in file.makers_of_content.at(source.out.hash or ""):
                if source.out.path == self.artifact:
                    self._names |= {out.path: None for out in step.outs if out.hash == source.out.hash}
                self._add(step)

    def _add(self, step: Step) -> None:
        if step.label in self.steps or step.label in self.checks:
            return
        (self.steps if self._upstream else self.checks)[step.label] = step
        self._push(dep.path for dep in step.deps)
        self._push(file for file in step.params if self._makers(file))
        self.remarks |= {file.remarks[step.label]: None for file in self.files.values() if step.label in file.remarks}

    def _find_checks(self) -> None:
        """The stages that measure the artifact, and those that use what they made. A stage that makes more than
        reports, as a fine-tuning does, is another model's."""
        names = list(self._names)
        others: dict[str, None] = {}
        for path in names:
            for step in [step for file in self.files.values() for step in file.users.overlapping(path)]:
                if step.label in self.steps or step.label in self.checks:
                    continue
                if any(step.label in file.reporting for file in self.files.values()):
                    self._add(step)
                    names += [out.path for out in step.outs]
                elif step.metrics and path in self._names:
                    others[f"{step.label} uses {path} and makes more than reports: its metrics are not counted"] = None
        if not any(step.metrics for step in self.used):
            self.remarks |= others

    def provenance(self) -> Provenance:
        """What was found."""
        pointer = self._pointer()
        return Provenance(
            artifact=pointer,
            steps=tuple(self.steps.values()),
            checks=tuple(self.checks.values()),
            sources=tuple(self.sources.values()),
            code=self.code,
            unknown=tuple(dict.fromkeys(gaps(self))),
        )

    def _pointer(self) -> Pointer | None:
        if self.artifact is None:
            return None
        try:
            return choose_pointer(self.artifact, {name: file.outs for name, file in self.files.items()})
        except (BadPointer, InsideTrackedFolder) as error:
            self.remarks[str(error)] = None
            return None

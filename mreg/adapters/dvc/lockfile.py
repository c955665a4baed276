"""The stages of a `dvc.lock`, and the source of a `.dvc` file, as values: what ran, on what, and what came out.

Pure: the caller brings the bytes. Anyone may have written them, so a part that is not what DVC writes is an error that
names the file, never a crash.

Source: dvc.schema and dvc.lockfile (DVC 3); DVC 1 wrote the lock without `schema:`, DVC 0 had stages in `.dvc` files.
"""

from __future__ import annotations

import posixpath
from functools import partial
from typing import TYPE_CHECKING

from mreg.adapters.dvc.dvcfile import DvcFile
from mreg.adapters.dvc.entries import EntryReader
from mreg.adapters.dvc.pointers import BadPointer, about, outs_of_source, outs_of_stages, stages_of_lock
from mreg.adapters.dvc.settings import PIPELINE
from mreg.adapters.dvc.variables import Unresolved
from mreg.adapters.yaml.plain import Plain, as_list, as_mapping, as_text, read_plain_yaml
from mreg.core.provenance import Source, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mreg.adapters.dvc.declarations import Declarations


def read_lock(data: bytes, file: str, declarations: Declarations) -> DvcFile:
    """A lock of schema 2.0 or 1.0, its stages in its order.

    Args:
        data: Its bytes.
        file: Where it lies, posix, relative to the Git root.
        declarations: Of the `dvc.yaml` beside it.
    """
    try:
        with about(file):
            return _Lock(data, file, declarations).read()
    except BadPointer as error:
        return DvcFile(problem=error)


def read_source(data: bytes, file: str) -> DvcFile:
    """A `.dvc` file: what it tracks, and where that was imported from; as DVC 0 wrote it, the one stage in it too."""
    try:
        with about(file):
            document = as_mapping(read_plain_yaml(data), "the file")
            reader = EntryReader(data)
            folder = posixpath.join(posixpath.dirname(file), as_text(document.get("wdir", "."), "wdir"))
            outs = reader.files(document, "outs", folder)
            if "cmd" in document:
                step = reader.step(document, name="", pipeline=file, folder=folder)
                return DvcFile(steps=(step,), pointers=outs_of_source(document, file))
            origin = next((reader.origin(dep, folder) for dep in as_list(document.get("deps"), "deps")), None)
            sources = tuple(Source(file, out, origin) for out in outs)
            return DvcFile(sources=sources, pointers=outs_of_source(document, file))
    except BadPointer as error:
        return DvcFile(problem=error)


class _Lock(EntryReader):
    def __init__(self, data: bytes, file: str, declarations: Declarations) -> None:
        super().__init__(data)
        self._stages = stages_of_lock(data)
        self._file, self._declarations = file, declarations
        self._pipeline = posixpath.join(posixpath.dirname(file), PIPELINE)

    def read(self) -> DvcFile:
        current = {name: stage for name, stage in self._stages.items() if self._declarations.declares(name)}
        orphans = {name: stage for name, stage in self._stages.items() if name not in current}
        unknown: dict[str, None] = {}
        steps = self._steps(current, unknown)
        former = self._steps(orphans, unknown)
        # First those that the pipeline has: another may have made the same path in its time.
        located = {step.name: self._stages[step.name] for step in (*steps, *former)}
        return DvcFile(
            steps=steps,
            orphans=former,
            pointers=outs_of_stages(located, self._file, self._declarations),
            reporting=frozenset(step.label for step in steps if self._only_reports(step)),
            remarks={step.label: remark for step in steps for remark in self._remarks(step)},
            unknown=tuple(unknown),
        )

    def _steps(self, stages: Mapping[str, dict[str, Plain]], unknown: dict[str, None]) -> tuple[Step, ...]:
        steps = []
        for name, stage in stages.items():
            try:
                steps.append(self._step(name, stage))
            except Unresolved as error:
                unknown[f"{self._pipeline}:{name} is left out, since nothing tells where it ran: {error}"] = None
        return tuple(steps)

    def _step(self, name: str, stage: dict[str, Plain]) -> Step:
        folder, metrics = self._declarations.folder(name), partial(self._declarations.metrics, name)
        return self.step(stage, name=name, pipeline=self._pipeline, folder=folder, metrics=metrics)

    def _only_reports(self, step: Step) -> bool:
        return self._declarations.only_reports(step.name, [out.path for out in step.outs])

    def _remarks(self, step: Step) -> list[str]:
        command = self._declarations.command(step.name)
        if command is None or command.strip() == step.command.strip():
            return []
        return [f"{step.label} ran with another command than the one in {step.pipeline} in this commit"]

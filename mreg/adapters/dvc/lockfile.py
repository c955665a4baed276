"""The stages of a `dvc.lock`, and the source of a `.dvc` file, as values: what ran, on what, and what came out.

Pure: the caller brings the bytes. Anyone may have written them, so a part that is not what DVC writes is an error that
names the file, never a crash.

Source: dvc.schema, dvc.stage.serialize and dvc.dependency.repo (DVC 3); DVC 1 wrote the lock without `schema:`.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mreg.adapters.dvc.dvcyaml import pipeline_of
from mreg.adapters.dvc.pointers import (
    MD5_NAMES,
    PIPELINE,
    BadPointer,
    Settings,
    about,
    directory_hash,
    outs_of_source,
    outs_of_stages,
    stages_of_lock,
)
from mreg.adapters.yaml.plain import (
    Plain,
    PlainYamlError,
    as_count,
    as_list,
    as_mapping,
    as_text,
    as_value,
    read_plain_yaml,
)
from mreg.core.metrics import flatten
from mreg.core.provenance import File, Origin, Source, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mreg.core.annotations import Scalar
    from mreg.core.pointer import Pointer

_ALGORITHMS = (*MD5_NAMES, "etag", "checksum")


@dataclass(frozen=True, slots=True)
class DvcFile:
    """What one `dvc.lock` or `.dvc` file says, read once: its stages or sources, and the pointers of their outs.

    `problem` is set, and the rest is empty, where it could not be read.
    """

    steps: tuple[Step, ...] = ()
    sources: tuple[Source, ...] = ()
    pointers: tuple[Pointer, ...] = ()
    problem: BadPointer | None = None

    def outs(self) -> tuple[Pointer, ...]:
        """The pointers.

        Raises:
            BadPointer: The file could not be read.
        """
        if self.problem:
            raise self.problem
        return self.pointers


def read_lock(data: bytes, file: str, dvc_yaml: bytes | None = None) -> DvcFile:
    """A lock of schema 2.0 or 1.0, its stages in its order.

    Args:
        data: Its bytes.
        file: Where it lies, posix, relative to the Git root.
        dvc_yaml: The `dvc.yaml` beside it, which alone knows a stage's `wdir` and which outs are metrics.
    """
    try:
        with about(file):
            stages, settings = stages_of_lock(data), Settings(dvc_yaml)
            reports = _reports(dvc_yaml, file, stages)
            return DvcFile(
                steps=tuple(_steps(stages, file, settings, reports)), pointers=outs_of_stages(stages, file, settings)
            )
    except BadPointer as error:
        return DvcFile(problem=error)


def read_source(data: bytes, file: str) -> DvcFile:
    """A `.dvc` file: what it tracks, and where that was imported from."""
    try:
        with about(file):
            document = as_mapping(read_plain_yaml(data), "the file")
            folder = posixpath.join(posixpath.dirname(file), as_text(document.get("wdir", "."), "wdir"))
            origin = next((_origin(dep) for dep in _entries(document, "deps")), None)
            sources = tuple(Source(file, _file(out, folder), origin) for out in _entries(document, "outs"))
            return DvcFile(sources=sources, pointers=outs_of_source(document, file))
    except BadPointer as error:
        return DvcFile(problem=error)


def _steps(
    stages: Mapping[str, dict[str, Plain]],
    file: str,
    settings: Settings,
    reports: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]],
) -> Iterator[Step]:
    pipeline = posixpath.join(posixpath.dirname(file), PIPELINE)
    for name, stage in stages.items():
        try:
            folder = posixpath.join(posixpath.dirname(file), settings.wdir(name))
        except PlainYamlError:  # a template: nothing in it can be named
            continue
        step = _step(stage, name=name, pipeline=pipeline, folder=folder)
        metrics, plots = reports.get(name, ((), ()))
        yield replace(step, metrics=metrics, plots=plots)


def _step(stage: dict[str, Plain], *, name: str, pipeline: str, folder: str) -> Step:
    command = stage.get("cmd", "")
    return Step(
        pipeline=pipeline,
        name=name,
        command=command if isinstance(command, str) else "\n".join(map(str, as_list(command, "cmd"))),
        deps=tuple(_file(entry, folder) for entry in _entries(stage, "deps")),
        outs=tuple(_file(entry, folder) for entry in _entries(stage, "outs")),
        params={
            _place(folder, file): _values(values)
            for file, values in as_mapping(stage.get("params") or {}, f"params of {name}").items()
        },
    )


def _reports(
    dvc_yaml: bytes | None, file: str, stages: Mapping[str, dict[str, Plain]]
) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """The metrics and the plots of each stage that has any."""
    if dvc_yaml is None:
        return {}
    pipeline = pipeline_of(dvc_yaml, posixpath.join(posixpath.dirname(file), PIPELINE), stages)
    return {stage.name: (stage.metrics, stage.plots) for stage in pipeline.stages}


def _entries(stage: dict[str, Plain], key: str) -> list[dict[str, Plain]]:
    return [as_mapping(entry, f"an entry of {key}") for entry in as_list(stage.get(key), key)]


def _file(entry: dict[str, Plain], folder: str) -> File:
    files = as_list(entry.get("files"), "files")
    return File(
        path=_place(folder, as_text(entry.get("path"), "a path")),
        hash=_hash(entry, files),
        size=as_count(entry.get("size"), "a size"),
        nfiles=len(files) or as_count(entry.get("nfiles"), "nfiles"),
    )


def _hash(entry: dict[str, Plain], files: list[Plain]) -> str | None:
    for name in _ALGORITHMS:
        if isinstance(value := entry.get(name), str) and value:
            return f"{'md5' if name in MD5_NAMES else name}:{value}"
    members = [as_mapping(member, "files") for member in files]
    if members and all("md5" in member for member in members):
        return "md5:" + directory_hash({str(member.get("relpath")): str(member["md5"]) for member in members})
    return None


def _origin(dep: dict[str, Plain]) -> Origin:
    repo = dep.get("repo")
    path = str(dep.get("path", ""))
    if isinstance(repo, dict):
        return Origin(str(repo.get("url", "")), path, _maybe(repo.get("rev")), _maybe(repo.get("rev_lock")))
    return Origin(path, revision=_hash(dep, as_list(dep.get("files"), "files")))


def _maybe(value: Plain | None) -> str | None:
    return str(value) if isinstance(value, str) and value else None


def _values(values: Plain) -> dict[str, Scalar]:
    """Dotted key → value. What is a tree there is flattened, as `dvc params diff` does."""
    tree: dict[str, Any] = as_value(values) if isinstance(values, dict) else {}
    try:
        return flatten(tree, lists=True)
    except ValueError:  # a key with a dot beside the same path as a tree: the lock knows each by its own text
        return {key: str(value) for key, value in tree.items()}


def _place(folder: str, path: str) -> str:
    return path if "://" in path or path.startswith("/") else posixpath.normpath(posixpath.join(folder, path))

"""A `dvc.yaml` and the `dvc.lock` beside it, as bytes from any commit, to stages with their files and parameters.

Templates (`${…}`) are not evaluated: what a templated path became is found among the paths that the lock records for
that stage, because a pipeline that has run has them there. What cannot be found so is said in `unresolved`.

Source: dvc.schema, dvc.parsing and dvc.stage.loader (DVC 3)
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mreg.adapters.dvc.pointers import stages_of_lock
from mreg.adapters.dvc.settings import read_pipeline_yaml
from mreg.adapters.structured import BrokenFile
from mreg.adapters.yaml.plain import Plain, PlainYamlError, as_list, as_mapping

PARAMS = "params.yaml"

_TEMPLATE = re.compile(r"(?<!\\)\$\{(.*?)\}")
_SCOPED = re.compile(r"\$\{\s*(?:item|key)\s*\}")

_REPORTS = (
    *(".csv", ".tsv", ".jsonl", ".parquet", ".feather", ".npy", ".npz", ".xlsx", ".log"),
    *(".html", ".md", ".pdf", ".png", ".svg", ".jpg"),
)

Selection = dict[str, tuple[str, ...]]
"""File → keys; no keys are all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage, or one of those that a `foreach` or `matrix` makes. Paths are posix, relative to the Git root."""

    name: str
    deps: frozenset[str]
    outs: frozenset[str]
    metrics: tuple[str, ...]
    plots: tuple[str, ...]
    params: Selection

    @property
    def only_reports(self) -> bool:
        """Whether all that it makes tells about what it used: metrics, plots, tables."""
        return all(is_report(out) for out in self.outs - {*self.metrics, *self.plots})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """What one `dvc.yaml` declares.

    `metrics` and `params` are the top-level sections. `variables` are the files that templates take values from, with
    every name that a template uses: also names that the file does not have. `unresolved` are templated paths whose
    value nobody recorded.
    """

    file: str
    stages: tuple[Stage, ...]
    metrics: tuple[str, ...]
    params: tuple[str, ...]
    variables: Selection
    unresolved: tuple[str, ...]

    @property
    def folder(self) -> str:
        return posixpath.dirname(self.file)


def parse_pipeline(data: bytes, file: str, lock: bytes | None = None) -> Pipeline:
    """Read a `dvc.yaml`.

    Args:
        data: Its bytes.
        file: Where it lies, posix, relative to the Git root.
        lock: The `dvc.lock` beside it, where there is one.

    Raises:
        BrokenFile: One of the two is not what DVC writes.
    """
    try:
        return pipeline_of(data, file, _locked_stages(lock))
    except PlainYamlError as error:
        raise BrokenFile(file=file, problem=str(error), hint="`dvc stage list` says more") from error


def pipeline_of(data: bytes, file: str, locked: Mapping[str, dict[str, Plain]]) -> Pipeline:
    """The same where the lock's stages have been read; raises PlainYamlError where the file is not what DVC writes."""
    return _Reader(file, data, locked).pipeline()


@dataclass(slots=True)
class _Reader:
    file: str
    data: bytes
    locked: Mapping[str, dict[str, Plain]]
    unresolved: list[str] = field(default_factory=list)

    def pipeline(self) -> Pipeline:
        document = as_mapping(read_pipeline_yaml(self.data) or {}, "the file")
        definitions = as_mapping(document.get("stages") or {}, "stages")
        stages = [
            self._stage(name, body, self.locked.get(name))
            for key, entry in definitions.items()
            for name, body in _instances(key, as_mapping(entry, f"stage {key}"), self.locked)
        ]
        return Pipeline(
            file=self.file,
            stages=tuple(stages),
            metrics=tuple(self._paths(document, "metrics", self._folder, ())),
            params=tuple(self._paths(document, "params", self._folder, ())),
            variables=self._variables(document, definitions),
            unresolved=tuple(self.unresolved),
        )

    @property
    def _folder(self) -> str:
        return posixpath.dirname(self.file)

    def _stage(self, name: str, body: dict[str, Plain], lock: dict[str, Plain] | None) -> Stage:
        folder = posixpath.join(self._folder, _wdir(body, name))
        recorded = lock or {}
        outs, deps = _recorded(recorded, "outs"), _recorded(recorded, "deps")
        metrics, plots = (tuple(self._paths(body, key, folder, outs)) for key in ("metrics", "plots"))
        made = self._paths(body, "outs", folder, outs)
        return Stage(
            name=name,
            deps=frozenset({*self._paths(body, "deps", folder, deps), *_joined(folder, deps)}),
            outs=frozenset({*made, *metrics, *plots, *_joined(folder, outs)}),
            metrics=metrics,
            plots=plots,
            params=self._params(body, folder, recorded),
        )

    def _paths(self, body: dict[str, Plain], key: str, folder: str, recorded: tuple[str, ...]) -> Iterator[str]:
        for entry in as_list(body.get(key), key):
            for path in [entry] if isinstance(entry, str) else as_mapping(entry, key):
                yield from _joined(folder, self._resolve(path, recorded))

    def _resolve(self, path: str, recorded: tuple[str, ...]) -> tuple[str, ...]:
        if not _TEMPLATE.search(path):
            return (path,)
        pieces = _TEMPLATE.split(path)[::2]
        found = tuple(candidate for candidate in recorded if fits(pieces, candidate))
        if not found:
            self.unresolved.append(path)
        return found

    def _params(self, body: dict[str, Plain], folder: str, recorded: dict[str, Plain]) -> Selection:
        selected: Selection = {}
        templated = False
        for entry in as_list(body.get("params"), "params"):
            files: dict[str, Plain] = {PARAMS: [entry]} if isinstance(entry, str) else as_mapping(entry, "params")
            for file, keys in files.items():
                names = tuple(str(key) for key in as_list(keys, f"params of {file}"))
                if any(_TEMPLATE.search(text) for text in (file, *names)):
                    templated = True
                else:
                    select(selected, _join(folder, file), names)
        if templated:
            for file, values in as_mapping(recorded.get("params") or {}, "params in dvc.lock").items():
                select(selected, _join(folder, file), tuple(as_mapping(values or {}, file)))
        return selected

    def _variables(self, document: dict[str, Plain], definitions: dict[str, Plain]) -> Selection:
        used = {match.strip().replace("[", ".").replace("]", "") for match in _TEMPLATE.findall(self.data.decode())}
        if not used:
            return {}
        owners = [(document, self._folder)]
        for name, entry in definitions.items():
            stage = as_mapping(entry, name)
            body = as_mapping(stage.get("do", stage), name)
            owners.append((body, posixpath.join(self._folder, _wdir(body, name))))
        files = {_join(self._folder, PARAMS)}
        for owner, folder in owners:
            texts = (item for item in as_list(owner.get("vars"), "vars") if isinstance(item, str))
            files |= {_join(folder, text.partition(":")[0]) for text in texts}
        return dict.fromkeys(sorted(files), tuple(sorted(used)))


def fits(pieces: Sequence[str], path: str) -> bool:
    """Whether a path is these pieces with something between each two of them."""
    if len(pieces) == 1 or not path.startswith(pieces[0]):
        return False
    first, *middle, last = pieces
    position = len(first)
    for piece in middle:
        position = path.find(piece, position + 1) + len(piece)
        if position < len(piece):
            return False
    return path.endswith(last) and position < len(path) - len(last)


def is_report(path: str) -> bool:
    """Whether a file of this name tells about a model; others may be the next model."""
    return posixpath.splitext(path)[1].lower() in _REPORTS


def select(selected: Selection, file: str, keys: tuple[str, ...]) -> None:
    """Add keys of a file to a selection; once a file is selected as a whole, it stays so."""
    if not keys:
        selected[file] = ()
    elif selected.get(file, keys):
        selected[file] = tuple(dict.fromkeys((*selected.get(file, ()), *keys)))


def _locked_stages(lock: bytes | None) -> dict[str, dict[str, Plain]]:
    return {} if lock is None else stages_of_lock(lock)


def _instances(
    key: str, definition: dict[str, Plain], locked: Mapping[str, dict[str, Plain]]
) -> list[tuple[str, dict[str, Plain]]]:
    """Names and bodies of what a definition makes; those of a loop are known from the lock alone."""
    if "foreach" in definition:
        body = as_mapping(definition.get("do"), f"do of {key}")
    elif "matrix" in definition:
        body = definition
    else:
        return [(key, definition)]
    return [(name, body) for name in locked if name.startswith(f"{key}@")] or [(key, body)]


def _wdir(body: dict[str, Plain], name: str) -> str:
    return _SCOPED.sub(lambda _: name.partition("@")[2], str(body.get("wdir") or "."))


def _recorded(lock: dict[str, Plain], key: str) -> tuple[str, ...]:
    entries = as_list(lock.get(key), f"{key} in dvc.lock")
    return tuple(str(as_mapping(entry, f"{key} in dvc.lock").get("path")) for entry in entries)


def _joined(folder: str, paths: tuple[str, ...]) -> Iterator[str]:
    return (_join(folder, path) for path in paths)


def _join(folder: str, path: str) -> str:
    return path if "://" in path else posixpath.normpath(posixpath.join(folder, path))

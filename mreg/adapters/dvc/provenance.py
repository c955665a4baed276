"""How artifacts came to be, out of the DVC files of many commits at once, without DVC.

What an artifact needs is looked up round by round: its pointer, the stage that made it, what that stage used, and so
on. A round asks git about all commits together, and a file that several commits share is read and parsed once.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mreg.adapters.dvc.declarations import Declarations
from mreg.adapters.dvc.drift import Drift
from mreg.adapters.dvc.dvcfile import DvcFile
from mreg.adapters.dvc.lockfile import read_lock, read_source
from mreg.adapters.dvc.pointers import LOCK, BadPointer, about, is_pointer_file
from mreg.adapters.dvc.settings import PIPELINE
from mreg.adapters.dvc.walk import Walk
from mreg.adapters.git.blobs import MAX_BLOB, Named
from mreg.adapters.git.trees import TreeReader
from mreg.adapters.yaml.plain import PlainYamlError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mreg.adapters.git import BlobReader
    from mreg.core.provenance import Provenance

# Above so many files, a folder is data that somebody keeps in Git, and no code.
_MOST_MEMBERS = 1_000


@dataclass(frozen=True, slots=True)
class Target:
    """An artifact at a commit; `path` is posix, relative to the Git root, and None where nobody knows it."""

    commit: str
    path: str | None


class ProvenanceReader:
    """Reads provenances; keeps what it has parsed as long as it lives."""

    def __init__(self, blobs: BlobReader) -> None:
        self._blobs, self._trees, self._drift = blobs, TreeReader(blobs), Drift(blobs)
        self._folders: dict[str, dict[str, str] | None] = {}
        self._pipelines: dict[tuple[str, ...], Declarations | BadPointer] = {}
        self._parsed: dict[tuple[str, ...], DvcFile] = {}

    def read(self, targets: Sequence[Target]) -> list[Provenance]:
        """What the commits say about how these artifacts came to be, in the same order.

        A commit that is not here, as in a shallow clone, says so in `unknown`. So does everything else that cannot be
        known; nothing is an error.
        """
        walks = [Walk(target.commit, target.path) for target in targets]
        self._round(walks)
        while waiting := [walk for walk in walks if walk.step()]:
            self._round(waiting)
        self._drift.compare(walks)
        return [walk.provenance() for walk in walks]

    def _round(self, walks: Sequence[Walk]) -> None:
        self._list_commits([walk for walk in walks if walk.needs_listing])
        asked = [(walk, path) for walk in walks for path in walk.lookups()]
        names = [f"{walk.commit}:{path}" if path else walk.commit for walk, path in asked]
        for (walk, path), found in zip(asked, self._blobs.identify(names), strict=True):
            walk.know(path, found)
        self._list_folders(walks)
        self._parse(walks)

    def _list_commits(self, walks: Sequence[Walk]) -> None:
        listed = self._trees.named([f"{walk.commit}^{{tree}}" for walk in walks], is_pointer_file)
        for walk, files in zip(walks, listed, strict=True):
            walk.needs_listing = False
            _add(walk, {path: oid for path, oid in files.items() if walk.may_explain(path)})

    def _list_folders(self, walks: Sequence[Walk]) -> None:
        for walk in walks:
            for path, oid in walk.unlisted():
                if oid not in self._folders:
                    there = self._trees.files(oid, _everything)
                    self._folders[oid] = there if len(there) <= _MOST_MEMBERS else None
                walk.folders[path] = members = self._folders[oid]
                _add(walk, {f"{path}/{name}": blob for name, blob in (members or {}).items() if is_pointer_file(name)})

    def _parse(self, walks: Iterable[Walk]) -> None:
        files = [(walk, file) for walk in walks for file in walk.unread()]
        pipelines = self._read_pipelines([(walk, file) for walk, file in files if _is_lock(file)])
        # What a file's meaning depends on: its place, its content and, for a lock, the pipeline beside it.
        keys = {at: (at[1], _oid(*at), *pipelines.get(at, ())) for at in files}
        new = list(dict.fromkeys(key for key in keys.values() if key not in self._parsed))
        for key, found in zip(new, self._blobs.stream([oid for _, oid, *_ in new]), strict=True):
            self._parsed[key] = self._read(key, found[1] if found else None)
        for (walk, file), key in keys.items():
            walk.files[file] = self._parsed[key]

    def _read(self, key: tuple[str, ...], data: bytes | None) -> DvcFile:
        file, _, *pipeline = key
        if data is None:
            return DvcFile(problem=BadPointer(file=file, problem=f"larger than the {MAX_BLOB >> 20} MiB that are read"))
        if not pipeline:
            return read_source(data, file)
        declarations = self._pipelines[tuple(pipeline)]
        if isinstance(declarations, BadPointer):
            return DvcFile(problem=declarations)
        return read_lock(data, file, declarations)

    def _read_pipelines(self, locks: Sequence[tuple[Walk, str]]) -> dict[tuple[Walk, str], tuple[str, ...]]:
        """The key, in `_pipelines`, of what the `dvc.yaml` beside each lock says at its commit."""
        folders = {at: posixpath.dirname(at[1]) for at in locks}
        keys: dict[tuple[Walk, str], tuple[str, ...]]
        keys = {at: (folder, _oid(at[0], posixpath.join(folder, PIPELINE))) for at, folder in folders.items()}
        self._declare(keys.values())
        # Few pipelines need variables of their commit too.
        needed = {at: self._variable_files(key) for at, key in keys.items()}
        names = {at: [f"{at[0].commit}:{file}" for file in files] for at, files in needed.items() if files}
        found = iter(self._blobs.identify([name for some in names.values() for name in some]))
        for at, some in names.items():
            keys[at] = (*keys[at], *(item.oid if (item := next(found)) else "" for _ in some))
        self._declare(keys.values())
        return keys

    def _declare(self, keys: Iterable[tuple[str, ...]]) -> None:
        new = [key for key in dict.fromkeys(keys) if key not in self._pipelines]
        contents = iter(self._blobs.read([oid for _, *oids in new for oid in oids]))
        for folder, *oids in new:
            data, *variables = (next(contents) for _ in oids)
            self._pipelines[folder, *oids] = _declarations(data, folder, variables)

    def _variable_files(self, key: tuple[str, ...]) -> tuple[str, ...]:
        declarations = self._pipelines[key]
        try:
            return () if isinstance(declarations, BadPointer) else declarations.variable_files
        except PlainYamlError:  # whoever asks for that stage is told
            return ()


def _declarations(data: bytes | None, folder: str, variables: Sequence[bytes | None]) -> Declarations | BadPointer:
    try:
        with about(posixpath.join(folder, PIPELINE)):
            return Declarations(data, folder, variables)
    except BadPointer as error:
        return error


def _add(walk: Walk, files: Mapping[str, str]) -> None:
    for path, oid in files.items():
        walk.know(path, Named(oid, "blob", 0))


def _oid(walk: Walk, file: str) -> str:
    found = walk.objects.get(file)
    return found.oid if found else ""


def _is_lock(file: str) -> bool:
    return posixpath.basename(file) == LOCK


def _everything(_: str) -> bool:
    return True

"""How artifacts came to be, out of the DVC files of many commits at once, without DVC.

What an artifact needs is looked up round by round: its pointer, the stage that made it, what that stage used, and so
on. A round asks git about all commits together, and a file that several commits share is read and parsed once.
"""

from __future__ import annotations

import hashlib
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mreg.adapters.dvc.lockfile import DvcFile, read_lock, read_source
from mreg.adapters.dvc.pointers import LOCK, PIPELINE
from mreg.adapters.dvc.walk import Walk
from mreg.adapters.git.trees import TreeReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mreg.adapters.git import BlobReader
    from mreg.core.provenance import Provenance


@dataclass(frozen=True, slots=True)
class Target:
    """An artifact at a commit; `path` is posix, relative to the Git root, and None where nobody knows it."""

    commit: str
    path: str | None


class ProvenanceReader:
    """Reads provenances; keeps what it has parsed as long as it lives."""

    def __init__(self, blobs: BlobReader) -> None:
        self._blobs, self._trees = blobs, TreeReader(blobs)
        self._pipelines: dict[str, bytes | None] = {}
        self._parsed: dict[tuple[str, str, str], DvcFile] = {}
        self._hashes: dict[str, frozenset[str]] = {}

    def read(self, targets: Sequence[Target]) -> list[Provenance]:
        """What the commits say about how these artifacts came to be, in the same order.

        A commit that is not here, as in a shallow clone, says so in `unknown`. So does everything else that cannot be
        known; nothing is an error.
        """
        walks = [Walk(target.commit, target.path) for target in targets]
        self._round(walks)
        while waiting := [walk for walk in walks if walk.step()]:
            self._round(waiting)
        self._compare_code(walks)
        return [walk.provenance() for walk in walks]

    def _round(self, walks: Iterable[Walk]) -> None:
        asked = [(walk, path) for walk in walks for path in self._wanted(walk)]
        names = [f"{walk.commit}:{path}" if path else walk.commit for walk, path in asked]
        for (walk, path), found in zip(asked, self._blobs.identify(names), strict=True):
            walk.objects[path] = found
        self._parse({walk: None for walk, _ in asked})

    def _wanted(self, walk: Walk) -> list[str]:
        if not walk.needs_listing:
            return walk.lookups()
        walk.needs_listing = False
        listed = self._trees.files(f"{walk.commit}^{{tree}}", walk.may_explain)
        return [path for path in listed if path not in walk.objects]

    def _parse(self, walks: Iterable[Walk]) -> None:
        files = [(walk, file) for walk in walks for file in walk.unread()]
        self._read_pipelines({found.oid for walk, _ in files for found in walk.pipelines() if found})
        keys = {(walk, file): self._key(walk, file) for walk, file in files}
        new = list(dict.fromkeys(key for key in keys.values() if key not in self._parsed))
        for key, found in zip(new, self._blobs.stream([oid for _, oid, _ in new]), strict=True):
            self._parsed[key] = self._read(key, found[1] if found and found[0] == "blob" else b"")
        for (walk, file), key in keys.items():
            walk.files[file] = self._parsed[key]

    def _key(self, walk: Walk, file: str) -> tuple[str, str, str]:
        """What a file's meaning depends on: its place, its content and, for a lock, the pipeline beside it."""
        pipeline = walk.objects.get(posixpath.join(posixpath.dirname(file), PIPELINE)) if _is_lock(file) else None
        found = walk.objects[file]
        return file, found.oid if found else "", pipeline.oid if pipeline else ""

    def _read(self, key: tuple[str, str, str], data: bytes) -> DvcFile:
        file, _, pipeline = key
        return read_lock(data, file, self._pipelines.get(pipeline)) if _is_lock(file) else read_source(data, file)

    def _read_pipelines(self, oids: Iterable[str]) -> None:
        new = [oid for oid in oids if oid not in self._pipelines]
        self._pipelines.update(zip(new, self._blobs.read(new), strict=True))

    def _compare_code(self, walks: Iterable[Walk]) -> None:
        """Say where a stage ran with other code than the commit holds: forgotten `dvc repro`, or a dirty work tree."""
        new = list(dict.fromkeys(oid for walk in walks for _, oid, _ in walk.code_used() if oid not in self._hashes))
        for oid, data in zip(new, self._blobs.read(new), strict=True):
            self._hashes[oid] = _md5s(data)
        for walk in walks:
            for path, oid, used in walk.code_used():
                if self._hashes[oid] and used not in self._hashes[oid]:
                    walk.differs(path)


def _is_lock(file: str) -> bool:
    return posixpath.basename(file) == LOCK


def _md5s(data: bytes | None) -> frozenset[str]:
    """The hashes by which DVC may know a file: since DVC 3 that of its bytes, before with unified line ends."""
    if data is None:
        return frozenset()
    forms = (data, data.replace(b"\r\n", b"\n"))
    return frozenset(f"md5:{hashlib.md5(form, usedforsecurity=False).hexdigest()}" for form in forms)

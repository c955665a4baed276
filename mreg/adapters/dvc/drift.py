"""Where stages ran with something else than the commit holds: a forgotten `dvc repro`, or a work tree that was not
committed as it was."""

from __future__ import annotations

import hashlib
import posixpath
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from mreg.adapters.dvc.pointers import directory_hash, is_pointer_file
from mreg.adapters.structured import is_structured, parse_structured
from mreg.adapters.yaml.plain import PlainYamlError, as_mapping, as_value, read_plain_yaml
from mreg.core.metrics import flatten
from mreg.errors import MregError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mreg.adapters.dvc.walk import Walk
    from mreg.adapters.git import BlobReader
    from mreg.core.annotations import Scalar
    from mreg.core.provenance import File, Step

_MANY = 3
_LFS = b"version https://git-lfs.github.com/spec/"


class Drift:
    """Compares what stages recorded with what git has; keeps what it computed of each object."""

    def __init__(self, blobs: BlobReader) -> None:
        self._blobs = blobs
        self._hashes: dict[str, tuple[str, ...]] = {}
        self._params: dict[tuple[str, str], dict[str, Scalar] | None] = {}

    def compare(self, walks: Sequence[Walk]) -> None:
        """Add to the walks' remarks, a sentence for each difference."""
        self._hash(oid for walk in walks for _, oid, _ in _code_files(walk))
        for walk in walks:
            for path, oid, used in _code_files(walk):
                if self._hashes[oid] and used not in self._hashes[oid]:
                    walk.remarks[f"{_users(walk, path)} ran with another {path} than the one in this commit"] = None
            for dep, members in _code_folders(walk):
                if dep.hash not in self._folder_hashes(members):
                    walk.remarks[_folder_remark(_users(walk, dep.path), dep, len(members))] = None
        self._compare_params(walks)

    def _hash(self, oids: Iterable[str]) -> None:
        new = [oid for oid in dict.fromkeys(oids) if oid not in self._hashes]
        for oid, found in zip(new, self._blobs.stream(new), strict=True):
            self._hashes[oid] = _md5s(found[1]) if found else ()

    def _folder_hashes(self, members: Mapping[str, str]) -> set[str]:
        """The names by which DVC may know a folder of such files."""
        self._hash(members.values())
        known = {path: self._hashes[oid] for path, oid in members.items()}
        return {
            "md5:" + directory_hash({path: hashes[form].removeprefix("md5:") for path, hashes in known.items()})
            for form in range(min(map(len, known.values()), default=0))
        }

    def _compare_params(self, walks: Sequence[Walk]) -> None:
        places = list(
            dict.fromkeys((walk.commit, file) for walk in walks for step in walk.used for file in step.params)
        )
        found = self._blobs.identify([f"{commit}:{file}" for commit, file in places])
        objects = {place: named.oid if named else "" for place, named in zip(places, found, strict=True)}
        new = [(oid, _kind(file)) for (_, file), oid in objects.items() if oid]
        new = [key for key in dict.fromkeys(new) if key not in self._params]
        for key, content in zip(new, self._blobs.stream([oid for oid, _ in new]), strict=True):
            self._params[key] = _read_params(content[1] if content else b"", key[1])
        for walk in walks:
            for step in walk.used:
                for file, used in step.params.items():
                    if oid := objects[walk.commit, file]:
                        present = self._params[oid, _kind(file)]
                        walk.remarks |= dict.fromkeys(_changed(step, file, used, present))
                    elif not _is_made(walk, file):
                        walk.remarks[f"{file}, which {step.label} took parameters from, is not in this commit"] = None


def _code_files(walk: Walk) -> Iterator[tuple[str, str, str]]:
    """Path, object id and recorded hash of each file that a stage used and Git tracks."""
    for step in walk.used:
        for dep in step.deps:
            if dep.path in walk.code and dep.path not in walk.folders and dep.hash and not dep.hash.endswith(".dir"):
                yield dep.path, walk.code[dep.path], dep.hash


def _code_folders(walk: Walk) -> Iterator[tuple[File, Mapping[str, str]]]:
    """Each folder that a stage used and Git alone tracks, and its content."""
    for step in walk.used:
        for dep in step.deps:
            members = walk.folders.get(dep.path)
            if members and dep.path in walk.code and dep.hash and not any(map(is_pointer_file, members)):
                yield dep, members


def _folder_remark(users: str, dep: File, count: int) -> str:
    """DVC hashes what Git ignores too, such as compiled code: then nobody can tell."""
    if dep.nfiles is not None and dep.nfiles > count:
        found = f"it had {dep.nfiles} files there, and Git has {count}"
        return f"whether {users} ran with the {dep.path} of this commit is not known: {found}"
    return f"{users} ran with other files than this commit has in {dep.path}"


def _users(walk: Walk, path: str) -> str:
    return " and ".join(step.label for step in walk.used if any(dep.path == path for dep in step.deps))


def _is_made(walk: Walk, file: str) -> bool:
    return file.startswith(("/", "../")) or any(out.path == file for step in walk.used for out in step.outs)


def _kind(file: str) -> str:
    return posixpath.splitext(file)[1].lower()


def _read_params(data: bytes, kind: str) -> dict[str, Scalar] | None:
    """The leaves of a file of parameters; None where they cannot be compared with what DVC read."""
    try:
        if kind not in (".yaml", ".yml", ""):
            known = is_structured(PurePosixPath(f"params{kind}"), python=True)
            return flatten(parse_structured(data, f"params{kind}"), lists=True) if known else None
        if b"<<" in data:  # merge keys, which only DVC's own reader resolves
            return None
        return flatten(as_value(as_mapping(read_plain_yaml(data) or {}, "the file")), lists=True)
    except (MregError, PlainYamlError, ValueError):
        return None


def _changed(step: Step, file: str, used: Mapping[str, Scalar], present: Mapping[str, Scalar] | None) -> Iterator[str]:
    if present is None:
        return
    keys = [key for key, value in used.items() if not _equal(value, present.get(key, ...))]
    if keys:
        rest = f" and {len(keys) - _MANY} more" if len(keys) > _MANY else ""
        yield f"{step.label} ran with another {', '.join(keys[:_MANY])}{rest} than {file} has in this commit"


def _equal(one: Scalar, other: object) -> bool:
    if isinstance(other, str) and isinstance(one, int | float):
        other = other.replace("_", "")  # 1_000 is a number for DVC
        return other in (str(one), str(one).lower())
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _md5s(data: bytes) -> tuple[str, ...]:
    """The hashes by which DVC may know a file: of its bytes as in Git, and as a work tree may have their line ends."""
    if data.startswith(_LFS):  # only a reference to the content
        return ()
    unix = data.replace(b"\r\n", b"\n")
    forms = (data, unix, unix.replace(b"\n", b"\r\n"))
    return tuple(f"md5:{hashlib.md5(form, usedforsecurity=False).hexdigest()}" for form in forms)

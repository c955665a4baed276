"""Entries of DVC's files, as values. Anyone may have written them, so what aliases make of a few lines is not followed
without end, and what is not what DVC writes is a `PlainYamlError`.

Source: dvc.schema, dvc.stage.serialize, dvc.dependency.repo and .db (DVC 3)
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any

from mreg.adapters.dvc.pointers import MD5_NAMES, directory_hash
from mreg.adapters.yaml.plain import Plain, PlainYamlError, as_count, as_list, as_mapping, as_text, as_value
from mreg.core.metrics import flatten
from mreg.core.provenance import File, Origin, Step
from mreg.core.urls import without_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mreg.core.annotations import Scalar

_ALGORITHMS = (*MD5_NAMES, "etag", "checksum")
_MD5 = re.compile(r"[0-9a-f]{32}(\.dir)?")
_ODD = re.compile(r"(?:^|/)(?:\.|/|$)")  # what `normpath` may change
_LONGEST_PATH = 4096  # bytes, what Linux takes

# How many characters may be made of each one in a file, and of a small file: more than that, only aliases can make.
_GROWTH, _SLACK = 10, 100_000
_ENTRY = 50  # characters, what an entry counts besides its path


class EntryReader:
    """Makes values of a document, and no more of them than its size explains."""

    def __init__(self, data: bytes) -> None:
        self._left = _GROWTH * len(data) + _SLACK

    def step(
        self,
        stage: dict[str, Plain],
        *,
        name: str,
        pipeline: str,
        folder: str,
        metrics: Callable[[list[str]], Iterable[str]] = lambda _: (),
    ) -> Step:
        """A stage; `metrics` tells which of its outs are some."""
        outs = self.files(stage, "outs", folder)
        params = as_mapping(stage.get("params") or {}, f"params of {name}")
        return Step(
            pipeline=pipeline,
            name=name,
            command=self._command(stage.get("cmd", "")),
            deps=self.files(stage, "deps", folder),
            outs=outs,
            params={self._place(folder, file): self._values(values) for file, values in params.items()},
            metrics=tuple(dict.fromkeys(metrics([out.path for out in outs]))),
        )

    def files(self, stage: dict[str, Plain], key: str, folder: str) -> tuple[File, ...]:
        """The files that a list of deps or outs names."""
        entries = [as_mapping(entry, f"an entry of {key}") for entry in as_list(stage.get(key), key)]
        return tuple(self._entry(entry, folder) for entry in entries)

    def origin(self, dep: Plain, folder: str) -> Origin:
        """Where an import came from."""
        entry = as_mapping(dep, "an entry of deps")
        path, repo, database = _text(entry.get("path")) or "", entry.get("repo"), entry.get("db")
        if isinstance(repo, dict):
            url = without_credentials(_text(repo.get("url")) or "")
            return Origin(url, path, _text(repo.get("rev")), _text(repo.get("rev_lock")))
        if isinstance(database, dict):
            query = _text(database.get("table")) or _text(database.get("query"))
            return Origin(f"db:{without_credentials(_text(database.get('connection')) or '')}", query)
        members = as_list(entry.get("files"), "files")
        url = without_credentials(self._place(folder, path)) if path else ""
        return Origin(url, revision=self._hash(entry, members))

    def _entry(self, entry: dict[str, Plain], folder: str) -> File:
        members = as_list(entry.get("files"), "files")
        return File(
            path=self._place(folder, as_text(entry.get("path"), "a path")),
            hash=self._hash(entry, members),
            size=as_count(entry.get("size"), "a size"),
            nfiles=len(members) or as_count(entry.get("nfiles"), "nfiles"),
        )

    def _hash(self, entry: dict[str, Plain], members: list[Plain]) -> str | None:
        for name in _ALGORITHMS:
            if value := _text(entry.get(name)):
                if name in MD5_NAMES and not _MD5.fullmatch(value):
                    raise PlainYamlError(f"{value[:40]!r} is not an md5")
                return f"{'md5' if name in MD5_NAMES else name}:{value}"
        self._spend(2 * _ENTRY * len(members))
        listed = [as_mapping(member, "files") for member in members]
        if not listed or not all("md5" in member for member in listed):
            return None
        known = {as_text(m.get("relpath"), "relpath"): as_text(m["md5"], "md5") for m in listed}
        self._spend(sum(len(path) + len(md5) for path, md5 in known.items()))
        return f"md5:{directory_hash(known)}"

    def _command(self, command: Plain) -> str:
        lines = [command] if isinstance(command, str) else as_list(command, "cmd")
        texts = [line for line in lines if isinstance(line, str)]
        if len(texts) < len(lines):
            raise PlainYamlError("cmd is not a text")
        self._spend(sum(map(len, texts)))
        return "\n".join(texts)

    def _values(self, values: Plain) -> dict[str, Scalar]:
        """Dotted key → value. What is a tree there is flattened, as `dvc params diff` does."""
        if not isinstance(values, dict):
            return {}
        self._spend(_weight(values, self._left))
        tree: dict[str, Any] = as_value(values)
        try:
            return flatten(tree, lists=True)
        except ValueError:  # a key with a dot beside the same path as a tree: the lock knows each by its own text
            return {key: str(value) for key, value in tree.items()}

    def _place(self, folder: str, path: str) -> str:
        self._spend(_ENTRY + len(path))
        if len(path) + len(folder) > _LONGEST_PATH:
            raise PlainYamlError(f"a path of {len(path) + len(folder)} characters")
        if "://" in path or path.startswith("/"):
            return path
        whole = f"{folder}/{path}" if folder else path
        return posixpath.normpath(whole) if _ODD.search(whole) else whole

    def _spend(self, amount: int) -> None:
        self._left -= amount
        if self._left < 0:
            raise PlainYamlError("aliases make it far larger than it is")


def _weight(tree: Plain, limit: int) -> int:
    """How many characters the leaves of a tree and their dotted names have, as far as that is within the limit."""
    weight, waiting = 0, [(tree, 0)]
    while waiting and weight <= limit:
        found, prefix = waiting.pop()
        if isinstance(found, str):
            weight += prefix + len(found)
        elif isinstance(found, dict):
            waiting += [(item, prefix + 1 + len(key)) for key, item in found.items()]
        else:
            waiting += [(item, 0) for item in found]
        weight += 0 if isinstance(found, str) else len(found)
    return weight


def _text(value: Plain | None) -> str | None:
    return value if isinstance(value, str) and value else None

"""DVC's cache as files: where it is, where an object lies in it, and what a folder's manifest lists.

Nothing here imports DVC, which takes longer than everything else that reading an artifact does.

Source: dvc.config, dvc.cachemgr, dvc_data.hashfile.db.local, dvc_data.hashfile.tree
"""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mreg.adapters.dvc.pointers import MD5_NAMES
from mreg.adapters.files import disk_errors, pour
from mreg.core.pointer import DIRECTORY_SUFFIX, Pointer
from mreg.errors import SystemFailure

OBJECT_MODE = 0o444

_ODD_SHARE = 0.30  # of bytes that are not text, above which DVC 2 took a block for binary
_MD5 = re.compile(r"[0-9a-f]{32}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ODD_VALUE = re.compile(r"""["'#,$]|://""")


class NotCached(SystemFailure):
    """An object is not in the local cache."""

    def __init__(self, *, path: str, object_hash: str) -> None:
        super().__init__(f"{path} is not in the local DVC cache: object {object_hash} is missing")
        self.path, self.object_hash = path, object_hash
        self.hint = "fetch it from the DVC remote"


class CorruptObject(SystemFailure):
    """An object's bytes do not have the hash that is its name.

    Attributes:
        path: The artifact that it belongs to, where that is known.
        version: Likewise.
    """

    def __init__(
        self,
        *,
        where: str,
        expected: str,
        found: str,
        hint: str = "",
        path: str | None = None,
        version: str | None = None,
    ) -> None:
        whose = "".join(f"{owner}: " for owner in (version, path) if owner)
        super().__init__(f"{whose}corrupt object {where}: its hash is {found}, not {expected}", hint=hint)
        self.where, self.expected, self.found, self.path, self.version = where, expected, found, path, version

    def of(self, path: str, version: str | None = None) -> CorruptObject:
        """The same, said of an artifact."""
        return CorruptObject(
            where=self.where, expected=self.expected, found=self.found, hint=self.hint, path=path, version=version
        )


class BadManifest(SystemFailure):
    """A folder's manifest has the right hash, and yet lists what no manifest may list."""

    def __init__(self, *, where: str, problem: str) -> None:
        super().__init__(f"the manifest {where} is not to be trusted: {problem}")
        self.where, self.problem = where, problem
        self.hint = "find out who wrote it; nothing was delivered"


class Hasher(Protocol):
    def update(self, data: memoryview, /) -> None: ...
    def hexdigest(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Cache:
    """One DVC cache folder, e.g. `.dvc/cache` or one that many clones share."""

    folder: Path

    def locate(self, hash_name: str, object_hash: str) -> Path | None:
        """Where the object lies if it is there; None for hashes that DVC does not cache under (`etag`)."""
        if hash_name not in MD5_NAMES:
            return None
        top = self.folder / "files" / "md5" if hash_name == "md5" else self.folder
        return top / object_hash[:2] / object_hash[2:]

    def find(self, hash_name: str, object_hash: str) -> Path | None:
        path = self.locate(hash_name, object_hash)
        return path if path and path.is_file() else None

    def members(self, pointer: Pointer) -> Mapping[str, str]:
        """A folder's files as path → md5; a file is its own only member, named "".

        Raises:
            NotCached: The folder's manifest is not in the cache.
            CorruptObject: The manifest's bytes are not those of its hash.
            BadManifest: A path leaves the folder, or two of them cannot exist beside each other.
        """
        if not pointer.is_dir:
            return {"": pointer.hash}
        path = self.find(pointer.hash_name, pointer.hash)
        if path is None:
            raise NotCached(path=pointer.path, object_hash=pointer.hash)
        with disk_errors("read", path):
            data = path.read_bytes()
        try:
            return parse_manifest(data, pointer.hash, str(path))
        except CorruptObject as error:
            error.hint = f"{_remove(path)}; if no DVC remote has it, bring it back from a clone that has it intact"
            raise error.of(pointer.path) from None

    def missing(self, pointer: Pointer) -> tuple[str, ...]:
        """The hashes of the artifact's objects that are not in the cache; of its manifest alone where that is one."""
        if not self.find(pointer.hash_name, pointer.hash):
            return (pointer.hash,)
        members = self.members(pointer).values()
        return tuple(md5 for md5 in dict.fromkeys(members) if not self.find(pointer.hash_name, md5))


def new_hasher(hash_name: str) -> Hasher:
    return _Dos2Unix() if hash_name == "md5-dos2unix" else hashlib.md5(usedforsecurity=False)


def verify_object(path: Path, hash_name: str, expected: str, *, hint: str = "") -> None:
    """Read an object and compare it with the hash that is its name.

    Raises:
        CorruptObject: They differ.
        DiskFailure: It cannot be read.
    """
    hasher = new_hasher(hash_name)
    with disk_errors("read", path), path.open("rb") as file:
        pour(file, hasher.update)
    check_hash(path, expected, hasher, hint=hint)


def check_hash(path: Path, expected: str, hasher: Hasher, *, hint: str = "") -> None:
    """Compare what was read of an object with the hash that is its name.

    Raises:
        CorruptObject: They differ.
    """
    found = hasher.hexdigest() + (DIRECTORY_SUFFIX if expected.endswith(DIRECTORY_SUFFIX) else "")
    if found != expected:
        raise CorruptObject(where=str(path), expected=expected, found=found, hint=hint or _remove(path))


def _remove(path: Path) -> str:
    return f"remove it (rm -f '{path}') and run the command again"


def parse_manifest(data: bytes, object_hash: str, where: str) -> dict[str, str]:
    """The files of a folder as path → md5, from the bytes of its `.dir` object.

    Raises:
        CorruptObject, BadManifest: As `Cache.members` says.
    """
    found = hashlib.md5(data, usedforsecurity=False).hexdigest() + DIRECTORY_SUFFIX
    if found != object_hash:
        raise CorruptObject(where=where, expected=object_hash, found=found)
    try:
        entries = _decode(data)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadManifest(where=where, problem="it is not a list of paths and hashes") from error
    members = dict(entries)
    if len(members) != len(entries):
        raise BadManifest(where=where, problem="a path is listed twice")
    folders = {parent for path in members for parent in _parents(path)}
    for path, md5 in members.items():
        if not _is_inside(path) or path in folders or not _MD5.fullmatch(md5):
            raise BadManifest(where=where, problem=f"the entry {path!r} ({md5!r})")
    return members


def _decode(manifest: bytes) -> list[tuple[str, str]]:
    entries = json.loads(manifest)
    if not isinstance(entries, list):
        raise TypeError
    return [(str(entry["relpath"]), str(entry["md5"])) for entry in entries]


def locate_cache(dvc_root: Path) -> Cache | None:
    """The cache that DVC's configuration names, from all its levels; None where only DVC itself can tell."""
    folder = dvc_root / ".dvc" / "cache"
    for file in config_files(dvc_root):
        values = _cache_section(file)
        if values is None or "local" in values:
            return None
        if "dir" in values:
            if _ODD_VALUE.search(values["dir"]):
                return None
            folder = (file.parent / Path(values["dir"]).expanduser()).resolve()
    return Cache(folder)


class _Dos2Unix:
    """DVC 2's hash: each MiB that looks like text has its CR LF counted as LF.

    Source: dvc_data.hashfile.hash.Dos2UnixHashStreamFile, dvc_data.hashfile.istextfile
    """

    _TEXT = bytes(range(32, 127)) + b"\n\r\t\f\b"

    def __init__(self) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)

    def update(self, data: memoryview, /) -> None:
        head = bytes(data[:512])
        is_text = b"\0" not in head and len(head.translate(None, self._TEXT)) / len(head) <= _ODD_SHARE
        self._md5.update(bytes(data).replace(b"\r\n", b"\n") if is_text else data)

    def hexdigest(self) -> str:
        return self._md5.hexdigest()


def _is_inside(path: str) -> bool:
    plain = path == posixpath.normpath(path) and not path.startswith(("/", "../")) and path not in (".", "..")
    return plain and not _CONTROL.search(path)


def _parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def config_files(dvc_root: Path) -> list[Path]:
    """In the order in which a later one overrides."""
    home = Path.home()
    if sys.platform == "darwin":
        system, user = Path("/Library/Application Support/dvc"), home / "Library/Application Support/dvc"
    else:
        system = Path(os.environ.get("XDG_CONFIG_DIRS", "").split(":")[0] or "/etc/xdg") / "dvc"
        user = Path(os.environ.get("XDG_CONFIG_HOME", "").strip() or home / ".config") / "dvc"
    folders = [
        Path(os.environ.get("DVC_SYSTEM_CONFIG_DIR") or system),
        Path(os.environ.get("DVC_GLOBAL_CONFIG_DIR") or user),
    ]
    return [*(folder / "config" for folder in folders), dvc_root / ".dvc/config", dvc_root / ".dvc/config.local"]


def _cache_section(file: Path) -> dict[str, str] | None:
    """The `[cache]` section of one file; None where it is written in a way that only DVC's own parser reads."""
    import configparser

    parser = configparser.ConfigParser(interpolation=None, comment_prefixes=("#",))
    try:
        parser.read_string(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, configparser.Error):
        return None
    return {key: value for name in parser.sections() if name.lower() == "cache" for key, value in parser[name].items()}

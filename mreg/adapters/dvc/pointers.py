"""`.dvc`, `dvc.lock` and `dvc.yaml` files, as bytes from any commit, to pointers.

Pure: the caller brings the blobs. Anyone may have written them, so paths stay inside the repository and a hash is a
hash before it becomes part of a file name.

Source: dvc.schema and dvc.stage.serialize (DVC 3); DVC 1 wrote the lock without `schema:`, DVC 2 outs without `hash:`.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial

from mreg.adapters.dvc.settings import PIPELINE, Elsewhere, Settings
from mreg.adapters.yaml.plain import (
    Plain,
    PlainYamlError,
    as_count,
    as_list,
    as_mapping,
    as_text,
    read_plain_yaml,
)
from mreg.core.pointer import DIRECTORY_SUFFIX, Pointer
from mreg.errors import RegistryError

MD5_NAMES = ("md5", "md5-dos2unix")
LOCK, SUFFIX = "dvc.lock", ".dvc"

_MD5 = re.compile(r"[0-9a-f]{32}(\.dir)?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class BadPointer(RegistryError):
    """A DVC file cannot be understood, or says something that no DVC file may say."""

    def __init__(self, *, file: str, problem: str) -> None:
        super().__init__(f"{file}: {problem}")
        self.file, self.problem = file, problem
        self.hint = f"repair the file, e.g. from Git's history: git log --oneline -- {file}"


class InsideTrackedFolder(RegistryError):
    """The path is a member of a folder that DVC tracks as one."""

    def __init__(self, *, path: str, folder: str, file: str) -> None:
        super().__init__(f"{path} lies inside {folder}, which DVC tracks as a whole ({file})")
        self.path, self.folder, self.file = path, folder, file
        self.hint = f"use the folder {folder} as the artifact, or move the file out of it"


def parse_dvc_file(data: bytes, file: str) -> tuple[Pointer, ...]:
    """The outs of one `.dvc` file; none where it only freezes dependencies.

    Raises:
        BadPointer: Not a `.dvc` file, or an out without a hash or outside the repository.
    """
    with about(file):
        return outs_of_source(as_mapping(read_plain_yaml(data), "the file"), file)


def outs_of_source(document: dict[str, Plain], file: str) -> tuple[Pointer, ...]:
    """The outs of a `.dvc` file that has been read; raises PlainYamlError where one is not what DVC writes."""
    folder = posixpath.join(posixpath.dirname(file), as_text(document.get("wdir", "."), "wdir"))
    imported = bool(document.get("deps"))
    return tuple(_pointer(out, file, folder, remote=out.get("remote"), imported=imported) for out in _outs(document))


def parse_lock(data: bytes, file: str, dvc_yaml: bytes | None = None) -> tuple[Pointer, ...]:
    """The outs of every stage in a `dvc.lock`, of schema 2.0 or 1.0.

    Args:
        data: The lock.
        file: Where it lies, relative to the Git root.
        dvc_yaml: The `dvc.yaml` beside it, which alone knows a stage's `wdir` and an out's `remote`.

    Returns:
        Outs in the lock's order. Left out, because no artifact of this repository can be meant: paths outside it, outs
        without a hash, and stages whose `wdir` is a template that only DVC can resolve.

    Raises:
        BadPointer: Not a lock, or a hash that is none.
    """
    with about(file):
        return outs_of_stages(stages_of_lock(data), file, Settings(dvc_yaml))


def stages_of_lock(data: bytes) -> dict[str, dict[str, Plain]]:
    """The stages of a lock of schema 2.0 or 1.0 by name; raises PlainYamlError where it is none."""
    document = as_mapping(read_plain_yaml(data) or {}, "the file")
    has_schema = isinstance(document.get("schema"), str)
    stages = as_mapping(document.get("stages") or {}, "stages") if has_schema else document
    return {name: as_mapping(stage, f"stage {name}") for name, stage in stages.items()}


def outs_of_stages(stages: dict[str, dict[str, Plain]], file: str, settings: Settings) -> tuple[Pointer, ...]:
    """The outs of a lock's stages; raises PlainYamlError where one is not what DVC writes."""
    pointers = []
    # A lock remembers stages that were renamed or removed, and what they made in their time.
    for name, stage in sorted(stages.items(), key=lambda entry: not settings.declares(entry[0])):
        for out in _outs(stage):
            with suppress(Elsewhere):
                folder = posixpath.join(posixpath.dirname(file), settings.wdir(name))
                pointers.append(_pointer(out, file, folder, remote=settings.remote(name, out), stage=name))
    return tuple(pointers)


def candidates(path: str) -> tuple[str, ...]:
    """Where a pointer at `path` usually is: its own `.dvc` file first, then locks, nearest first.

    Each lock comes with its `dvc.yaml`. `.dvc` files of the folders above are among them, so that `find_pointer` can
    say when an artifact is only part of a tracked folder. What else may point at it (a `.dvc` of another name, a
    pipeline in a folder beside it) can be passed to `find_pointer` too.
    """
    folder, result = posixpath.dirname(path), [path + SUFFIX]
    while True:
        result += [posixpath.join(folder, LOCK), posixpath.join(folder, PIPELINE)]
        if folder in ("", "/", "//"):  # the latter of a path that no artifact has
            return tuple(result)
        result.append(folder + SUFFIX)
        folder = posixpath.dirname(folder)


def is_pointer_file(file: str) -> bool:
    """Whether a file of this name can hold pointers, or what is needed to read them."""
    name = posixpath.basename(file)
    return name in (LOCK, PIPELINE) or (name.endswith(SUFFIX) and name != SUFFIX)


def find_pointer(path: str, blobs: Mapping[str, bytes]) -> Pointer | None:
    """The pointer at `path`, from a `.dvc` file before a lock.

    Args:
        path: Posix, relative to the Git root.
        blobs: File → content at one commit, at least those of `candidates(path)` that exist there.

    Raises:
        InsideTrackedFolder: Only a folder above it is tracked.
        BadPointer: Nothing points at it, and a file that might have done so is broken.
    """
    return choose_pointer(path, {file: partial(_parse, file, blobs) for file in blobs})


def choose_pointer(path: str, files: Mapping[str, Callable[[], Sequence[Pointer]]]) -> Pointer | None:
    """The same, where the files may have been read before: file → what gives its pointers, or raises BadPointer."""
    broken: BadPointer | None = None
    above: Pointer | None = None
    for file in sorted(files, key=lambda file: (file != path + SUFFIX, not file.endswith(SUFFIX))):
        try:
            for pointer in files[file]():
                if pointer.path == path:
                    return pointer
                if path.startswith(pointer.path + "/"):
                    above = pointer
        except BadPointer as error:
            broken = broken or error
    if above:
        raise InsideTrackedFolder(path=path, folder=above.path, file=above.file)
    if broken:
        raise broken
    return None


def artifacts_section(dvc_yaml: bytes) -> dict[str, str]:
    """Name → path of the `artifacts:` in a `dvc.yaml`, as GTO and DVC read them; paths are relative to that file.

    Raises:
        BadPointer: The file is not YAML, or the section is not a mapping of mappings.
    """
    with about(PIPELINE):
        document = as_mapping(read_plain_yaml(dvc_yaml) or {}, "the file")
        entries = as_mapping(document.get("artifacts") or {}, "artifacts").items()
        found = {name: as_mapping(entry, f"artifacts.{name}").get("path") for name, entry in entries}
        return {name: path for name, path in found.items() if isinstance(path, str) and path}


def directory_hash(members: Mapping[str, str]) -> str:
    """DVC's name for a folder: the md5 of its manifest, and `.dir`.

    Args:
        members: Posix path within the folder → md5.

    Source: dvc_data.hashfile.tree.Tree.as_bytes
    """
    entries = [{"md5": members[path], "relpath": path} for path in sorted(members)]
    manifest = json.dumps(entries, sort_keys=True).encode()
    return hashlib.md5(manifest, usedforsecurity=False).hexdigest() + DIRECTORY_SUFFIX


def _parse(file: str, blobs: Mapping[str, bytes]) -> tuple[Pointer, ...]:
    folder, name = posixpath.split(file)
    if name == LOCK:
        return parse_lock(blobs[file], file, blobs.get(posixpath.join(folder, PIPELINE)))
    return parse_dvc_file(blobs[file], file) if name.endswith(SUFFIX) else ()


def _outs(stage: dict[str, Plain]) -> list[dict[str, Plain]]:
    return [as_mapping(out, "an out") for out in as_list(stage.get("outs"), "outs")]


def _pointer(
    out: dict[str, Plain],
    file: str,
    folder: str,
    *,
    remote: Plain | None,
    stage: str | None = None,
    imported: bool = False,
) -> Pointer:
    files = as_list(out.get("files"), "files")
    hash_name, value = _hash(out, files)
    return Pointer(
        path=_inside(folder, as_text(out.get("path"), "an out's path")),
        file=file,
        hash_name=hash_name,
        hash=value,
        size=as_count(out.get("size"), "a size"),
        nfiles=len(files) or as_count(out.get("nfiles"), "nfiles"),
        stage=stage,
        remote=as_text(remote, "a remote") if remote else None,
        imported=imported,
    )


def _hash(out: dict[str, Plain], files: list[Plain]) -> tuple[str, str]:
    declared = out.get("hash")
    name = as_text(declared, "hash") if declared else "md5-dos2unix" if "md5" in out else "etag"
    value = out.get("md5" if name in MD5_NAMES else name) or _hash_of_files(files)
    if not value:
        raise Elsewhere(f"{out.get('path')} has no hash: its bytes were never downloaded or computed")
    text = as_text(value, name)
    if name in MD5_NAMES and not _MD5.fullmatch(text):
        raise PlainYamlError(f"{text!r} is not an md5")
    return name, text


def _hash_of_files(files: list[Plain]) -> str | None:
    """The folder's hash where the out lists its files instead, as it does for cloud-versioned remotes."""
    entries = [as_mapping(entry, "files") for entry in files]
    if not entries or not all("md5" in entry for entry in entries):
        return None
    return directory_hash({as_text(e.get("relpath"), "relpath"): as_text(e["md5"], "md5") for e in entries})


def _inside(folder: str, path: str) -> str:
    """`path`, which is relative to `folder`, relative to the Git root."""
    resolved = posixpath.normpath(posixpath.join(folder, path))
    if resolved.startswith(("/", "../")) or resolved in ("..", ".") or "://" in path or _CONTROL.search(resolved):
        raise Elsewhere(f"the path {path!r} leaves the repository")
    return resolved


@contextmanager
def about(file: str) -> Iterator[None]:
    """Tell what is wrong with a DVC file together with its name.

    Raises:
        BadPointer: The code inside found it broken.
    """
    try:
        yield
    except PlainYamlError as error:
        raise BadPointer(file=file, problem=str(error)) from error

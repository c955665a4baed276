"""An artifact of the work tree under DVC, and the digest of exactly the bytes that DVC recorded.

The SHA-256 is computed in a thread beside DVC's own MD5, which costs no time where there are two processors.

`dvc add` replaces the file in the work tree by what its cache has under the file's hash, and does not look whether that
is the same: a file that was still being written, or an older corrupt object, would cost people their model. So it is
asked to do so only where links are configured, and the original keeps a second name until all is proven.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from mreg.adapters.dvc.place import Place
from mreg.adapters.dvc.pointers import LOCK, SUFFIX, BadPointer, InsideTrackedFolder, find_pointer
from mreg.adapters.dvc.prove import Evidence, drop_torn, prove
from mreg.adapters.dvc.repo import dvc_errors, locked, open_repo, patiently
from mreg.adapters.dvc.settings import PIPELINE
from mreg.adapters.files import disk_errors, remove, write_atomic
from mreg.adapters.hashing import ArtifactChanged, BadArtifact, Reading, Survey, digest_of, hash_members, survey
from mreg.adapters.progress import Progress
from mreg.core.pointer import Pointer
from mreg.errors import MregError, RegistryError, SystemFailure

GitTracked = Callable[[Path], bool]
"""Whether Git tracks this file, or any file below this folder."""

_GITIGNORE_SPECIAL = re.compile(r"[\\\[\]!*#?]")


class InGit(RegistryError):
    """Git tracks the artifact's own bytes, so DVC must not."""

    def __init__(self, *, path: str) -> None:
        super().__init__(f"{path} is tracked by Git itself, so DVC cannot track it")
        self.path = path
        self.hint = f"take it out of Git and keep the file: git rm -r --cached -- '{path}'"


class OutOfDate(RegistryError):
    """The work tree's bytes are not those that the pipeline or the import recorded."""

    def __init__(self, *, path: str, file: str, state: str, hint: str) -> None:
        super().__init__(f"{path} is not as {file} says: {state}", hint=hint)
        self.path, self.file, self.state = path, file, state


class NotStored(SystemFailure):
    """DVC recorded the artifact, and its cache does not hold it."""

    def __init__(self, *, path: str, object_hash: str, reasons: tuple[str, ...], hint: str) -> None:
        because = f" ({'; '.join(reasons)})" if reasons else ""
        super().__init__(f"{path} is not in the DVC cache: object {object_hash} is missing{because}", hint=hint)
        self.path, self.object_hash, self.reasons = path, object_hash, reasons


class _Left(Exception):
    """Nobody waits for the hash any more."""


@dataclass(frozen=True, slots=True)
class _Hashing:
    """What is being hashed in a thread, and since when (ns since the epoch)."""

    found: Survey
    began: int
    readings: Future[dict[str, Reading]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """An artifact that DVC tracks and has in its cache.

    Attributes:
        digest: The SHA-256 of the artifact, of a folder's manifest.
        files: What says so and belongs into a commit beside it: the `.dvc` file, or `dvc.lock` and `dvc.yaml`; posix,
            relative to the Git root.
        gitignore: The `.gitignore` that keeps the artifact out of Git, where it has DVC's line for it. It belongs into
            the commit where the commit's parent does not have the line.
        gitignore_line: That line, without its end.
    """

    pointer: Pointer
    digest: str
    files: tuple[str, ...]
    gitignore: str | None
    gitignore_line: str


def track(path: Path, place: Place, *, git_tracked: GitTracked, progress: Progress) -> Tracked:
    """Add, or add again, or recognise: see `mreg.adapters.dvc.Dvc.track`."""
    _put_back(path, place)
    with _hashing(path, place, progress) as hashing, open_repo(place.root) as (repo, complaints):
        out = _find_out(repo, path, place)
        if out is not None and (out.stage.deps or not out.stage.is_data_source):
            file, remedy = _recognise(out, path, place)
            return _proven(hashing, file, place, relinked=False, reasons=(), remedy=remedy)
        if git_tracked(path):
            raise InGit(path=place.relative(path))
        file = Path(out.stage.path) if out is not None else path.with_name(path.name + SUFFIX)
        links = not {"hardlink", "symlink"}.isdisjoint(repo.cache.local.cache_types)
        with _undone_on_failure(repo, path, file, place), _originals_kept(hashing.found, place, wanted=links):
            with dvc_errors(f"add {path}"):
                patiently(place.root, lambda: _add(repo, path, relink=links))
            remedy = "run the command again"
            return _proven(hashing, file, place, relinked=links, reasons=complaints, remedy=remedy)


def _add(repo: Any, path: Path, *, relink: bool) -> None:
    with locked(repo):
        repo.add([str(path)], relink=relink)


def is_stored(path: Path, place: Place) -> bool:
    """Whether DVC tracks what is at a path, and its cache has just that; what DVC hashed before is not read again."""
    with open_repo(place.root) as (repo, _):
        out = _find_out(repo, path, place)
        with dvc_errors(f"compare {path} with the cache"):
            return out is not None and out.use_cache and bool(out.hash_info) and not out.status()


@contextmanager
def _hashing(path: Path, place: Place, progress: Progress) -> Iterator[_Hashing]:
    """Hash in a thread; leaving early stops it."""
    found, left = survey(path, within=(place.git_root, place.cache.folder)), Event()
    with progress.start(f"Hashing {path.name}", found.size) as advance, ThreadPoolExecutor(1) as pool:

        def step(count: int) -> None:
            if left.is_set():
                raise _Left
            advance(count)

        try:
            yield _Hashing(found, time.time_ns(), pool.submit(hash_members, found, step))
        finally:
            left.set()


def _find_out(repo: Any, path: Path, place: Place) -> Any | None:
    """DVC's out at `path`, from any of its files."""
    from dvc.exceptions import OutputNotFoundError

    with dvc_errors("read the repository's DVC files"):
        try:
            (out,) = repo.find_outs_by_path(str(path), strict=False)
        except OutputNotFoundError:
            return None
    if Path(out.fs_path) != path:
        folder, file = place.relative(out.fs_path), place.relative(out.stage.path)
        raise InsideTrackedFolder(path=place.relative(path), folder=folder, file=file)
    return out


def _recognise(out: Any, path: Path, place: Place) -> tuple[Path, str]:
    """The file that records an output of a pipeline or an import, and what repairs it; the bytes must be as it says."""
    file = Path(out.stage.path)
    is_stage = file.name == PIPELINE
    address = f"{place.relative(file)}:{out.stage.name}" if is_stage else place.relative(file)
    again = f"dvc {'repro' if is_stage else 'update'} {address}"
    file = file.with_name(LOCK) if is_stage else file
    facts = {"path": place.relative(path), "file": place.relative(file)}
    if not out.use_cache:
        hint = f"let DVC cache it: take `cache: false` out of its stage in {PIPELINE}, then `{again}`"
        raise OutOfDate(state="it is marked `cache: false`, so DVC does not keep it", hint=hint, **facts)
    with dvc_errors("compare {path} with {file}".format(**facts)):
        state = "never recorded" if not out.hash_info else next(iter(out.workspace_status().values()), "")
    if state:
        hint = f"`{again}` makes it again, `dvc commit -f {address}` accepts it as it is"
        raise OutOfDate(state=state, hint=hint, **facts)
    return file, f"`dvc commit -f {address}` stores it"


@contextmanager
def _undone_on_failure(repo: Any, path: Path, file: Path, place: Place) -> Iterator[None]:
    """Leave the `.dvc` file as it was, and DVC's line out of `.gitignore`, where the artifact could not be tracked."""
    before = file.read_bytes() if file.exists() else None
    try:
        yield
    except BaseException as error:
        with suppress(MregError), dvc_errors(f"remove {file}"):
            if isinstance(error, ArtifactChanged):
                drop_torn(place.cache, _read_pointer(path, file, place))
            if before is not None:
                write_atomic(file, before)
            elif file.exists():
                patiently(place.root, lambda: repo.remove(str(file)))
        raise


@contextmanager
def _originals_kept(found: Survey, place: Place, *, wanted: bool) -> Iterator[None]:
    """Give every file a second name, where the file system can, and put it back in its place if something fails."""
    kept = _second_name(found.path, place)
    for member in found.stamps if wanted else ():
        with suppress(OSError):
            (kept / member).parent.mkdir(parents=True, exist_ok=True)
            os.link(found.locate(member), kept / member, follow_symlinks=False)
    try:
        yield
    except BaseException:
        for member in found.stamps if wanted else ():
            with suppress(FileNotFoundError):
                (kept / member).replace(found.locate(member))
        raise
    finally:
        remove(kept)


def _put_back(path: Path, place: Place) -> None:
    """Put back the file that DVC had removed, and not yet linked to, when it was killed: at most one at a time."""
    kept = _second_name(path, place)
    with disk_errors("put back", path):
        names = [kept, *kept.rglob("*")] if kept.exists() else []
        members = [name.relative_to(kept) for name in names if not name.is_dir()]
        lost = [member for member in members if not os.path.lexists(path / member)]
        if len(lost) == 1 and (path / lost[0]).parent.is_dir():
            (kept / lost[0]).replace(path / lost[0])
        remove(kept)


def _second_name(path: Path, place: Place) -> Path:
    name = hashlib.sha256(os.fsencode(place.relative(path))).hexdigest()[:16]
    return place.root / ".dvc" / "tmp" / f"mreg-{name}"


def _read_pointer(path: Path, file: Path, place: Place) -> Pointer:
    blobs = {place.relative(item): item.read_bytes() for item in _with_pipeline(file)}
    pointer = find_pointer(place.relative(path), blobs)
    if pointer is None:
        problem = f"DVC finds {place.relative(path)} in it, mreg does not: is `wdir` of its stage a template?"
        raise BadPointer(file=place.relative(file), problem=problem)
    return pointer


def _with_pipeline(file: Path) -> list[Path]:
    files = [file, file.with_name(PIPELINE)] if file.name == LOCK else [file]
    return [item for item in files if item.exists()]


def _proven(
    hashing: _Hashing, file: Path, place: Place, *, relinked: bool, reasons: Sequence[str], remedy: str
) -> Tracked:
    """What DVC recorded in `file`, once it is known to be in the cache, and of the bytes that were hashed."""
    path = hashing.found.path
    pointer = _read_pointer(path, file, place)
    if missing := place.cache.missing(pointer):
        raise NotStored(path=pointer.path, object_hash=missing[0], reasons=tuple(reasons), hint=remedy)
    evidence = Evidence(
        found=hashing.found,
        readings=hashing.readings.result(),
        began=hashing.began,
        pointer=pointer,
        cache=place.cache,
        relinked=relinked,
    )
    sums = prove(evidence)
    if not sums:
        hint = "look into .dvcignore, and whether the folder is a DVC repository of its own"
        raise BadArtifact(path=path, problem="holds nothing that DVC would track", hint=hint)
    line = "/" + _GITIGNORE_SPECIAL.sub(r"\\\g<0>", path.name)
    return Tracked(
        pointer=pointer,
        digest=digest_of(sums),
        files=tuple(place.relative(item) for item in _with_pipeline(file)),
        gitignore=place.relative(path.with_name(".gitignore")) if _is_ignored(path, line) else None,
        gitignore_line=line,
    )


def _is_ignored(path: Path, line: str) -> bool:
    try:
        return line in path.with_name(".gitignore").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False

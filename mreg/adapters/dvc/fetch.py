"""Objects from a DVC remote into the local cache, each verified before it gets its name.

DVC's own fetch neither verifies nor spares: it accepts a corrupt object, deletes one on the remote that it can write
to, and only warns about a missing one. So objects are read through DVC's file systems, which know every kind of remote,
and everything else is done here. Only what those cannot read (imports, cloud-versioned remotes) is left to DVC's fetch,
and verified afterwards.
"""

from __future__ import annotations

import errno
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mreg.adapters.dvc.cache import Cache, CorruptObject, verify_object
from mreg.adapters.dvc.place import Place
from mreg.adapters.dvc.pointers import MD5_NAMES
from mreg.adapters.dvc.repo import clean, dvc_errors, open_repo, patiently
from mreg.adapters.files import DiskFailure, disk_errors, scratch
from mreg.adapters.progress import Advance, Progress
from mreg.core.pointer import Pointer
from mreg.errors import MregError, SystemFailure

_DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


class NoRemote(SystemFailure):
    """The artifact is not here, and nowhere else to be looked for."""

    def __init__(self, *, path: str, problem: str) -> None:
        super().__init__(
            f"{path} is not in the local DVC cache, and there is no DVC remote to fetch it from: {problem}"
        )
        self.path, self.problem = path, problem
        self.hint = "name the remote where it was pushed: dvc remote add -d NAME URL"


class MissingObject(SystemFailure):
    """An object is neither in the local cache nor on the remote."""

    def __init__(self, *, path: str, object_hash: str, where: str) -> None:
        super().__init__(f"{path}: object {object_hash} is neither in the local DVC cache nor in {where}")
        self.path, self.object_hash, self.where = path, object_hash, where
        self.hint = "push it from a clone that has it (`dvc push`), then run the command again"


@dataclass(frozen=True, slots=True)
class _Remote:
    """One remote's objects of one kind of hash."""

    name: str
    odb: Any

    def locate(self, object_hash: str) -> str:
        return str(self.odb.oid_to_path(object_hash))

    def describe(self, object_hash: str | None = None) -> str:
        path = self.locate(object_hash) if object_hash else self.odb.path
        return clean(f"{self.odb.fs.unstrip_protocol(path)} (DVC remote {self.name})")


def fetch(pointer: Pointer, place: Place, *, rev: str | None, progress: Progress) -> None:
    """Bring what is missing: see `mreg.adapters.dvc.Dvc.fetch`."""
    missing = place.cache.missing(pointer)
    if not missing:
        return
    try:
        with open_repo(place.root) as (repo, _):
            remote = _find_remote(repo, pointer)
            if remote is not None:
                _fetch_objects(pointer, missing, remote, _local(repo, pointer), place.cache, progress)
                return
    except (NoRemote, MissingObject):
        if not pointer.imported:
            raise
    _fetch_by_dvc(pointer, place, rev)


def remote_with(pointer: Pointer, object_hash: str, place: Place) -> str | None:
    """The name of the remote that has the object, if that can be told."""
    try:
        with open_repo(place.root) as (repo, _):
            remote = _find_remote(repo, pointer)
            with dvc_errors("look for an object"):
                return remote.name if remote and remote.odb.exists(object_hash) else None
    except MregError:
        return None


def _find_remote(repo: Any, pointer: Pointer) -> _Remote | None:
    """None for a remote or a hash that only DVC's own fetch understands."""
    from dvc.config import NoRemoteError

    with dvc_errors("open the DVC remote"):
        try:
            remote = repo.cloud.get_remote(pointer.remote, "fetch")
        except NoRemoteError as error:
            raise NoRemote(path=pointer.path, problem=clean(str(error)).split(".")[0]) from error
        if remote.fs.version_aware or remote.worktree or pointer.hash_name not in MD5_NAMES:
            return None
        return _Remote(remote.name, remote.odb if pointer.hash_name == "md5" else remote.legacy_odb)


def _local(repo: Any, pointer: Pointer) -> Any:
    """DVC's own view of its cache, which knows the modes of a shared one."""
    return repo.cache.local if pointer.hash_name == "md5" else repo.cache.legacy


def _fetch_objects(
    pointer: Pointer, missing: tuple[str, ...], remote: _Remote, local: Any, cache: Cache, progress: Progress
) -> None:
    def bring(object_hash: str, advance: Advance) -> None:
        target = cache.locate(pointer.hash_name, object_hash)
        assert target is not None
        _bring(pointer, object_hash, target, remote, local, advance)

    if pointer.hash in missing and pointer.is_dir:
        bring(pointer.hash, lambda _: None)
        missing = cache.missing(pointer)
    with (
        progress.start(f"Fetching {pointer.name} from {remote.name}", pointer.size or 0) as advance,
        ThreadPoolExecutor(max(1, min(len(missing), remote.odb.fs.jobs))) as pool,
    ):
        # Leaving the loop with an error cancels what has not begun.
        for _ in pool.map(lambda object_hash: bring(object_hash, advance), missing):
            pass


def _bring(pointer: Pointer, object_hash: str, target: Path, remote: _Remote, local: Any, advance: Advance) -> None:
    """Copy one object under a temporary name, verify it, and give it its name."""
    from dvc.fs.callbacks import Callback

    reported = 0

    def report(value: int, **_: object) -> None:
        nonlocal reported
        advance(value - reported)
        reported = value

    with disk_errors("write", target):
        local.makedirs(str(target.parent))
        with scratch(target.parent) as temporary:
            callback = Callback(hooks={"report": lambda size, value, **_: report(value)})
            _download(pointer, object_hash, temporary, remote, callback)
            _verify(temporary, pointer.hash_name, object_hash, where=remote.describe(object_hash))
            report(temporary.stat().st_size)  # not every file system reports, and none does for a small file
            local.protect(str(temporary))
            temporary.replace(target)


def _download(pointer: Pointer, object_hash: str, temporary: Path, remote: _Remote, callback: Any) -> None:
    where = remote.describe(object_hash)
    with dvc_errors(f"read {where}"):
        try:
            remote.odb.fs.get_file(remote.locate(object_hash), str(temporary), callback=callback)
        except FileNotFoundError as error:
            raise MissingObject(path=pointer.path, object_hash=object_hash, where=where) from error
        except OSError as error:
            if error.errno in _DISK_IS_FULL:
                raise DiskFailure(path=temporary.parent, doing="write to", error=error) from error
            raise


def _verify(file: Path, hash_name: str, expected: str, *, where: str) -> None:
    try:
        verify_object(file, hash_name, expected)
    except CorruptObject as error:
        hint = "push it again from a clone that has it intact (`dvc push` skips what is there: remove it there first)"
        raise CorruptObject(where=where, expected=expected, found=error.found, hint=hint) from None


def _fetch_by_dvc(pointer: Pointer, place: Place, rev: str | None) -> None:
    """Let DVC fetch, then look at what it brought."""
    cache = place.cache
    with open_repo(place.root, git_root=place.git_root, rev=rev) as (repo, complaints):
        from dvc.repo.open_repo import clean_repos

        target = f"/{pointer.path}" if rev else str(place.git_root / pointer.path)
        with dvc_errors(f"fetch {pointer.path}"):
            try:
                patiently(place.root, lambda: repo.fetch(targets=[target]))
            finally:
                clean_repos()  # the source's clone, which DVC leaves in the temporary folder
    if missing := cache.missing(pointer):
        where = f"its source ({'; '.join(complaints) or 'DVC gives no reason'})"
        raise MissingObject(path=pointer.path, object_hash=missing[0], where=where)
    for object_hash in set(cache.members(pointer).values()):
        if path := cache.find(pointer.hash_name, object_hash):
            verify_object(path, pointer.hash_name, object_hash)

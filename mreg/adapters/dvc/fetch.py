"""Objects from a DVC remote into the local cache, each verified before it gets its name.

DVC's own fetch neither verifies nor spares: it accepts a corrupt object, deletes one on the remote that it can write
to, and only warns about a missing one. So objects are read through DVC's file systems, which know every kind of remote,
and everything else is done here. Only what those cannot read (imports, cloud-versioned remotes) is left to DVC's fetch,
and verified afterwards.
"""

from __future__ import annotations

import errno
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from mreg.adapters.dvc.cache import Cache, CorruptObject, verify_object
from mreg.adapters.dvc.place import Place
from mreg.adapters.dvc.remote import Meter, NoRemote, Remote, opened
from mreg.adapters.dvc.repo import dvc_errors, open_repo, patiently
from mreg.adapters.files import DiskFailure, disk_errors, scratch
from mreg.adapters.progress import Advance, Progress
from mreg.core.pointer import Pointer
from mreg.errors import SystemFailure

PUSH_AGAIN = "push it again from a clone that has it intact (`dvc push` skips what is there: remove it there first)"
"""What to do about an object on a remote that is not what its name says."""

_DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


class MissingObject(SystemFailure):
    """An object is neither in the local cache nor on the remote."""

    def __init__(self, *, path: str, object_hash: str, where: str) -> None:
        super().__init__(f"{path}: object {object_hash} is neither in the local DVC cache nor in {where}")
        self.path, self.object_hash, self.where = path, object_hash, where
        self.hint = "push it from a clone that has it (`dvc push`), then run the command again"


def fetch(pointer: Pointer, place: Place, *, rev: str | None, progress: Progress) -> None:
    """Bring what is missing: see `mreg.adapters.dvc.Dvc.fetch`."""
    missing = place.cache.missing(pointer)
    if not missing:
        return
    try:
        with open_repo(place.root) as (repo, _), opened(repo, pointer, "fetch") as remote:
            if remote is not None:
                _fetch_objects(pointer, missing, remote, _local(repo, pointer), place.cache, progress)
                return
    except (NoRemote, MissingObject):
        if not pointer.imported:
            raise
    _fetch_by_dvc(pointer, place, rev)


def _local(repo: Any, pointer: Pointer) -> Any:
    """DVC's own view of its cache, which knows the modes of a shared one."""
    return repo.cache.local if pointer.hash_name == "md5" else repo.cache.legacy


def _fetch_objects(
    pointer: Pointer, missing: tuple[str, ...], remote: Remote, local: Any, cache: Cache, progress: Progress
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


def _bring(pointer: Pointer, object_hash: str, target: Path, remote: Remote, local: Any, advance: Advance) -> None:
    """Copy one object under a temporary name, verify it, and give it its name."""
    meter = Meter(advance)
    with disk_errors("write", target):
        local.makedirs(str(target.parent))
        with scratch(target.parent) as temporary:
            _download(pointer, object_hash, temporary, remote, meter.callback())
            _verify(temporary, pointer.hash_name, object_hash, where=remote.describe(object_hash))
            meter.report(temporary.stat().st_size)
            local.protect(str(temporary))
            temporary.replace(target)


def _download(pointer: Pointer, object_hash: str, temporary: Path, remote: Remote, callback: Any) -> None:
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
        raise CorruptObject(where=where, expected=expected, found=error.found, hint=PUSH_AGAIN) from None


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

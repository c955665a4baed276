"""One object onto a DVC remote, and what a remote has: by DVC's file systems, which know every kind of remote."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mreg.adapters.dvc.cache import verify_object
from mreg.adapters.dvc.remote import Meter
from mreg.adapters.dvc.repo import describe, dvc_errors
from mreg.adapters.files import scratch
from mreg.errors import SystemFailure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.adapters.dvc.remote import Remote
    from mreg.adapters.progress import Advance


_SAID = {"Failure": "the server says no more than Failure, as it does where its disk is full"}  # by SFTP


class UploadFailed(SystemFailure):
    """The remote did not take an object; the text is its own, with passwords in URLs left out."""

    def __init__(self, *, where: str, problem: str) -> None:
        problem = _SAID.get(problem, problem)
        super().__init__(f"cannot write {where}: {problem}")
        self.where, self.problem = where, problem
        self.hint = (
            "check that the remote has room and lets you write, then run the command again: it goes on from here"
        )


def sizes(remote: Remote, oids: Sequence[str]) -> dict[str, int | None]:
    """Which of these objects a remote has: hash → bytes, None where its file system does not tell.

    Raises:
        DvcFailure: It cannot be asked.
    """
    fs = remote.odb.fs
    with dvc_errors(f"look into {remote.describe()}"):
        answers = fs.info([remote.locate(oid) for oid in oids], batch_size=fs.jobs, return_exceptions=True)
        return {oid: size for oid, answer in zip(oids, answers, strict=True) for size in _size(answer)}


def _size(answer: Any) -> list[int | None]:
    if isinstance(answer, FileNotFoundError | NotADirectoryError):
        return []
    if isinstance(answer, BaseException):
        raise answer
    return [answer.get("size")] if answer["type"] == "file" else []


def read(remote: Remote, oid: str) -> bytes | None:
    """A small object of a remote, unverified; None where it has none of that name.

    Raises:
        DvcFailure: It cannot be read.
    """
    with dvc_errors(f"read {remote.describe(oid)}"):
        try:
            data: bytes = remote.odb.fs.cat_file(remote.locate(oid))
        except FileNotFoundError:
            return None
    return data


def upload(remote: Remote, hash_name: str, oid: str, source: Path, advance: Advance) -> None:
    """Verify an object of the local cache, and put it on the remote in the place of whatever has its name there.

    Raises:
        CorruptObject: It is not what its name says; nothing is sent.
        UploadFailed: The remote did not take it.
    """
    hint = f"it was not sent: remove it (rm -f '{source}') and bring it back from a clone that has it intact"
    verify_object(source, hash_name, oid, hint=hint)
    meter = Meter(advance)
    try:
        _put(remote.odb, str(source), remote.locate(oid), meter.callback())
    except Exception as error:
        raise UploadFailed(where=remote.describe(oid), problem=describe(error)) from error
    meter.report(source.stat().st_size)


def _put(odb: Any, source: str, target: str, callback: Any) -> None:
    match odb.fs.protocol:
        case "local":
            _put_on_disk(odb, source, Path(target), callback)
        case "webdav" | "webdavs":
            _put_by_webdav(odb.fs, source, target, callback)
        case _:
            # By SSH, DVC's file system renames too; an object store shows an object when all of it is there.
            odb.fs.put_file(source, target, callback=callback)


def _put_on_disk(odb: Any, source: str, target: Path, callback: Any) -> None:
    odb.makedirs(str(target.parent))
    with scratch(target.parent) as temporary:
        odb.fs.put_file(source, str(temporary), callback=callback)
        odb.protect(str(temporary))
        temporary.replace(target)


def _put_by_webdav(fs: Any, source: str, target: str, callback: Any) -> None:
    """Under a temporary name first: a server keeps half of an upload that was cut off.

    The file system's own `mv` copies and deletes; the protocol has a verb for it.
    """
    temporary = fs.join(fs.parent(target), f".mreg-{secrets.token_hex(8)}.tmp")
    try:
        fs.put_file(source, temporary, callback=callback)
        fs.fs.client.move(temporary, target, overwrite=True)
    except BaseException:
        with suppress(Exception):
            fs.remove(temporary)
        raise

"""One DVC remote, opened by DVC's own configuration and hung up when what was asked is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mreg.adapters.dvc.place import Place
from mreg.adapters.dvc.pointers import MD5_NAMES
from mreg.adapters.dvc.repo import clean, dvc_errors, open_repo, patiently
from mreg.adapters.progress import Advance
from mreg.core.pointer import Pointer
from mreg.errors import MregError, SystemFailure

Command = Literal["fetch", "push"]


class NoRemote(SystemFailure):
    """The artifact is not here, and nowhere else to be looked for; or there is nowhere to push it to."""

    def __init__(self, *, path: str, problem: str, command: Command) -> None:
        texts = {
            "fetch": f"{path} is not in the local DVC cache, and there is no DVC remote to fetch it from: {problem}",
            "push": f"there is no DVC remote to push {path} to: {problem}",
        }
        super().__init__(texts[command])
        self.path, self.problem = path, problem
        where = {"fetch": "name the remote where it was pushed", "push": "name a remote that everybody can read"}
        self.hint = f"{where[command]}: dvc remote add -d NAME URL"


class NoPassword(SystemFailure):
    """A remote that somebody signs in to by name has no password in DVC's configuration."""

    def __init__(self, *, remote: str) -> None:
        super().__init__(f"the DVC remote {remote} wants a password, and DVC's configuration has none")
        self.remote = remote
        self.hint = f"dvc remote modify --local {remote} password PASSWORD"

    def without_clone(self) -> NoPassword:
        """The same, for somebody who has no clone whose configuration could be modified."""
        from dvc.dirs import global_config_dir

        file, section = f"{global_config_dir()}/config", f"['remote \"{self.remote}\"']"
        self.hint = f"write it into {file}: a line {section}, and below it password = PASSWORD"
        return self


@dataclass(frozen=True, slots=True)
class Remote:
    """One remote's objects of one kind of hash."""

    name: str
    odb: Any

    def locate(self, object_hash: str) -> str:
        return str(self.odb.oid_to_path(object_hash))

    def describe(self, object_hash: str | None = None) -> str:
        path = self.locate(object_hash) if object_hash else self.odb.path
        return clean(f"{self.odb.fs.unstrip_protocol(path)} (DVC remote {self.name})")

    def hang_up(self) -> None:
        """Close what the file system keeps open between requests.

        fsspec leaves that to the garbage collector, which may come by in a thread that cannot close an HTTP session,
        and then complains on the standard error.
        """
        from fsspec.asyn import sync

        match self.odb.fs.protocol, vars(self.odb.fs).get("fs"):  # DVC makes the second when it is first needed
            case "http" | "https", files if files and files._session:
                sync(files.loop, files._session.close)
            case "webdav" | "webdavs", files if files:
                files.client.http.close()


class Meter:
    """Makes steps of a progress display out of what a file system reports of one file."""

    def __init__(self, advance: Advance) -> None:
        self._advance, self._reported = advance, 0

    def report(self, done: int) -> None:
        """Tell how many bytes are done; at the end too: not every file system reports, none does for a small file."""
        self._advance(done - self._reported)
        self._reported = done

    def callback(self) -> Any:
        """What DVC's file systems report to."""
        from dvc.fs.callbacks import Callback

        return Callback(hooks={"report": lambda size, value, **_: self.report(value)})


@contextmanager
def opened(repo: Any, pointer: Pointer, command: Command) -> Iterator[Remote | None]:
    """The remote that an artifact's objects are on; None for a remote or a hash that only DVC itself understands.

    Raises:
        NoRemote: None is configured.
        NoPassword, DvcFailure: It is not configured as DVC can use it.
    """
    remote = _find(repo, pointer, command)
    try:
        yield remote
    finally:
        if remote:
            remote.hang_up()


def remote_with(pointer: Pointer, object_hash: str, place: Place) -> str | None:
    """The name of the remote that has the object, if that can be told."""
    try:
        with (
            open_repo(place.root) as (repo, _),
            opened(repo, pointer, "fetch") as remote,
            dvc_errors("look for an object"),
        ):
            return remote.name if remote and remote.odb.exists(object_hash) else None
    except MregError:
        return None


def _find(repo: Any, pointer: Pointer, command: Command) -> Remote | None:
    from dvc.config import NoRemoteError

    def found() -> Remote | None:
        remote = repo.cloud.get_remote(pointer.remote, command)
        _check_password(remote)
        if remote.fs.version_aware or remote.worktree or pointer.hash_name not in MD5_NAMES:
            return None
        return Remote(remote.name, remote.odb if pointer.hash_name == "md5" else remote.legacy_odb)

    with dvc_errors("open the DVC remote"):
        try:
            return patiently(Path(repo.root_dir), found)  # DVC opens a database for each remote
        except NoRemoteError as error:
            problem = clean(str(error)).split(".")[0]
            raise NoRemote(path=pointer.path, problem=problem, command=command) from error


def _check_password(remote: Any) -> None:
    """DVC's client for WebDAV fails at a missing password in words about bytes."""
    if remote.fs.protocol in ("webdav", "webdavs"):
        match remote.fs.fs_args.get("auth"):
            case (_, None | ""):
                raise NoPassword(remote=remote.name)

"""The artifacts of a repository that is elsewhere: DVC with its remotes, a cache of our own, and no work tree."""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mreg.adapters.dvc import Dvc
from mreg.adapters.dvc.fetch import MissingObject
from mreg.adapters.dvc.pointers import MD5_NAMES
from mreg.adapters.dvc.remote import NoPassword, NoRemote
from mreg.adapters.dvc.repository import NotDvc
from mreg.adapters.files import disk_errors, write_atomic
from mreg.adapters.progress import SILENT, Progress
from mreg.adapters.views.dvcconfig import UnusableRemote, read_dvc_settings
from mreg.adapters.views.shelf import ARTIFACTS
from mreg.errors import SystemFailure

if TYPE_CHECKING:
    from pathlib import Path

    from mreg.adapters.git import BlobReader
    from mreg.adapters.views.address import Address
    from mreg.core.pointer import Pointer

CONFIG = ".dvc/config"
_WORK = "work"


class ImportedElsewhere(SystemFailure):
    """The artifact was imported from somewhere else, and the repository's own DVC remote does not have it."""

    hint = "clone the repository, and run the command in the clone: DVC fetches imports from where they came from"

    def __init__(self, *, path: str, url: str, problem: str) -> None:
        super().__init__(f"{path} of {url} is an import that cannot be fetched from here: {problem}")
        self.path, self.url, self.problem = path, url, problem


@dataclass(frozen=True)
class RemoteDvc(Dvc):
    """A DVC repository of which only the configuration is here.

    Attributes:
        url: The Git repository's, without credentials.
        doubt: What may be wrong with the artifact's remote; it comes before other advice.
    """

    url: str
    doubt: str = ""

    def fetch(self, pointer: Pointer, *, rev: str | None = None, progress: Progress = SILENT) -> None:
        """As for any DVC repository, but from its DVC remote alone.

        Raises:
            ImportedElsewhere: It is an import that the remote does not have.
        """
        try:
            super().fetch(replace(pointer, imported=False), progress=progress)
        except NoPassword as error:
            raise error.without_clone() from None
        except (NoRemote, MissingObject) as error:
            if pointer.imported:
                raise ImportedElsewhere(path=pointer.path, url=self.url, problem=str(error)) from error
            error.hint = self.doubt + error.hint
            raise


def remote_dvc(kept: Path, address: Address, pointer: Pointer, blobs: BlobReader) -> RemoteDvc:
    """The DVC repository that a pointer belongs to, configured as the other repository's HEAD has it.

    Args:
        kept: The folder for all that is kept of the other repository.
        address: Where that is.
        pointer: The artifact.
        blobs: Reads a view of it.

    Raises:
        NotDvc: HEAD has no DVC repository there.
        UnreadableConfiguration, UnusableRemote: Its configuration is none that can be used here.
    """
    files = configurations(pointer.file)
    found = zip(files, blobs.read([f"HEAD:{file}" for file in files]), strict=True)
    file, data = next((entry for entry in found if entry[1] is not None), ("", None))
    work = kept / _WORK
    if data is None:
        raise NotDvc(start=work / pointer.file)
    settings = read_dvc_settings(data, address, file=file)
    settings.check(pointer.remote)
    if pointer.hash_name not in MD5_NAMES:
        problem = f"the artifact is known by its {pointer.hash_name}, which only DVC itself can fetch"
        raise UnusableRemote(url=address.shown, remote=pointer.remote or settings.default or "-", problem=problem)
    config = work / file
    # Relative: what else an absolute path may contain has a meaning in such a file.
    _write(config, settings.text(os.path.relpath(kept / ARTIFACTS, config.parent)).encode())
    doubt = settings.doubt(pointer.remote, file)
    return RemoteDvc(work / file.removesuffix(CONFIG), work, address.shown, doubt)


def configurations(file: str) -> tuple[str, ...]:
    """Where the configuration of the DVC repository may be that a file belongs to, the nearest first."""
    folder, found = posixpath.dirname(file), []
    while folder:
        found.append(posixpath.join(folder, CONFIG))
        folder = posixpath.dirname(folder)
    return (*found, CONFIG)


def _write(file: Path, data: bytes) -> None:
    with disk_errors("write", file):
        if file.exists() and file.read_bytes() == data:
            return
        file.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(file, data)

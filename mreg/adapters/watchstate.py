"""What a watcher has done so far, in the user's state folder: a small file for each thing that is watched."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from mreg.adapters.files import disk_errors, write_atomic
from mreg.errors import RegistryError

_SCHEMA = "mreg/v1"


class AlreadyWatched(RegistryError):
    """Another process watches the same for the same command in the same folder."""

    def __init__(self, *, ref: str, repository: str) -> None:
        super().__init__(f"another mreg watches {ref} of {repository} for this command in this folder already")
        self.ref, self.repository = ref, repository
        self.hint = "one is enough; to run something else too, start another watch with that command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is watched, and what for.

    Attributes:
        repository: Its URL without credentials, or its git folder.
        ref: The reference.
        command: What is run.
        folder: Where it is run: in another folder, the same command does something else.
    """

    repository: str
    ref: str
    command: str
    folder: str

    @property
    def name(self) -> str:
        """The same for the same watch, and for no other; the command may hold a secret."""
        return sha256(json.dumps(asdict(self)).encode("utf-8", "surrogateescape")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Done:
    """The version that the command succeeded for last; `registration` is its tag's object id."""

    version: str
    registration: str


class WatchState:
    """One watch's memory, a file; given by `watch_state`."""

    def __init__(self, file: Path, watched: Watched) -> None:
        self.file, self._watched = file, watched

    def read(self) -> Done | None:
        """What was done last; None where nothing was, or nothing that can be understood.

        Raises:
            DiskFailure: It cannot be read.
        """
        with disk_errors("read", self.file):
            try:
                data = json.loads(self.file.read_bytes())
                return Done(str(data["version"]), str(data["registration"])) if data["schema"] == _SCHEMA else None
            except (FileNotFoundError, ValueError, TypeError, KeyError, RecursionError):
                return None

    def write(self, done: Done) -> None:
        """Keep it, as one step.

        Raises:
            DiskFailure: It cannot be written.
        """
        document = {
            "schema": _SCHEMA,
            "repository": self._watched.repository,
            "ref": self._watched.ref,
            "folder": self._watched.folder,
            **asdict(done),
        }
        write_atomic(self.file, json.dumps(document, indent=1).encode() + b"\n")


@contextmanager
def watch_state(watched: Watched) -> Iterator[WatchState]:
    """The memory of a watch, for one process at a time.

    Raises:
        AlreadyWatched: Another process has it.
        DiskFailure: The user's state folder cannot be written to.
    """
    from platformdirs import user_state_path

    folder = user_state_path("mreg") / "watch"
    lock = folder / f"{watched.name}.lock"
    with disk_errors("write", lock):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyWatched(ref=watched.ref, repository=watched.repository) from None
        yield WatchState(folder / f"{watched.name}.json", watched)
    finally:
        os.close(descriptor)

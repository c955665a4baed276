"""The receipt that `mreg get --if-changed` leaves in a folder: what it delivered there, and how to see it is untouched.

The file is `.mreg.json`. Size, time and inode of every file stand in it: where they are as they were, nobody wrote to
the artifact, so that nothing needs to be read. A receipt may come from anyone: it is never a reason to touch anything
outside its folder.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from mreg.adapters.files import disk_errors, write_atomic
from mreg.core.pointer import Pointer

OWN = ".mreg"
"""How the names begin that mreg uses itself in a folder that it delivers to."""

FILE, LOCK, PREVIOUS = f"{OWN}.json", f"{OWN}.lock", f"{OWN}-previous"
_SCHEMA = "mreg/v1"


class Mark(NamedTuple):
    """What differs once a file was written to, or another one has its name."""

    size: int
    mtime_ns: int
    inode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One artifact that was put into the folder.

    Attributes:
        ref: The version, as `churn@v1.2.0`.
        registration: The object id of the tag that registered it: it names the version, and never means another one.
        digest: The artifact's SHA-256, where it was recorded.
        marks: Of each of its files, by path inside it; "" is that of an artifact that is a file.
    """

    ref: str
    model: str
    version: str
    registration: str
    pointer: Pointer
    digest: str | None
    marks: Mapping[str, Mark]

    @property
    def name(self) -> str:
        return self.pointer.name

    def is_intact(self, folder: Path) -> bool:
        """Whether it is in the folder as it was put there; no file is read."""
        return marks(folder / self.name) == self.marks


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was delivered into one folder.

    Attributes:
        current: The artifact that the folder is there for; None before the first one has its name.
        others: What is being put into its place, or is still to be removed: of a run that was killed, the next one
            knows what is mreg's.
    """

    current: Delivery | None = None
    others: tuple[Delivery, ...] = ()

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        return (*((self.current,) if self.current else ()), *self.others)


def marks(path: Path) -> dict[str, Mark] | None:
    """The marks of a file's or folder's files by path inside it; None where there is nothing, or a link or a device.

    A link's own marks would not tell of a change to what it leads to.

    Raises:
        DiskFailure: A folder cannot be read.
    """
    found: dict[str, Mark] = {}
    with disk_errors("read", path):
        try:
            pending = [("", path.lstat())]
            while pending:
                member, state = pending.pop()
                if stat.S_ISDIR(state.st_mode):
                    pending += _entries(path, member)
                elif stat.S_ISREG(state.st_mode):
                    found[member] = Mark(state.st_size, state.st_mtime_ns, state.st_ino)
                else:
                    return None
        except (FileNotFoundError, NotADirectoryError):  # or it went while we looked
            return None
    return found


def _entries(path: Path, folder: str) -> list[tuple[str, os.stat_result]]:
    prefix = f"{folder}/" if folder else ""
    with os.scandir(path / folder) as entries:
        return [(f"{prefix}{entry.name}", entry.stat(follow_symlinks=False)) for entry in entries]


def read_receipt(folder: Path) -> Receipt:
    """The receipt in a folder; an empty one where there is none, or none that can be understood.

    Raises:
        DiskFailure: It cannot be read.
    """
    file = folder / FILE
    with disk_errors("read", file):
        try:
            data = json.loads(file.read_bytes())
            if data["schema"] != _SCHEMA:
                return Receipt()
            current = data["current"] and _delivery(data["current"])
            return Receipt(current or None, tuple(map(_delivery, data["others"])))
        except (FileNotFoundError, NotADirectoryError, ValueError, TypeError, KeyError, RecursionError):
            return Receipt()


def write_receipt(folder: Path, receipt: Receipt) -> None:
    """Replace the receipt in a folder as one step.

    Raises:
        DiskFailure: Full, read-only or forbidden; the receipt is as it was.
    """
    document = {
        "schema": _SCHEMA,
        "current": receipt.current and _data(receipt.current),
        "others": [_data(other) for other in receipt.others],
    }
    write_atomic(folder / FILE, json.dumps(document, indent=1).encode() + b"\n")


def _data(delivery: Delivery) -> dict[str, Any]:
    return {
        "ref": delivery.ref,
        "model": delivery.model,
        "version": delivery.version,
        "registration": delivery.registration,
        "name": delivery.name,
        "sha256": delivery.digest,
        "size": sum(mark.size for mark in delivery.marks.values()),
        "artifact": asdict(delivery.pointer),
        "files": delivery.marks,
    }


def _delivery(data: dict[str, Any]) -> Delivery:
    """Raises ValueError, TypeError or KeyError where the data is not of a delivery."""
    pointer = Pointer(**data["artifact"])
    if pointer.name != data["name"] or pointer.name in ("", ".", "..") or "\0" in pointer.name:
        raise ValueError(pointer.name)
    return Delivery(
        ref=data["ref"],
        model=data["model"],
        version=data["version"],
        registration=data["registration"],
        pointer=pointer,
        digest=data["sha256"],
        marks={path: Mark(*mark) for path, mark in data["files"].items()},
    )

"""Objects from the local cache to DVC remotes, each verified before it is sent.

DVC's own push sends a corrupt object, takes a name on the remote for the whole object, and uploads to WebDAV under the
final name, which half of an object then keeps. So what is there is looked at here, by name and size, and DVC's file
systems only carry the bytes.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mreg.adapters.dvc.remote import opened
from mreg.adapters.dvc.repo import open_repo
from mreg.adapters.dvc.shipment import Shipment
from mreg.core.pointer import Pointer
from mreg.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mreg.adapters.dvc.place import Place
    from mreg.adapters.progress import Progress


class OnlyDvcPushes(RegistryError):
    """The artifact's remote, or its kind of hash, is one that only DVC itself knows how to write."""

    def __init__(self, *, path: str, file: str) -> None:
        super().__init__(f"{path} is for storage that keeps versions of its own, which only DVC itself can write to")
        self.path, self.file = path, file
        self.hint = f"dvc push {file}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedArtifact:
    """What became of one artifact. An object that several have counts as sent for the first of them.

    Attributes:
        pointer: The artifact.
        remote: The name of its DVC remote.
        sent: How many objects were sent.
        size: How many bytes those have.
        present: How many objects were there.
        mended: Where an object was of a wrong size, as an upload that was cut off leaves it; it is whole now.
    """

    pointer: Pointer
    remote: str
    sent: int
    size: int
    present: int
    mended: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push did, artifact by artifact, in the order it was asked; what was nothing to push is left out."""

    artifacts: tuple[PushedArtifact, ...] = ()

    @property
    def sent(self) -> int:
        """Objects."""
        return sum(artifact.sent for artifact in self.artifacts)

    @property
    def size(self) -> int:
        """Bytes sent."""
        return sum(artifact.size for artifact in self.artifacts)

    @property
    def mended(self) -> tuple[str, ...]:
        return tuple(where for artifact in self.artifacts for where in artifact.mended)


def push(pointers: Iterable[Pointer], place: Place, *, progress: Progress, dry_run: bool) -> Pushed:
    """Bring what the remotes lack: see `mreg.adapters.dvc.Dvc.push`."""
    wanted = _wanted(pointers)
    if not wanted:
        return Pushed()
    with _shipments(wanted, place) as shipments:
        for shipment in shipments:
            shipment.check()
        for shipment in () if dry_run else shipments:
            shipment.send(progress)
    done = {artifact.pointer: artifact for shipment in shipments for artifact in _report(shipment)}
    return Pushed(tuple(done[pointer] for pointer in wanted))


def _wanted(pointers: Iterable[Pointer]) -> list[Pointer]:
    """Each once. An import is fetched from where it came from."""
    return [pointer for pointer in dict.fromkeys(pointers) if not pointer.imported]


@contextmanager
def _shipments(pointers: Sequence[Pointer], place: Place) -> Iterator[list[Shipment]]:
    together: dict[tuple[str | None, str], list[Pointer]] = {}
    for pointer in pointers:
        together.setdefault((pointer.remote, pointer.hash_name), []).append(pointer)
    with open_repo(place.root) as (repo, _), ExitStack() as remotes:
        shipments = []
        for group in together.values():
            remote = remotes.enter_context(opened(repo, group[0], "push"))
            if remote is None:
                raise OnlyDvcPushes(path=group[0].path, file=group[0].file)
            shipments.append(Shipment(remote, place.cache, group))
        yield shipments


def _report(shipment: Shipment) -> Iterator[PushedArtifact]:
    counted: set[str] = set()
    for pointer, objects in shipment.artifacts.items():
        sent = [oid for oid in objects if shipment.lacks(oid) and oid not in counted]
        counted.update(sent)
        yield PushedArtifact(
            pointer=pointer,
            remote=shipment.remote.name,
            sent=len(sent),
            size=sum(map(shipment.size, sent)),
            present=len(objects) - len(sent),
            mended=tuple(shipment.remote.describe(oid) for oid in sent if shipment.is_wrong(oid)),
        )

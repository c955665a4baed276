"""What one DVC remote lacks of some artifacts, and sending it: files before the manifests that list them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from mreg.adapters.dvc.cache import CorruptObject, NotCached, parse_manifest
from mreg.adapters.dvc.fetch import PUSH_AGAIN, MissingObject
from mreg.adapters.dvc.upload import UploadFailed, read, sizes, upload
from mreg.core.pointer import DIRECTORY_SUFFIX
from mreg.errors import SystemFailure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.adapters.dvc.cache import Cache
    from mreg.adapters.dvc.remote import Remote
    from mreg.adapters.progress import Advance, Progress
    from mreg.core.pointer import Pointer


class WrongSize(SystemFailure):
    """An object on the remote cannot be what its name says, and nothing here can take its place."""

    def __init__(self, *, path: str, where: str, size: int, expected: int) -> None:
        super().__init__(f"{path}: {where} has {size} bytes, not {expected}: an upload was cut off, or it was changed")
        self.path, self.where, self.size, self.expected = path, where, size, expected
        self.hint = "run the command again where the artifact is in the cache: that puts the whole object in its place"


class Shipment:
    """Some artifacts, one remote, and one kind of hash.

    Attributes:
        remote: Where they go.
        artifacts: Each with the hashes of its objects, a folder's manifest last.
    """

    def __init__(self, remote: Remote, cache: Cache, pointers: Sequence[Pointer]) -> None:
        """Look at what is here and what is there.

        Raises:
            CorruptObject, BadManifest: A folder's manifest is not to be trusted.
            DvcFailure: The remote cannot be asked.
        """
        self.remote, self._cache, self._hash_name = remote, cache, pointers[0].hash_name
        self.artifacts = {pointer: self._objects(pointer) for pointer in pointers}
        self._oids = tuple(dict.fromkeys(oid for objects in self.artifacts.values() for oid in objects))
        self._local = {oid: path for oid in self._oids if (path := cache.find(self._hash_name, oid))}
        self._sizes = {pointer.hash: pointer.size for pointer in pointers if pointer.size and not pointer.is_dir}
        self._sizes |= {oid: path.stat().st_size for oid, path in self._local.items()}
        self._found = sizes(remote, self._oids)

    def lacks(self, oid: str) -> bool:
        """Whether the remote has no object of that name, or none of the right size."""
        return oid not in self._found or self.is_wrong(oid)

    def is_wrong(self, oid: str) -> bool:
        """Whether the remote has something of that name that cannot be the object.

        What DVC 2 hashed may have other line ends, and so another size, in each clone.
        """
        size, expected = self._found.get(oid), self._sizes.get(oid)
        return self._hash_name == "md5" and None not in (size, expected) and size != expected

    def size(self, oid: str) -> int:
        """The bytes of an object that is here."""
        return self._sizes[oid] or 0

    def check(self) -> None:
        """See that what the remote lacks is here.

        Raises:
            MissingObject, WrongSize: It is not.
        """
        for pointer, objects in self.artifacts.items():
            for oid in objects:
                if self.lacks(oid) and oid not in self._local:
                    raise self._loss(pointer, oid)

    def send(self, progress: Progress) -> None:
        """Send what the remote lacks.

        Raises:
            CorruptObject: An object here is not what its name says; it was not sent.
            UploadFailed: The remote did not take one.
            WrongSize: It took one, and has only a part of it.
        """
        waiting = {oid: None for oid in self._oids if self.lacks(oid)}
        if not waiting:
            return
        pointers = [pointer for pointer, objects in self.artifacts.items() if not waiting.keys().isdisjoint(objects)]
        label = pointers[0].name if len(pointers) == 1 else f"{len(pointers)} artifacts"
        with progress.start(f"Pushing {label} to {self.remote.name}", sum(map(self.size, waiting))) as advance:
            self._send([oid for oid in waiting if not oid.endswith(DIRECTORY_SUFFIX)], advance)
            self._send([oid for oid in waiting if oid.endswith(DIRECTORY_SUFFIX)], advance)

    def _send(self, oids: Sequence[str], advance: Advance) -> None:
        if not oids:
            return
        put = partial(upload, self.remote, self._hash_name)
        with ThreadPoolExecutor(max(1, min(len(oids), self.remote.odb.fs.jobs))) as pool:
            # Leaving the loop with an error cancels what has not begun.
            for _ in pool.map(lambda oid: put(oid, self._local[oid], advance), oids):
                pass
        self._see_arrived(oids)

    def _see_arrived(self, oids: Sequence[str]) -> None:
        found = sizes(self.remote, oids)
        for oid in oids:
            where, expected = self.remote.describe(oid), self.size(oid)
            if oid not in found:
                raise UploadFailed(where=where, problem="it was taken, and is not there")
            if (size := found[oid]) not in (None, expected):
                path = next(pointer.path for pointer, objects in self.artifacts.items() if oid in objects)
                raise WrongSize(path=path, where=where, size=size or 0, expected=expected)

    def _objects(self, pointer: Pointer) -> tuple[str, ...]:
        """The hashes of an artifact's objects; of its manifest alone where that is nowhere."""
        if not pointer.is_dir:
            return (pointer.hash,)
        try:
            members = self._cache.members(pointer)
        except NotCached:
            data, where = read(self.remote, pointer.hash), self.remote.describe(pointer.hash)
            if data is None:
                return (pointer.hash,)
            try:
                members = parse_manifest(data, pointer.hash, where)
            except CorruptObject as error:
                raise CorruptObject(where=where, expected=error.expected, found=error.found, hint=PUSH_AGAIN) from None
        return (*dict.fromkeys(members.values()), pointer.hash)

    def _loss(self, pointer: Pointer, oid: str) -> MissingObject | WrongSize:
        where, size, expected = self.remote.describe(oid), self._found.get(oid), self._sizes.get(oid)
        if size is None or expected is None:
            return MissingObject(path=pointer.path, object_hash=oid, where=where)
        return WrongSize(path=pointer.path, where=where, size=size, expected=expected)

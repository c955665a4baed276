"""Proof that three things are the same bytes: what was hashed, what DVC recorded, and what its cache holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mreg.adapters.dvc.cache import Cache, CorruptObject, new_hasher, verify_object
from mreg.adapters.files import sha256_file
from mreg.adapters.hashing import ArtifactChanged, Reading, Stamp, Survey, read_member, stamp
from mreg.core.pointer import Pointer

_TICK = 10_000_000
"""Nanoseconds by which the times that a file system writes may lag behind ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of an artifact after DVC has seen it.

    Attributes:
        found: Its files, before DVC was asked.
        readings: What our own hashing read, some time since.
        began: When that was, in ns since the epoch.
        pointer: What DVC recorded.
        relinked: DVC was asked to put links to its cache in the files' place.
    """

    found: Survey
    readings: Mapping[str, Reading]
    began: int
    pointer: Pointer
    cache: Cache
    relinked: bool


def prove(evidence: Evidence) -> dict[str, str]:
    """The SHA-256 of every member that DVC recorded, which leaves out what `.dvcignore` ignores.

    Raises:
        ArtifactChanged: Something was written while it was read.
        CorruptObject: The cache has had an object of this name, with other bytes.
    """
    members = evidence.cache.members(evidence.pointer)
    sums = {member: _agreed(evidence, member, expected) for member, expected in members.items()}
    for member, expected in members.items():
        _check_object(evidence, member, expected, sums[member])
    return sums


def drop_torn(cache: Cache, pointer: Pointer) -> None:
    """Remove objects that were copied from a file while it was written, and so are not what their name says.

    DVC would take such an object for the artifact whose hash it has, and put it in the artifact's place.
    """
    for object_hash in set(cache.members(pointer).values()):
        if path := cache.find(pointer.hash_name, object_hash):
            try:
                verify_object(path, pointer.hash_name, object_hash)
            except CorruptObject:
                path.unlink(missing_ok=True)


def _agreed(evidence: Evidence, member: str, expected: str) -> str:
    """The member's SHA-256, once it is known to be of the bytes that DVC read.

    DVC read the file some time between the survey and now. If its stamp was the same at both and when we read it, we
    read the same. If only its name has gone to another file, DVC has put that there, and reading it shows whether it is
    the same: as what we read or, where we had read that other file already, as what DVC recorded.
    """
    path, surveyed = evidence.found.locate(member), evidence.found.stamps.get(member)
    reading, now = evidence.readings.get(member), _stamp_now(path)
    if reading and surveyed == reading.stamp == now:
        return reading.sha256
    if not evidence.relinked or reading is None or surveyed is None or _was_written(surveyed, reading, now):
        _check_object(evidence, member, expected)
        raise ArtifactChanged(path=path)
    hasher, read_original = new_hasher(evidence.pointer.hash_name), reading.stamp == surveyed
    again = read_member(path, lambda _: None, *(() if read_original else (hasher.update,)))
    same = again.sha256 == reading.sha256 if read_original else hasher.hexdigest() == expected
    if again.stamp is None or not same:
        _check_object(evidence, member, expected)
        raise ArtifactChanged(path=path)
    return again.sha256


def _was_written(surveyed: Stamp, reading: Reading, now: Stamp | None) -> bool:
    """Whether the surveyed file itself, and not only its name, is different now or was when it was read."""
    if now is None or now.size != surveyed.size or (reading.sha256 and reading.stamp is None):
        return True
    seen = [now, reading.stamp or surveyed]
    return any(item != surveyed and item.identity == surveyed.identity for item in seen)


def _check_object(evidence: Evidence, member: str, expected: str, sha256: str = "") -> None:
    """DVC does not look into an object that its cache had before, so we do; one that it has just copied is younger."""
    path = evidence.cache.find(evidence.pointer.hash_name, expected)
    surveyed = evidence.found.stamps.get(member)
    state = stamp(path.stat()) if path else None
    if path is None or state is None or (surveyed and state.identity == surveyed.identity):
        return
    had_before = state.mtime_ns < evidence.began - _TICK
    if had_before and not (sha256 and sha256_file(path) == sha256):
        verify_object(path, evidence.pointer.hash_name, expected)


def _stamp_now(path: Path) -> Stamp | None:
    try:
        return stamp(path.stat())
    except OSError:
        return None

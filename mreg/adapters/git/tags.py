"""Tags in bulk: one `git for-each-ref` for a few models, one `git cat-file --batch` for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.adapters.git.process import GitFailed
from mreg.core.tags import TagObject, TagRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import IO

    from mreg.adapters.git.blobs import BlobReader
    from mreg.adapters.git.process import Runner

_FIELDS = ("refname:lstrip=2", "objectname", "objecttype", "object", "type", "creator", "contents")
# A NUL after each field: no field can contain one, and a message may contain anything else. Each record is followed by
# a newline that for-each-ref adds itself.
_FORMAT = "".join(f"%({field})%00" for field in _FIELDS)
_CHUNK = 1 << 20


def read_tags(git: Runner, pattern: str) -> Iterator[TagRecord]:
    """Stream the tags under `refs/tags/` that match a pattern, sorted by name.

    Names and messages that are not UTF-8 are decoded with replacement characters: such tags are somebody else's, and
    may not hide ours.

    Args:
        git: Where to run git.
        pattern: A pattern of for-each-ref below `refs/tags/`; empty is every tag.

    Raises:
        GitFailed: Git could not read the repository.
    """
    where = f"refs/tags/{pattern}" if pattern else "refs/tags"
    width = len(_FIELDS)
    with git.start("for-each-ref", f"--format={_FORMAT}", where) as process:
        for text in _whole_records(process.stdout):
            fields = text.split("\0")
            columns = [fields[i::width] for i in range(width)]
            columns[0] = [name.lstrip("\n") for name in columns[0]]
            yield from map(TagRecord._make, zip(*columns, strict=False))
        stderr = process.stderr.read().decode("utf-8", "replace")
    if process.returncode:
        raise GitFailed(command="for-each-ref", code=process.returncode, output=stderr)


def read_tag_objects(objects: BlobReader, ids: Mapping[str, str]) -> Iterator[TagObject]:
    """The objects of these tags, given by name with their ids, in that order, each as soon as git has read it.

    This is for all tags of a large repository: `git for-each-ref` prints nothing before it has read the last object,
    so that git and mreg would work one after the other.
    """
    for (name, oid), found in zip(ids.items(), objects.stream(list(ids.values())), strict=True):
        kind, data = found or ("missing object", b"")
        yield name, oid, kind, data.decode("utf-8", "replace")


def _whole_records(stream: IO[bytes]) -> Iterator[str]:
    """The stream in pieces of about a chunk, each of which ends where a record ends."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        # No field but the message can contain a newline, and every record is followed by one after its last NUL.
        data = rest + chunk
        end = data.rfind(b"\0\n")
        while end >= 0 and data.count(b"\0", 0, end + 1) % len(_FIELDS):
            end = data.rfind(b"\0\n", 0, end)
        if end < 0:
            rest = data
            continue
        yield data[: end + 1].decode("utf-8", "replace")
        rest = data[end + 2 :]
    if rest:
        yield rest.decode("utf-8", "replace")

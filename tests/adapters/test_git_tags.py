"""Tags of every odd kind: each is read as it is, and none hides another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mreg.adapters.git import Git, GitFailed
from mreg.adapters.git.tags import read_tag_objects
from mreg.core.tags import TagRecord, record_of
from tests.gitrepos import git, new_repository, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TAGGER = "Ada Lovelace <ada@example.com> 1767323045 +0000"


def _by_refs(repository: Path) -> list[TagRecord]:
    return list(Git(repository).tags())


def _by_objects(repository: Path) -> list[TagRecord]:
    found = Git(repository)
    ids = {name: oid for oid, name in (line.split(" ", 1) for line in found.tag_ids())}
    with found.blobs() as blobs:
        return [record_of(*tag) for tag in read_tag_objects(blobs, ids)]


@pytest.fixture(params=[_by_refs, _by_objects])
def read(request: pytest.FixtureRequest) -> Callable[[Path], list[TagRecord]]:
    """Both ways to read all tags: each must give the same."""
    reader: Callable[[Path], list[TagRecord]] = request.param
    return reader


def _head(repository: Path) -> str:
    return git(repository, "rev-parse", "HEAD")


def _write_tag(repository: Path, name: str, *, message: bytes, header: str | None = None) -> str:
    """A tag exactly as given, also where `git tag` would refuse it."""
    header = header or f"object {_head(repository)}\ntype commit\ntag {name}\ntagger {TAGGER}\n"
    data = f"{header}\n".encode() + message
    oid = git(repository, "hash-object", "-t", "tag", "-w", "--literally", "--stdin", stdin=data)
    git(repository, "update-ref", f"refs/tags/{name}", oid)
    return oid


def _only(records: list[TagRecord]) -> TagRecord:
    [record] = records
    return record


def test_no_tags(repository: Path, read: Callable[[Path], list[TagRecord]]) -> None:
    assert read(repository) == []


def test_an_annotated_tag(repository: Path, read: Callable[[Path], list[TagRecord]]) -> None:
    message = "Register churn v1.0.0\n\nThe first one.\n\nEvent: register\n"
    git(
        repository,
        "tag",
        "-a",
        "-F",
        "-",
        "churn@v1.0.0",
        stdin=message,
        env={"GIT_COMMITTER_DATE": "1767323045 +0000"},
    )
    record = _only(read(repository))
    oid = git(repository, "rev-parse", "refs/tags/churn@v1.0.0")
    assert record == TagRecord("churn@v1.0.0", oid, "tag", _head(repository), "commit", TAGGER, message)


@pytest.mark.parametrize(
    "message",
    [
        "ends without a newline",
        "ends with many\n\n\n\n",
        "first\n\n\n\nlast\n",
        "an empty line\n \n\t\n",
        "quotes ' \" $( ) % %00 %(refname) \\0 \\n\n",
        "carriage\r\nreturns\r\n",
        "colour \x1b[31m and bell \a and backspace \b\n",
        "separators \x1c\x1d\x1e \u0085 \u2028 \u2029 \v \f\n",
        "ünïcode 模型 \U0001f680\n",
        "object 1234\ntype commit\n\n\x01\x7f",
    ],
)
def test_messages_are_kept_as_they_are(repository: Path, read: Callable[[Path], list[TagRecord]], message: str) -> None:
    _write_tag(repository, "churn@v1.0.0", message=message.encode())
    assert _only(read(repository)).message == message


@pytest.mark.parametrize("message", ["", "\n", "\n\n\n"])
def test_blank_messages(repository: Path, read: Callable[[Path], list[TagRecord]], message: str) -> None:
    git(repository, "tag", "-a", "-m", "after", "z")
    _write_tag(repository, "churn@v1.0.0", message=message.encode())
    assert [(record.name, record.message.strip("\n")) for record in read(repository)] == [
        ("churn@v1.0.0", ""),
        ("z", "after"),
    ]


def test_a_message_that_begins_with_newlines(repository: Path, read: Callable[[Path], list[TagRecord]]) -> None:
    _write_tag(repository, "churn@v1.0.0", message=b"\n\n\nsubject\n\nbody\n")
    assert _only(read(repository)).message.lstrip("\n") == "subject\n\nbody\n"


@pytest.mark.parametrize("size", [(1 << 20) - 1, 3 << 20])
def test_a_message_larger_than_a_chunk(repository: Path, read: Callable[[Path], list[TagRecord]], size: int) -> None:
    line = "0123456789 abcdefghijklmnopqrstuvwxyz\n\n"
    message = (line * (size // len(line) + 1))[:size]
    git(repository, "tag", "-a", "-m", "before", "a")
    _write_tag(repository, "b", message=message.encode())
    git(repository, "tag", "-a", "-m", "after", "c")
    assert [record.message for record in read(repository)] == ["before\n", message, "after\n"]


def test_many_tags_over_many_chunks(repository: Path, read: Callable[[Path], list[TagRecord]]) -> None:
    """Every message has another length, so that chunks end at every place of a record."""
    commit = _head(repository)
    text = "".join(
        f"tag m@v1.0.{number}\nfrom {commit}\ntagger {TAGGER}\ndata {number % 997 + 2}\n{'x' * (number % 997 + 1)}\n\n"
        for number in range(3000)
    )
    git(repository, "fast-import", "--quiet", stdin=text)
    records = read(repository)
    assert len(records) == 3000
    assert {record.name: record.message for record in records} == {
        f"m@v1.0.{number}": "x" * (number % 997 + 1) + "\n" for number in range(3000)
    }
    assert {(record.target, record.creator) for record in records} == {(commit, TAGGER)}


def test_bytes_that_are_not_utf8(repository: Path, read: Callable[[Path], list[TagRecord]]) -> None:
    header = f"object {_head(repository)}\ntype commit\ntag churn@v1.0.0\ntagger Zo\xeb <zoe@example.com> 1 +0000\n"
    data = header.encode("latin-1") + b"\nmod\xe8le\n"
    oid = git(repository, "hash-object", "-t", "tag", "-w", "--literally", "--stdin", stdin=data)
    git(repository, "update-ref", "refs/tags/churn@v1.0.0", oid)
    git(repository, "update-ref", b"refs/tags/caf\xe9".decode("utf-8", "surrogateescape"), "HEAD")
    records = {record.oid: record for record in read(repository)}
    assert records[oid].message == "mod\ufffdle\n"
    assert records[oid].creator == "Zo\ufffd <zoe@example.com> 1 +0000"
    assert len(records) == 2


@pytest.mark.parametrize("name", ["x\u2028y", "x\u0085y", "模型@v1.0.0", "a/b/c@v1.0.0", "-n", "%00", "'", "a@v1"])
def test_odd_names(repository: Path, read: Callable[[Path], list[TagRecord]], name: str) -> None:
    git(repository, "update-ref", f"refs/tags/{name}", "HEAD")
    git(repository, "update-ref", "refs/tags/zz", "HEAD")
    assert [record.name for record in read(repository)] == sorted([name, "zz"], key=str.encode)


def test_a_tag_without_a_tagger(repository: Path, read: Callable[[Path], list[TagRecord]]) -> None:
    header = f"object {_head(repository)}\ntype commit\ntag old\n"
    oid = _write_tag(repository, "old", message=b"made in 2005\n", header=header)
    assert _only(read(repository)) == TagRecord("old", oid, "tag", _head(repository), "commit", "", "made in 2005\n")


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"object 1", b"object 1\ntype commit\n\nx", b"\xff\n\n\n\n", b"x\n\ntype"]
)
def test_a_damaged_tag_does_not_hide_the_others(repository: Path, content: bytes) -> None:
    oid = git(repository, "hash-object", "-t", "tag", "-w", "--literally", "--stdin", stdin=content)
    write(repository / ".git" / "refs" / "tags" / "a", f"{oid}\n")
    git(repository, "tag", "-a", "-m", "whole", "b")
    damaged, whole = _by_objects(repository)
    assert (damaged.name, damaged.kind, damaged.creator) == ("a", "tag", "")
    assert (whole.name, whole.message) == ("b", "whole\n")


def test_a_tag_of_a_tree_and_one_of_a_blob(repository: Path, read: Callable[[Path], list[TagRecord]]) -> None:
    tree, blob = git(repository, "rev-parse", "HEAD^{tree}", "HEAD:train.py").split("\n")
    git(repository, "tag", "-a", "-m", "a tree", "a", tree)
    git(repository, "tag", "-a", "-m", "a blob", "b", blob)
    git(repository, "tag", "c", tree)
    git(repository, "tag", "d", blob)
    a, b, c, d = read(repository)
    assert [(record.kind, record.target, record.target_kind) for record in (a, b)] == [
        ("tag", tree, "tree"),
        ("tag", blob, "blob"),
    ]
    assert [(record.oid, record.kind, record.target, record.creator) for record in (c, d)] == [
        (tree, "tree", "", ""),
        (blob, "blob", "", ""),
    ]


def test_a_tag_of_a_tag(repository: Path, read: Callable[[Path], list[TagRecord]]) -> None:
    git(repository, "tag", "-a", "-m", "inner", "inner")
    git(repository, "tag", "-a", "-m", "outer", "outer", "inner")
    inner, outer = read(repository)
    assert (outer.kind, outer.target, outer.target_kind) == ("tag", inner.oid, "tag")
    assert outer.message == "outer\n"


def test_a_lightweight_tag_is_its_commit(repository: Path, read: Callable[[Path], list[TagRecord]]) -> None:
    git(repository, "tag", "churn@v1.0.0")
    record = _only(read(repository))
    assert (record.oid, record.kind, record.target, record.target_kind) == (_head(repository), "commit", "", "")
    assert record.creator == "Ada Lovelace <ada@example.com> 1767323045 +0000"


def test_packed_and_loose_tags_together(repository: Path, read: Callable[[Path], list[TagRecord]]) -> None:
    git(repository, "tag", "-a", "-m", "packed", "a")
    git(repository, "tag", "-a", "-m", "old", "b")
    git(repository, "pack-refs", "--all")
    git(repository, "tag", "-a", "-f", "-m", "new", "b")
    git(repository, "tag", "-a", "-m", "loose", "c")
    assert [record.message for record in read(repository)] == ["packed\n", "new\n", "loose\n"]


def test_one_model_alone(repository: Path) -> None:
    for name in ("churn@v1.0.0", "churn@v1.0.0-production", "churn-eu@v1.0.0", "nlp/churn@v1.0.0", "churn"):
        git(repository, "tag", "-a", "-m", name, name)
    found = Git(repository)
    assert [record.name for record in found.tags("churn@*")] == ["churn@v1.0.0", "churn@v1.0.0-production"]
    assert [record.name for record in found.tags("nlp/churn@*")] == ["nlp/churn@v1.0.0"]
    assert list(found.tags("nlp@*")) == []


def test_damage_is_an_error_and_not_an_empty_list(repository: Path) -> None:
    git(repository, "update-ref", "refs/tags/a", "HEAD")
    write(repository / ".git" / "refs" / "tags" / "b", f"{'1' * 40}\n")
    with pytest.raises(GitFailed, match="missing object"):
        list(Git(repository).tags())


def test_reading_can_be_given_up(repository: Path) -> None:
    git(repository, "tag", "-a", "-m", "x", "a")
    git(repository, "tag", "-a", "-m", "x", "b")
    tags = Git(repository).tags()
    assert next(tags).name == "a"
    del tags  # warnings are errors: a process left behind would be one


def test_sha256(tmp_path: Path, read: Callable[[Path], list[TagRecord]]) -> None:
    repository = new_repository(tmp_path / "wide", object_format="sha256")
    git(repository, "tag", "-a", "-m", "wide", "churn@v1.0.0")
    record = _only(read(repository))
    assert len(record.oid) == len(record.target) == 64
    assert record.target == _head(repository)

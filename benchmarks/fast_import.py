"""Commits and tags by the hundred thousand: `git fast-import`, with the object ids known to the writer."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

PERSON = "Ada Lovelace <ada@example.org>"
ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada Lovelace",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada Lovelace",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "DVC_NO_ANALYTICS": "1",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
}


def environment(**extra: str) -> dict[str, str]:
    """The environment of every measured process: no configuration but the repository's own, one identity, UTC."""
    return {**os.environ, **ENVIRONMENT, **extra}


def git(root: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """What a git command prints; it raises where git fails."""
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, check=True, env=environment()).stdout


def init(root: Path) -> None:
    """An empty repository with an identity of its own, that no background maintenance disturbs."""
    root.mkdir(parents=True)
    git(root, "init", "--quiet", "--initial-branch=main")
    for key, value in (("user.name", "Ada Lovelace"), ("user.email", "ada@example.org"), ("gc.auto", "0")):
        git(root, "config", key, value)


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit on main; `time` in seconds since 1970, UTC."""

    message: str
    time: int
    files: Mapping[str, str]

    def record(self, mark: int) -> bytes:
        """The commit as fast-import reads it."""
        head = f"commit refs/heads/main\nmark :{mark}\ncommitter {PERSON} {self.time} +0000\n".encode()
        files = (f"M 100644 inline {path}\n".encode() + _data(text) for path, text in self.files.items())
        return b"".join((head, _data(self.message), *files, b"\n"))


@dataclass(frozen=True, slots=True)
class Tag:
    """One annotated tag; `time` in seconds since 1970, UTC."""

    name: str
    commit: str
    message: str
    time: int

    @property
    def id(self) -> str:
        """The object id that git gives this tag."""
        head = f"object {self.commit}\ntype commit\ntag {self.name}\ntagger {PERSON} {self.time} +0000\n\n"
        body = (head + self.message).encode()
        return hashlib.sha1(b"tag %d\0" % len(body) + body, usedforsecurity=False).hexdigest()

    def record(self) -> bytes:
        """The tag as fast-import reads it."""
        head = f"tag {self.name}\nfrom {self.commit}\ntagger {PERSON} {self.time} +0000\n".encode()
        return head + _data(self.message)


def import_commits(root: Path, commits: Iterable[Commit]) -> list[str]:
    """Write the commits in their order; their ids."""
    marks = root / ".git" / "benchmark-marks"
    records = (commit.record(mark) for mark, commit in enumerate(commits, start=1))
    _fast_import(root, records, f"--export-marks={marks}")
    lines = (line.split() for line in marks.read_text().splitlines())
    ids = {int(mark.removeprefix(":")): oid for mark, oid in lines}
    marks.unlink()
    return [ids[mark] for mark in sorted(ids)]


def import_tags(root: Path, tags: Iterable[Tag]) -> None:
    """Write the tags."""
    _fast_import(root, (tag.record() for tag in tags))


def set_refs(root: Path, refs: Mapping[str, str]) -> None:
    """Create refs, in one transaction."""
    git(root, "update-ref", "--stdin", stdin="".join(f"create {ref} {oid}\n" for ref, oid in refs.items()).encode())


def _fast_import(root: Path, records: Iterable[bytes], *options: str) -> None:
    command = ["git", "-C", str(root), "fast-import", "--quiet", "--done", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment()) as process:
        assert process.stdin is not None
        process.stdin.writelines(records)
        process.stdin.write(b"done\n")
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


def _data(text: str) -> bytes:
    encoded = text.encode()
    return b"data %d\n%b\n" % (len(encoded), encoded)

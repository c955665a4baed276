"""A server with the hook, and a clone that pushes to it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mreg.core.events import Change, EventKind
from mreg.core.messages import format_message
from mreg.core.tags import TagName, format_tag
from mreg.core.versions import parse_version
from tests.cli.program import Ran, run
from tests.gitrepos import git, run_git

HEAD = "refs/mreg/churn@head"
PROTECTED = "what changes production is signed here, and this has no signature that the server trusts"


def install(server: Path, *options: str, folder: Path | None = None) -> Ran:
    return run("hook", "install", "--server", server, *options, folder=folder or server)


def new_server(path: Path, *, object_format: str = "sha1") -> Path:
    """A bare repository with the hook."""
    path.mkdir(parents=True)
    git(path, "init", "--quiet", "--bare", f"--object-format={object_format}")
    assert install(path).code == 0
    return path


@dataclass
class Team:
    """A clone and the server that it pushes to. The clone writes events of the model churn as mreg writes them."""

    clone: Path
    server: Path

    def change(self, kind: str, version: str = "1.0.0", **values: Any) -> Change:
        """An event on top of the newest one here, unless it says otherwise."""
        newest = self.newest()
        sequence = (
            int(git(self.clone, "cat-file", "tag", newest).partition("\nSequence: ")[2].split()[0]) if newest else 0
        )
        above = {"sequence": sequence + 1, "parent": newest}
        return Change(EventKind(kind), "churn", parse_version(version), **(above | values))

    def newest(self) -> str | None:
        return run_git(self.clone, "rev-parse", "--verify", "--quiet", HEAD).stdout.decode().strip() or None

    def write(self, kind: str, version: str = "1.0.0", *, count: int = 1, **values: Any) -> str:
        """Write an event's tag and move the head; return the tag's name."""
        change = self.change(kind, version, **values)
        name = format_tag(TagName(change.model, change.version, change.label, count))
        self.tag(name, format_message(change))
        git(self.clone, "update-ref", HEAD, f"refs/tags/{name}")
        return name

    def tag(self, name: str, message: str) -> None:
        """Write an annotated tag, signed where the clone is configured so."""
        git(self.clone, "tag", "--annotate", "--cleanup=verbatim", "--file=-", name, "HEAD", stdin=message)

    def raw(self, name: str, message: str | bytes, *, called: str | None = None, kind: str = "commit") -> None:
        """Write a tag object byte by byte, whatever git would say to it."""
        target = git(self.clone, "rev-parse", "HEAD" if kind == "commit" else f"HEAD^{{{kind}}}")
        header = (
            f"object {target}\ntype {kind}\ntag {called or name}\ntagger Eve <eve@example.com> 1770000000 +0000\n\n"
        )
        data = header.encode() + (message.encode() if isinstance(message, str) else message)
        oid = git(self.clone, "hash-object", "-t", "tag", "-w", "--literally", "--stdin", stdin=data)
        git(self.clone, "update-ref", f"refs/tags/{name}", oid)

    def push(self, *refs: str, force: bool = False) -> subprocess.CompletedProcess[bytes]:
        """Push refs, named as in full or without refs/tags/, in one atomic push."""
        full = [ref if ref.startswith(("refs/", ":", "HEAD:")) else f"refs/tags/{ref}" for ref in refs]
        return run_git(self.clone, "push", "--atomic", *(["--force"] if force else []), str(self.server), *full)

    def passes(self, *refs: str) -> None:
        done = self.push(*refs)
        assert done.returncode == 0, done.stderr.decode()

    def refused(self, *refs: str, force: bool = False) -> str:
        """What the hook says to a push that it refuses, which changes nothing."""
        before = git(self.server, "for-each-ref")
        done = self.push(*refs, force=force)
        assert done.returncode != 0
        assert git(self.server, "for-each-ref") == before
        lines = [line.removeprefix("remote: ").rstrip() for line in done.stderr.decode("utf-8", "replace").splitlines()]
        said = [line for line in lines if line.startswith("mreg: ")]
        assert len(said) == 2, done.stderr.decode()
        return "\n".join(said)

    def why(self, *names: str) -> dict[str, str]:
        """Why the hook refuses each of these tags, which are pushed one by one in one push."""
        refs = [f"refs/tags/{name}" for name in names]
        done = run_git(self.clone, "push", str(self.server), *refs)
        lines = done.stderr.decode("utf-8", "replace").splitlines()
        said = [line.removeprefix("remote: mreg: ").rstrip().partition(" is refused: ") for line in lines]
        assert not set(names) & set(git(self.server, "tag").splitlines())
        return {name: why for name, _, why in said if why}

    def config(self, key: str, value: str) -> None:
        git(self.server, "config", key, value)


def unsigned(team: Team) -> None:
    git(team.clone, "config", "tag.gpgSign", "false")

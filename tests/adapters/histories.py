"""Repositories with hand-written DVC files, for what reads them from commits."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from mreg.adapters.dvc.provenance import ProvenanceReader, Target
from mreg.adapters.git import Git
from tests.gitrepos import git

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mreg.core.provenance import Provenance


def md5(content: str | bytes) -> str:
    data = content.encode() if isinstance(content, str) else content
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def commit(repository: Path, files: Mapping[str, str | bytes], *, onto: str = "") -> str:
    """A commit that holds exactly these files, by `git fast-import`."""
    lines = [b"commit refs/heads/written\ncommitter A <a@example.com> 1767323045 +0000\ndata 1\nx"]
    lines += [f"from {onto}".encode()] if onto else []
    lines += [b"deleteall"]
    for path, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        lines += [f'M 644 inline "{path}"\ndata {len(data)}'.encode(), data]
    git(repository, "fast-import", "--quiet", "--force", stdin=b"\n".join([*lines, b"done\n"]))
    return git(repository, "rev-parse", "refs/heads/written")


def read_all(repository: Path, targets: Sequence[tuple[str, str | None]]) -> list[Provenance]:
    with Git(repository).blobs() as blobs:
        return ProvenanceReader(blobs).read([Target(commit, path) for commit, path in targets])


def read(repository: Path, files: Mapping[str, str | bytes], artifact: str) -> Provenance:
    """The provenance of an artifact in a commit that holds exactly these files."""
    (found,) = read_all(repository, [(commit(repository, files), artifact)])
    return found


def entry(path: str, content: str | bytes = "x", *, pad: str = "    ") -> str:
    return f"{pad}- path: {path}\n{pad}  hash: md5\n{pad}  md5: {md5(content)}\n{pad}  size: {len(content)}\n"


def stage(
    name: str,
    deps: Mapping[str, str | bytes],
    outs: Mapping[str, str | bytes],
    *,
    cmd: str | None = None,
    params: str = "",
) -> str:
    """One stage of a lock; deps and outs are path → content."""
    text = f"  {name}:\n    cmd: {cmd or name}\n"
    text += "    deps:\n" + "".join(entry(path, content) for path, content in deps.items()) if deps else ""
    text += f"    params: {params}\n" if params else ""
    return text + "    outs:\n" + "".join(entry(path, content) for path, content in outs.items())


def lock(*stages: str) -> str:
    return "schema: '2.0'\nstages:\n" + "".join(stages)


def tracked(path: str, content: str | bytes = "x", *, before: str = "") -> str:
    """A `.dvc` file."""
    return f"{before}outs:\n{entry(path, content, pad='')}"

"""What a walk could not find out, a sentence each."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from mreg.adapters.dvc.dvcfile import is_outside
from mreg.adapters.dvc.pointers import LOCK
from mreg.adapters.dvc.settings import PIPELINE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mreg.adapters.dvc.walk import Walk
    from mreg.core.provenance import File


def gaps(walk: Walk) -> Iterator[str]:
    """What cannot be known of an artifact from its commit."""
    if walk.objects and walk.objects.get("") is None:
        yield f"the commit {walk.commit[:10]} is not in this clone; git fetch --unshallow completes a shallow one"
        return
    if walk.artifact is not None and is_outside(walk.artifact):
        yield f"{walk.artifact} lies outside the repository"
    for file in walk.files.values():
        if file.problem:
            yield str(file.problem)
        yield from file.unknown
    yield from walk.remarks
    yield from _untracked(walk)
    yield from _stale(walk)


def _untracked(walk: Walk) -> Iterator[str]:
    for path in walk.unexplained:
        users = " and ".join(step.label for step in walk.used if any(dep.path == path for dep in step.deps))
        yield f"{f'{path}, which {users} used,' if users else path} is tracked neither by DVC nor by Git at this commit"
    if walk.unexplained:
        for file, found in walk.objects.items():
            lock = posixpath.join(posixpath.dirname(file), LOCK)
            if found and posixpath.basename(file) == PIPELINE and not walk.objects.get(lock):
                yield f"{file} has no {LOCK} beside it in this commit: it never ran, or that was not committed"


def _stale(walk: Walk) -> Iterator[str]:
    """Where a stage used another content of a file than the one that its maker, or its `.dvc` file, recorded."""
    made: dict[str, tuple[File, str]] = {s.out.path: (s.out, s.file) for s in walk.sources.values()}
    made |= {out.path: (out, step.label) for step in walk.used for out in step.outs}
    for step in walk.used:
        for dep in step.deps:
            known, maker = made.get(dep.path, (dep, ""))
            if known.hash != dep.hash and known.hash and dep.hash:
                yield f"{step.label} ran with another {dep.path} than the one of {maker} in this commit"

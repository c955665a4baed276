"""Sketches of many versions, kept like dossiers: a commit never changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.adapters.cache import Cache
from mreg.adapters.dvc import packed
from mreg.core.compare import sketch
from mreg.core.compare.sketch import Sketch
from mreg.usecases.dossiers import MANY, dossiers, key_of
from mreg.usecases.papers import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.core.fold import VersionState
    from mreg.usecases.workspace import Workspace

# What is read from a commit is part of what a sketch means.
_FORM = 1000 * packed.FORM + sketch.FORM


def sketches(workspace: Workspace, versions: Sequence[VersionState]) -> list[Sketch]:
    """The sketches of these versions, in the same order."""
    if len(versions) < MANY:
        return [Sketch.of(dossier) for dossier in dossiers(workspace, versions)]
    keys = [key_of(workspace, Place(version.registered.model, version.commit)) for version in versions]
    cache = Cache(workspace.git, "sketches", form=_FORM)
    known = {key: Sketch.unpack(entry) for key, entry in cache.read_some(keys).items()}
    new = [(version, key) for version, key in zip(versions, keys, strict=True) if key not in known]
    lasting = {}
    for (_, key), dossier in zip(new, dossiers(workspace, [version for version, _ in new]), strict=True):
        known[key] = made = Sketch.of(dossier)
        # Metrics that DVC keeps may be on another machine.
        if dossier.lasting and not dossier.provenance.cached:
            lasting[key] = made.pack()
    if lasting:
        cache.write(lasting)
    return [known[key] for key in keys]

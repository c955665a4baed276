"""The use case itself: a question understood, and all versions asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.core.lineage import Index, affected
from mreg.core.lineage.recorded import Recorded
from mreg.usecases.census import census
from mreg.usecases.dossiers import dossiers
from mreg.usecases.impact.answer import Content, Impact
from mreg.usecases.impact.places import Places
from mreg.usecases.impact.question import Question
from mreg.usecases.lineage import SHALLOW

if TYPE_CHECKING:
    from pathlib import Path

    from mreg.usecases.workspace import Workspace


def impact(workspace: Workspace, what: str, *, at: str | None = None, folder: Path | None = None) -> Impact:
    """Which versions of any model something went into, directly or through others.

    Args:
        workspace: The repository.
        what: A path; a hash, or at least eight of its first digits; a version; or `hf:` and URIs as cards name them.
        at: The revision whose content a path has; None is the work tree, or HEAD where the repository is bare.
        folder: What a path is relative to, before it is tried from the repository's root.

    Raises:
        NothingKnown: No file, hash, version or name like that.
        AmbiguousHash, OnlyPaths, UnknownRevision, UnknownRef: As they say.
        DiskFailure: A file cannot be read.
    """
    index = Index(dossiers(workspace, census(workspace)))
    with workspace.git.blobs() as blobs:
        places = Places(workspace.git, blobs, at=at, folder=folder)
        question = Question(workspace, index, Recorded(index), places, at=at)
        asked = question.understand(what)
        target = asked.target(question.members(asked, blobs))
    return Impact(
        what=what,
        kind=asked.kind,
        at=at,
        contents=tuple(Content(label, content) for content, label in asked.contents.items()),
        hits=tuple(affected(index, target)),
        others=tuple(question.others(asked)),
        versions=len(index.dossiers),
        unknown=tuple(dict.fromkeys((*([SHALLOW] if workspace.git.shallow else []), *asked.unknown))),
    )

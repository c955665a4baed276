"""The papers of many versions, read in bulk, and kept: a commit never changes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mreg.adapters.dvc import packed
from mreg.adapters.dvc.local import LocalCaches
from mreg.adapters.dvc.measures import complete, read_measures
from mreg.adapters.dvc.provenance import ProvenanceReader, Target
from mreg.adapters.halves import in_halves
from mreg.core.dossier import Dossier, Evidence, origins
from mreg.usecases.kept import Entry, Kept
from mreg.usecases.papers import Place, find_papers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mreg.adapters.git import BlobReader
    from mreg.core.fold import VersionState
    from mreg.core.provenance import Provenance
    from mreg.usecases.workspace import Workspace

# From so many on, it pays to write down what was read, and to read one half in a process of its own.
MANY, _WORTH_A_PROCESS = 50, 500


def dossiers(
    workspace: Workspace, versions: Sequence[VersionState], *, blobs: BlobReader | None = None
) -> list[Dossier]:
    """What the commits of these versions say about them, in the same order.

    One git process reads everything, whatever the number of versions. What commits say is kept in a cache where many
    are asked about.

    Args:
        workspace: The repository.
        versions: Of any models.
        blobs: A reader to share where few versions are asked about; None starts one.
    """
    places = [Place(version.registered.model, version.commit) for version in versions]
    said = _said(workspace, places, blobs)
    return [Dossier(state=version, **told) for version, told in zip(versions, said, strict=True)]


def evidence(workspace: Workspace, places: Sequence[Place]) -> list[Evidence]:
    """The same for models at commits, where nobody needs to know the versions."""
    return [Evidence(**told) for told in _said(workspace, places)]


def _said(workspace: Workspace, places: Sequence[Place], blobs: BlobReader | None = None) -> Iterator[dict[str, Any]]:
    """The arguments of an `Evidence` for each place."""
    by_key = {key_of(workspace, place): place for place in places}
    kept = Kept(workspace)
    known = kept.read(list(by_key)) if len(places) >= MANY else {}
    new = [place for key, place in by_key.items() if key not in known]
    fresh = _read_with(workspace, new, blobs) if blobs else _read_all(workspace, new)
    if len(places) >= MANY:
        kept.write({key: entry for key, entry in fresh.items() if entry.lasting})
    cards = kept.cards(known, lambda keys: _read_all(workspace, [by_key[key] for key in keys]))
    caches = LocalCaches(workspace.git)
    for key in (key_of(workspace, place) for place in places):
        entry = fresh[key] if key in fresh else known[key]
        yield {
            "card_path": entry.card_path,
            "card": entry.card if key in fresh else partial(cards.__getitem__, key),
            "origins": entry.origins,
            # With what DVC's cache has now, which no cache of ours may keep.
            "provenance": partial(_complete, entry.provenance, kept.steps, caches),
            "problems": tuple(entry.problems),
            "lasting": entry.lasting,
        }


def _complete(provenance: list[Any], steps: packed.Steps, caches: LocalCaches) -> Provenance:
    return complete(packed.unpack(provenance, steps), caches)


def key_of(workspace: Workspace, place: Place) -> str:
    """Under which what a commit says about a model is kept."""
    return f"{place.commit}:{workspace.card_path(place.model)}"


def _read_all(workspace: Workspace, places: Sequence[Place]) -> dict[str, Entry]:
    read = partial(_read, workspace)
    found = in_halves(places, read) if len(places) >= _WORTH_A_PROCESS else read(places)
    return {key: Entry(*values) for key, values in found.items()}


def _read(workspace: Workspace, places: Sequence[Place]) -> dict[str, Any]:
    with workspace.git.blobs() as blobs:
        return _read_with(workspace, places, blobs)


def _read_with(workspace: Workspace, places: Sequence[Place], blobs: BlobReader) -> dict[str, Entry]:
    papers = find_papers(workspace, blobs, places)
    targets = [Target(place.commit, paper.path) for place, paper in zip(places, papers, strict=True)]
    provenances = ProvenanceReader(blobs).read(targets)
    silent = [not (paper.card or {}).get("evaluations") for paper in papers]
    provenances = read_measures(blobs, targets, provenances, wanted=silent)
    commits = blobs.identify([place.commit for place in places])
    return {
        key_of(workspace, place): Entry(
            card_path=paper.card_path,
            origins=origins(paper.card),
            provenance=packed.pack(made),
            problems=list(paper.problems),
            lasting=commit is not None,
            card=paper.card,
        )
        for place, paper, made, commit in zip(places, papers, provenances, commits, strict=True)
    }

"""The papers of many versions, read in bulk, and kept: a commit never changes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mreg.adapters.cache import Cache
from mreg.adapters.dvc import packed
from mreg.adapters.dvc.local import LocalCaches
from mreg.adapters.dvc.measures import complete, read_measures
from mreg.adapters.dvc.provenance import ProvenanceReader, Target
from mreg.adapters.halves import in_halves
from mreg.core.dossier import Dossier, Evidence
from mreg.usecases.papers import Place, find_papers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.adapters.git import BlobReader
    from mreg.core.fold import VersionState
    from mreg.core.provenance import Provenance
    from mreg.usecases.workspace import Workspace

# From so many on, it pays to write down what was read, and to read one half in a process of its own.
MANY, _WORTH_A_PROCESS = 50, 500

# What is kept of a place: the card's path and data, the provenance, the problems, and whether all that will stay so: a
# commit that a shallow clone lacks may come.
_LASTING = 4


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
    entries, caches = _entries(workspace, places, blobs), LocalCaches(workspace.git)
    return [Dossier(state=version, **_said(entry, caches)) for version, entry in zip(versions, entries, strict=True)]


def evidence(workspace: Workspace, places: Sequence[Place]) -> list[Evidence]:
    """The same for models at commits, where nobody needs to know the versions."""
    caches = LocalCaches(workspace.git)
    return [Evidence(**_said(entry, caches)) for entry in _entries(workspace, places)]


def _said(entry: Sequence[Any], caches: LocalCaches) -> dict[str, Any]:
    card_path, card, provenance, problems, lasting = entry

    def unpack() -> Provenance:  # with what DVC's cache has now, which no cache of ours may keep
        return complete(packed.unpack(provenance), caches)

    told = {"card_path": card_path, "card": card, "problems": tuple(problems), "lasting": lasting}
    return {**told, "provenance": unpack}


def _entries(workspace: Workspace, places: Sequence[Place], blobs: BlobReader | None = None) -> list[Sequence[Any]]:
    keys = [key_of(workspace, place) for place in places]
    many = len(places) >= MANY
    cache = Cache(workspace.git, "dossiers", form=packed.FORM)
    known = cache.read_some(keys) if many else {}
    new = [place for place, key in zip(places, keys, strict=True) if key not in known]
    fresh = _read_with(workspace, new, blobs) if blobs else _read_all(workspace, new)
    if many and fresh:
        cache.write({key: entry for key, entry in fresh.items() if entry[_LASTING]})
    known |= fresh
    return [known[key] for key in keys]


def key_of(workspace: Workspace, place: Place) -> str:
    """Under which what a commit says about a model is kept."""
    return f"{place.commit}:{workspace.card_path(place.model)}"


def _read_all(workspace: Workspace, places: Sequence[Place]) -> dict[str, Any]:
    read = partial(_read, workspace)
    return in_halves(places, read) if len(places) >= _WORTH_A_PROCESS else read(places)


def _read(workspace: Workspace, places: Sequence[Place]) -> dict[str, Any]:
    with workspace.git.blobs() as blobs:
        return _read_with(workspace, places, blobs)


def _read_with(workspace: Workspace, places: Sequence[Place], blobs: BlobReader) -> dict[str, Any]:
    papers = find_papers(workspace, blobs, places)
    targets = [Target(place.commit, found.path) for place, found in zip(places, papers, strict=True)]
    provenances = ProvenanceReader(blobs).read(targets)
    silent = [not (found.card or {}).get("evaluations") for found in papers]
    provenances = read_measures(blobs, targets, provenances, wanted=silent)
    commits = blobs.identify([place.commit for place in places])
    return {
        key_of(workspace, place): [
            found.card_path,
            found.card,
            packed.pack(made),
            list(found.problems),
            commit is not None,
        ]
        for place, found, made, commit in zip(places, papers, provenances, commits, strict=True)
    }

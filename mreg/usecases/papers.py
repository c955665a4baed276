"""Where the cards of versions are at their commits, and which artifacts they name."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from mreg.adapters.cards import read_data
from mreg.adapters.dvc.pointers import BadPointer, artifacts_section
from mreg.adapters.dvc.settings import PIPELINE
from mreg.adapters.git.trees import TreeReader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.adapters.git import BlobReader
    from mreg.usecases.workspace import Workspace

_CARD = "card.yaml"


class Place(NamedTuple):
    """A model at a commit."""

    model: str
    commit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What a version's commit holds under the model's name.

    Attributes:
        card_path: Where the card is; None where there is none.
        content: The card's bytes; None where there is none.
        card: The card as plain data; None where it is not YAML that mreg reads, too.
        path: The artifact that the card names, or else a `dvc.yaml`; posix, relative to the Git root.
        problems: What could not be read, a sentence each.
    """

    card_path: str | None = None
    content: bytes | None = None
    card: Mapping[str, Any] | None = None
    path: str | None = None
    problems: tuple[str, ...] = ()


def find_papers(workspace: Workspace, blobs: BlobReader, places: Sequence[Place]) -> list[Papers]:
    """The papers at these places, in the same order.

    A card is where the project keeps its cards today, or where that commit kept it: the folder of a model may have been
    moved since. A repository that never had cards names its artifacts in the `artifacts:` of a `dvc.yaml`, as DVC and
    GTO do.
    """
    paths = [workspace.card_path(place.model) for place in places]
    cards = blobs.read([f"{place.commit}:{path}" for place, path in zip(places, paths, strict=True)])
    trees = TreeReader(blobs)
    return [
        _find(blobs, trees, place) if card is None else _papers(path, card)
        for place, path, card in zip(places, paths, cards, strict=True)
    ]


def _papers(place: str, content: bytes) -> Papers:
    data = read_data(content)
    problems = () if data is not None else (f"{place} is not YAML that mreg reads: mreg card check {place}",)
    return Papers(card_path=place, content=content, card=data, path=_artifact(data or {}), problems=problems)


def _artifact(card: Mapping[str, Any]) -> str | None:
    """The path that a card names, which may be no valid card."""
    artifact = card.get("artifact")
    path = artifact.get("path") if isinstance(artifact, Mapping) else None
    return path if path and isinstance(path, str) else None


def _find(blobs: BlobReader, trees: TreeReader, place: Place) -> Papers:
    model = place.model
    found = trees.files(f"{place.commit}^{{tree}}", lambda path: posixpath.basename(path) in (_CARD, PIPELINE))
    cards = [path for path in found if path.endswith(f"{posixpath.basename(model)}/{_CARD}")]
    for path, content in zip(cards, blobs.read([found[path] for path in cards]), strict=True):
        papers = _papers(path, content or b"")
        if (papers.card or {}).get("name") == model:
            return papers
    # The nearest to the root first: it speaks for the whole repository.
    pipelines = sorted((path for path in found if path not in cards), key=lambda path: (path.count("/"), path))
    return _named_by_pipeline(model, dict(zip(pipelines, blobs.read([found[p] for p in pipelines]), strict=True)))


def _named_by_pipeline(model: str, pipelines: Mapping[str, bytes | None]) -> Papers:
    """The artifact that a `dvc.yaml` gives the name to: `churn` or, as GTO says it, `text/tagger` for the `tagger`
    of the one in the folder `text`."""
    named: dict[str, str] = {}
    problems: list[str] = []
    for file, content in pipelines.items():
        folder = posixpath.dirname(file)
        try:
            artifacts = artifacts_section(content or b"")
        except BadPointer as error:
            problems.append(f"{file}: {error.problem}")
            continue
        for name, path in artifacts.items():
            place = posixpath.normpath(posixpath.join(folder, path))
            named.setdefault(posixpath.join(folder, name), place)
            named.setdefault(name, place)
    return Papers(path=named[model]) if model in named else Papers(problems=tuple(problems))

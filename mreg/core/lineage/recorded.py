"""Every file that the papers of versions speak of: by content, by path, and folders by what kind they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mreg.core.lineage.index import artifact_file, dataset_hash
from mreg.core.provenance import File

if TYPE_CHECKING:
    from mreg.core.dossier import Dossier
    from mreg.core.lineage.index import Index
    from mreg.core.summary import CardSummary

_FOLDER = ".dir"


class Recorded:
    """What was recorded of files.

    Attributes:
        paths: Content → the path that it had first.
        uses: Path → content, None where it was not recorded → the versions that it went into directly.
        digests: The SHA-256 of registered artifacts → the content that DVC knows each by.
        code_folders: Folders that Git tracks and steps used as a whole → the versions that they went into.
    """

    def __init__(self, index: Index) -> None:
        self.paths: dict[str, str] = {}
        self.uses: dict[str, dict[str | None, list[str]]] = {}
        self.digests: dict[str, str] = {}
        self.code_folders: dict[str, list[str]] = {}
        for dossier in index.dossiers.values():
            self._take(dossier, index.declared[dossier.ref])

    @property
    def folders(self) -> dict[str, str]:
        """The hash of each folder that DVC tracks → its path."""
        in_git = self.code_folders
        return {content: path for content, path in self.paths.items() if _is_folder(content) and path not in in_git}

    def externals(self, index: Index) -> set[str]:
        """Base models, data and repositories outside, as they are written."""
        found: set[str] = set()
        for ref, dossier in index.dossiers.items():
            found |= {base.ref for base in index.declared[ref].base_models}
            found |= {data.uri for data in index.declared[ref].datasets if data.uri}
            found |= {source.origin.url for source in dossier.provenance.sources if source.origin}
        return found

    def _take(self, dossier: Dossier, card: CardSummary) -> None:
        provenance, ref = dossier.provenance, dossier.ref
        for file in _used(dossier, card):
            refs = self.uses.setdefault(file.path, {}).setdefault(file.hash, [])
            if refs[-1:] != [ref]:
                refs.append(ref)
            self._name(file)
            if file.path in provenance.code and _is_folder(file.hash or ""):
                self.code_folders.setdefault(file.path, []).append(ref)
        for step in (*provenance.steps, *provenance.checks):
            for out in step.outs:
                self._name(out)
        digest = dossier.state.registered.change.digest
        if digest and provenance.artifact:
            self.digests.setdefault(f"sha256:{digest}", artifact_file(provenance.artifact).identity)

    def _name(self, file: File) -> None:
        if file.hash:
            self.paths.setdefault(file.hash, file.path)


def _used(dossier: Dossier, card: CardSummary) -> Iterator[File]:
    provenance = dossier.provenance
    for step in (*provenance.steps, *provenance.checks):
        yield from step.deps
    if provenance.artifact:
        yield artifact_file(provenance.artifact)
    for dataset in card.datasets:
        if dataset.path:
            yield File(dataset.path, dataset_hash(dataset))


def _is_folder(content: str) -> bool:
    return content.endswith(_FOLDER)

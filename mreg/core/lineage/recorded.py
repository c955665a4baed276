"""Every file that the papers of versions speak of: by content, by path, and folders by what kind they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.core.lineage.index import artifact_file, dataset_hash
from mreg.core.provenance import File

if TYPE_CHECKING:
    from mreg.core.dossier import Dossier
    from mreg.core.lineage.index import Index
    from mreg.core.provenance import Step
    from mreg.core.summary import CardSummary

_FOLDER = ".dir"


class Recorded:
    """What was recorded of files.

    Attributes:
        paths: Content → the path that it had first.
        uses: Path → content, None where it was not recorded → the versions that it went into directly, each once.
        digests: The SHA-256 of registered artifacts → the content that DVC knows each by.
        code_folders: Folders that Git tracks and steps used as a whole → the versions that they went into.
    """

    def __init__(self, index: Index) -> None:
        self.paths: dict[str, str] = {}
        self.uses: dict[str, dict[str | None, dict[str, None]]] = {}
        self.digests: dict[str, str] = {}
        self.code_folders: dict[str, list[str]] = {}
        steps: dict[int, tuple[Step, list[str]]] = {}
        for ref, dossier in index.dossiers.items():
            self._take(dossier, index.declared[ref])
            for step in (*dossier.provenance.steps, *dossier.provenance.checks):
                # Versions share what the cache has once.
                steps.setdefault(id(step), (step, []))[1].append(ref)
        for step, refs in steps.values():
            self._take_step(step, dict.fromkeys(refs))

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
        used = [File(data.path, dataset_hash(data)) for data in card.datasets if data.path]
        used += [artifact_file(provenance.artifact)] if provenance.artifact else []
        for file in used:
            self._take_file(file, {ref: None})
        self._take_code(dossier)
        digest = dossier.state.registered.change.digest
        if digest and provenance.artifact:
            self.digests.setdefault(f"sha256:{digest}", artifact_file(provenance.artifact).identity)

    def _take_code(self, dossier: Dossier) -> None:
        code = dossier.provenance.code
        for step in (*dossier.provenance.steps, *dossier.provenance.checks):
            for dep in step.deps:
                if dep.hash and _is_folder(dep.hash) and dep.path in code:
                    refs = self.code_folders.setdefault(dep.path, [])
                    if refs[-1:] != [dossier.ref]:
                        refs.append(dossier.ref)

    def _take_step(self, step: Step, refs: dict[str, None]) -> None:
        for dep in step.deps:
            self._take_file(dep, refs)
        for out in step.outs:
            self._name(out)

    def _take_file(self, file: File, refs: dict[str, None]) -> None:
        self.uses.setdefault(file.path, {}).setdefault(file.hash, {}).update(refs)
        self._name(file)

    def _name(self, file: File) -> None:
        if file.hash:
            self.paths.setdefault(file.hash, file.path)


def _is_folder(content: str) -> bool:
    return content.endswith(_FOLDER)

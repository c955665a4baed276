"""All versions by name and by what they publish, and from there which was derived from which."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from mreg.core.lineage.links import EMPTY
from mreg.core.lineage.runs import Runs, foreign
from mreg.core.provenance import File
from mreg.core.refs import parse_ref
from mreg.core.versions import parse_version
from mreg.errors import UsageError

if TYPE_CHECKING:
    from mreg.core.dossier import Dossier
    from mreg.core.pointer import Pointer
    from mreg.core.provenance import Step
    from mreg.core.summary import BaseModel, CardSummary, DatasetUse

# How a version was derived from another, where its card does not say.
BASE, USED = "base model", "used"

# Somebody's name stands before a host and a path or a revision; a password always gives itself away.
_SIGNED_IN = re.compile(r"(?<=://)(?:[^/@]*@(?=[^/@]*[/@])|[^/@:]*:[^/@]*@)")

ALGORITHMS = ("md5", "sha256", "etag")


def artifact_file(pointer: Pointer) -> File:
    """What a version's pointer points at, as a file like those that steps use and make."""
    return File(pointer.path, f"{plain(pointer.hash_name)}:{pointer.hash}", pointer.size, pointer.nfiles)


def dataset_hash(dataset: DatasetUse) -> str | None:
    """The content of a card's dataset, where its revision is a hash; else None."""
    name, _, value = (dataset.revision or "").partition(":")
    return f"{plain(name)}:{value}" if plain(name) in ALGORITHMS and value else None


def plain(hash_name: str) -> str:
    """`md5` for DVC 2's name of it too: but for line ends the two are equal."""
    return "md5" if hash_name == "md5-dos2unix" else hash_name


def base_version(base: BaseModel) -> str | None:
    """`churn@v1.2.0` where a base model is named as a version of a registry; None where it is something else."""
    if base.ref.startswith("hf:") or "://" in base.ref:
        return None
    try:
        ref = parse_ref(base.ref)
        return f"{ref.model}@v{parse_version(ref.selector or '')}"
    except UsageError:
        return None


def declared(dossier: Dossier) -> CardSummary:
    """What a card says that its model was made from, without who signs in there."""
    said = dossier.origins
    return replace(
        said,
        datasets=tuple(replace(data, uri=public(data.uri)) if data.uri else data for data in said.datasets),
        base_models=tuple(replace(base, ref=public(base.ref)) for base in said.base_models),
    )


def public(uri: str) -> str:
    """A URI without who signs in. It may be pinned, and `https://host@v1` names nobody."""
    return _SIGNED_IN.sub("", uri)


class Index:
    """Every version's papers. The order in which they are given does not matter."""

    def __init__(self, dossiers: Iterable[Dossier]) -> None:
        ordered = sorted(dossiers, key=lambda dossier: (dossier.state.registered.time, dossier.ref))
        self.dossiers: Mapping[str, Dossier] = {dossier.ref: dossier for dossier in ordered}

    @cached_property
    def declared(self) -> Mapping[str, CardSummary]:
        """Version → the data and base models that its card names."""
        return {ref: declared(dossier) for ref, dossier in self.dossiers.items()}

    @cached_property
    def runs(self) -> Runs:
        """The steps that any version's papers recorded, by what they used and made."""
        return Runs(self.dossiers)

    def files(self, ref: str) -> Iterator[File]:
        """What a version publishes, what its steps used, and the data that its card names."""
        provenance = self.dossiers[ref].provenance
        if provenance.artifact:
            yield artifact_file(provenance.artifact)
        for step in (*provenance.steps, *provenance.checks):
            yield from step.deps
        for dataset in self.declared[ref].datasets:
            yield File(dataset.label, dataset_hash(dataset))

    def lent(self, ref: str) -> dict[str, list[Step]]:
        """The runs that made what a version is or used, where only other versions' papers tell of them: by version."""
        return self.runs.lent(foreign(self.files(ref), self.dossiers[ref].provenance))

    def _used(self, dossier: Dossier) -> Iterator[str]:
        """What the steps that lead to an artifact used, and the data that its card names, by content."""
        for step in dossier.provenance.steps:
            yield from (dep.hash for dep in step.deps if dep.hash)
        yield from filter(None, map(dataset_hash, self.declared[dossier.ref].datasets))

    @cached_property
    def publishers(self) -> Mapping[str, tuple[str, ...]]:
        """Content → the versions whose artifact it is, those registered first before the others."""
        found: dict[str, tuple[str, ...]] = {}
        for ref, dossier in self.dossiers.items():
            if pointer := dossier.provenance.artifact:
                content = artifact_file(pointer).identity
                if content not in EMPTY:
                    found[content] = (*found.get(content, ()), ref)
        return found

    def published(self, ref: str) -> str | None:
        """The content of a version's artifact."""
        pointer = self.dossiers[ref].provenance.artifact
        return artifact_file(pointer).identity if pointer else None

    def parents(self, ref: str) -> dict[str, str]:
        """The versions that one was derived from, and how: as its card says, or because it used their artifact."""
        dossier, own = self.dossiers[ref], self.published(ref)
        found: dict[str, str] = {}
        for base in self.declared[ref].base_models:
            other = base_version(base)
            if other is not None and other in self.dossiers and other != ref:
                found.setdefault(other, base.relation or BASE)
        for content in self._used(dossier):
            for other in self.publishers.get(content, ()) if content != own else ():
                if other != ref:
                    found.setdefault(other, USED)
        return found

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """The converse of `parents`, for every version."""
        found: dict[str, list[str]] = {}
        for ref in self.dossiers:
            for parent in self.parents(ref):
                found.setdefault(parent, []).append(ref)
        return {parent: tuple(refs) for parent, refs in found.items()}

    def reach(self, refs: Iterable[str], direction: Literal["up", "down"]) -> list[str]:
        """These versions, and all that they were derived from or that were derived from them, nearest first."""
        seen = dict.fromkeys(refs)
        waiting = deque(seen)
        while waiting:
            ref = waiting.popleft()
            for other in self.parents(ref) if direction == "up" else self.children.get(ref, ()):
                if other not in seen:
                    seen[other] = None
                    waiting.append(other)
        return list(seen)

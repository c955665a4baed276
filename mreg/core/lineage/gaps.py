"""What cannot be known about how a version came to be, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mreg.core.lineage.index import base_version

if TYPE_CHECKING:
    from mreg.core.lineage.index import Index
    from mreg.core.summary import BaseModel


def gaps(index: Index, ref: str) -> Iterator[str]:
    """What is missing in the lineage of one version: nothing that is missing is passed over in silence."""
    dossier = index.dossiers[ref]
    yield from dossier.problems
    yield from dossier.provenance.unknown
    yield from _origin(index, ref, known=bool(index.lent(ref)))
    yield from _rivals(index, ref)
    code = dossier.summary.code
    if code and code.clean is False:
        yield f"the work tree had changes that were not committed: commit {code.commit[:10]} may not be what ran"
    for base in index.declared[ref].base_models:
        yield from _base(index, ref, base)


def _origin(index: Index, ref: str, *, known: bool) -> Iterator[str]:
    dossier = index.dossiers[ref]
    summary, provenance, datasets = dossier.summary, dossier.provenance, index.declared[ref].datasets
    if summary.undisclosed:
        yield f"its training data is not disclosed: {summary.undisclosed}"
    elif not provenance.steps and not datasets and not known:
        source = "the artifact was imported, and " if any(s.origin for s in provenance.sources) else ""
        yield f"{source}neither a pipeline nor the card says what it was made from"
    for dataset in datasets:
        if not dataset.revision:
            yield f"the card pins no revision of {dataset.label}"


def _rivals(index: Index, ref: str) -> Iterator[str]:
    """Where a content that only other versions' papers tell of was made more than once, from other things."""
    for lender, steps in index.lent(ref).items():
        for step in steps:
            for out in step.outs:
                ways = {(run.step.label, run.step.deps) for run in index.runs.makers.get(out.hash, ())}
                if len(ways) > 1:
                    yield f"{len(ways)} different runs made {out.path}: the one shown was recorded in {lender}"


def _base(index: Index, ref: str, base: BaseModel) -> Iterator[str]:
    version = base_version(base)
    if version == ref:
        yield f"the card names {ref} as its own base model"
    elif version is not None and version not in index.dossiers:
        yield f"its base model {version} is not in this registry"
    elif version is None and "://" not in base.ref and not base.ref.startswith("hf:"):
        yield f"its base model {base.ref} is pinned to no version"

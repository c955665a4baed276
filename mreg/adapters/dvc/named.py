"""The files of metrics and parameters that a `dvc.yaml` names for no stage in particular, as DVCLive writes it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from mreg.adapters.dvc.dvcyaml import parse_pipeline
from mreg.adapters.dvc.pointers import candidates
from mreg.adapters.dvc.settings import PIPELINE
from mreg.errors import MregError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mreg.adapters.dvc.provenance import Target
    from mreg.adapters.git import BlobReader


class Named(NamedTuple):
    """Paths, posix, relative to the Git root."""

    metrics: tuple[str, ...] = ()
    params: tuple[str, ...] = ()


def read_named(blobs: BlobReader, targets: Sequence[Target]) -> Iterator[Named]:
    """What the nearest `dvc.yaml` at or above each artifact names, in the same order; nothing where none does."""
    chains = [_pipelines_above(target.path) for target in targets]
    places = [f"{target.commit}:{file}" for target, chain in zip(targets, chains, strict=True) for file in chain]
    contents = iter(blobs.read(places))
    for chain in chains:
        found = [_read(next(contents), file) for file in chain]
        yield next(filter(any, found), Named())


def _pipelines_above(path: str | None) -> list[str]:
    return [file for file in candidates(path) if posixpath.basename(file) == PIPELINE] if path else []


def _read(data: bytes | None, file: str) -> Named:
    if data is None:
        return Named()
    try:
        pipeline = parse_pipeline(data, file)
    except MregError:  # which is said where pipelines are read
        return Named()
    return Named(pipeline.metrics, pipeline.params)

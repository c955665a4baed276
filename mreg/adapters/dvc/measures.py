"""The metrics that pipelines wrote, as Git has them at the commits of their artifacts, or DVC's local cache."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from mreg.adapters.dvc.named import Named, read_named
from mreg.adapters.structured import MAX_BYTES, BrokenFile, is_structured, parse_structured
from mreg.core.metrics import flatten
from mreg.errors import MregError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mreg.adapters.dvc.local import LocalCaches
    from mreg.adapters.dvc.provenance import Target
    from mreg.adapters.git import BlobReader
    from mreg.core.annotations import Scalar
    from mreg.core.provenance import Provenance


def read_measures(
    blobs: BlobReader, targets: Sequence[Target], provenances: Sequence[Provenance], *, wanted: Sequence[bool]
) -> list[Provenance]:
    """The provenances with the metrics of their stages, where these are wanted; in the same order.

    What Git has is read. What it has not is left in `cached`, for `complete`. Where no stage makes the artifact, the
    nearest `dvc.yaml` that names files of metrics or parameters speaks, as DVCLive writes it.
    """
    silent = [want and not found.steps for found, want in zip(provenances, wanted, strict=True)]
    named = read_named(blobs, [target for target, is_silent in zip(targets, silent, strict=True) if is_silent])
    loose = [next(named) if is_silent else Named() for is_silent in silent]
    files = [
        dict.fromkeys((*_metrics_files(found), *also.metrics)) if want else {}
        for found, want, also in zip(provenances, wanted, loose, strict=True)
    ]
    places = [
        f"{target.commit}:{file}"
        for target, some, also in zip(targets, files, loose, strict=True)
        for file in (*some, *also.params)
    ]
    contents = iter(blobs.read(places))
    return [
        _told(found, {file: next(contents) for file in some}, {file: next(contents) for file in also.params})
        for found, some, also in zip(provenances, files, loose, strict=True)
    ]


def _told(found: Provenance, metrics: Mapping[str, bytes | None], params: Mapping[str, bytes | None]) -> Provenance:
    measured = _measured(found, metrics) if metrics else found
    declared = {file: _parameters(content, file) for file, content in params.items() if content is not None}
    return replace(measured, declared=declared) if declared else measured


def _parameters(content: bytes, file: str) -> dict[str, Scalar]:
    try:
        return flatten(parse_structured(content, file), lists=True) if is_structured(PurePosixPath(file)) else {}
    except (MregError, ValueError):
        return {}


def complete(provenance: Provenance, caches: LocalCaches) -> Provenance:
    """The provenance with what DVC's local cache has of the metrics in `cached`, and a sentence for what it lacks."""
    if not provenance.cached:
        return provenance
    outs = [out for step in (*provenance.checks, *provenance.steps) for out in step.outs]
    found = {file: caches.content(file, outs, most=MAX_BYTES) for file in provenance.cached}
    metrics, unknown = _parsed({file: content for file, content in found.items() if content is not None})
    absent = [f"the metrics in {file} are neither in Git nor in DVC's cache here: dvc fetch" for file in found]
    absent = [sentence for sentence, content in zip(absent, found.values(), strict=True) if content is None]
    return replace(
        provenance,
        metrics={**provenance.metrics, **metrics},
        unknown=(*provenance.unknown, *unknown, *absent),
    )


def _metrics_files(provenance: Provenance) -> dict[str, None]:
    steps = (*provenance.checks, *provenance.steps)
    return dict.fromkeys(path for step in steps for path in step.metrics)


def _measured(provenance: Provenance, contents: Mapping[str, bytes | None]) -> Provenance:
    metrics, unknown = _parsed({file: content for file, content in contents.items() if content is not None})
    cached = tuple(file for file, content in contents.items() if content is None)
    return replace(provenance, metrics=metrics, cached=cached, unknown=(*provenance.unknown, *unknown))


def _parsed(contents: Mapping[str, bytes]) -> tuple[dict[str, dict[str, float]], list[str]]:
    """The numbers of each file that can be read, and a sentence for each that cannot."""
    metrics, unknown = {}, []
    for file, content in contents.items():
        try:
            metrics[file] = _numbers(content, file)
        except MregError as error:
            unknown.append(f"the metrics in {file} cannot be read: {error}")
    return metrics, unknown


def _numbers(content: bytes, file: str) -> dict[str, float]:
    """The finite numbers: whatever else is in the file is no measurement."""
    if not is_structured(PurePosixPath(file)):
        raise BrokenFile(file=file, problem="its extension names no format that is read here")
    try:
        leaves = flatten(parse_structured(content, file))
    except ValueError as error:
        raise BrokenFile(file=file, problem=str(error)) from error
    return {
        name: value
        for name, value in leaves.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and _is_finite(value)
    }


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # an integer beyond all floats
        return False

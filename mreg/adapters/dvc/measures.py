"""The metrics that pipelines wrote, as Git has them at the commits of their artifacts."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from mreg.adapters.structured import is_structured, parse_structured
from mreg.core.metrics import flatten
from mreg.errors import MregError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mreg.adapters.dvc.provenance import Target
    from mreg.adapters.git import BlobReader
    from mreg.core.provenance import Provenance


def read_measures(
    blobs: BlobReader, targets: Sequence[Target], provenances: Sequence[Provenance], *, wanted: Sequence[bool]
) -> list[Provenance]:
    """The provenances with the metrics of their stages, where these are wanted; in the same order.

    Metrics that DVC keeps in its cache instead of Git are named in `unknown`.
    """
    files = [list(_metrics_files(found)) if want else [] for found, want in zip(provenances, wanted, strict=True)]
    names = [f"{target.commit}:{file}" for target, some in zip(targets, files, strict=True) for file in some]
    contents = iter(blobs.read(names))
    return [
        _measured(found, {file: next(contents) for file in some}) if some else found
        for found, some in zip(provenances, files, strict=True)
    ]


def _metrics_files(provenance: Provenance) -> dict[str, None]:
    steps = (*provenance.checks, *provenance.steps)
    return dict.fromkeys(path for step in steps for path in step.metrics if is_structured(PurePosixPath(path)))


def _measured(provenance: Provenance, contents: Mapping[str, bytes | None]) -> Provenance:
    metrics, unknown = {}, []
    for file, content in contents.items():
        if content is None:
            unknown.append(f"the metrics in {file} are in DVC's cache, not in Git")
            continue
        try:
            metrics[file] = _numbers(content, file)
        except (MregError, ValueError) as error:
            unknown.append(f"the metrics in {file} cannot be read: {error}")
    return replace(provenance, metrics=metrics, unknown=(*provenance.unknown, *unknown))


def _numbers(content: bytes, file: str) -> dict[str, float]:
    """The finite numbers: whatever else is in the file is no measurement."""
    return {
        name: value
        for name, value in flatten(parse_structured(content, file)).items()
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    }

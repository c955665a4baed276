"""The packages that versions need, out of the files at their commits."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from mreg.adapters.git.changes import files_in
from mreg.adapters.yaml.plain import PlainYamlError, read_plain_yaml
from mreg.core.compare.environment import EnvironmentFile, Held, compared, paired
from mreg.core.compare.packages import FOLDER, UnreadableEnvironment, is_environment, is_yaml, read_packages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.adapters.git import BlobReader
    from mreg.core.dossier import Dossier


def compare_environments(blobs: BlobReader, dossiers: Sequence[Dossier]) -> tuple[EnvironmentFile, ...]:
    """The files in the root, in the folders of the pipeline, and in those above the artifact, side by side.

    Only files that differ are read.
    """
    columns = [_files(blobs, dossier) for dossier in dossiers]
    rows = paired(columns)
    ids = list(dict.fromkeys(held.id for row in rows if _differs(row) for held in row if held))
    contents = dict(zip(ids, blobs.read(ids), strict=True))
    return tuple(_compared(row, contents) for row in rows)


def _files(blobs: BlobReader, dossier: Dossier) -> dict[str, str]:
    provenance = dossier.provenance
    places = {posixpath.dirname(step.pipeline) for step in (*provenance.steps, *provenance.checks)}
    place = provenance.artifact.path if provenance.artifact else ""
    while place:
        place = posixpath.dirname(place)
        places.add(place)
    folders = dict.fromkeys(
        folder for place in sorted({"", *places}) for folder in (place, posixpath.join(place, FOLDER))
    )
    found = files_in(blobs, dossier.state.commit, list(folders))
    return {path: oid for path, oid in found.items() if is_environment(path)}


def _differs(row: Sequence[Held | None]) -> bool:
    return len({held and held.id for held in row}) > 1


def _compared(row: tuple[Held | None, ...], contents: dict[str, bytes | None]) -> EnvironmentFile:
    if not _differs(row):
        return compared(row, [])
    packages: list[dict[str, str]] = []
    for held in row:
        try:
            packages.append({} if held is None else _packages(held.path, contents[held.id]))
        except (UnreadableEnvironment, PlainYamlError, UnicodeDecodeError) as error:
            return compared(row, [], problem=f"{held.path if held else ''} cannot be read: {error}")
    return compared(row, packages)


def _packages(path: str, content: bytes | None) -> dict[str, str]:
    if content is None:
        raise UnreadableEnvironment("it is too large, or no file")
    parsed: Any = read_plain_yaml(content) if is_yaml(path) else content.decode("utf-8-sig")
    return read_packages(path, parsed)

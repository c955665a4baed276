"""Data and other inputs side by side: the same by hash, changed, or moved."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from mreg.core.compare.difference import Difference

if TYPE_CHECKING:
    from mreg.core.dossier import Dossier
    from mreg.core.provenance import Origin

T = TypeVar("T")

_KIND = re.compile(r"[a-z][a-z0-9-]*:")

Role = Literal["artifact", "input", "dataset", "base model"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Something a version was made of, or the artifact itself.

    Attributes:
        name: A path, a URI, or what people call it.
        role: `input` as the pipeline used it, `dataset` as the card says.
        identity: A hash, or what else pins the content; None where nobody recorded it.
        size: Bytes.
        nfiles: How many files a folder holds.
    """

    name: str
    role: Role
    identity: str | None = None
    size: int | None = None
    nfiles: int | None = None


@dataclass(frozen=True, slots=True)
class InputRow:
    """One input in each version; None where a version does not have it."""

    inputs: tuple[Input | None, ...]

    @property
    def name(self) -> str:
        return next(item.name for item in self.inputs if item)

    @property
    def role(self) -> Role:
        return next(item.role for item in self.inputs if item)

    @property
    def changes(self) -> tuple[Difference, ...]:
        """What became of it in each version after the first."""
        return tuple(_change(self.inputs[0], item) for item in self.inputs[1:])

    @property
    def differs(self) -> bool:
        return any(change is not Difference.SAME for change in self.changes)


def inputs_of(dossier: Dossier) -> list[Input]:
    """What went into a version: its pipeline's data, or where the artifact itself was imported from; then what its card
    names besides.

    What Git itself tracks is the code's, and not repeated here.
    """
    provenance, summary = dossier.provenance, dossier.summary
    files = {file.path: file for file in provenance.inputs if not _within(file.path, provenance.code)}
    told = [
        Input(name=file.path, role="input", identity=file.hash, size=file.size, nfiles=file.nfiles)
        for file in files.values()
    ]
    artifact = provenance.artifact and provenance.artifact.path
    told += [_origin(source.origin) for source in provenance.sources if source.origin and source.out.path == artifact]
    named = [use for use in summary.datasets if use.path is None or use.path not in files]
    told += [Input(name=use.label, role="dataset", identity=use.revision) for use in named]
    return told + [_base_model(base.ref) for base in summary.base_models]


def _origin(origin: Origin) -> Input:
    place = origin.url if origin.path is None else f"{origin.url}:{origin.path}"
    return Input(name=place, role="input", identity=origin.revision)


def artifact_of(dossier: Dossier) -> Input | None:
    """The artifact as DVC's pointer knows it; None where there is no pointer."""
    if (found := dossier.provenance.artifact) is None:
        return None
    # But for line ends, what DVC 2 wrote is the same hash.
    identity = f"{found.hash_name.removesuffix('-dos2unix')}:{found.hash}"
    return Input(name=found.path, role="artifact", identity=identity, size=found.size, nfiles=found.nfiles)


def _within(path: str, code: Mapping[str, str]) -> bool:
    return path in code or any(path.startswith(f"{folder}/") for folder in code)


def _base_model(ref: str) -> Input:
    """`churn@v1.0.0`, `hf:acme/base@86b5e09`, `https://…#sha256=…`: what it is, and which state of it."""
    mark = "@" if "@" in ref else "#"
    name, _, revision = ref.rpartition(mark)
    return Input(name=name or ref, role="base model", identity=revision if name else None)


def input_rows(columns: Sequence[Sequence[Input]]) -> tuple[InputRow, ...]:
    """The inputs of several versions side by side: by name, and where a name is gone, by what is the same content."""
    return tuple(InputRow(row) for row in aligned([_by_name(column) for column in columns], _moved_key))


def _by_name(column: Sequence[Input]) -> dict[Hashable, Input]:
    times: Counter[tuple[Role, str]] = Counter()
    named: dict[Hashable, Input] = {}
    for item in column:
        name = (item.role, item.name)
        named[(*name, times[name])] = item  # what merges two versions of a model has its name twice
        times[name] += 1
    return named


def _moved_key(item: Input) -> Hashable:
    return None if item.identity is None else (item.role, item.identity)


def aligned(
    columns: Sequence[Mapping[Hashable, T]], content: Callable[[T], Hashable | None]
) -> Iterator[tuple[T | None, ...]]:
    """Rows of what belongs together in several versions.

    Args:
        columns: A version's things by name each.
        content: What stays when a thing moves; None where that is not known.

    Returns:
        As many things a row as columns: those of one name, and beside a name of the first version that is gone, the
        new name that has its content.
    """
    rows: dict[Hashable, list[T | None]] = {}
    for index, column in enumerate(columns):
        moved = _moved(columns[0], column, content)
        for name, thing in column.items():
            rows.setdefault(moved.get(name, name), [None] * len(columns))[index] = thing
    return (tuple(row) for row in rows.values())


def _moved(
    first: Mapping[Hashable, T], column: Mapping[Hashable, T], content: Callable[[T], Hashable | None]
) -> dict[Hashable, Hashable]:
    """A new name → the name that had its content before."""
    gone: dict[Hashable, list[Hashable]] = {}
    for name, thing in first.items():
        if name not in column and (kept := content(thing)) is not None:
            gone.setdefault(kept, []).append(name)
    new = ((name, gone.get(content(thing))) for name, thing in column.items() if name not in first)
    return {name: names.pop(0) for name, names in new if names}


def _change(before: Input | None, after: Input | None) -> Difference:
    if before is None:
        return Difference.SAME if after is None else Difference.ADDED
    if after is None:
        return Difference.REMOVED
    if before.identity is None or after.identity is None:
        return Difference.UNKNOWN
    if before.identity != after.identity:
        return Difference.UNKNOWN if _incomparable(before.identity, after.identity) else Difference.CHANGED
    return Difference.SAME if before.name == after.name else Difference.MOVED


def _incomparable(one: str, other: str) -> bool:
    """Whether they are hashes of different kinds, which say nothing about each other: `md5:…` and `sha256:…`."""
    kinds = {match[0] if (match := _KIND.match(identity)) else "" for identity in (one, other)}
    return len(kinds) > 1

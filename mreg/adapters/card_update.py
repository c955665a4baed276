"""What a registration writes into a card: what it knows, and nothing that a person wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mreg.adapters.yaml.edit import Append, Change, Remove, Set, edit
from mreg.adapters.yaml.slots import same
from mreg.adapters.yaml.text import load
from mreg.core.summary import Measure, as_measure

if TYPE_CHECKING:
    from mreg.core.annotations import Scalar

_SOURCE = "mreg register"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataUsed:
    """A dataset that the training used, at a path of the repository or at a uri. `revision` may be its hash."""

    name: str | None = None
    path: str | None = None
    uri: str | None = None
    revision: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseUsed:
    """A model that this one was derived from; `ref` is pinned."""

    ref: str
    relation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardUpdate:
    """What a registration knows of a version.

    Attributes:
        path: The artifact, posix, from the repository's root.
        parameters: All of them; None leaves the card's as they are.
        commit: The commit that the training ran on; None leaves the card's.
        evaluations: All that was measured, each with its source.
        datasets: Those known; others in the card stay.
        base_models: Those known; others in the card stay.
    """

    name: str
    version: str
    path: str
    format: str | None = None
    framework: str | None = None
    parameters: Mapping[str, Scalar] | None = None
    commit: str | None = None
    clean: bool | None = None
    evaluations: tuple[Measure, ...] = ()
    datasets: tuple[DataUsed, ...] = ()
    base_models: tuple[BaseUsed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatedCard:
    """A card's new text.

    Attributes:
        unmeasured: Evaluations that a person wrote and this registration did not measure: they stay, maybe outdated.
        removed: Evaluations of an earlier registration that this one did not measure: they are gone.
    """

    text: str
    unmeasured: tuple[Measure, ...]
    removed: tuple[Measure, ...]


def updated(text: str | None, update: CardUpdate, *, source: str = "card.yaml") -> UpdatedCard:
    """A card with what a registration knows; every character outside the keys it sets stays as it was.

    Args:
        text: The card so far, with its own line ends; None begins one that has only what is known.
        source: The file's name, for errors.

    Raises:
        YamlFault: The text is not YAML that mreg reads, or holds something else where this is to be written.
        UnwritableValue: A parameter or value that YAML cannot hold.

    Source: docs/card.md#what-mreg-writes
    """
    text = "schema: mreg/v1\n" if text is None else text
    card = load(text.encode(), source=source).data
    evaluations = _Evaluations(card, update.evaluations)
    changes = [
        *_identity(update),
        *_training(card, update),
        *evaluations.changes(),
        *_base_models(card, update.base_models),
    ]
    return UpdatedCard(
        text=edit(text, changes, source=source),
        unmeasured=tuple(measure for _, measure in evaluations.left if measure.source is None),
        removed=tuple(measure for _, measure in evaluations.left if measure.source is not None),
    )


def _identity(update: CardUpdate) -> Iterator[Change]:
    yield Set(("name",), update.name)
    yield Set(("version",), update.version)
    artifact = {"path": update.path, "format": update.format, "framework": update.framework}
    yield from (Set(("artifact", key), value) for key, value in artifact.items() if value is not None)


def _training(card: Mapping[str, Any], update: CardUpdate) -> Iterator[Change]:
    training = card.get("training")
    training = training if isinstance(training, Mapping) else {}
    yield from _datasets(training.get("datasets"), update.datasets)
    if update.parameters or (update.parameters is not None and training.get("parameters")):
        yield Set(("training", "parameters"), update.parameters)
    if update.commit is not None:
        yield Set(("training", "code"), _present(commit=update.commit, clean=update.clean))


def _datasets(entries: Any, datasets: Iterable[DataUsed]) -> Iterator[Change]:
    path = ("training", "datasets")
    known = list(_mappings(entries))
    for dataset in datasets:
        fields = _present(path=dataset.path, uri=dataset.uri, revision=dataset.revision)
        if (index := next((i for i, entry in known if _is_dataset(entry, dataset)), None)) is None:
            yield Append(path, {**_present(name=dataset.name), **fields})
        else:
            yield from (Set((*path, index, key), value) for key, value in fields.items())


def _is_dataset(entry: Mapping[str, Any], dataset: DataUsed) -> bool:
    """Whether an entry is at the dataset's place; or, where it names no place, has its name."""
    place = entry.get("path"), entry.get("uri")
    if place == (None, None):
        return dataset.name is not None and entry.get("name") == dataset.name
    return place == (dataset.path, dataset.uri)


def _base_models(card: Mapping[str, Any], bases: Iterable[BaseUsed]) -> Iterator[Change]:
    known = {_unpinned(str(entry.get("ref"))): index for index, entry in _mappings(card.get("base_models"))}
    for base in bases:
        fields = _present(ref=base.ref, relation=base.relation)
        if (index := known.get(_unpinned(base.ref))) is None:
            yield Append(("base_models",), fields)
        else:
            yield from (Set(("base_models", index, key), value) for key, value in fields.items())


def _unpinned(ref: str) -> str:
    """A base model's reference without its revision."""
    return re.split(r"[@#](?=[^@#]*\Z)", ref)[0]


class _Evaluations:
    """The card's evaluations beside those that were measured.

    Attributes:
        left: The card's entries that were not measured, with their indices.
    """

    def __init__(self, card: Mapping[str, Any], measured: Iterable[Measure]) -> None:
        self._entries = dict(_mappings(card.get("evaluations")))
        self._measured = {_identity_of(measure): measure for measure in measured}
        found = [(index, measure) for index, entry in self._entries.items() if (measure := as_measure(entry))]
        self._matched = {_identity_of(measure): index for index, measure in found}
        self.left = [(index, measure) for index, measure in found if _identity_of(measure) not in self._measured]

    def changes(self) -> Iterator[Change]:
        for identity, measure in self._measured.items():
            if identity in self._matched:
                yield from self._replaced(self._matched[identity], measure)
        for index, measure in reversed(self.left):  # from the end: an index counts what is still there
            if measure.source is not None:
                yield Remove(("evaluations", index))
        for identity, measure in self._measured.items():
            if identity not in self._matched:
                yield Append(("evaluations",), _as_entry(measure))

    def _replaced(self, index: int, measure: Measure) -> Iterator[Change]:
        path, entry = ("evaluations", index), self._entries[index]
        yield Set((*path, "value"), measure.value)
        if not same(entry["value"], measure.value):
            yield Remove((*path, "ci"))  # of the old value
        # What a person wrote there about direction and unit stays.
        missing = _present(direction=measure.direction, unit=measure.unit).items()
        yield from (Set((*path, key), value) for key, value in missing if entry.get(key) is None)
        yield Set((*path, "source"), measure.source or _SOURCE)


def _identity_of(measure: Measure) -> tuple[str, str | None, str | None, str]:
    return measure.metric, measure.dataset, measure.split, json.dumps(dict(measure.slice), sort_keys=True)


def _as_entry(measure: Measure) -> dict[str, Any]:
    return _present(
        metric=measure.metric,
        value=measure.value,
        direction=measure.direction,
        dataset=measure.dataset,
        split=measure.split,
        slice=dict(measure.slice) or None,
        unit=measure.unit,
        source=measure.source or _SOURCE,
    )


def _present(**fields: Any) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}


def _mappings(entries: object) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The entries of a list that are mappings, with their indices."""
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, Mapping):
            yield index, entry

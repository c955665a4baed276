"""What a card says, read leniently: for commands that look at many cards and must not fail at one.

A part that is missing, or not what it should be, is left out; `mreg card check` is strict instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from sys import float_info
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mreg.core.annotations import Scalar
    from mreg.core.policy import Direction


@dataclass(frozen=True, slots=True)
class Bounds:
    """A confidence interval: its ends, and its level such as 0.95 where the card says it."""

    lower: float
    upper: float
    level: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One evaluation: a metric's value on some data.

    Attributes:
        n: How many examples it was measured on.
        source: The file or option it came from; None where a person wrote the evaluation into the card.
    """

    metric: str
    value: float
    direction: Direction | None = None
    dataset: str | None = None
    split: str | None = None
    slice: Mapping[str, Scalar] = field(default_factory=dict)
    unit: str | None = None
    ci: Bounds | None = None
    n: int | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetUse:
    """Data that a card says the model was trained on. `revision` is a hash such as `md5:…`, a commit, a date, …"""

    name: str | None
    path: str | None
    uri: str | None
    revision: str | None

    @property
    def label(self) -> str:
        return self.path or self.uri or self.name or ""


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A model that this one was derived from: `name@v1.0.0`, `hf:id@revision` or a URI; and how."""

    ref: str
    relation: str | None


@dataclass(frozen=True, slots=True)
class TrainingCode:
    """The commit that the training ran on; `clean` is None where nobody recorded whether the work tree was."""

    commit: str
    clean: bool | None


@dataclass(frozen=True, slots=True)
class TrackedRun:
    """The run that made the model, as its tracker knows it."""

    tracker: str
    id: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSummary:
    """What listings, comparisons and lineage take from a card; what it lacks, or has wrong, is None or empty.

    `undisclosed` says why the card names no training data, where it says so.
    """

    name: str | None = None
    version: str | None = None
    path: str | None = None
    format: str | None = None
    framework: str | None = None
    description: str | None = None
    evaluations: tuple[Measure, ...] = ()
    parameters: Mapping[str, Scalar] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    datasets: tuple[DatasetUse, ...] = ()
    undisclosed: str | None = None
    base_models: tuple[BaseModel, ...] = ()
    code: TrainingCode | None = None
    run: TrackedRun | None = None


def summarize(card: Mapping[str, Any]) -> CardSummary:
    """The summary of a card given as plain data."""
    artifact, training = _mapping(card.get("artifact")), _mapping(card.get("training"))
    return CardSummary(
        name=_text(card.get("name")),
        version=_text(card.get("version")),
        path=_text(artifact.get("path")),
        format=_text(artifact.get("format")),
        framework=_text(artifact.get("framework")),
        description=_text(card.get("description")),
        evaluations=tuple(filter(None, map(as_measure, _sequence(card.get("evaluations"))))),
        parameters=_scalars(training.get("parameters")),
        tags=tuple(tag for tag in _sequence(card.get("tags")) if isinstance(tag, str)),
        datasets=tuple(filter(None, map(_dataset, _sequence(training.get("datasets"))))),
        undisclosed=_text(training.get("undisclosed")),
        base_models=tuple(filter(None, map(_base_model, _sequence(card.get("base_models"))))),
        code=_code(_mapping(training.get("code"))),
        run=_run(_mapping(training.get("run"))),
    )


def as_measure(entry: object) -> Measure | None:
    """The measure in an entry of a card's evaluations; None where metric or value is missing."""
    fields = _mapping(entry)
    metric, value, direction = fields.get("metric"), _number(fields.get("value")), fields.get("direction")
    if not isinstance(metric, str) or value is None:
        return None
    return Measure(
        metric=metric,
        value=value,
        direction=direction if direction in ("min", "max") else None,
        dataset=_text(fields.get("dataset")),
        split=_text(fields.get("split")),
        slice=_scalars(fields.get("slice")),
        unit=_text(fields.get("unit")),
        ci=_bounds(_mapping(fields.get("ci"))),
        n=_count(fields.get("n")),
        source=_text(fields.get("source")),
    )


def _bounds(fields: Mapping[str, Any]) -> Bounds | None:
    lower, upper = _number(fields.get("lower")), _number(fields.get("upper"))
    if lower is None or upper is None or lower > upper:
        return None
    return Bounds(lower, upper, _number(fields.get("level")))


def _dataset(entry: object) -> DatasetUse | None:
    names = ("name", "path", "uri", "revision")
    found = DatasetUse(**{name: _text(_mapping(entry).get(name)) for name in names})
    return found if found.label else None


def _base_model(entry: object) -> BaseModel | None:
    fields = _mapping(entry)
    ref = _text(fields.get("ref"))
    return BaseModel(ref, _text(fields.get("relation"))) if ref else None


def _code(fields: Mapping[str, Any]) -> TrainingCode | None:
    commit, clean = _text(fields.get("commit")), fields.get("clean")
    return TrainingCode(commit, clean if isinstance(clean, bool) else None) if commit else None


def _run(fields: Mapping[str, Any]) -> TrackedRun | None:
    tracker, name = _text(fields.get("tracker")), _text(fields.get("id"))
    return TrackedRun(tracker, name, _text(fields.get("url"))) if tracker and name else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _sequence(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) if -float_info.max <= value <= float_info.max else None  # false for NaN


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _scalars(value: object) -> dict[str, Scalar]:
    return {key: item for key, item in _mapping(value).items() if isinstance(item, str | int | float | None)}

"""`mreg score`: Σ weight · metric of every version of a model."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mreg.core.compare.sentences import sentences
from mreg.core.metrics import Score
from mreg.core.metrics import score as score_of
from mreg.core.names import did_you_mean
from mreg.errors import UsageError
from mreg.usecases.comparing.results import ScoreRow, Scores
from mreg.usecases.dossiers import dossiers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mreg.core.dossier import Dossier
    from mreg.usecases.workspace import Workspace


class NoWeights(UsageError):
    """Nobody says what a metric weighs."""

    hint = "give --weights f1=0.7,latency=-0.3, or write metrics: {f1: {weight: 0.7}} into .mreg.yaml"

    def __init__(self) -> None:
        super().__init__("no metric has a weight")


class BadWeight(UsageError):
    """A weight that is no finite number, or one that is given twice."""

    hint = "write METRIC=WEIGHT, separated by commas, as in f1=0.7,latency=-0.3"

    def __init__(self, *, text: str, problem: str) -> None:
        super().__init__(f"{text!r} {problem}")
        self.text, self.problem = text, problem


class UnknownMissing(UsageError):
    """There are two things to do about a missing metric, and this is neither."""

    hint = "exclude leaves the version without a score, zero counts the metric as 0"

    def __init__(self, *, text: str) -> None:
        super().__init__(f"a missing metric can be excluded or count as zero, not {text!r}")
        self.text = text


def parse_weights(text: str) -> dict[str, float]:
    """The weights in `f1=0.7,latency=-0.3`; a metric's own name may hold commas, as in `f1 (holdout, test)=1`.

    Raises:
        NoWeights: The text is empty.
        BadWeight: One is no finite number, or is there twice.
    """
    if not text.strip():
        raise NoWeights
    weights: dict[str, float] = {}
    begun = ""
    for part in text.split(","):
        if not part.strip():
            raise BadWeight(text=text, problem="has a comma too many")
        begun = f"{begun},{part}" if begun else part
        name, equals, number = begun.rpartition("=")
        if not equals:
            continue
        metric, begun = name.strip(), ""
        if not metric:
            raise BadWeight(text=part, problem="has no metric before the equals sign")
        if metric in weights:
            raise BadWeight(text=metric, problem="has two weights")
        weights[metric] = _number(part, number)
    if begun:
        raise BadWeight(text=begun, problem="is not METRIC=WEIGHT")
    return weights


def _number(text: str, number: str) -> float:
    try:
        weight = float(number)
    except ValueError as error:
        raise BadWeight(text=text, problem="does not give a number") from error
    if not math.isfinite(weight):
        raise BadWeight(text=text, problem="does not give a finite number")
    return weight


def score(
    workspace: Workspace, model: str, *, weights: Mapping[str, float] | None = None, missing: str = "exclude"
) -> Scores:
    """The scores of a model's versions, the best first; yanked versions have none.

    Args:
        workspace: The repository.
        model: Its name.
        weights: Metric → weight; None is what `.mreg.yaml` says.
        missing: `exclude` leaves a version that lacks a weighed metric without a score; with `zero` the metric counts
            as zero.

    Raises:
        UnknownModel: There is none of that name.
        NoWeights: Nothing is weighed.
        BadWeight: A weight is not finite.
        UnknownMissing: `missing` is neither.
    """
    if missing not in ("exclude", "zero"):
        raise UnknownMissing(text=missing)
    weighed = dict(workspace.policy.weights if weights is None else weights)
    if not weighed:
        raise NoWeights
    for metric, weight in weighed.items():
        if not math.isfinite(weight):
            raise BadWeight(text=f"{metric}={weight}", problem="is not a finite weight")
    state = workspace.known(model)
    versions = [version for version in state.versions.values() if not version.yanked]
    found = dossiers(workspace, versions)
    rows = [ScoreRow(dossier.state, _score(dossier.metrics, weighed, zero=missing == "zero")) for dossier in found]
    rows.sort(key=lambda row: row.state.version.precedence, reverse=True)  # of equal scores the newer comes first
    rows.sort(key=lambda row: math.inf if row.score.value is None else -row.score.value)
    return Scores(
        model=state.model,
        weights=weighed,
        rows=tuple(rows),
        zero=missing == "zero",
        notices=sentences((*workspace.caveats(model), *_remarks(found, weighed, len(state.versions) - len(versions)))),
    )


def _score(values: Mapping[str, float], weights: Mapping[str, float], *, zero: bool) -> Score:
    strict = score_of(values, weights)
    if not zero or not strict.missing:
        return strict
    lenient = score_of({**dict.fromkeys(weights, 0.0), **values}, weights)
    return Score(lenient.value, lenient.terms, strict.missing)


def _remarks(found: Sequence[Dossier], weights: Mapping[str, float], yanked: int) -> Iterator[str]:
    known = {name for dossier in found for name in dossier.metrics}
    for metric in weights:
        if metric not in known:
            near = did_you_mean(metric, known)
            yield f"no version has {metric}" + (f"; {near}" if near else "")
    if yanked:
        yield f"{yanked} yanked {'version is' if yanked == 1 else 'versions are'} left out"

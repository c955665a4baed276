"""What comparing gives: values for programs, tables for notebooks, and what `mreg.render` shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mreg.core.compare.sections import Sections
from mreg.core.compare.trend import TrendRow
from mreg.core.fold import VersionState
from mreg.core.metrics import Score
from mreg.core.policy import Direction
from mreg.usecases.tabular import Tabular


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One version of a comparison.

    Attributes:
        name: What it is called beside the others: `v1.2.0`, or `churn@v1.2.0` where models differ.
        card_path: Where its card is; None where it has none.
    """

    name: str
    state: VersionState
    card_path: str | None

    @property
    def ref(self) -> str:
        return f"{self.state.registered.model}@v{self.state.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Tabular):
    """Versions side by side, each against the first.

    Attributes:
        columns: The versions, each once; one alone where all that was named is the same version.
        sections: What was compared.
        verdicts: A sentence for each version after the first.
        notices: What cannot be known, and what a person should know of the choice.
    """

    columns: tuple[Column, ...]
    sections: Sections
    verdicts: tuple[str, ...]
    notices: tuple[str, ...] = ()

    def records(self) -> list[dict[str, Any]]:
        """Section, name, a value for each version; delta, change and remark for each version after the first."""
        from mreg.usecases.comparing.records import records

        return records(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend(Tabular):
    """One model's versions, oldest first.

    Attributes:
        directions: Each metric that any of them has, and which way it is better; None where that is not known.
        notices: What a person should know besides.
    """

    model: str
    rows: tuple[TrendRow, ...]
    directions: Mapping[str, Direction | None]
    notices: tuple[str, ...] = ()

    def records(self) -> list[dict[str, Any]]:
        """Version, stage, time, commit, what changed since the row before, and a column for each metric."""
        return [
            {
                "version": str(row.state.version),
                "stage": row.state.stage,
                "registered": row.state.registered.when,
                "commit": row.state.commit,
                "data": row.data and row.data.value,
                "params": row.params and row.params.value,
                "code": row.code and row.code.value,
                **{name: row.metrics.get(name) for name in self.directions},
            }
            for row in self.rows
        ]


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One version and its score; where metrics that are missing count as zero, `score.missing` names them still."""

    state: VersionState
    score: Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores(Tabular):
    """One model's versions by their score, the best first, those without one last.

    Attributes:
        weights: Metric → weight.
        zero: A missing metric counts as zero, instead of leaving its version without a score.
        notices: What a person should know besides.
    """

    model: str
    weights: Mapping[str, float]
    rows: tuple[ScoreRow, ...]
    zero: bool = False
    notices: tuple[str, ...] = ()

    def records(self) -> list[dict[str, Any]]:
        """Version, stage, score, and a column for each weighed metric with its weight · value."""
        found = []
        for row in self.rows:
            products = {term.metric: term.product for term in row.score.terms}
            terms = {metric: products.get(metric) for metric in self.weights}
            found.append(
                {"version": str(row.state.version), "stage": row.state.stage, "score": row.score.value, **terms}
            )
        return found

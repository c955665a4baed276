"""What a comparison is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mreg.core.compare.code import CodeChange
from mreg.core.compare.difference import Difference, ValueRow
from mreg.core.compare.environment import EnvironmentFile
from mreg.core.compare.inputs import InputRow
from mreg.core.compare.metrics import MetricRow
from mreg.core.compare.wording import TextRow
from mreg.core.metrics import Score

SECTIONS = ("metrics", "score", "params", "data", "code", "environment", "card", "annotations")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sections:
    """Two or more versions side by side; what was not asked for is None.

    Attributes:
        score: Each version's score; empty where the project weighs nothing.
        artifacts: The artifact, one row; none where no version has a pointer.
        data: What went into the versions.
        code: The code of each version after the first against the first.
        environment: The files that say which packages are needed.
        card: What the cards say in words.
    """

    metrics: tuple[MetricRow, ...] | None = None
    score: tuple[Score, ...] | None = None
    params: tuple[ValueRow, ...] | None = None
    artifacts: tuple[InputRow, ...] | None = None
    data: tuple[InputRow, ...] | None = None
    code: tuple[CodeChange, ...] | None = None
    environment: tuple[EnvironmentFile, ...] | None = None
    card: tuple[TextRow, ...] | None = None
    annotations: tuple[ValueRow, ...] | None = None


def overall(changes: Iterable[Difference]) -> Difference | None:
    """One word for many changes: `changed` before `unknown` before `moved` before `same`; None of none."""
    found = set(changes)
    if found & {Difference.CHANGED, Difference.ADDED, Difference.REMOVED}:
        return Difference.CHANGED
    return next((change for change in (Difference.UNKNOWN, Difference.MOVED, Difference.SAME) if change in found), None)

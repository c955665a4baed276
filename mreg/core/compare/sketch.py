"""What a trend needs to know of a version: little enough to keep thousands of them at hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from mreg.core.annotations import Scalar
from mreg.core.compare.inputs import Input, inputs_of
from mreg.core.policy import Direction
from mreg.core.summary import TrainingCode

if TYPE_CHECKING:
    from mreg.core.dossier import Dossier

FORM = 1
"""The number of the packed shape: to be raised whenever a field comes, goes or changes its meaning."""


class Sketch(NamedTuple):
    """How good a version is, and what made it.

    Attributes:
        metrics: Its metrics by name, without those of slices.
        directions: Metric → which ways its measures say are better.
        inputs: Its data.
        params: Its parameters.
        code: What Git tracks of its pipeline: path → object id.
        commands: Step → what it ran.
        trained: The commit that it was trained on, as its card says.
        problems: What could not be read, a sentence each.
    """

    metrics: Mapping[str, float]
    directions: Mapping[str, list[Direction]]
    inputs: list[Input]
    params: Mapping[str, Scalar]
    code: Mapping[str, str]
    commands: Mapping[str, str]
    trained: TrainingCode | None
    problems: tuple[str, ...]

    @classmethod
    def of(cls, dossier: Dossier) -> Self:
        """The sketch of a version."""
        provenance = dossier.provenance
        directions: dict[str, list[Direction]] = {}
        for measure in dossier.measures:
            if measure.direction and not measure.slice:
                said = directions.setdefault(measure.metric, [])
                said += [measure.direction] if measure.direction not in said else []
        return cls(
            metrics=dossier.metrics,
            directions=directions,
            inputs=inputs_of(dossier),
            params=dossier.parameters,
            code=provenance.code,
            commands={step.label: step.command for step in provenance.steps},
            trained=dossier.summary.code,
            problems=dossier.problems,
        )

    def pack(self) -> list[Any]:
        """The sketch as JSON."""
        inputs = [[item.name, item.role, item.identity, item.size, item.nfiles] for item in self.inputs]
        trained = self.trained and [self.trained.commit, self.trained.clean]
        maps = [dict(self.metrics), dict(self.directions), inputs, dict(self.params)]
        return [*maps, dict(self.code), dict(self.commands), trained, list(self.problems)]

    @classmethod
    def unpack(cls, packed: list[Any]) -> Self:
        """The sketch that was packed."""
        metrics, directions, inputs, params, code, commands, trained, problems = packed
        found = [Input(name=n, role=r, identity=i, size=s, nfiles=f) for n, r, i, s, f in inputs]
        made = trained and TrainingCode(*trained)
        return cls(metrics, directions, found, params, code, commands, made, tuple(problems))

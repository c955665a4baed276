"""What this project allows: its stages and the transitions between them, and the metrics that make its score."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from mreg.core.events import ARCHIVED, NONE, PRODUCTION, STAGING
from mreg.core.metrics import infer_direction
from mreg.core.names import did_you_mean
from mreg.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mreg.core.fold import VersionState

Direction = Literal["min", "max"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage. Where it is exclusive, a version that enters archives the one that was there. `origins` are the stages
    that a version may come from; None is any."""

    name: str
    exclusive: bool = False
    origins: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRule:
    """What the project says of one metric: which way is better, and its weight in the score."""

    direction: Direction | None = None
    weight: float | None = None


BUILT_IN: Mapping[str, Stage] = MappingProxyType(
    {
        NONE: Stage(name=NONE),
        STAGING: Stage(name=STAGING),
        PRODUCTION: Stage(name=PRODUCTION, exclusive=True),
        ARCHIVED: Stage(name=ARCHIVED),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The project's configuration, with the defaults where it says nothing.

    Attributes:
        leases: Whether a push guards each model's history by its head ref; a server may refuse such refs.
    """

    models_dir: str = "models"
    stages: Mapping[str, Stage] = field(default_factory=lambda: BUILT_IN)
    metrics: Mapping[str, MetricRule] = field(default_factory=dict)
    leases: bool = True

    def is_exclusive(self, stage: str) -> bool:
        """Whether at most one version may be in the stage; a stage of old that nobody configures has no such rule."""
        rules = self.stages.get(stage)
        return rules is not None and rules.exclusive

    @property
    def weights(self) -> dict[str, float]:
        return {name: rule.weight for name, rule in self.metrics.items() if rule.weight is not None}

    def direction(self, metric: str) -> Direction:
        """Which way the metric is better: as configured, or as its name tells."""
        rule = self.metrics.get(metric)
        return rule.direction if rule and rule.direction else infer_direction(metric)

    @property
    def columns(self) -> tuple[str, ...]:
        """The stages worth a column in a table: all but the two that say "not in use"."""
        return tuple(name for name in self.stages if name not in (NONE, ARCHIVED))


class UnknownStage(RegistryError):
    """The project has no such stage."""

    def __init__(self, *, stage: str, known: Collection[str]) -> None:
        super().__init__(f"there is no stage {stage}; the stages here are {', '.join(known)}")
        self.stage, self.known = stage, tuple(known)
        self.hint = did_you_mean(stage, known) or "a project adds its own stages in .mreg.yaml, under `stages:`"


class ForbiddenTransition(RegistryError):
    """The project's rules do not let the version go there from where it is."""

    def __init__(self, *, model: str, version: str, origin: str, stage: Stage) -> None:
        allowed = " or ".join(stage.origins or ())
        super().__init__(f"{model} v{version} is in {origin}; only a version in {allowed} may enter {stage.name}")
        self.model, self.version, self.origin, self.stage, self.allowed = (
            model,
            version,
            origin,
            stage.name,
            stage.origins or (),
        )
        first = (stage.origins or ("",))[0]
        self.hint = f"mreg promote {model}@v{version} {first} first; --force overrides the rule and is recorded"


class YankedVersion(RegistryError):
    """The version was registered by mistake and may not be used again."""

    def __init__(self, *, model: str, version: str, reason: str) -> None:
        super().__init__(f"{model} v{version} is yanked" + (f": {reason}" if reason else ""))
        self.model, self.version, self.reason = model, version, reason
        self.hint = "register the corrected artifact as a new version"


def stage_named(policy: Policy, name: str) -> Stage:
    """The project's stage of that name, in any case.

    Raises:
        UnknownStage: There is none.
    """
    stage = policy.stages.get(name) or policy.stages.get(name.lower())
    if stage is None:
        raise UnknownStage(stage=name, known=tuple(policy.stages))
    return stage


def check_usable(state: VersionState) -> None:
    """Refuse a yanked version.

    Raises:
        YankedVersion: It is one.
    """
    if state.yanked:
        raise YankedVersion(model=state.registered.model, version=str(state.version), reason=state.yanked.change.reason)


def check_transition(state: VersionState, stage: Stage) -> None:
    """Refuse a transition that the project's rules forbid.

    Raises:
        ForbiddenTransition: They do.
    """
    if stage.origins is not None and state.stage not in stage.origins:
        raise ForbiddenTransition(
            model=state.registered.model, version=str(state.version), origin=state.stage, stage=stage
        )

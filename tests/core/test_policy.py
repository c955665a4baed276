"""What a project allows."""

from __future__ import annotations

import pytest

from mreg.core.fold import VersionState
from mreg.core.policy import (
    BUILT_IN,
    ForbiddenTransition,
    MetricRule,
    Policy,
    Stage,
    UnknownStage,
    YankedVersion,
    check_transition,
    check_usable,
    stage_named,
)
from mreg.core.versions import parse_version
from tests.core.strategies import Author

CANARY = Stage(name="canary", exclusive=True, origins=("none", "staging"))
POLICY = Policy(
    stages={**BUILT_IN, "canary": CANARY},
    metrics={"f1": MetricRule(direction="max", weight=0.7), "rmse": MetricRule(direction="min")},
)


def version_in(stage: str) -> VersionState:
    author = Author()
    author.register("1.0.0")
    author.promote("1.0.0", stage)
    return author.state.versions[parse_version("1.0.0")]


def test_the_defaults_are_four_stages_of_which_production_is_exclusive() -> None:
    policy = Policy()
    assert list(policy.stages) == ["none", "staging", "production", "archived"]
    assert [stage.name for stage in policy.stages.values() if stage.exclusive] == ["production"]
    assert all(stage.origins is None for stage in policy.stages.values())
    assert (policy.models_dir, policy.weights) == ("models", {})


def test_columns_are_the_stages_in_use_and_weights_those_of_weighed_metrics() -> None:
    assert POLICY.columns == ("staging", "production", "canary")
    assert POLICY.weights == {"f1": 0.7}


@pytest.mark.parametrize("name", ["canary", "Canary", "CANARY"])
def test_finds_a_stage_in_any_case(name: str) -> None:
    assert stage_named(POLICY, name) is CANARY


def test_an_unknown_stage_comes_with_those_there_are() -> None:
    with pytest.raises(UnknownStage, match="none, staging, production, archived") as caught:
        stage_named(Policy(), "produktion")
    assert caught.value.hint == "did you mean production?"
    with pytest.raises(UnknownStage) as caught:
        stage_named(Policy(), "zzz")
    assert ".mreg.yaml" in caught.value.hint


def test_any_transition_is_allowed_where_nothing_is_said() -> None:
    for origin in ("none", "staging", "production", "archived"):
        check_transition(version_in(origin), BUILT_IN["production"])


def test_refuses_a_transition_from_elsewhere() -> None:
    check_transition(version_in("none"), CANARY)
    check_transition(version_in("staging"), CANARY)
    with pytest.raises(ForbiddenTransition) as caught:
        check_transition(version_in("production"), CANARY)
    error = caught.value
    assert str(error) == "churn v1.0.0 is in production; only a version in none or staging may enter canary"
    assert (error.origin, error.stage, error.allowed) == ("production", "canary", ("none", "staging"))
    assert "--force" in error.hint


def test_refuses_a_yanked_version_with_the_reason() -> None:
    author = Author()
    author.register("1.0.0")
    check_usable(author.state.versions[parse_version("1.0.0")])
    author.yank("1.0.0")
    last = author.events[-1]
    author.events[-1] = last._replace(change=last.change._replace(reason="trained on the test set"))
    with pytest.raises(YankedVersion, match=r"churn v1\.0\.0 is yanked: trained on the test set"):
        check_usable(author.state.versions[parse_version("1.0.0")])

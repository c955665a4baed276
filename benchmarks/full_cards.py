"""Complete cards: twenty evaluations with their confidence intervals, and the parameters that the training ran with."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from benchmarks.repositories import version

# Metric → its first value, what it gains in the long run, and which way is better.
_METRICS: Mapping[str, tuple[float, float, str]] = {
    **dict.fromkeys(("f1", "precision", "recall", "kappa", "mcc", "average_precision"), (0.61, 0.3, "max")),
    **dict.fromkeys(("accuracy", "roc_auc", "ndcg", "specificity", "hit_rate", "lift"), (0.7, 0.25, "max")),
    **dict.fromkeys(("log_loss", "brier", "ece", "false_positive_rate", "mean_bias"), (0.9, -0.5, "min")),
    **dict.fromkeys(("latency_ms", "latency_p95_ms", "memory_mb"), (12.5, -4.0, "min")),
}

_CARD = """\
schema: mreg/v1
name: {model}
version: {version}
artifact:
  path: models/{model}/model.pkl
  format: pickle
  framework: scikit-learn
description: Predicts whether a customer of shop {model} returns.
task: tabular-classification
license: Apache-2.0
owners:
  - {{name: Growth analytics, contact: growth@example.org}}
training:
  datasets:
    - name: Visits
      path: {raw}
      revision: md5:{md5}
      license: CC-BY-4.0
  parameters:
{parameters}
evaluations:
{evaluations}
intended_use:
  primary: [Choosing who gets an offer]
  users: [Growth analytics]
  out_of_scope: [Credit decisions]
limitations:
  - Trained on customers in the EU only.
  - Seasons that the raw data lacks are unknown to it.
risks:
  - risk: Lower recall for new customers
    group: Customers of less than 30 days
    harm: They get no offer
    mitigation: Rules decide for them
inputs:
  - {{name: customer, type: float32, shape: [-1, 120]}}
outputs:
  - {{name: probability, type: float32, shape: [-1]}}
tags: [tabular, churn]
"""
_EVALUATION = (
    "  - {{metric: {metric}, value: {value}, direction: {direction}, dataset: holdout, split: test,"
    " ci: {{lower: {lower:.4f}, upper: {upper:.4f}, level: 0.95, method: bootstrap}}, n: 12000}}"
)


def metrics(model: str, number: int) -> dict[str, float]:
    """What a model's version of that number was measured at: better with the versions, with some noise."""
    noise = Random(f"{model} {number}")
    progress = number / (number + 50)
    return {
        name: round(first + gain * progress + noise.uniform(-0.01, 0.01), 4)
        for name, (first, gain, _) in _METRICS.items()
    }


def full_card(model: str, number: int, *, parameters: Mapping[str, float], raw: str, md5: str) -> str:
    """The card of a model's version: some seventy lines.

    Args:
        model: Its name.
        number: The version's.
        parameters: What the training ran with.
        raw: The path of the data.
        md5: Its hash.
    """
    values = metrics(model, number)
    evaluations = (
        _EVALUATION.format(
            metric=name, value=values[name], direction=direction, lower=values[name] - 0.02, upper=values[name] + 0.02
        )
        for name, (_, _, direction) in _METRICS.items()
    )
    return _CARD.format(
        model=model,
        version=version(number),
        raw=raw,
        md5=md5,
        parameters="\n".join(f"    {key}: {value}" for key, value in parameters.items()),
        evaluations="\n".join(evaluations),
    )

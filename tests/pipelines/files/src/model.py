"""What the steps share: tables as CSV files, and a logistic regression as plain JSON."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import yaml

Row = list[float]
"""Features, and the answer (0 or 1) at the end."""


def read_rows(path: str) -> list[Row]:
    with Path(path).open(newline="") as file:
        return [[float(cell) for cell in row] for row in list(csv.reader(file))[1:]]


def write_rows(path: str, rows: list[Row]) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with Path(path).open("w", newline="") as file:
        names = [f"x{i}" for i in range(len(rows[0]) - 1)]
        csv.writer(file).writerows([[*names, "answer"], *([f"{value:.6g}" for value in row] for row in rows)])


def read_params(section: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(Path("params.yaml").read_text())[section]
    return found


def write_json(path: str, value: object) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(json.dumps(value, indent=1) + "\n")


def expand(row: Row, scaling: dict[str, Any]) -> Row:
    """Raw features as the model takes them: scaled, with their powers."""
    features = zip(row, scaling["means"], scaling["deviations"], strict=True)
    scaled = [(value - mean) / deviation for value, mean, deviation in features]
    return [value**power for power in range(1, scaling["degree"] + 1) for value in scaled]


def probability(features: Row, model: dict[str, Any]) -> float:
    products = zip(features, model["coefficients"], strict=True)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, model["intercept"] + sum(a * b for a, b in products)))))


def measure(rows: list[Row], model: dict[str, Any]) -> dict[str, float]:
    """F1 and log loss on rows whose features are as the model takes them."""
    found = [(probability(row[:-1], model), row[-1] == 1) for row in rows]
    hits = sum(p >= 0.5 and answer for p, answer in found)
    errors = sum((p >= 0.5) != answer for p, answer in found)
    loss = -sum(math.log(max(p if answer else 1 - p, 1e-9)) for p, answer in found) / len(found)
    return {"f1": round(2 * hits / (2 * hits + errors), 4), "log_loss": round(loss, 4)}

"""Measure the model on what was held out."""

from __future__ import annotations

import json
from pathlib import Path

from .model import measure, probability, read_rows, write_json, write_rows

trained = json.loads(Path("models/churn/model.json").read_text())
rows = read_rows("data/features/test.csv")
write_json("metrics.json", measure(rows, trained))
write_rows("plots/scores.csv", sorted([probability(row[:-1], trained), row[-1]] for row in rows))

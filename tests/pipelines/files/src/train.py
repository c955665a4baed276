"""Train a logistic regression."""

from __future__ import annotations

import json
from pathlib import Path

from sklearn.linear_model import LogisticRegression

from .model import read_params, read_rows, write_json

params = read_params("train")
rows = read_rows("data/features/train.csv")
fitted = LogisticRegression(C=params["C"], max_iter=params["max_iter"])
fitted.fit([row[:-1] for row in rows], [row[-1] for row in rows])
weights = {
    "coefficients": [round(float(value), 6) for value in fitted.coef_[0]],
    "intercept": round(float(fitted.intercept_[0]), 6),
}
write_json("models/churn/model.json", weights | {"scaling": json.loads(Path("data/features/scaling.json").read_text())})

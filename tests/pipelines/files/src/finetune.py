"""Go on training the model with the customers of another region."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from .model import expand, measure, read_params, read_rows, write_json

base = json.loads(Path("models/churn/model.json").read_text())
rows = [[*expand(row[:-1], base["scaling"]), row[-1]] for row in read_rows("data/eu.csv")]
tuned = LogisticRegression(max_iter=read_params("finetune")["steps"], warm_start=True)
tuned.classes_ = np.array([0.0, 1.0])
tuned.coef_, tuned.intercept_ = np.array([base["coefficients"]]), np.array([base["intercept"]])
tuned.fit([row[:-1] for row in rows[::2]], [row[-1] for row in rows[::2]])
weights = {
    "coefficients": [round(float(value), 6) for value in tuned.coef_[0]],
    "intercept": round(float(tuned.intercept_[0]), 6),
}
write_json("models/churn-eu/weights/model.json", weights)
write_json("models/churn-eu/weights/scaling.json", base["scaling"])
write_json("models/churn-eu/metrics.json", measure(rows[1::2], weights))

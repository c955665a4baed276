"""Train a classifier of tumours: reads data.csv and params.yaml, writes model.joblib and metrics.json."""

from __future__ import annotations

import json
from pathlib import Path

import joblib
import numpy as np
import yaml
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score, log_loss
from sklearn.model_selection import train_test_split

rows = np.loadtxt("data.csv", delimiter=",")
params = yaml.safe_load(Path("params.yaml").read_text())

train, test = train_test_split(rows, test_size=0.3, random_state=params["seed"])
model = RandomForestClassifier(params["trees"], max_depth=params["depth"], random_state=params["seed"])
model.fit(train[:, :-1], train[:, -1])

features, truth = test[:, :-1], test[:, -1]
metrics = {"f1": f1_score(truth, model.predict(features)), "log_loss": log_loss(truth, model.predict_proba(features))}

joblib.dump(model, "model.joblib")
Path("metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")

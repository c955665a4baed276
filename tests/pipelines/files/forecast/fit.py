"""Fit a line to a share of the rows: for one region, into its folder."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from statistics import correlation, linear_regression

region, share, horizon = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
with Path("../clean.csv").open(newline="") as file:
    rows = [(float(one), float(other)) for one, other in csv.reader(file)]
x, y = zip(*rows[: int(len(rows) * share)], strict=True)
slope, intercept = linear_regression(x, y)
Path(region).mkdir(exist_ok=True)
Path(region, "model.json").write_text(json.dumps({"slope": slope, "intercept": intercept, "horizon": horizon}))
Path(region, "metrics.json").write_text(json.dumps({"r2": round(correlation(x, y) ** 2, 4)}))

"""Scale the features by what the training rows tell."""

from __future__ import annotations

from statistics import fmean, pstdev

from .model import expand, read_params, read_rows, write_json, write_rows

DEGREE = 1

train, test = read_rows("data/prepared/train.csv"), read_rows("data/prepared/test.csv")
columns = list(zip(*(row[:-1] for row in train), strict=True))
standard = read_params("featurize")["scale"] == "standard"
scaling = {
    "means": [round(fmean(column), 6) if standard else 0.0 for column in columns],
    "deviations": [round(pstdev(column), 6) if standard else 1.0 for column in columns],
    "degree": DEGREE,
}
write_json("data/features/scaling.json", scaling)
write_rows("data/features/train.csv", [[*expand(row[:-1], scaling), row[-1]] for row in train])
write_rows("data/features/test.csv", [[*expand(row[:-1], scaling), row[-1]] for row in test])

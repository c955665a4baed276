"""Split the raw table into what is trained on and what is held out."""

from __future__ import annotations

import random

from .model import read_params, read_rows, write_rows

params = read_params("prepare")
rows = read_rows("data/raw.csv")
random.Random(params["seed"]).shuffle(rows)
held_out = int(len(rows) * params["test_size"])
write_rows("data/prepared/test.csv", rows[:held_out])
write_rows("data/prepared/train.csv", rows[held_out:])

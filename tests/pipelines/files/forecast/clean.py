"""Keep two columns of the raw table, without its outliers."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

with Path("data/raw.csv").open(newline="") as source, Path("forecast/clean.csv").open("w", newline="") as target:
    rows = [row[:2] for row in list(csv.reader(source))[1:]]
    csv.writer(target).writerows(row for row in rows if float(row[0]) <= float(sys.argv[1]))

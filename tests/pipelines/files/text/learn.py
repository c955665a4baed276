"""Count the words of the corpus, and keep the frequent ones."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

smallest = int(Path("params.yaml").read_text().partition(":")[2])
counted = Counter(Path("corpus.txt").read_text().split())
kept = {word: count for word, count in counted.items() if count >= smallest}
Path("tagger.json").write_text(json.dumps(kept))
Path("scores.yaml").write_text(f"coverage: {round(sum(kept.values()) / counted.total(), 4)}\n")

"""`mreg compare` and `mreg score`: versions side by side, one after the other, and by their scores."""

from mreg.usecases.comparing.comparison import compare
from mreg.usecases.comparing.results import Column, Comparison, ScoreRow, Scores, Trend
from mreg.usecases.comparing.scoring import score

__all__ = ["Column", "Comparison", "ScoreRow", "Scores", "Trend", "compare", "score"]

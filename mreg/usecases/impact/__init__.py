"""`mreg impact`: which versions a file, a folder, a hash, something outside or another version went into."""

from __future__ import annotations

from mreg.usecases.impact.answer import Content, Impact, OtherContent
from mreg.usecases.impact.finding import impact

__all__ = ["Content", "Impact", "OtherContent", "impact"]

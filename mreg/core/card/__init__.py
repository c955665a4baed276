"""The model card: its schema, its faults, what it lacks. Pure, and slow to import: pydantic."""

from __future__ import annotations

from mreg.core.card.completeness import Gap, gaps
from mreg.core.card.faults import CardFault, InvalidCard, validate
from mreg.core.card.model import Card
from mreg.core.card.schema import json_schema

__all__ = ["Card", "CardFault", "Gap", "InvalidCard", "gaps", "json_schema", "validate"]

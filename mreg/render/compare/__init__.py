"""Comparisons, trends: as tables, JSON, Markdown, CSV and HTML."""

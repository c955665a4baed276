"""Comparisons and trends as Markdown that is fit for a comment: short, the verdict first, the details folded."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mreg.render.blocks import safe
from mreg.render.compare.faces import abridged
from mreg.render.compare.series import trend_table
from mreg.render.compare.sheets import sheets

if TYPE_CHECKING:
    from mreg.core.compare.wording import Kind, Piece
    from mreg.render.blocks import Table
    from mreg.render.compare.sheet import Sheet
    from mreg.usecases.comparing.results import Comparison, Trend

# Every ASCII punctuation character may be escaped by a backslash; these may mean something within a line.
# Source: https://spec.commonmark.org/0.31.2/#backslash-escapes
_MARKUP = re.compile(r"([\\`*_{}\[\]|~^$])")
# What forges make links and mentions of, in text that is escaped as well: @name, #12, !12, GH-12, …
_REFERENCE = re.compile(r"([@#!%&$~]|\bGH-)(?=\w)")
_LINK = re.compile(r"(?i)(:)(?=//)|(www)(?=\.)")
_BREAK = "&#8203;"  # a space of no width

_MARKS: dict[Kind, tuple[str, str]] = {"same": ("", ""), "removed": ("<del>", "</del>"), "added": ("<ins>", "</ins>")}


def comparison_markdown(result: Comparison) -> str:
    """The verdict, the metrics, and the other sections folded."""
    parts = [f"**{escaped(verdict)}**" for verdict in result.verdicts]
    for sheet in sheets(result):
        parts.append("\n\n".join(_contents(sheet)) if sheet.title == "metrics" else _folded(sheet))
    return _document(parts, result.notices)


def trend_markdown(result: Trend) -> str:
    """The table of the trend."""
    title = f"**{escaped(result.model)}**: {len(result.rows)} versions"
    return _document([title, *([_table(trend_table(result))] if result.rows else [])], result.notices)


def _document(parts: Sequence[str], notices: Sequence[str]) -> str:
    remarks = "\n".join(f"- {escaped(notice)}" for notice in notices)
    return "\n\n".join([*parts, *([remarks] if remarks else [])]) + "\n"


def _folded(sheet: Sheet) -> str:
    contents = "\n\n".join(_contents(sheet))
    summary = f"{sheet.title}: {inert(sheet.summary)}"
    if not contents:
        return summary
    return f"<details><summary>{summary}</summary>\n\n{contents}\n\n</details>"


def _contents(sheet: Sheet) -> Iterator[str]:
    yield from map(_table, sheet.tables)
    for wording in sheet.wordings:
        yield f"{escaped(wording.name)}: {''.join(_marked(wording.pieces))}"


def _marked(pieces: Sequence[Piece]) -> Iterator[str]:
    for kind, text in abridged(pieces):
        begin, end = _MARKS[kind]
        yield f"{begin}{escaped(text.strip())}{end} "


def _table(table: Table) -> str:
    rows = [[column.heading for column in table.columns], *([cell.text for cell in row] for row in table.rows)]
    texts = ["| " + " | ".join(escaped(text.strip()) for text in row) + " |" for row in rows]
    rule = "| " + " | ".join("---:" if column.right else "---" for column in table.columns) + " |"
    return "\n".join([texts[0], rule, *texts[1:]])


def escaped(text: str) -> str:
    """A text as Markdown that shows it, and nothing more: no markup, no HTML, no mention, no link, one line."""
    return inert(_MARKUP.sub(r"\\\1", _shown(text)), shown=True)


def inert(text: str, *, shown: bool = False) -> str:
    """The same where HTML is read, and no Markdown: within a summary."""
    plain = html.escape(text if shown else _shown(text), quote=False)
    broken = _REFERENCE.sub(rf"\1{_BREAK}", plain.replace("&", "\0")).replace("\0", "&")
    return _LINK.sub(lambda match: match[0] + _BREAK, broken).replace("\n", "<br>")


def _shown(text: str) -> str:
    return "\n".join(map(safe, text.split("\n")))

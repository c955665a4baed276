"""Comparisons and trends as one page of HTML: no script, nothing loaded, every text escaped."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mreg.render.blocks import safe
from mreg.render.compare.series import trend_table
from mreg.render.compare.sheets import sheets

if TYPE_CHECKING:
    from mreg.core.compare.wording import Kind, Piece
    from mreg.render.blocks import Cell, Column, Table
    from mreg.render.compare.sheet import Sheet
    from mreg.usecases.comparing.results import Comparison, Trend

_STYLE = """\
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em; color: #1f2328 }
h1 { font-size: 1.3em } h2 { font-size: 1.05em; margin: 1.6em 0 .4em; text-transform: capitalize }
p.verdict { font-weight: 600 } .note, .faint { color: #656d76 }
table { border-collapse: collapse; margin: .4em 0 1em } th, td { border: 1px solid #d0d7de; padding: .25em .6em }
th { background: #f6f8fa; text-align: left } td.right { text-align: right; font-variant-numeric: tabular-nums }
td { white-space: pre-wrap } .good, ins { color: #116329 } .bad, del { color: #a40e26 } .warn { color: #7d4e00 }
ins { background: #dafbe1; text-decoration: none } del { background: #ffebe9 } .name { font-weight: 600 }
@media (prefers-color-scheme: dark) {
  body { background: #0d1117; color: #e6edf3 } th { background: #161b22 } th, td { border-color: #30363d }
  .good, ins { color: #7ee787 } .bad, del { color: #ffa198 } .warn { color: #e3b341 } .note, .faint { color: #8d96a0 }
  ins { background: #12261e } del { background: #25171c }
}"""
_HEAD = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body>
<h1>{title}</h1>
"""
_TAGS: dict[Kind, tuple[str, str]] = {"same": ("", ""), "removed": ("<del>", "</del>"), "added": ("<ins>", "</ins>")}


def comparison_page(result: Comparison) -> str:
    """The verdict, then every section."""
    parts = [f'<p class="verdict">{_text(verdict)}</p>' for verdict in result.verdicts]
    parts += [part for sheet in sheets(result) for part in _sheet(sheet)]
    return _page(" and ".join(column.ref for column in result.columns), parts, result.notices)


def trend_page(result: Trend) -> str:
    """The table of the trend."""
    table = [_table(trend_table(result))] if result.rows else []
    return _page(f"{result.model}: {len(result.rows)} versions", table, result.notices)


def _page(title: str, parts: Sequence[str], notices: Sequence[str]) -> str:
    remarks = [f'<p class="note">{_text(notice)}</p>' for notice in notices]
    return "\n".join([_HEAD.format(title=_text(title), style=_STYLE), *parts, *remarks, "</body>", "</html>"]) + "\n"


def _sheet(sheet: Sheet) -> Iterator[str]:
    yield f"<section>\n<h2>{_text(sheet.title)}</h2>"
    yield f'<p class="note">{_text(sheet.summary)}</p>'
    yield from map(_table, sheet.tables)
    for wording in sheet.wordings:
        yield f'<p><span class="name">{_text(wording.name)}</span>: {"".join(_marked(wording.pieces))}</p>'
    yield "</section>"


def _marked(pieces: Sequence[Piece]) -> Iterator[str]:
    for piece in pieces:
        begin, end = _TAGS[piece.kind]
        yield f"{begin}{_text(piece.text.rstrip())}{end} "


def _table(table: Table) -> str:
    headings = "".join(f"<th>{_text(column.heading)}</th>" for column in table.columns)
    rows = ("".join(map(_cell, row, table.columns)) for row in table.rows)
    return "\n".join(["<table>", f"<tr>{headings}</tr>", *(f"<tr>{row}</tr>" for row in rows), "</table>"])


def _cell(cell: Cell, column: Column) -> str:
    classes = " ".join(filter(None, ("right" if column.right else "", cell.style)))
    attribute = f' class="{classes}"' if classes else ""
    return f"<td{attribute}>{_text(cell.text)}</td>"


def _text(text: str) -> str:
    return html.escape("\n".join(map(safe, text.split("\n"))))

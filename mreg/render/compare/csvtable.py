"""Results as CSV that a spreadsheet opens without running any of it."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mreg.render.words import iso

if TYPE_CHECKING:
    from mreg.usecases.tabular import Tabular

# A cell that begins so is a formula to a spreadsheet. Source: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def to_csv(result: Tabular) -> str:
    """The records under a heading, with CRLF as RFC 4180 says; empty where there are none."""
    records = result.records()
    columns = list(dict.fromkeys(name for record in records for name in record))
    text = io.StringIO()
    writer = csv.writer(text)
    if columns:
        writer.writerow([guarded(name) for name in columns])
    writer.writerows([guarded(record.get(name)) for name in columns] for record in records)
    return text.getvalue()


def guarded(value: Any) -> str:
    """A value as text; an apostrophe keeps a text from being a formula, and numbers are what they are."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case datetime():
            return iso(value)
        case _:
            text = str(value)
            return f"'{text}" if text.startswith(_FORMULA) else text

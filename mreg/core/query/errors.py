"""What is wrong with a query, and where."""

from __future__ import annotations

from unicodedata import category, combining, east_asian_width

from mreg.errors import UsageError

# So much of a long query is shown on each side of what is wrong.
_AROUND = 60
_LONG = 200
_MARK = "^"


class InvalidQuery(UsageError):
    """A text that is no query, or asks for what there is not; `start` and `end` are the place in characters."""

    def __init__(self, *, query: str, problem: str, start: int, end: int, hint: str = "") -> None:
        self.query, self.problem, self.start, self.end = query, _one_line(problem), start, end
        super().__init__(f"{self.problem}\n{_pointed_at(query, start, end)}")
        self.hint = _one_line(hint) or "mreg search --help shows examples; text in quotes is looked for as it is"


def _pointed_at(query: str, start: int, end: int) -> str:
    """The query in one line, and below it a mark under every character from start to end."""
    first, last = max(start - _AROUND, 0), min(max(end, start + 1) + _AROUND, len(query))
    before, after = "…" if first else "", "…" if last < len(query) else ""
    blanks = len(before) + sum(map(_width, query[first:start]))
    marks = max(sum(map(_width, query[start : min(end, last)])), 1)
    line = "".join(map(_visible, query[first:last]))
    return f"  {before}{line}{after}\n  {' ' * blanks}{_MARK * marks}"


def _one_line(text: str) -> str:
    """What is said of a query, short enough to be read where it repeats a part of it."""
    return "".join(map(_visible, text if len(text) <= _LONG else f"{text[:_LONG]}…"))


def _visible(character: str) -> str:
    """A character as it may stand in the line: of a line break, say, the place is what matters."""
    return " " if character.isspace() else "\ufffd" if category(character)[0] == "C" else character


def _width(character: str) -> int:
    return 0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1

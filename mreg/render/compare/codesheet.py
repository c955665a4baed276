"""Commits between versions, and what became of the files of code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mreg.core.compare.difference import ABSENT, Difference
from mreg.render.blocks import Cell, Column, Table
from mreg.render.compare.sheet import Sheet, difference_cell
from mreg.render.words import NOTHING, counted, minute

if TYPE_CHECKING:
    from mreg.core.compare.code import CodeChange, FileChange

_BASES = {"pipeline": "", "card": " between the commits that the cards name"}


def code_sheet(names: Sequence[str], found: Sequence[CodeChange]) -> Sheet:
    """What lies between the first version and each of the others."""
    many = len(found) > 1
    tables, told = [], []
    for name, code in zip(names[1:], found, strict=True):
        suffix = f" {name}" if many else ""
        tables += [table for table in (_commits(code, suffix), _files(code, suffix), _commands(code, suffix)) if table]
        told.append(f"{name}: {_summary(code)}" if many else _summary(code))
    return Sheet(title="code", summary="; ".join(told), tables=tuple(tables))


def _summary(code: CodeChange) -> str:
    between = code.between
    if not between.count:
        return "the same commit"
    told = counted(between.count, "commit", "commits")
    if between.behind:
        told += f", {between.behind} of them only in the first" if between.ahead else " back"
    if code.basis is not None:
        told += f", {counted(len(code.files), 'file', 'files')} changed{_BASES[code.basis]}"
    return told


def _commits(code: CodeChange, suffix: str) -> Table | None:
    named, forked = code.between.commits, code.between.ahead > 0
    columns = [Column(f"COMMIT{suffix}"), Column("DATE (UTC)", spare=True), Column("BY"), Column("SUBJECT", wraps=True)]
    rows = [
        (
            Cell(commit.id[:10], "version" if commit.ours else "faint"),
            Cell(minute(commit.when), "faint"),
            Cell(commit.author),
            Cell(commit.subject + (" (only in the first)" if forked and not commit.ours else "")),
        )
        for commit in named
    ]
    if left := code.between.count - len(named):
        rows.append((NOTHING, NOTHING, NOTHING, Cell(f"… and {left} more", "faint")))
    return Table(tuple(columns), tuple(rows)) if named else None


def _files(code: CodeChange, suffix: str) -> Table | None:
    columns = (Column(f"FILE{suffix}"), Column("CHANGE"), Column("LINES"))
    rows = [(Cell(file.path, "name"), _became(file), Cell(_lines(file))) for file in code.files]
    return Table(columns, tuple(rows)) if rows else None


def _commands(code: CodeChange, suffix: str) -> Table | None:
    columns = (Column(f"STEP{suffix}"), Column("COMMAND BEFORE", wraps=True), Column("COMMAND NOW", wraps=True))
    rows = [
        (Cell(row.name, "name"), *(NOTHING if value is ABSENT else Cell(str(value)) for value in row.values))
        for row in code.commands
    ]
    return Table(columns, tuple(rows)) if rows else None


def _became(file: FileChange) -> Cell:
    if not file.touched:
        return Cell("used now" if file.change is Difference.ADDED else "used no more", "warn")
    return difference_cell(file.change, f" from {file.before}" if file.before else "")


def _lines(file: FileChange) -> str:
    if not file.touched:
        return ""
    return "not text" if file.added is None or file.deleted is None else f"+{file.added} -{file.deleted}"

"""A cache in the git folder, keyed by object ids: it cannot go stale, and deleting it costs nothing but time."""

from __future__ import annotations

import json
import os
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from mreg.adapters.git import Git

_WAIT = 0.5  # seconds, while another process writes: nothing here is worth waiting longer
_AT_ONCE = 500  # keys in one question: SQLite takes a limited number

# A name in git may be any bytes.
_LOSSLESS = ("utf-8", "surrogateescape")

Row = tuple[bytes, str]


class Cache:
    """JSON values by key. Processes may read and write at the same time; what cannot be read counts as missing."""

    def __init__(self, git: Git, name: str, *, form: int) -> None:
        """Open a cache.

        Args:
            git: The repository.
            name: The file's name.
            form: The number of the values' shape: values of another shape count as missing.
        """
        self._path = git.private_dir / "cache" / f"{name}.db"
        self._form = form

    def read(self) -> dict[str, Any]:
        """All values."""
        return _decoded(self._select("SELECT key, value FROM entries"))

    def read_some(self, keys: Sequence[str]) -> dict[str, Any]:
        """The values of those keys that have one."""
        parts = [keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE)]
        rows: list[Row] = []
        for part in parts:
            marks = ",".join("?" * len(part))
            rows += self._select(f"SELECT key, value FROM entries WHERE key IN ({marks})", list(map(_as_bytes, part)))
        return _decoded(rows)

    def write(self, entries: Mapping[str, Any]) -> None:
        """Add or replace values. Where nothing can be written, in a read-only repository for one, nothing is."""
        import sqlite3

        rows = [(_as_bytes(key), json.dumps(value, separators=(",", ":"))) for key, value in entries.items()]
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._insert(rows)
        except sqlite3.OperationalError:  # it cannot be written, or somebody else writes for a long time
            return
        except sqlite3.DatabaseError:  # it is no database any more
            with suppress(OSError, sqlite3.Error):
                self._path.with_name(f"{self._path.name}-journal").unlink(missing_ok=True)
                self._path.unlink(missing_ok=True)
                self._insert(rows)
        except OSError:
            return

    def _insert(self, rows: list[Row]) -> None:
        with closing(self._connect("rwc")) as database, database:
            database.execute("BEGIN IMMEDIATE")  # or a process of another form could write between two statements
            (form,) = database.execute("PRAGMA user_version").fetchone()
            if form != self._form:
                database.execute("DROP TABLE IF EXISTS entries")
                database.execute("CREATE TABLE entries (key BLOB PRIMARY KEY, value TEXT NOT NULL)")
                database.execute(f"PRAGMA user_version = {self._form}")
            database.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?)", rows)

    def _select(self, query: str, values: Sequence[bytes] = ()) -> list[Row]:
        if not os.path.exists(self._path):  # noqa: PTH110 - a folder that may not be entered is no error to it
            return []
        import sqlite3

        try:
            with closing(self._connect("ro")) as database:
                database.execute("BEGIN")
                (form,) = database.execute("PRAGMA user_version").fetchone()
                return database.execute(query, values).fetchall() if form == self._form else []
        except sqlite3.Error:
            return []

    def _connect(self, mode: str) -> sqlite3.Connection:
        import sqlite3

        return sqlite3.connect(f"{self._path.absolute().as_uri()}?mode={mode}", uri=True, timeout=_WAIT)


def _decoded(rows: list[Row]) -> dict[str, Any]:
    """The values, parsed as one document, which takes a third of the time of parsing each."""
    try:
        values = json.loads(f"[{','.join(value for _, value in rows)}]")
        return dict(zip((key.decode(*_LOSSLESS) for key, _ in rows), values, strict=True))
    except (ValueError, TypeError, AttributeError, RecursionError):  # somebody else's file
        return {}


def _as_bytes(key: str) -> bytes:
    return key.encode(*_LOSSLESS)

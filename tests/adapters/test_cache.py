"""A cache that may be written by several at once, be damaged or be somebody else's: nothing is wrong because of it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mreg.adapters.cache import Cache
from mreg.adapters.git import Git
from tests.adapters.dvcrepos import run_unprivileged
from tests.gitrepos import copy_repository

if TYPE_CHECKING:
    from pathlib import Path

VALUES = {"a" * 40: {"x": [1, 2.5, None, True, "é\n\0\udcff"]}, "models/é:card": [], os.fsdecode(b"caf\xe9:\xff"): "v"}


def cache(repository: Path, *, form: int = 1) -> Cache:
    return Cache(Git(repository), "things", form=form)


def file(repository: Path) -> Path:
    return Git(repository).private_dir / "cache" / "things.db"


def test_what_was_written_is_read(repository: Path) -> None:
    assert cache(repository).read() == {}
    assert cache(repository).read_some(["a"]) == {}
    assert not file(repository).exists()
    cache(repository).write(VALUES)
    assert cache(repository).read() == VALUES
    cache(repository).write({"a" * 40: "other", "b": 1})
    assert cache(repository).read() == {**VALUES, "a" * 40: "other", "b": 1}


def test_some_of_many(repository: Path) -> None:
    cache(repository).write({str(number): number for number in range(5000)})
    keys = [str(number) for number in range(0, 10_000, 2)]
    assert cache(repository).read_some(keys) == {str(number): number for number in range(0, 5000, 2)}
    assert cache(repository).read_some([]) == {}


@settings(max_examples=20)
@given(data=st.data())
def test_any_keys_and_values(
    first_repository: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    repository = copy_repository(first_repository, tmp_path_factory.mktemp("cache") / "r")
    keys = st.binary(max_size=10).map(os.fsdecode) | st.text(max_size=5)
    values = st.recursive(st.none() | st.integers() | st.text(max_size=3), lambda some: st.lists(some, max_size=3))
    entries = data.draw(st.dictionaries(keys, values, max_size=5))
    cache(repository).write(entries)
    assert cache(repository).read() == entries
    assert cache(repository).read_some(list(entries)) == entries


def test_values_of_another_form_are_missing_and_make_room(repository: Path) -> None:
    cache(repository, form=1).write({"a": 1})
    assert cache(repository, form=2).read() == {}
    cache(repository, form=2).write({"b": 2})
    assert cache(repository, form=2).read() == {"b": 2}
    assert cache(repository, form=1).read() == {}


DAMAGE = {
    "no database": b"this is no database" * 100,
    "a folder of zeros": b"\0" * 8192,
    "empty": b"",
    "a header alone": b"SQLite format 3\0",
}


@pytest.mark.parametrize("data", DAMAGE.values(), ids=DAMAGE)
def test_a_file_that_is_no_database_is_written_anew(repository: Path, data: bytes) -> None:
    cache(repository).write({"a": 1})
    file(repository).write_bytes(data)
    assert cache(repository).read() == {}
    cache(repository).write({"b": 2})
    assert cache(repository).read() == {"b": 2}


def test_a_truncated_database(repository: Path) -> None:
    cache(repository).write({str(number): "x" * 100 for number in range(1000)})
    whole = file(repository).read_bytes()
    for size in range(0, len(whole), len(whole) // 20):
        file(repository).write_bytes(whole[:size])
        assert set(cache(repository).read()) <= set(map(str, range(1000)))
        cache(repository).write({"new": 1})


@pytest.mark.parametrize(
    "statements",
    [
        "CREATE TABLE entries (key TEXT, value TEXT); INSERT INTO entries VALUES ('a', '1')",
        "CREATE TABLE entries (key BLOB, value BLOB); INSERT INTO entries VALUES (x'61', x'31')",
        "CREATE TABLE entries (key BLOB, value TEXT); INSERT INTO entries VALUES (x'61', NULL)",
        "CREATE TABLE entries (key BLOB, value TEXT); INSERT INTO entries VALUES (x'61', '1, 2')",
        "CREATE TABLE entries (key BLOB, value TEXT); INSERT INTO entries VALUES (x'61', '{')",
        f"CREATE TABLE entries (key BLOB, value TEXT); INSERT INTO entries VALUES (x'61', '{'[' * 100_000}')",
        "CREATE TABLE entries (other TEXT)",
        "CREATE VIEW entries AS SELECT 1",
        "CREATE TABLE mine (a TEXT)",
    ],
)
@pytest.mark.parametrize("form", [1, 7])
def test_somebody_elses_database(repository: Path, statements: str, form: int) -> None:
    file(repository).parent.mkdir(parents=True)
    with closing(sqlite3.connect(file(repository))) as database:
        database.executescript(f"{statements}; PRAGMA user_version = {form}")
    assert cache(repository).read() == {}
    assert cache(repository).read_some(["a"]) == {}
    cache(repository).write({"b": 2})
    assert cache(repository).read_some(["b"]) in ({}, {"b": 2})


@pytest.mark.parametrize("what", ["cache", "things.db"])
def test_something_else_is_in_the_way(repository: Path, what: str) -> None:
    path = file(repository) if what == "things.db" else file(repository).parent
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir() if what == "things.db" else path.write_text("")
    cache(repository).write({"a": 1})
    assert cache(repository).read() == {}


PROGRAM = """\
import sys
from pathlib import Path
from mreg.adapters.cache import Cache
from mreg.adapters.git import Git
cache = Cache(Git(Path(sys.argv[1])), "things", form=int(sys.argv[3]))
{}
"""


@pytest.mark.parametrize(("folder", "mode"), [("cache", 0o500), ("cache", 0o000), (".", 0o500)])
def test_a_folder_without_rights(repository: Path, folder: str, mode: int) -> None:
    if folder == "cache":
        cache(repository).write({"a": 1})
    place = file(repository).parent if folder == "cache" else file(repository).parents[1]
    place.mkdir(parents=True, exist_ok=True)
    place.chmod(mode)
    code = PROGRAM.format("cache.write({'b': 2}); print(sorted(cache.read()), cache.read_some(['b']))")
    done = run_unprivileged(code, repository, "-", 1)
    place.chmod(0o755)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ("['a'] {}" if folder == "cache" and mode else "[] {}")


WRITE = PROGRAM.format(
    "for number in range(40): cache.write({f'{sys.argv[2]}-{number}': [number, 'x' * 1000]}); cache.read()"
)


def start(repository: Path, name: str, form: int = 1, code: str = WRITE) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code, repository, name, str(form)])


def test_several_that_write_at_once(repository: Path) -> None:
    writers = [start(repository, name) for name in "abc"]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    expected = {f"{name}-{number}": [number, "x" * 1000] for name in "abc" for number in range(40)}
    assert cache(repository).read() == expected


def test_programs_of_two_forms_at_once(repository: Path) -> None:
    """Each sees nothing, or what its own form wrote."""
    writers = [start(repository, "one", 1), start(repository, "two", 2)]
    while any(writer.poll() is None for writer in writers):
        for name, form in (("one", 1), ("two", 2)):
            assert {key.partition("-")[0] for key in cache(repository, form=form).read()} <= {name}
    assert [writer.wait() for writer in writers] == [0, 0]


def test_killed_while_writing(repository: Path) -> None:
    endless = PROGRAM.format(
        "while True: cache.write({str(number): 'x' * 1000 for number in range(3000)}); print(flush=True)"
    )
    for pause in (0, 0.01, 0.03, 0.05):
        writer = subprocess.Popen([sys.executable, "-c", endless, repository, "-", "1"], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()  # it has begun with the second round
        deadline = time.monotonic() + pause
        while time.monotonic() < deadline:
            pass
        writer.kill()
        writer.wait()
        writer.stdout.close()
        found = cache(repository).read()
        assert len(found) in (0, 3000)
        cache(repository).write({"after": 1})
        assert cache(repository).read_some(["after", "7"]) == {"after": 1, "7": "x" * 1000}
        file(repository).unlink()

"""File contents in bulk, from one `git cat-file --batch`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from mreg.adapters.git import Git, GitFailed
from mreg.adapters.git.blobs import MAX_BLOB
from tests.gitrepos import git, run_git

if TYPE_CHECKING:
    from pathlib import Path


def _read(repository: Path, *names: str) -> list[bytes | None]:
    with Git(repository).blobs() as blobs:
        return blobs.read(names)


def _store(repository: Path, content: bytes) -> str:
    return git(repository, "hash-object", "-w", "--stdin", stdin=content)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"no newline", b"a\nb\n", b"\0\1\2\xff", b"x missing\n", b"1234 blob 5\nhello\n", b"y" * (3 << 20)],
    ids=["empty", "newline", "no-newline", "lines", "binary", "like-an-answer", "like-a-header", "3-MiB"],
)
def test_bytes_come_as_they_are(repository: Path, content: bytes) -> None:
    oid = _store(repository, content)
    assert _read(repository, oid, "HEAD:train.py", oid) == [content, b"print('training')\n", content]


def test_nothing_asked_starts_nothing(repository: Path) -> None:
    with Git(repository).blobs() as blobs:
        assert blobs.read([]) == []
        assert blobs._process is None


@pytest.mark.parametrize(
    "path", ["two words", "a b missing", "ünïcode 模型", "-n", "\\n", "a:b", "x 12", "x\r.y", "%s"]
)
def test_odd_paths(repository: Path, path: str) -> None:
    (repository / path).write_text("found")
    git(repository, "add", "--", path)
    git(repository, "commit", "--quiet", "-m", "add")
    assert _read(repository, f"HEAD:{path}", "HEAD:train.py") == [b"found", b"print('training')\n"]


def test_a_path_that_is_not_utf8(repository: Path) -> None:
    path = os.fsdecode(b"caf\xe9")
    (repository / path).write_text("found")
    git(repository, "add", "--", path)
    git(repository, "commit", "--quiet", "-m", "add")
    assert _read(repository, f"HEAD:{path}") == [b"found"]


@pytest.mark.parametrize(
    "name",
    [
        "HEAD:none.yaml",
        "HEAD:two words",
        "HEAD:a 1 2",
        "HEAD:none 12",
        "nosuchrev:train.py",
        "f" * 40,
        "f" * 40 + ":train.py",
        "",
        " ",
        "HEAD",
        "HEAD:",
        "HEAD^{tree}",
        "HEAD:train.py\n",
        "HEAD:\ntrain.py",
        "HEAD:train.py\0.yaml",
        "HEAD:train.py\r",
        "--all",
        "HEAD:../outside",
        "HEAD:./train.py",
        "HEAD:..",
        "HEAD:/etc/passwd",
        "HEAD:models/../train.py",
        "HEAD:models/../../outside",
    ],
)
def test_what_is_no_file_has_no_answer(repository: Path, name: str) -> None:
    assert _read(repository, "HEAD:train.py", name, "HEAD:train.py") == [
        b"print('training')\n",
        None,
        b"print('training')\n",
    ]


def test_an_ambiguous_id_has_no_answer(repository: Path) -> None:
    assert _store(repository, b"142")[:4] == _store(repository, b"784")[:4]
    assert _read(repository, _store(repository, b"142")[:4], "HEAD:train.py") == [None, b"print('training')\n"]


def test_a_folder_and_a_submodule_are_no_files(repository: Path, first_repository: Path) -> None:
    git(repository, "submodule", "--quiet", "add", str(first_repository), "sub")
    (repository / "models").mkdir()
    (repository / "models" / "a").write_text("a")
    git(repository, "add", "models")
    git(repository, "commit", "--quiet", "-m", "add")
    assert _read(repository, "HEAD:models", "HEAD:sub", "HEAD:models/a") == [None, None, b"a"]


def test_the_largest_file_that_is_read(repository: Path) -> None:
    fits, too_large = _store(repository, b"\0" * MAX_BLOB), _store(repository, b"\0" * (MAX_BLOB + 1))
    small = _store(repository, b"small")
    answers = _read(repository, too_large, fits, too_large, small)
    assert [None if answer is None else len(answer) for answer in answers] == [None, MAX_BLOB, None, 5]


def test_many_thousands_in_one_go(repository: Path) -> None:
    """More questions, and more answers, than any pipe holds: neither side may wait for the other."""
    filler = "n" * 300
    paths = [f"models/{filler}/{number}" for number in range(200)]
    stream = "".join(f"M 644 inline {path}\ndata {len(path) * 4}\n{path * 4}\n" for path in paths)
    commit = "commit refs/heads/many\ncommitter A <a@example.com> 1 +0000\ndata 0\n"
    git(repository, "fast-import", "--quiet", stdin=f"{commit}{stream}")
    names = [f"refs/heads/many:{path}" for path in paths] * 100
    with Git(repository).blobs() as blobs:
        answers = blobs.read(names)
        again = blobs.read(names[:3])
    assert len(answers) == 20_000
    assert answers == [(path * 4).encode() for path in paths] * 100
    assert again == answers[:3]


def test_one_process_serves_all_reads(repository: Path) -> None:
    with Git(repository).blobs() as blobs:
        blobs.read(["HEAD:train.py"])
        process = blobs._process
        blobs.read(["HEAD:train.py", "HEAD:none"])
        assert blobs._process is process
    assert process.returncode == 0


def test_closing_in_the_middle_of_many_answers(repository: Path) -> None:
    big = _store(repository, b"x" * (1 << 20))
    blobs = Git(repository).blobs()
    with blobs as reader:
        answers = reader.stream([big] * 30_000)  # questions and answers fill both pipes
        assert next(answers) == ("blob", b"x" * (1 << 20))
        process, writer = reader._process, reader._writer
    assert process.returncode != 0
    assert writer is not None
    assert not writer.is_alive()


def test_a_damaged_object_is_an_error_and_not_a_missing_file(repository: Path) -> None:
    oid = _store(repository, b"content that will be damaged" * 100)
    path = repository / ".git" / "objects" / oid[:2] / oid[2:]
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:20])
    assert run_git(repository, "cat-file", "--batch", stdin=oid).returncode != 0
    with (
        pytest.raises(GitFailed, match=r"cat-file failed: .*unable to stream") as caught,
        Git(repository).blobs() as blobs,
    ):
        blobs.read(["HEAD:train.py", oid, *["HEAD:train.py"] * 20_000])
    assert caught.value.exit_code == 3


def test_an_object_that_vanishes_while_it_is_asked_for(repository: Path) -> None:
    with Git(repository).blobs() as blobs:
        blobs.read(["HEAD:train.py"])
        blobs._process.kill()
        blobs._process.wait()
        with pytest.raises(GitFailed, match="Killed"):
            blobs.read(["HEAD:train.py"] * 3)


# What names stand for


def test_what_names_stand_for(repository: Path) -> None:
    (repository / "models").mkdir()
    (repository / "models" / "two words").write_text("found")
    git(repository, "add", "models")
    git(repository, "commit", "--quiet", "-m", "add")
    git(repository, "tag", "-a", "-m", "x", "annotated")
    names = ["HEAD", "HEAD:models", "HEAD:models/two words", "HEAD^{tree}", "refs/tags/annotated"]
    with Git(repository).blobs() as blobs:
        found = blobs.identify(names)
    kinds = ["commit", "tree", "blob", "tree", "tag"]
    for name, kind, item in zip(names, kinds, found, strict=True):
        assert item is not None
        assert (item.oid, item.kind) == (git(repository, "rev-parse", name), kind)
        assert item.size == int(git(repository, "cat-file", "-s", name))


@pytest.mark.parametrize(
    "name",
    ["HEAD:none", "f" * 40, "", " ", "HEAD:a\nb", "HEAD:../x", "HEAD:./x", "HEAD:a\0b", "HEAD:a\r", "HEAD:a b missing"],
)
def test_what_stands_for_nothing(repository: Path, name: str) -> None:
    with Git(repository).blobs() as blobs:
        before, nothing, after = blobs.identify(["HEAD:train.py", name, "HEAD:train.py"])
    assert nothing is None
    assert before == after is not None


def test_identifying_and_reading_take_turns_in_one_process(repository: Path) -> None:
    with Git(repository).blobs() as blobs:
        (first,) = blobs.identify(["HEAD:train.py"])
        process = blobs._process
        assert blobs.identify([]) == []
        assert first is not None
        assert blobs.read([first.oid, "HEAD:none"]) == [b"print('training')\n", None]
        assert blobs.identify(["HEAD:train.py"] * 20_000) == [first] * 20_000
        assert blobs._process is process

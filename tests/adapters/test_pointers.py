"""DVC's files as anyone may have written them: what they point at, and what is refused."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mreg.adapters.dvc.pointers import (
    BadPointer,
    InsideTrackedFolder,
    artifacts_section,
    candidates,
    directory_hash,
    find_pointer,
    is_pointer_file,
    parse_dvc_file,
    parse_lock,
)
from mreg.adapters.yaml.plain import MAX_BYTES, PlainYamlError, read_plain_yaml
from mreg.core.pointer import Pointer

MD5 = "0123456789abcdef" * 2
DIGITS = "01234567890123456789012345678901"
DIR = f"{MD5}.dir"


def _dvc(text: str = "", *, path: str = "m.bin", md5: str = MD5) -> bytes:
    return f"outs:\n- md5: {md5}\n  size: 7\n  hash: md5\n  path: {path}\n{text}".encode()


def _lock(*outs: str, stage: str = "train") -> bytes:
    listed = "".join(f"    - path: {out}\n      hash: md5\n      md5: {MD5}\n      size: 7\n" for out in outs)
    return f"schema: '2.0'\nstages:\n  {stage}:\n    cmd: train\n    outs:\n{listed}".encode()


# .dvc files


@pytest.mark.parametrize(
    ("file", "data", "expected"),
    [
        ("m.bin.dvc", _dvc(), {"path": "m.bin", "size": 7, "hash_name": "md5"}),
        ("a/b/m.bin.dvc", _dvc(), {"path": "a/b/m.bin"}),
        ("a/b/m.bin.dvc", _dvc("wdir: ..\n"), {"path": "a/m.bin"}),
        ("a/other.dvc", _dvc(path="../c/m.bin"), {"path": "c/m.bin"}),
        ("m.dvc", _dvc(path="m", md5=DIR), {"path": "m", "hash": DIR}),
        ("m.dvc", _dvc("  nfiles: 3\n", path="m", md5=DIR), {"nfiles": 3}),
        ("m.dvc", _dvc("  remote: cold\n", path="m"), {"remote": "cold"}),
        ("m.dvc", _dvc("deps:\n- path: m\n  repo: {url: u, rev_lock: r}\n", path="m"), {"imported": True}),
        (
            "m.dvc",
            f"outs:\n- md5: {MD5}\n  path: m\n".encode(),
            {"hash_name": "md5-dos2unix", "hash": MD5, "size": None},
        ),
        ("m.dvc", f"outs:\n- md5: {DIGITS}\n  hash: md5\n  path: '1.10'\n".encode(), {"path": "1.10", "hash": DIGITS}),
        ("m.dvc", b"outs:\n- etag: '\"x-1\"'\n  path: m\n", {"hash_name": "etag", "hash": '"x-1"'}),
        ("m.dvc", b"\xef\xbb\xbf" + _dvc(), {"path": "m.bin"}),
        ("m.dvc", _dvc().replace(b"\n", b"\r\n"), {"path": "m.bin"}),
    ],
)
def test_a_dvc_file(file: str, data: bytes, expected: dict[str, object]) -> None:
    (pointer,) = parse_dvc_file(data, file)
    assert pointer.file == file
    assert {key: getattr(pointer, key) for key in expected} == expected


def test_several_outs() -> None:
    data = _dvc() + f"- md5: {MD5}\n  path: n\n".encode()
    assert [pointer.path for pointer in parse_dvc_file(data, "x.dvc")] == ["m.bin", "n"]


def test_a_dvc_file_without_outs_points_at_nothing() -> None:
    assert parse_dvc_file(b"deps:\n- path: x\n", "x.dvc") == ()


def test_a_folder_of_a_cloud_versioned_remote_lists_its_files() -> None:
    files = "".join(f"  - relpath: {name}\n    md5: {MD5}\n    size: 3\n" for name in ("b", "a/c"))
    (pointer,) = parse_dvc_file(f"outs:\n- path: m\n  hash: md5\n  files:\n{files}".encode(), "m.dvc")
    assert (pointer.hash, pointer.nfiles) == (directory_hash({"b": MD5, "a/c": MD5}), 2)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "not a mapping"),
        (b"[]", "not a mapping"),
        (b"outs: {}x", "expected"),
        (b"outs: 3", "outs is not a list"),
        (b"outs: [3]", "an out is not a mapping"),
        (b"outs:\n- md5: x\n", "is not an md5"),
        (f"outs:\n- md5: {MD5}\n".encode(), "path is not a text"),
        (f"outs:\n- md5: {MD5}\n  path: [m]\n".encode(), "path is not a text"),
        (b"outs:\n- path: m\n  hash: md5\n", "has no hash"),
        (b"outs:\n- path: m\n", "has no hash"),
        (_dvc(md5="../../../etc/passwd"), "is not an md5"),
        (_dvc(md5=MD5.upper()), "is not an md5"),
        (_dvc(md5=f"{MD5}.dir.dir"), "is not an md5"),
        (_dvc(path="../m.bin"), "leaves the repository"),
        (_dvc(path="a/../../m.bin"), "leaves the repository"),
        (_dvc(path="/etc/passwd"), "leaves the repository"),
        (_dvc(path="."), "leaves the repository"),
        (_dvc(path="s3://bucket/m.bin"), "leaves the repository"),
        (_dvc(path='"a\\nb"'), "leaves the repository"),
        (_dvc("wdir: ..\n"), "leaves the repository"),
        (_dvc("wdir: [a]\n"), "wdir is not a text"),
        (_dvc("  nfiles: many\n"), "nfiles is not a number"),
        (_dvc("  nfiles: -1\n"), "nfiles is not a number"),
        (_dvc(f"  nfiles: {'9' * 5000}\n"), "nfiles is not a number"),
        (_dvc("  remote: [a]\n"), "remote is not a text"),
        (_dvc() + _dvc(), "duplicate key"),
        (_dvc() + b"<<<<<<< HEAD\n", "expected"),
        (_dvc() + b"--- \na: b\n", "more than one document"),
        (b"\xff\xfe" + _dvc(), "outs|UTF|character|mapping"),
        (b"outs: *unknown", "unknown alias"),
        (b"outs: " + b"[" * 1_000_000, "nested deeper"),
        (b"- " * 100_000, "nested deeper"),
        (b"a: b\n" * (MAX_BYTES // 4), "over the limit"),
        (b"? [a]\n: b\n", "key that is not a scalar"),
    ],
)
def test_a_bad_dvc_file_is_refused_by_name(data: bytes, problem: str) -> None:
    with pytest.raises(BadPointer, match=problem) as caught:
        parse_dvc_file(data, "m.dvc")
    assert str(caught.value).startswith("m.dvc: ")


def test_a_billion_laughs_cost_nothing() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    assert parse_dvc_file("\n".join([*lines, _dvc().decode()]).encode(), "m.dvc")[0].path == "m.bin"
    merged = "\n".join(["b0: &b0 {x: y}"] + [f"b{n}: &b{n} {{<<: [*b{n - 1}, *b{n - 1}]}}" for n in range(1, 60)])
    assert parse_dvc_file(f"{merged}\n{_dvc().decode()}".encode(), "m.dvc")[0].path == "m.bin"


@given(st.binary(max_size=200))
def test_no_bytes_do_worse_than_an_error(data: bytes) -> None:
    with suppress(BadPointer):
        parse_dvc_file(data, "m.dvc")
    with suppress(BadPointer):
        parse_lock(data, "dvc.lock", data)


_text = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=5)  # JSON pairs surrogates


@given(st.recursive(_text, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3)))
def test_plain_yaml_reads_what_json_writes(value: object) -> None:
    assert read_plain_yaml(json.dumps(value).encode()) == value


def test_plain_yaml_does_not_interpret() -> None:
    document = b"a: no\nb: 1e3\nc: 2001-01-01\nd: ~\ne: 0o7\nf: 1.10\ng: !!python/object:os.system x\n"
    assert read_plain_yaml(document) == {
        "a": "no", "b": "1e3", "c": "2001-01-01", "d": "~", "e": "0o7", "f": "1.10", "g": "x",
    }  # fmt: skip


def test_plain_yaml_without_a_document() -> None:
    assert read_plain_yaml(b"# nothing\n") == ""
    with pytest.raises(PlainYamlError):
        read_plain_yaml(b"a: b: c")


# dvc.lock


def test_a_lock() -> None:
    first, second = parse_lock(_lock("m.bin", "../n.bin"), "nlp/de/dvc.lock")
    assert first == Pointer(
        path="nlp/de/m.bin", file="nlp/de/dvc.lock", hash_name="md5", hash=MD5, size=7, stage="train"
    )
    assert second.path == "nlp/n.bin"


def test_a_lock_of_dvc_1() -> None:
    data = f"train:\n  cmd: train\n  outs:\n  - path: m.bin\n    md5: {MD5}\n".encode()
    (pointer,) = parse_lock(data, "dvc.lock")
    assert (pointer.stage, pointer.path, pointer.hash_name) == ("train", "m.bin", "md5-dos2unix")


def test_an_empty_lock() -> None:
    assert parse_lock(b"", "dvc.lock") == parse_lock(b"schema: '2.0'\n", "dvc.lock") == ()


@pytest.mark.parametrize(
    ("stage", "dvc_yaml", "path"),
    [
        ("train", "stages: {train: {wdir: sub}}", "x/sub/m.bin"),
        ("train", "stages: {train: {wdir: ..}}", "m.bin"),
        ("train", "stages: {train: {cmd: c}}", "x/m.bin"),
        ("train", "stages: {other: {wdir: sub}}", "x/m.bin"),
        ("train", "vars: [a]", "x/m.bin"),
        ("train@de", "stages: {train: {foreach: [de], do: {wdir: 'sub/${item}'}}}", "x/sub/de/m.bin"),
        ("train@de", "stages: {train: {foreach: {de: {a: b}}, do: {wdir: '${ key }'}}}", "x/de/m.bin"),
        ("train@de-1", "stages: {train: {matrix: {l: [de], n: [1]}, wdir: sub}}", "x/sub/m.bin"),
    ],
)
def test_the_folder_of_a_stage(stage: str, dvc_yaml: str, path: str) -> None:
    (pointer,) = parse_lock(_lock("m.bin", stage=stage), "x/dvc.lock", dvc_yaml.encode())
    assert pointer.path == path


@pytest.mark.parametrize("names", [("old", "new"), ("new", "old")])
def test_a_stage_that_was_renamed_comes_last(names: tuple[str, str]) -> None:
    stages = (
        "".join(
            f"  {name}:\n    cmd: x\n    outs:\n    - {{path: m, hash: md5, md5: {name[0] * 32}}}\n" for name in names
        )
        .replace("n" * 32, "b" * 32)
        .replace("o" * 32, "a" * 32)
    )
    blobs = {"dvc.lock": f"schema: '2.0'\nstages:\n{stages}".encode(), "dvc.yaml": b"stages: {new: {cmd: x}}"}
    pointer = find_pointer("m", blobs)
    assert pointer is not None
    assert (pointer.stage, pointer.hash) == ("new", "b" * 32)


def test_a_stage_whose_folder_only_dvc_knows_is_left_out() -> None:
    dvc_yaml = b"stages: {train: {wdir: '${params.place}'}}"
    assert parse_lock(_lock("m.bin"), "dvc.lock", dvc_yaml) == ()


def test_the_remote_of_an_out_stands_in_dvc_yaml() -> None:
    dvc_yaml = b"stages: {train: {cmd: c, outs: [m.bin: {remote: cold}, n.bin]}}"
    pointers = parse_lock(_lock("m.bin", "n.bin"), "dvc.lock", dvc_yaml)
    assert [pointer.remote for pointer in pointers] == ["cold", None]


def test_outs_that_are_no_artifacts_do_not_hide_the_others() -> None:
    data = _lock("/data/m.bin", "../../m.bin", "s3://bucket/m.bin", "m.bin") + b"    - path: later\n      hash: md5\n"
    assert [pointer.path for pointer in parse_lock(data, "dvc.lock")] == ["m.bin"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"[a]", "not a mapping"),
        (b"schema: '2.0'\nstages: []x", "expected"),
        (b"schema: '2.0'\nstages: [a]", "stages is not a mapping"),
        (b"schema: '2.0'\nstages: {train: [a]}", "stage train is not a mapping"),
        (_lock("m.bin").replace(MD5.encode(), b"../x"), "is not an md5"),
    ],
)
def test_a_bad_lock_is_refused_by_name(data: bytes, problem: str) -> None:
    with pytest.raises(BadPointer, match=problem) as caught:
        parse_lock(data, "sub/dvc.lock")
    assert str(caught.value).startswith("sub/dvc.lock: ")


@pytest.mark.parametrize(
    "dvc_yaml", [b"[]x", b"[a]", b"stages: [a]", b"stages: {train: [a]}", b"stages: {train: {wdir: {}}}"]
)
def test_a_bad_dvc_yaml_is_an_error(dvc_yaml: bytes) -> None:
    with pytest.raises(BadPointer):
        parse_lock(_lock("m.bin"), "dvc.lock", dvc_yaml)


# Finding the pointer of a path


def test_candidates() -> None:
    assert candidates("a/b/m.bin") == (
        "a/b/m.bin.dvc",
        "a/b/dvc.lock", "a/b/dvc.yaml", "a/b.dvc",
        "a/dvc.lock", "a/dvc.yaml", "a.dvc",
        "dvc.lock", "dvc.yaml",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("m.dvc", True),
        ("a/dvc.lock", True),
        ("dvc.yaml", True),
        (".dvc", False),
        ("a/.dvc", False),
        ("dvc.lock.bak", False),
    ],
)
def test_pointer_files(file: str, expected: bool) -> None:
    assert is_pointer_file(file) is expected


def _found(path: str, blobs: dict[str, bytes]) -> str | None:
    pointer = find_pointer(path, blobs)
    return pointer.file if pointer else None


def test_a_dvc_file_comes_before_a_lock() -> None:
    blobs = {"a/dvc.lock": _lock("m.bin"), "a/m.bin.dvc": _dvc()}
    assert _found("a/m.bin", blobs) == "a/m.bin.dvc"


def test_a_lock_above() -> None:
    blobs = {"a/dvc.lock": _lock("n.bin"), "dvc.lock": _lock("a/m.bin"), "dvc.yaml": b""}
    assert _found("a/m.bin", blobs) == "dvc.lock"


def test_a_lock_with_its_dvc_yaml() -> None:
    assert _found("sub/m.bin", {"dvc.yaml": b"stages: {train: {wdir: sub}}", "dvc.lock": _lock("m.bin")}) == "dvc.lock"


def test_a_pointer_file_of_another_name() -> None:
    assert _found("data/m.bin", {"pointers/all.dvc": _dvc(path="../data/m.bin")}) == "pointers/all.dvc"


def test_nothing_points_there() -> None:
    assert _found("m.bin", {}) is None
    assert _found("m.bin", {"dvc.lock": _lock("n.bin"), "n.dvc": _dvc(path="n")}) is None


def test_a_broken_file_matters_only_where_no_other_points_there() -> None:
    broken = {"other.dvc": b"outs: 3"}
    assert _found("m.bin", {**broken, "dvc.lock": _lock("m.bin")}) == "dvc.lock"
    with pytest.raises(BadPointer, match=r"other\.dvc"):
        find_pointer("m.bin", broken)


def test_a_member_of_a_tracked_folder_has_no_pointer_of_its_own() -> None:
    blobs = {"models.dvc": _dvc(path="models", md5=DIR)}
    with pytest.raises(InsideTrackedFolder, match=r"models/a/m\.bin lies inside models") as caught:
        find_pointer("models/a/m.bin", blobs)
    assert (caught.value.folder, caught.value.file) == ("models", "models.dvc")
    assert _found("models2/m.bin", blobs) is None


# The artifacts section, and folder hashes


def test_the_artifacts_section() -> None:
    data = b"""
artifacts:
  churn: {path: models/churn.pkl, type: model, labels: [a]}
  nlp/sentiment: {path: models/nlp}
  unfinished: {type: model}
stages: {train: {cmd: '${x}'}}
"""
    assert artifacts_section(data) == {"churn": "models/churn.pkl", "nlp/sentiment": "models/nlp"}
    assert artifacts_section(b"") == artifacts_section(b"stages: {}") == {}


@pytest.mark.parametrize("data", [b"artifacts: [a]", b"artifacts: {a: b}", b"a", b"{"])
def test_a_bad_artifacts_section(data: bytes) -> None:
    with pytest.raises(BadPointer, match=r"dvc\.yaml"):
        artifacts_section(data)


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["C"], exclude_characters="/"), min_size=1), st.binary(), max_size=5
    )
)
def test_a_folder_hash_is_the_one_that_dvc_computes(members: dict[str, bytes]) -> None:
    from dvc_data.hashfile.tree import Tree

    sums = {path: hashlib.md5(data).hexdigest() for path, data in members.items()}
    tree = Tree.from_list([{"relpath": path, "md5": md5} for path, md5 in sums.items()], hash_name="md5")
    tree.digest()
    assert directory_hash(sums) == tree.hash_info.value

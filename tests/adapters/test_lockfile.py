"""DVC files as values: what DVC writes, what anybody may write, and what that costs."""

from __future__ import annotations

import tracemalloc
from time import process_time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mreg.adapters.dvc.declarations import Declarations
from mreg.adapters.dvc.dvcfile import DvcFile, PathIndex
from mreg.adapters.dvc.lockfile import read_lock, read_source
from mreg.adapters.dvc.pointers import BadPointer, about, find_pointer
from mreg.core.provenance import File
from tests.adapters.histories import lock, md5, stage, tracked


def parse(text: str | bytes, dvc_yaml: str | bytes | None = None, *, file: str = "dvc.lock") -> DvcFile:
    def raw(data: str | bytes) -> bytes:
        return data.encode() if isinstance(data, str) else data

    try:
        with about("dvc.yaml"):
            declarations = Declarations(None if dvc_yaml is None else raw(dvc_yaml), file.rpartition("/")[0])
    except BadPointer as error:
        return DvcFile(problem=error)
    return read_lock(raw(text), file, declarations)


LOCK = f"""\
schema: '2.0'
stages:
  train:
    cmd: python train.py
    deps:
    - path: data
      hash: md5
      md5: {md5("d")}.dir
      size: 10
      nfiles: 2
    - path: s3://bucket/raw
      etag: e1
    - path: /abs/raw
      checksum: c1
    - path: ../shared/lib.py
      md5: {md5("l")}
    params:
      params.yaml:
        lr: 0.0001
        layers: [64, 32]
        name: '1.10'
        deep: {{a: {{b: true}}, c: null, d.e: 1e-4}}
        never: .nan
      other.toml: {{x: 1}}
    outs:
    - path: models/m.pkl
      hash: md5
      md5: {md5("m")}
      size: 5
      isexec: true
    - path: metrics.json
      hash: md5
      md5: {md5("j")}
"""


def test_a_stage_as_it_ran() -> None:
    (step,) = parse(LOCK).steps
    assert (step.label, step.command) == ("train", "python train.py")
    assert step.deps == (
        File("data", f"md5:{md5('d')}.dir", 10, 2),
        File("s3://bucket/raw", "etag:e1"),
        File("/abs/raw", "checksum:c1"),
        File("../shared/lib.py", f"md5:{md5('l')}"),
    )
    assert step.outs[0] == File("models/m.pkl", f"md5:{md5('m')}", 5)
    assert step.params == {
        "params.yaml": {
            "lr": 0.0001,
            "layers": "[64, 32]",
            "name": "1.10",
            "deep.a.b": True,
            "deep.c": None,
            "deep.d.e": 0.0001,
            "never": ".nan",
        },
        "other.toml": {"x": 1},
    }


def test_the_older_schema_says_the_same() -> None:
    stages = yaml.dump(yaml.safe_load(LOCK)["stages"], sort_keys=False)
    assert parse(stages).steps[0].outs == parse(LOCK).steps[0].outs
    assert parse("").steps == parse("schema: '2.0'\n").steps == ()


def test_a_folder_below_resolves_paths() -> None:
    dvc_yaml = "stages: {train: {cmd: python train.py, wdir: ../code}}\n"
    (step,) = parse(LOCK, dvc_yaml, file="a/b/dvc.lock").steps
    assert [dep.path for dep in step.deps] == ["a/code/data", "s3://bucket/raw", "/abs/raw", "a/shared/lib.py"]
    assert set(step.params) == {"a/code/params.yaml", "a/code/other.toml"}
    assert step.pipeline == "a/b/dvc.yaml"
    assert [pointer.path for pointer in parse(LOCK, dvc_yaml, file="a/b/dvc.lock").pointers] == [
        "a/code/models/m.pkl",
        "a/code/metrics.json",
    ]


@pytest.mark.parametrize(
    ("metrics", "found"),
    [
        ("[metrics.json]", ("metrics.json",)),
        ("[metrics.json: {cache: false}]", ("metrics.json",)),
        ("['${name}.json']", ("metrics.json",)),
        ("['${a}${b}']", ("models/m.pkl", "metrics.json")),
        ("['m${a}s.js${b}']", ("metrics.json",)),
        ("['m${a}.json${b}']", ()),
        ("['${a}metrics.json']", ()),
        ("['${unclosed']", ()),
        ("[other.json]", ()),
    ],
)
def test_which_outs_are_metrics(metrics: str, found: tuple[str, ...]) -> None:
    (step,) = parse(LOCK, f"stages: {{train: {{cmd: x, metrics: {metrics}}}}}\n").steps
    assert step.metrics == found


def test_several_commands_are_lines() -> None:
    assert parse(lock("  t:\n    cmd: [a, b c]\n    outs:\n    - path: x\n")).steps[0].command == "a\nb c"


def test_an_out_without_a_hash_is_a_step_and_no_pointer() -> None:
    found = parse(lock("  t:\n    cmd: a\n    outs:\n    - path: x\n"))
    assert (found.steps[0].outs, found.pointers) == ((File("x"),), ())


@pytest.mark.parametrize(
    "text",
    [
        "- a",
        "schema: '2.0'\nstages: [a]",
        lock("  t: [a]\n"),
        lock("  t: {deps: [a]}\n"),
        lock("  t: {deps: [{path: [a]}]}\n"),
        lock("  t: {outs: [{path: a, md5: zz}]}\n"),
        lock("  t: {outs: [{path: a, size: -1}]}\n"),
        lock("  t: {cmd: {a: b}}\n"),
        lock("  t: {cmd: [[a]]}\n"),
        lock("  t: {params: [a]}\n"),
        lock(f"  t: {{deps: [{{path: {'a' * 5000}}}]}}\n"),
        "a: &a [*a]",
        "a: *b",
        "\x00",
        "a: 1\na: 2",
        "!!python/object/apply:os.system [ls]",
    ],
)
def test_a_broken_lock_is_a_problem_with_its_name(text: str) -> None:
    found = parse(text)
    assert str(found.problem).startswith("dvc.lock: ")
    with pytest.raises(BadPointer):
        found.outs()


def bomb(inside: str, levels: int = 9) -> str:
    text = f"x0: &x0 [{inside}]\n"
    for level in range(levels):
        text += f"x{level + 1}: &x{level + 1} [{', '.join([f'*x{level}'] * 10)}]\n"
    return text


TOP = f"*x{9}"
WIDE = "w: &w [" + "{path: a}, " * 5000 + "]\n"
DEEP = "".join(f"k{number}: " + "{" for number in range(60)) + "}" * 60
HOSTILE = {
    "params": f"{bomb('a')}t:\n  params: {{f: {{k: {TOP}}}}}\n",
    "many params": f"{bomb('a', 3)}t:\n  params: {{{', '.join(f'f{n}: {{k: *x3}}' for n in range(3000))}}}\n",
    "deps": f"{WIDE}t: {{deps: *w}}\n" + "".join(f"t{n}: {{deps: *w}}\n" for n in range(2000)),
    "outs": f"{WIDE}t: {{outs: *w}}\n" + "".join(f"t{n}: {{outs: *w}}\n" for n in range(2000)),
    "files": "w: &w ["
    + f"{{relpath: a, md5: {md5('a')}}}, " * 3000
    + "]\n"
    + "t:\n  outs:\n"
    + "  - {path: a, files: *w}\n" * 3000,
    "command": f"l: &l {'x' * 100_000}\nt:\n  cmd: [{', '.join(['*l'] * 50_000)}]\n",
    "command tree": f"{bomb('a')}t: {{cmd: {TOP}}}\n",
    "path": f"l: &l {'x/' * 1000}\nt:\n  outs: [{', '.join(['{path: *l}'] * 50_000)}]\n",
    "path tree": f"{bomb('a')}t: {{outs: [{{path: {TOP}}}]}}\n",
    "long key": f"t:\n  params:\n    f:\n      {'k' * 1000}: {{{', '.join(f'l{n}: 1' for n in range(20_000))}}}\n",
    "deep": f"t: {{params: {{f: {{{DEEP}}}}}}}\n",
    "too deep": "t: " + "[" * 10_000,
    "folders": "t:\n  outs:\n" + "".join(f"  - path: {'a/' * 2000}{n}\n" for n in range(200)),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("kind", ["lock", "source"])
def test_what_aliases_make_of_a_few_lines_is_not_followed(text: str, kind: str) -> None:
    """The machine may be busy: what counts is time of the processor, and memory."""
    tracemalloc.start()
    begin = process_time()
    found = parse(text) if kind == "lock" else read_source(text.replace("t:\n  ", "").encode(), "x.dvc")
    list(found.makers.overlapping("a"))
    assert process_time() - begin < 10
    assert tracemalloc.get_traced_memory()[1] < 300 << 20
    tracemalloc.stop()


@pytest.mark.parametrize("loop", ["foreach: {}", "matrix: {a: X, b: X, c: X, d: X, e: X, f: X, g: X}"])
def test_a_hostile_pipeline_takes_no_longer(loop: str) -> None:
    body = loop.replace("X", "[1, 2, 3, 4, 5, 6, 7, 8, 9]")
    metrics = "${a}" * 50
    dvc_yaml = f"stages:\n  t:\n    {body}\n    wdir: '${{item.a}}'\n    cmd: x\n    metrics: ['{metrics}x']\n"
    text = lock(*(stage(f"t@{n}", {}, {"a" * 200 + str(m): "m" for m in range(20)}) for n in range(200)))
    begin = process_time()
    parse(text, dvc_yaml)
    parse(text, f"stages:\n  t:\n    foreach: [1]\n    do: {{cmd: x, metrics: ['{metrics}x']}}\n")
    assert process_time() - begin < 10


def test_a_hundred_thousand_entries() -> None:
    """Ten megabytes that are as they seem."""
    text = "schema: '2.0'\nstages:\n  t:\n    cmd: x\n    deps:\n"
    text += "".join(f"    - path: data/{number:06}.csv\n      md5: {md5(str(number))}\n" for number in range(100_000))
    begin = process_time()
    found = parse(text)
    assert len(found.steps[0].deps) == 100_000
    assert [step.name for step in found.users.at("data/000007.csv")] == ["t"]
    assert process_time() - begin < 30


SOURCE = tracked("m.pkl", "m", before="wdir: ..\nfrozen: true\ndeps:\n- {path: a, repo: {url: u, rev_lock: c}}\n")
PIPELINE = "vars: [{a: b}]\nstages:\n  train: {cmd: python train.py, wdir: '${a}', metrics: ['${a}.json', m: {}]}\n"


@given(st.binary(max_size=300), st.none() | st.binary(max_size=300))
def test_any_bytes(data: bytes, dvc_yaml: bytes | None) -> None:
    for found in (parse(data, dvc_yaml), read_source(data, "x.dvc")):
        assert found.problem is None or str(found.problem)


@st.composite
def mutated(draw: st.DrawFn, text: str) -> str:
    """A real file with some lines gone, doubled or replaced by something else that YAML has."""
    lines = text.splitlines()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip(" -"))]
        key = lines[at].strip(" -").partition(":")[0]
        odd = draw(
            st.sampled_from(["", "null", "[]", "{}", "[a]", "{a: b}", "'..'", "../..", "/", "*x", "&x a", "${a}", "1"])
        )
        lines[at : at + draw(st.integers(0, 1))] = [f"{indent}{key}: {odd}"]
    return "\n".join(lines)


@settings(max_examples=300)
@given(mutated(LOCK), st.just(PIPELINE) | mutated(PIPELINE), mutated(SOURCE))
def test_files_that_somebody_edited(text: str, dvc_yaml: str, source: str) -> None:
    for found in (parse(text, dvc_yaml), parse(text), read_source(source.encode(), "d/x.dvc")):
        if found.problem is None:
            for pointer in found.pointers:
                assert not pointer.path.startswith(("/", "../"))


@settings(max_examples=200)
@given(st.just(LOCK) | mutated(LOCK))
def test_the_pointer_is_the_one_that_a_single_read_finds(text: str) -> None:
    """Bulk reading and `mreg get` agree on an artifact's pointer."""
    found = parse(text)
    try:
        expected = find_pointer("models/m.pkl", {"dvc.lock": text.encode()})
    except BadPointer:
        assert found.problem
        return
    if found.problem is None:
        assert next((p for p in found.pointers if p.path == "models/m.pkl"), None) == expected


_paths = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map("/".join)


@given(st.lists(_paths, max_size=12), _paths)
def test_an_index_finds_what_comparing_all_paths_finds(paths: list[str], path: str) -> None:
    index = PathIndex((each, number) for number, each in enumerate(paths))
    above = [n for n, each in enumerate(paths) if path == each or path.startswith(f"{each}/")]
    inside = [n for n, each in enumerate(paths) if each.startswith(f"{path}/")]
    assert sorted(index.covering(path)) == above
    assert sorted(index.inside(path)) == inside
    assert sorted(index.overlapping(path)) == sorted(above + inside)

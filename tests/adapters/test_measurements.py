from __future__ import annotations

import os
from pathlib import Path

import pytest

from mreg.adapters.files import DiskFailure
from mreg.adapters.measurements import BadValue, NoSuchFile, parse_param, read_metrics, read_params
from mreg.adapters.structured import MAX_BYTES, BrokenFile, UnreadableFormat
from mreg.adapters.yaml.nodes import YamlFault
from mreg.core.annotations import Scalar
from mreg.core.metrics import BadAssignment
from mreg.errors import MregError

Contents = str | bytes


def write(folder: Path, name: str, contents: Contents) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(contents if isinstance(contents, bytes) else contents.encode())
    return path


@pytest.mark.parametrize(
    ("name", "contents"),
    [
        ("m.json", '{"f1": 0.9, "test": {"rmse": 1e-4, "n": 3}, "curve": [1, 2]}'),
        ("m.yaml", "f1: 0.9\ntest:\n  rmse: 1e-4\n  n: 3\ncurve: [1, 2]\n"),
        ("m.YML", "f1: 0.9\ntest: {rmse: 1e-4, n: 3}\n"),
        ("m.toml", "f1 = 0.9\ncurve = [1]\n[test]\nrmse = 1e-4\nn = 3\n"),
        ("m.json", b'\xef\xbb\xbf{"f1": 0.9, "test.rmse": 1e-4, "test": {"n": 3}}'),
    ],
)
def test_the_same_metrics_in_every_format(tmp_path: Path, name: str, contents: Contents) -> None:
    metrics = read_metrics(write(tmp_path, name, contents))
    assert list(metrics.items()) == [("f1", 0.9), ("test.rmse", 1e-4), ("test.n", 3)]
    assert isinstance(metrics["test.n"], int)


def test_a_dvclive_folder(tmp_path: Path) -> None:
    live = tmp_path / "dvclive"
    write(live, "metrics.json", '{"train": {"loss": 0.5}, "step": 3}')
    write(live, "params.yaml", "lr: 0.1\nmodel:\n  depth: 4\n")
    write(live, "plots/metrics/train/loss.tsv", "step\tloss\n0\t0.5\n")
    assert read_metrics(live) == {"train.loss": 0.5, "step": 3}
    assert read_params(live) == {"lr": 0.1, "model.depth": 4}


@pytest.mark.parametrize(
    ("name", "contents", "key", "problem"),
    [
        ("m.json", '{"a": {"b": "0.9"}}', "a.b", "is the text '0.9', not a number"),
        ("m.json", '{"a": true}', "a", "is true, not a number"),
        ("m.json", '{"a": null}', "a", "is null, not a number"),
        ("m.json", '{"a": 1e999}', "a", "is not a finite number"),
        ("m.json", '{"a": %s}' % ("9" * 400), "a", "is not a finite number"),
        ("m.yaml", "a: x\n", "a", "is the text 'x', not a number"),
        ("m.yaml", "a:\n", "a", "is null, not a number"),
        ("m.toml", "a = nan", "a", "is not a finite number"),
        ("m.toml", "a = inf", "a", "is not a finite number"),
        ("m.toml", "a = 2024-01-01", "a", "is the text '2024-01-01', not a number"),
    ],
)
def test_values_that_are_no_metrics(tmp_path: Path, name: str, contents: str, key: str, problem: str) -> None:
    path = write(tmp_path, name, contents)
    with pytest.raises(BadValue) as caught:
        read_metrics(path)
    assert str(caught.value) == f"{path}: {key} {problem}"
    assert (caught.value.key, caught.value.exit_code) == (key, 1)
    assert "--metric" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "contents", "problem"),
    [
        ("m.json", "", "not JSON"),
        ("m.json", "{\n  1: 2}", ":2:3: not JSON"),
        ("m.json", '{"a": 1, "b": {"c": 1, "c": 2}}', "duplicate key 'c'"),
        ("m.json", '{"a": NaN}', "NaN is not a finite number"),
        ("m.json", '{"a": -Infinity}', "-Infinity is not a finite number"),
        ("m.json", '{"a": %s}' % ("9" * 5000), "too many digits"),
        ("m.json", "[1, 2]", "holds a list"),
        ("m.json", "0.93", "holds a single value"),
        ("m.json", "{}", "holds no metrics"),
        ("m.json", '{"curve": [1]}', "holds no metrics"),
        ("m.json", '{"a.b": 1, "a": {"b": 2}}', "a.b is there twice"),
        ("m.json", '{"": 1}', "an empty key"),
        ("m.json", '{"a":' * 100_000, "nested too deeply"),
        ("m.json", '{"a": ' * 2000 + "1" + "}" * 2000, "nested too deeply"),
        ("m.json", b'{"a\xff": 1}', "the byte 0xff is not UTF-8"),
        ("m.yaml", b"a\xff: 1", "the byte 0xff is not UTF-8"),
        ("m.yaml", "# nothing\n", "holds no metrics"),
        ("m.toml", "a = 1\na = 2", "not TOML"),
        ("m.toml", "a = %s" % ("9" * 5000), "not TOML"),
        ("m.toml", "a = " + "[" * 100_000, "nested too deeply"),
        ("m.json", b" " * (MAX_BYTES + 1), "larger than the 16 MiB"),
        ("m.yaml", b" " * (MAX_BYTES + 1), "larger than the 16 MiB"),
    ],
)
def test_files_that_cannot_be_understood(tmp_path: Path, name: str, contents: Contents, problem: str) -> None:
    path = write(tmp_path, name, contents)
    with pytest.raises(BrokenFile) as caught:
        read_metrics(path)
    assert str(caught.value).startswith(f"{path}:")
    assert problem in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("contents", ["a: 1\na: 2\n", "a: .nan\n", "a: .inf\n", "a: [\n", "- 1\n", "a: *b\n"])
def test_yaml_is_read_strictly(tmp_path: Path, contents: str) -> None:
    path = write(tmp_path, "m.yaml", contents)
    with pytest.raises(YamlFault, match=r"m\.yaml:[0-9]+:[0-9]+: "):
        read_metrics(path)


def test_a_yaml_file_larger_than_a_card_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, "m.yaml", "".join(f"metric_number_{number:06}: {number}\n" for number in range(60_000)))
    assert path.stat().st_size > 1 << 20
    assert len(read_metrics(path)) == 60_000


@pytest.mark.parametrize("name", ["metrics", "metrics.csv", "metrics.txt", "metrics.py"])
def test_an_unknown_extension(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableFormat) as caught:
        read_metrics(write(tmp_path, name, "f1 = 1"))
    assert ".json, .yaml, .yml or .toml" in caught.value.hint
    assert caught.value.exit_code == 2


def test_missing_files(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe.json")
    for path in (tmp_path / "no.json", tmp_path / "empty", tmp_path / "pipe.json", tmp_path / "a\0b.json"):
        with pytest.raises(NoSuchFile) as caught:
            read_metrics(path)
        assert str(path) in str(caught.value)
        assert caught.value.exit_code == 2
    with pytest.raises(DiskFailure, match="name too long"):
        read_metrics(tmp_path / f"{'x' * 300}.json")


def test_an_unreadable_file(tmp_path: Path) -> None:
    path = write(tmp_path, "m.json", '{"f1": 1}')
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("the superuser reads everything")
    with pytest.raises(DiskFailure, match="Permission denied"):
        read_metrics(path)


PARAMS: dict[str, Scalar] = {
    "lr": 1e-4,
    "name": "x",
    "on": True,
    "off": None,
    "layers": "[64, 32]",
    "train.seed": 7,
    "train.deep.er": 1,
    "trainer": 2,
}
PARAMS_YAML = """\
lr: 1e-4
name: x
on: true
off: null
layers: [64, 32]
train: {seed: 7, deep: {er: 1}}
trainer: 2
"""


def test_parameters_may_be_any_scalar_and_lists_are_text(tmp_path: Path) -> None:
    assert read_params(write(tmp_path, "params.yaml", PARAMS_YAML)) == PARAMS


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["train"], ["train.seed", "train.deep.er"]),
        (["train.deep", "lr"], ["lr", "train.deep.er"]),
        (["train.seed", "gone"], ["train.seed"]),
        (["tr"], []),
        ([], list(PARAMS)),
    ],
)
def test_selected_parameters(tmp_path: Path, keys: list[str], expected: list[str]) -> None:
    path = write(tmp_path, "params.yaml", PARAMS_YAML)
    assert read_params(path, keys=keys) == {key: PARAMS[key] for key in PARAMS if key in expected}


def test_an_empty_parameters_file_holds_none(tmp_path: Path) -> None:
    assert read_params(write(tmp_path, "params.yaml", "# later\n")) == {}
    assert read_params(write(tmp_path, "params.json", "{}")) == {}


def test_a_date_in_toml_is_text(tmp_path: Path) -> None:
    path = write(tmp_path, "p.toml", "day = 2024-01-02\ntimes = [2024-01-02T03:04:05Z]\n")
    assert read_params(path) == {"day": "2024-01-02", "times": '["2024-01-02 03:04:05+00:00"]'}


def test_a_parameter_is_finite(tmp_path: Path) -> None:
    with pytest.raises(BadValue, match="lr is inf"):
        read_params(write(tmp_path, "p.toml", "lr = inf"))


@pytest.mark.parametrize("contents", ["x = (", "x = 1\0", "x = " + "(" * 1000, "x = " + "-" * 100_000 + "1"])
def test_broken_python(tmp_path: Path, contents: str) -> None:
    with pytest.raises(BrokenFile, match=r"p\.py: (not Python|nested too deeply)"):
        read_params(write(tmp_path, "p.py", contents))


PYTHON = """
open("ran", "w")
PATTERN = "\\d"
lr: float = 0.1
lazy: int
a = b = 1
n = 2 * 3
x.y = 1
w = {0: 1.5, 1: [2, (3,)]}
"""


def test_python_is_read_and_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path, "p.py", PYTHON)
    assert read_params(path) == {"PATTERN": "\\d", "lr": 0.1, "w.0": 1.5, "w.1": "[2, [3]]"}
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("k=1", 1),
        ("k=-0x1", "-0x1"),
        ("k=0x1f", 31),
        ("k=0o17", 15),
        ("k=1e-4", 1e-4),
        ("k=1.10", 1.1),
        ("k='1.10'", "1.10"),
        ('k="a\\tb"', "a\tb"),
        ("k=true", True),
        ("k=no", "no"),
        ("k=null", None),
        ("k=", None),
        ("k=[1, 2]", "[1, 2]"),
        ("k=a: b", "a: b"),
        ("k=2024-01-02", "2024-01-02"),
        ("k=a=b", "a=b"),
    ],
)
def test_parameters_on_the_command_line(text: str, expected: Scalar) -> None:
    key, value = parse_param(text)
    assert (key, value, type(value)) == ("k", expected, type(expected))


@pytest.mark.parametrize("text", ["k", "=1", "k=.nan", "k=-.inf", "k=1e999", "k='open", 'k="\\q"', "k='a' b"])
def test_no_parameters(text: str) -> None:
    with pytest.raises(BadAssignment) as caught:
        parse_param(text)
    assert repr(text) in str(caught.value)
    assert isinstance(caught.value, MregError)
    assert caught.value.hint

"""Metrics, parameters, data, base models and reasons that cannot be recorded; and files that nobody asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.badinput import CARD, Place, first_work_fixture, still_fixture, work_fixture  # noqa: F401

if TYPE_CHECKING:
    from pathlib import Path

REGISTER = ("register", "churn", "churn.pkl")

NO_METRICS: dict[str, tuple[str | bytes, int, str]] = {
    "a.json": ('{"f1": "high"}', 1, "a.json: f1 is the text 'high', not a number"),
    "a.yaml": ("f1: yes, it is\n", 1, "a.yaml: f1 is the text 'yes, it is', not a number"),
    "b.json": ('{"f1": true}', 1, "b.json: f1 is true, not a number"),
    "c.json": ('{"f1": null}', 1, "c.json: f1 is null, not a number"),
    "d.json": ('{"f1": NaN}', 1, "d.json: NaN is not a finite number"),
    "e.json": ('{"f1": 1e999}', 1, "e.json: f1 is not a finite number"),
    "f.yaml": ("f1: .inf\n", 1, "f.yaml:1:5: .inf is not a finite number"),
    "g.yaml": ("f1: 1\nf1: 2\n", 1, "g.yaml:2:1: duplicate key 'f1'"),
    "h.json": ('{"f1": 1, "f1": 2}', 1, "h.json: duplicate key 'f1'"),
    "i.json": ("{", 1, "i.json:1:2: not JSON"),
    "j.json": ("[1]", 1, "j.json: holds a list, not names and their values"),
    "k.json": ("{}", 1, "k.json: holds no metrics"),
    "l.json": ("{" + '"a":{' * 100000, 1, "l.json: nested too deeply"),
    "m.json": (b'{"f1": \xff}', 1, "m.json: the byte 0xff is not UTF-8"),
    "n.json": ('{"": 1}', 1, "n.json: an empty key"),
    "o.toml": ("f1 = ", 1, "o.toml: not TOML"),
    "p.txt": ("f1 1", 2, "p.txt: the extension says no format that is read here"),
    "q.json": ('{"TODO": 1}', 2, "q.json: 'TODO' is the placeholder TODO"),
    "r.json": ('{"a\\u001bb": 1}', 2, r"r.json: 'a\x1bb' holds the control character U+001B"),
    "s.json": ('{"\\ud800": 1}', 2, r"s.json: '\ud800' is not Unicode text"),
    "t.json": ('{"' + "x" * 201 + '": 1}', 2, "has 201 characters, more than 200"),
    "u.yaml": ("a: {0: 1.0}\n", 1, "u.yaml:1:5: the key '0' is a number, not text; write it in quotes"),
}


@pytest.mark.parametrize("name", NO_METRICS)
def test_no_metrics(work: Place, name: str) -> None:
    content, code, says = NO_METRICS[name]
    work.write(name, content)
    work.refused(*REGISTER, "--metrics", name, code=code, says=says)


def test_no_metrics_file(still: Place) -> None:
    for path in ("none.json", "none/none.json", "/dev/zero"):
        says = f"{path}: there is no such file for metrics"
        still.refused(*REGISTER, "--metrics", path, code=2, says=says, hint="check the path")
    still.refused(*REGISTER, "--metrics", "models", code=2, says="models/metrics.json: there is no such file")
    still.refused(*REGISTER, "--params", "none.yaml", code=2, says="none.yaml: there is no such file for parameters")


@pytest.mark.parametrize(
    ("metric", "says"),
    [
        ("f1", "'f1' is not key=value"),
        ("=1", "'=1' is not key=value"),
        ("f1=", "'f1=' does not give a finite number"),
        ("f1=high", "'f1=high' does not give a finite number"),
        ("f1=true", "'f1=true' does not give a finite number"),
        ("f1=nan", "'f1=nan' does not give a finite number"),
        ("f1=inf", "'f1=inf' does not give a finite number"),
        ("f1=1e999", "'f1=1e999' does not give a finite number"),
        ("f1=0x10", "'f1=0x10' does not give a finite number"),
        ("f1=1_000", "'f1=1_000' does not give a finite number"),
        ("f1=0,5", "'f1=0,5' does not give a finite number"),
        ("f1=٣", "'f1=٣' does not give a finite number"),
        ("TODO=1", "command line: 'TODO' is the placeholder TODO"),
        ("a\x1bb=1", r"command line: 'a\x1bb' holds the control character U+001B"),
        ("a\nb=1", r"command line: 'a\nb' is one line, and this has a line break"),
        ("\udcff=1", r"command line: '\udcff' is not Unicode text"),
    ],
)
def test_no_metric(still: Place, metric: str, says: str) -> None:
    still.refused(*REGISTER, "--metric", metric, code=2, says=says)


@pytest.mark.parametrize(
    ("param", "says"),
    [
        ("lr", "'lr' is not key=value"),
        ("=1", "'=1' is not key=value"),
        ("lr=.nan", "'lr=.nan' cannot be read: .nan is not a finite number"),
        ("lr='1", "cannot be read"),
        ("lr=\udcff", "command line: 'lr' is not Unicode text"),
    ],
)
def test_no_parameter(still: Place, param: str, says: str) -> None:
    still.refused(*REGISTER, "--param", param, code=2, says=says)


def test_files_that_a_person_named_must_be_read(work: Place) -> None:
    work.write("params.yaml", "class_weight: {0: 1.0, 1: 5.0}\n")
    says = "params.yaml:1:16: the key '0' is a number, not text; write it in quotes"
    work.refused(*REGISTER, "--params", "params.yaml", code=1, says=says, hint="correct the file at this place")
    work.write("params.yaml", "base: &base {lr: 1}\ntrain:\n  <<: *base\n")
    says = "params.yaml:3:3: merge keys (<<) are not read; write the keys out"
    work.refused(*REGISTER, "--params", "params.yaml", code=1, says=says)


@pytest.mark.parametrize(
    ("metrics", "params", "left_out"),
    [
        ('{"f1": "high", "auc": 1}', "lr: 1\n", "metrics.json: f1 is the text 'high', not a number"),
        ("not JSON", "lr: 1\n", "metrics.json:1:1: not JSON"),
        ('{"TODO": 1, "auc": 0.9}', "lr: 1\n", "metrics.json: 'TODO' is the placeholder TODO"),
        ('{"auc": 0.9}', "class_weight: {0: 1.0}\n", "params.yaml:1:16: the key '0' is a number, not text"),
        ('{"auc": 0.9}', "a: &a {lr: 1}\nb:\n  <<: *a\n", "params.yaml:3:3: merge keys (<<) are not read"),
        (b'{"f1": \xff}', "lr: 1\n", "metrics.json: the byte 0xff is not UTF-8"),
        ('{"auc": 0.9}', "lr: .nan\n", "params.yaml:1:5: .nan is not a finite number"),
    ],
)
def test_files_that_nobody_named_are_passed_over(work: Place, metrics: str | bytes, params: str, left_out: str) -> None:
    """They are in dvc.yaml: a registration is not stopped by what nobody asked it to read, and says so."""
    work.write("dvc.yaml", "metrics: [metrics.json]\nparams: [params.yaml]\n")
    work.write("metrics.json", metrics)
    work.write("params.yaml", params)
    work.commit()
    ran = work.done(*REGISTER)
    assert f"left out: {left_out}" in ran.err
    card = work.read(CARD)
    assert ("value: 0.9" in card) == ('"auc": 0.9' in str(metrics))
    assert ("lr: 1" in card) == (params == "lr: 1\n")
    work.done("verify")


def test_a_pipeline_that_cannot_be_read(work: Place) -> None:
    work.write("dvc.yaml", "metrics: [[\n")
    work.commit()
    ran = work.mreg(*REGISTER)
    assert "left out: dvc.yaml" in ran.err or ran.code == 3  # DVC itself has to read it too
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "ref",
    [
        "hf:org/model",
        "hf:org/model@main",
        "hf:org/model@HEAD",
        "hf:org/model@",
        "hf:@abc",
        "hf:a b@abc",
        "https://example.org/model.bin",
        "https://example.org/model.bin@main",
        "https://example.org",
        "s3://bucket/model.bin",
        "https://example.org/model.bin\x1b@1",
    ],
)
def test_a_base_model_that_is_not_pinned(still: Place, ref: str) -> None:
    shown = ref.replace("\x1b", "\\u001b")
    says, hint = f"the base model {shown} is not pinned to a version", "hf:ID@REVISION"
    still.refused(*REGISTER, "--base-model", ref, code=2, says=says, hint=hint)


def test_base_models_that_are(work: Place) -> None:
    pinned = ("hf:org/model@4f2a1c0", "https://example.org/m.bin#sha256=ab12", "s3://bucket/m.bin?versionId=7", "fraud")
    work.done(*REGISTER, *(word for ref in pinned for word in ("--base-model", ref)))
    card = work.read(CARD)
    for ref in (*pinned[:-1], "fraud@v1.0.0"):
        assert f"ref: {ref}\n" in card


def test_a_base_model_that_is_not_here(still: Place) -> None:
    still.refused(*REGISTER, "--base-model", "frau@v1.0.0", code=1, says="no model frau", hint="did you mean fraud?")
    says = "fraud has no version, stage or alias v1.1.0"
    still.refused(*REGISTER, "--base-model", "fraud@v1.1.0", code=1, says=says, hint="did you mean v1.0.0?")
    still.refused(*REGISTER, "--base-model", "-x", code=2, says="'-x' cannot name a model")
    still.refused(*REGISTER, "--base-model", "", code=2, says="'' cannot name a model")


def test_data(work: Place, tmp_path: Path) -> None:
    work.write("empty.csv", "")
    work.write("a\nb.csv", "1")
    (work.root / "link.csv").symlink_to("/etc/passwd")
    work.refused(*REGISTER, "--data", "none.csv", code=1, says="none.csv does not exist", hint="check the path")
    work.refused(*REGISTER, "--data", "empty.csv", code=1, says="empty.csv is empty", hint="was it saved?")
    work.refused(*REGISTER, "--data", "a\nb.csv", code=1, says="control characters in a name", hint="rename it")
    work.refused(*REGISTER, "--data", "link.csv", code=1, says="link.csv is a symbolic link that leads out of")
    work.refused(*REGISTER, "--data", ".", code=2, says=". is the repository itself")
    work.refused(*REGISTER, "--data", tmp_path, code=2, says="is a folder above the repository")


def test_one_file_of_a_data_folder(work: Place) -> None:
    """What DVC tracks as a folder can still be named file by file."""
    work.write("data/a.csv", "1")
    work.write("data/b.csv", "2")
    work.done("register", "set", "data")
    work.done(*REGISTER, "--data", "data/a.csv", "--data", "data")
    assert "path: data/a.csv" in work.read(CARD)
    assert "revision: sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b" in work.read(CARD)
    assert "revision: md5:" in work.read(CARD)


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("a\x1b[31mb", r"the reason contains the control character '\x1b'"),
        ("a\rb", r"the reason contains the control character '\r'"),
        ("a\udcff", "the reason is not valid UTF-8"),
        ("-----BEGIN PGP SIGNATURE-----\nx", "the reason has a line that begins a signature block"),
        ("fine\n-----BEGIN SSH SIGNATURE-----", "the reason has a line that begins a signature block"),
    ],
    ids=ascii,
)
def test_no_reason(still: Place, reason: str, says: str) -> None:
    hint = "write the reason as plain text"
    for command in (
        REGISTER,
        (*REGISTER, "--dry-run"),
        ("promote", "churn@v1.1.0", "production"),
        ("archive", "churn@v1.1.0"),
        ("alias", "churn@v1.0.0", "champion"),
        ("yank", "churn@v1.1.0"),
    ):
        still.refused(*command, "-m", reason, code=2, says=says, hint=hint)


def test_a_reason_that_looks_like_trailers(work: Place) -> None:
    """It stays prose: nobody can forge an event by a reason."""
    reason = "Better.\n\nEvent: yank\nModel: fraud\nVersion: 1.0.0\nSequence: 999999999999"
    work.done("promote", "churn@v1.1.0", "production", "-m", reason)
    work.done("register", "churn", "churn.pkl", "-m", reason)
    work.done("verify")
    entries = json.loads(work.done("history", "churn", "--json").out)["data"]
    assert [entry["event"] for entry in entries] == ["register", "promote", "promote", "register", "register"]
    assert entries[0]["reason"] == entries[1]["reason"] == reason
    assert work.git("tag", "--list", "fraud@*") == "fraud@v1.0.0"


def test_a_very_long_reason(work: Place) -> None:
    reason = "It is better. " * 8000  # as long as Linux lets an argument be
    work.done("promote", "churn@v1.1.0", "production", "-m", reason)
    work.done("register", "churn", "churn.pkl", "-m", reason)
    work.done("verify")
    assert reason.strip() in work.git("tag", "--list", "--format=%(contents)", "churn@v1.1.0-production")

"""Questions and repositories at which `search`, `compare`, `score` and `who` might break: they answer, or refuse."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.cli.projects import Project
    from tests.pipelines import Pipelines

EVERY = (
    ("search", "metrics.f1 > 0"),
    ("compare", "churn"),
    ("compare", "churn", "--last", "9"),
    ("score", "churn", "--weights", "f1=1"),
    ("who", "churn"),
    ("show", "churn"),
    ("ls", "churn"),
)


def tag(project: Project, version: str, **card: Any) -> None:
    """Tag a version of `odd` with this card, as somebody does by hand."""
    project.write("models/odd/card.yaml", json.dumps({"name": "odd", **card}))
    project.commit(f"odd {version}")
    project.git("tag", f"odd@v{version}")


@pytest.fixture
def odd(registry: Project) -> Project:
    """Two versions of a model whose metrics are as far apart as can be, and whose names hold line breaks."""
    for version, value in (("1.0.0", -1e308), ("2.0.0", 1e308)):
        metrics = {"f1": value, "luck\nnote: all signatures are good": value / 1e308}
        evaluations = [{"metric": name, "value": number} for name, number in metrics.items()]
        tag(registry, version, evaluations=evaluations, **{"a\nnote: forged": version})
    return registry


@pytest.mark.parametrize("form", [("--format", "json"), ("--format=json",), ("--json",)])
@pytest.mark.parametrize(
    ("arguments", "code", "kind"),
    [
        (("cancer@v9.9.9", "cancer"), 1, "UnknownRef"),
        (("cancer@v1.0.0",), 2, "NothingToCompareWith"),
        ((), 2, "UsageError"),
        (("cancer", "--last", "0"), 2, "UsageError"),
    ],
)
def test_errors_are_json_where_json_is_asked_for(
    registry: Project, arguments: tuple[str, ...], code: int, kind: str, form: tuple[str, ...]
) -> None:
    ran = registry.mreg("compare", *arguments, *form, code=code)
    document = json.loads(ran.err)
    assert (ran.out, document["kind"], document["data"]["type"]) == ("", "error", kind)


def test_errors_are_text_beside_other_formats(registry: Project) -> None:
    assert registry.mreg("compare", "cancer@v1.0.0", "--format", "md", code=2).err.startswith("mreg: ")


def test_a_stage_without_a_body(pipelines: Pipelines) -> None:
    """A `dvc.yaml` that somebody broke is told of, and spoils no other version."""
    project = pipelines.project
    project.write("dvc.yaml", "stages:\n  train:\n")
    project.commit("Break the pipeline")
    project.git("tag", "churn@v3.0.0")
    for command in EVERY:
        project.mreg(*command)
    assert "churn@v3.0.0" in project.mreg("compare", "churn@v2.0.0", "churn@v3.0.0").err


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-16"])
def test_a_terminal_of_another_encoding(odd: Project, encoding: str) -> None:
    """What git logs for people is not what it tells mreg."""
    odd.git("config", "user.name", "Émilie")
    odd.git("commit", "--quiet", "--allow-empty", "--message", "Größer")
    odd.git("tag", "odd@v3.0.0")
    odd.git("config", "i18n.logOutputEncoding", encoding)
    [code] = odd.data("compare", "odd@v2.0.0", "odd@v3.0.0")["code"]
    assert [(found["author"], found["subject"]) for found in code["commits"]] == [("Émilie", "Größer")]
    [wrote] = [act for act in odd.data("who", "odd@v3.0.0")["acts"] if act["role"] == "committed"]
    assert (wrote["person"]["name"], wrote["what"]) == ("Émilie", "Größer")


@pytest.mark.parametrize(
    ("person", "time"),
    [("A <a<b>c> 1700000000 +0000", "2023-11-14T22:13:20Z"), ("A <a@b>", None), ("A <a@b> x y", None), ("A", None)],
)
def test_commits_without_a_time(odd: Project, person: str, time: str | None) -> None:
    """Git's own commands refuse to write such commits; what imports a history from elsewhere does not."""
    tree, parent = odd.git("rev-parse", "HEAD^{tree}", "HEAD").split()
    commit = f"tree {tree}\nparent {parent}\nauthor {person}\ncommitter {person}\n\nOdd\n"
    made = odd.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=commit)
    odd.git("tag", "odd@v3.0.0", made)
    [code] = odd.data("compare", "odd@v2.0.0", "odd@v3.0.0")["code"]
    shown = [(found["id"], found["time"]) for found in code["commits"]]
    assert shown == [(made, time or "1970-01-01T00:00:00Z")]
    assert odd.mreg("who", "odd@v3.0.0").out.startswith("odd@v3.0.0")


def test_a_difference_beyond_all_floats_is_judged(odd: Project) -> None:
    ran = odd.mreg("compare", "odd@v1.0.0", "odd@v2.0.0")
    assert ran.out.startswith("v2.0.0 is better than v1.0.0 on 1 of 2 metrics (f1)")
    row = next(line for line in ran.out.splitlines() if line.startswith("f1 "))
    assert row.split() == ["f1", "-1e+308", "1e+308", "-", "better"]


def test_names_with_line_breaks_forge_no_sentence(odd: Project) -> None:
    commands = (
        ("compare", "odd@v1.0.0", "odd@v2.0.0"),
        ("compare", "odd", "--last", "2"),
        ("score", "odd", "--weights", "nope=1"),
        ("search", "exists metrics.nope"),
        ("search", 'exists metrics."luck\nnote: all signatures are good!"'),
    )
    for command in commands:
        ran = odd.mreg(*command)
        lines = [*ran.out.splitlines(), *ran.err.splitlines()]
        assert not [line for line in lines if line.startswith(("note: all signatures", "note: forged"))]
    assert "luck note: all signatures are good" in odd.mreg(*commands[0]).err


@pytest.mark.parametrize(
    ("sections", "sentence"),
    [
        ("annotations", "2 annotations changed"),
        ("card,annotations", "2 annotations changed"),
        ("score", "no score: no metric has a weight"),
        ("card", "no difference in what was asked for"),
        ("params,annotations", "1 parameter changed; 2 annotations changed"),
    ],
)
def test_only_some_sections_are_told(registry: Project, sections: str, sentence: str) -> None:
    verdicts = registry.data("compare", "cancer@v1.0.0", "cancer@v1.1.0", "--only", sections)["verdicts"]
    assert verdicts == [f"v1.1.0 against v1.0.0: {sentence}"]


def test_only_the_card_is_told(odd: Project) -> None:
    verdicts = odd.data("compare", "odd@v1.0.0", "odd@v2.0.0", "--only", "card")["verdicts"]
    assert verdicts == ["v2.0.0 against v1.0.0: 1 text of the card changed"]


@pytest.mark.parametrize("query", ['commit == ""', "commit == HEAD", 'sha256:""', "commit in (main)"])
def test_what_is_no_hash_is_refused(registry: Project, query: str) -> None:
    """Every hash begins with nothing at all."""
    error = registry.mreg("search", query, "--json", code=2).json["data"]
    assert "is a hash, and" in error["message"]
    assert error["hint"].startswith("write its first digits, as in ")


@pytest.mark.parametrize(("family", "example"), [("card", "card.training"), ("params", "params.depth")])
def test_a_family_without_a_name(registry: Project, family: str, example: str) -> None:
    error = registry.mreg("search", f"{family} == 1", "--json", code=2).json["data"]
    assert error["hint"] == f"a name follows, as in {example}"


def test_a_cache_that_somebody_holds(registry: Project) -> None:
    """It is done without: nobody waits for what only saves time."""
    expected = registry.mreg("search").out
    path = registry.root / ".git/mreg/cache/census.db"
    with closing(sqlite3.connect(path)) as held:
        held.execute("BEGIN EXCLUSIVE")
        assert registry.mreg("search").out == expected

"""A `.mreg.yaml` that is broken in each of its keys, and stages that are unknown, forbidden, or gone."""

from __future__ import annotations

import json

import pytest

from tests.cli.badinput import Place, first_work_fixture, still_fixture, work_fixture  # noqa: F401

PROMOTE = ("promote", "churn@v1.1.0", "staging")
LISTED = "docs/format.md#configuration"

BROKEN: dict[str, tuple[str | bytes, str, str]] = {
    "not YAML": ("stages: {\n", "2:1: did not find expected node content", "correct the file at this place"),
    "no mapping": ("- a\n", "1:1: a mapping (key: value) is expected here, not a list", "correct the file"),
    "invalid UTF-8": (b"\xff", "1:1: the byte 0xff is not UTF-8", "correct the file"),
    "tab": ("stages:\n\tqa: {}\n", "2:1: a tab indents this line; use spaces", "correct the file"),
    "2 MB": (f"#{'x' * (2 << 20)}\nschema: mreg/v1\n", "1:1: the file has 2,097,170 bytes", "correct the file"),
    "duplicate key": ("schema: mreg/v1\nschema: mreg/v1\n", "2:1: duplicate key 'schema'", "correct the file"),
    "unknown key": ("\nstage: {}\n", "2:1: there is no key 'stage' here", "did you mean stages?"),
    "schema": ("schema: mreg/v2\n", "1:9: the schema 'mreg/v2' is not mreg/v1", "update mreg"),
    "models_dir above": (
        "models_dir: ../x\n",
        "1:13: models_dir is a folder inside the repository, not '../x'",
        "root",
    ),
    "models_dir by dots": ("models_dir: a/../../x\n", "models_dir is a folder inside the repository", "as in models"),
    "models_dir absolute": ("models_dir: /tmp\n", "models_dir is a folder inside the repository, not '/tmp'", "root"),
    "models_dir empty": ("models_dir: ''\n", "models_dir is a folder inside the repository, not ''", "as in models"),
    "models_dir root": ("models_dir: .\n", "models_dir is a folder inside the repository, not '.'", "as in models"),
    "models_dir number": ("models_dir: 3\n", "models_dir is a folder inside the repository, not 3", "as in models"),
    "models_dir of git": ("models_dir: .git/x\n", "models_dir is a folder inside the repository", "as in models"),
    "stages": ("stages: [qa]\n", "1:9: stages is a mapping of keys to values", LISTED),
    "stage": ("stages:\n  qa: true\n", "2:7: qa is a mapping of keys to values", LISTED),
    "stage's name": ("stages:\n  Prod: {}\n", "2:3: 'Prod' cannot name a stage", "use lower-case letters"),
    "reserved name": ("stages:\n  latest: {}\n", "2:3: 'latest' cannot name a stage", "choose another word"),
    "stage's key": ("stages:\n  qa: {form: [staging]}\n", "2:8: there is no key 'form' here", "did you mean from?"),
    "exclusive": ("stages:\n  qa: {exclusive: maybe}\n", "2:19: exclusive is true or false", LISTED),
    "exclusive archive": ("stages:\n  archived: {exclusive: true}\n", "2:25: archived is where versions are", LISTED),
    "from": ("stages:\n  qa: {from: staging}\n", "2:14: from is a list of stages, as in [staging]", LISTED),
    "from nowhere": ("stages:\n  qa: {from: []}\n", "2:14: from is a list of stages", LISTED),
    "from a typo": ("stages:\n  qa: {from: [stagin]}\n", "2:15: there is no stage 'stagin'", "did you mean staging?"),
    "from a number": ("stages:\n  qa: {from: [1]}\n", "2:15: there is no stage 1", ""),
    "from a mapping": ("stages:\n  qa: {from: [{staging: 1}]}\n", "2:15: there is no stage {'staging': 1}", ""),
    "metrics": ("metrics: [f1]\n", "1:10: metrics is a mapping of keys to values", LISTED),
    "metric's key": ("metrics:\n  f1: {wieght: 1}\n", "2:8: there is no key 'wieght' here", "did you mean weight?"),
    "direction": ("metrics:\n  f1: {direction: up}\n", "2:19: direction is min or max", LISTED),
    "weight": ("metrics:\n  f1: {weight: high}\n", "2:16: weight is a number", LISTED),
    "weight true": ("metrics:\n  f1: {weight: true}\n", "2:16: weight is a number", LISTED),
    "weight NaN": ("metrics:\n  f1: {weight: .nan}\n", "2:16: .nan is not a finite number", "correct the file"),
}


@pytest.mark.parametrize("key", BROKEN)
def test_broken(work: Place, key: str) -> None:
    text, says, hint = BROKEN[key]
    work.write(".mreg.yaml", text)
    work.refused(*PROMOTE, code=1, says=f".mreg.yaml:{says}" if says[0].isdigit() else says, hint=hint)


def test_broken_for_every_command(work: Place) -> None:
    work.write(".mreg.yaml", "stage: {}\n")
    for command in (("ls",), ("show", "churn@production"), ("register", "churn", "churn.pkl"), ("rollback", "churn")):
        work.refused(*command, code=1, says=".mreg.yaml:1:1: there is no key 'stage' here", hint="did you mean stages?")


def test_a_folder_of_that_name(work: Place) -> None:
    (work.root / ".mreg.yaml").mkdir()
    work.refused(*PROMOTE, code=3, says=".mreg.yaml: Is a directory", hint="name a file, not a folder")


def test_a_folder_of_models_that_leads_away(work: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    away = tmp_path_factory.mktemp("away")
    (work.root / "elsewhere").symlink_to(away)
    work.write(".mreg.yaml", "models_dir: elsewhere/models\n")
    says = "elsewhere is a symbolic link, behind which git does not look"
    work.refused("register", "churn", "churn.pkl", code=1, says=says)
    work.refused("card", "new", "new", code=1, says=says)
    assert list(away.iterdir()) == []


def test_an_unknown_stage(still: Place) -> None:
    says = "there is no stage {}; the stages here are none, staging, production, archived"
    for command in (
        ("promote", "churn@v1.1.0", "prodction"),
        ("rollback", "churn", "--stage", "prodction"),
        ("register", "churn", "churn.pkl", "--stage", "prodction"),
        ("ls", "--stage", "prodction"),
        ("history", "--stage", "prodction"),
    ):
        still.refused(*command, code=1, says=says.format("prodction"), hint="did you mean production?")
    still.refused("promote", "churn", "prod", code=1, says=says.format("prod"), hint="did you mean production?")
    still.refused("promote", "churn", "qa", code=1, says=says.format("qa"), hint="adds its own stages in .mreg.yaml")
    still.refused("promote", "churn", "", code=1, says="there is no stage ;")
    still.refused("promote", "churn", "a\x1b", code=1, says="there is no stage a\\u001b;")


def test_a_forbidden_transition(work: Place) -> None:
    work.write(".mreg.yaml", "stages:\n  production: {exclusive: true, from: [staging]}\n")
    says = "churn v1.1.0 is in none; only a version in staging may enter production"
    hint = ("mreg promote churn@v1.1.0 staging first", "--force overrides the rule and is recorded")
    work.refused("promote", "churn@v1.1.0", "production", code=1, says=says, hint=hint)
    work.done("promote", "churn@v1.1.0", "staging")
    work.done("promote", "churn@v1.1.0", "production")
    work.done("rollback", "churn")  # an emergency asks for no rule
    work.done("verify")


def test_a_transition_by_force(work: Place) -> None:
    work.write(".mreg.yaml", "stages:\n  production: {exclusive: true, from: [staging]}\n")
    work.done("promote", "churn@v1.1.0", "production", "--force", "-m", "the site is down")
    (event, *_) = json.loads(work.done("history", "churn", "--json").out)["data"]
    assert (event["forced"], event["reason"]) == (True, "the site is down")
    assert "\nForced: true\n" in work.git("cat-file", "tag", "churn@v1.1.0-production")
    work.done("verify")


def test_a_stage_that_no_new_version_may_enter(work: Place) -> None:
    """Nothing is registered first and then left where nobody wanted it."""
    work.write(".mreg.yaml", "stages:\n  production: {from: [staging]}\n")
    says = "only a version in staging may enter production"
    hint = "register it without --stage production, and promote it to staging first"
    for options in ((), ("--dry-run",), ("--version", "3.0.0")):
        work.refused("register", "churn", "churn.pkl", "--stage", "production", *options, code=1, says=says, hint=hint)
    work.done("register", "churn", "churn.pkl", "--stage", "staging")


def test_a_stage_that_the_configuration_forgot(work: Place) -> None:
    """Reading does not depend on today's configuration; writing does."""
    work.write(".mreg.yaml", "stages:\n  qa: {}\n")
    work.done("promote", "churn@v1.1.0", "qa")
    (work.root / ".mreg.yaml").unlink()
    assert json.loads(work.done("resolve", "churn@qa", "--json").out)["data"]["version"] == "1.1.0"
    assert "qa" in work.done("ls").out.lower()
    work.refused("promote", "churn@v1.0.0", "qa", code=1, says="there is no stage qa")
    work.done("verify")


def test_nothing_to_sort_by(still: Place) -> None:
    still.refused("ls", "--sort", "scroe", code=2, says="there is no scroe to sort by", hint="did you mean score?")
    still.refused("ls", "churn", "--sort", "auc", code=2, says="there is no auc to sort by", hint="f1")
    still.refused("ls", "--limit", "0", code=2, says="0 is not in the range", hint="mreg ls --help")

"""Cards that are no cards, cards of other models, and places where no card can be."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.cli.badinput import CARD, Place, first_work_fixture, still_fixture, work_fixture  # noqa: F401
from tests.gitrepos import write

if TYPE_CHECKING:
    from pathlib import Path

GOOD = "schema: mreg/v1\nname: churn\nversion: 1.1.0\nartifact:\n  path: churn.pkl\n"
LAUGHS = "".join(
    f"x-{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)

FAULTS: dict[str, tuple[str | bytes, str]] = {
    "duplicate key": (f"{GOOD}name: churn\n", "6:1: duplicate key 'name'"),
    "nested duplicate key": (f"{GOOD}  path: b.pkl\n", "6:3: duplicate key 'path'"),
    "unknown key": (f"{GOOD}licence: MIT\n", "6:1: licence: unknown key; did you mean license?"),
    "NaN": (f"{GOOD}evaluations: [{{metric: f1, value: .nan}}]\n", "6:35: .nan is not a finite number"),
    "infinity": (f"{GOOD}evaluations: [{{metric: f1, value: -.inf}}]\n", "6:35: -.inf is not a finite number"),
    "no number": (f"{GOOD}evaluations: [{{metric: f1, value: high}}]\n", "value: a number is expected, not text"),
    "tab": (GOOD.replace("  path", "\tpath"), "5:1: a tab indents this line; use spaces"),
    "tab in brackets": (f"{GOOD}tags: [\n\ta]\n", "7:1: a tab indents this line; use spaces"),
    "billion laughs": (f"{GOOD}x-a: &a [lol, lol, lol]\n{LAUGHS}", "aliases repeat more than 1000 values"),
    "alias of itself": (f"{GOOD}x-a: &a [*a]\n", "the alias *a holds itself"),
    "depth": (f"{GOOD}x-a: {'[' * 5000}{']' * 5000}\n", "nested deeper than 32 levels"),
    "50 MB": (f"{GOOD}# {'x' * (50 << 20)}\n", "the file has 52,428"),
    "invalid UTF-8": (f"{GOOD}description: ".encode() + b"\xff\n", "6:14: the byte 0xff is not UTF-8"),
    "NUL": (f"{GOOD}description: a\0b\n", "the character U+0000 cannot stand in YAML"),
    "escape": (f"{GOOD}description: a\x1b[31mb\n", "the character U+001B cannot stand in YAML"),
    "escaped escape": (f'{GOOD}description: "a\\e[31mb"\n', "description: holds the control character U+001B"),
    "Python": (f"{GOOD}x-a: !!python/object/apply:os.system [ls]\n", "is not allowed: values are plain YAML"),
    "placeholder": (f"{GOOD}description: TODO\n", "6:14: description: is the placeholder TODO"),
    "number for text": (GOOD.replace("1.1.0", "1.1"), "3:10: version: text is expected, not a number"),
    "no version": (GOOD.replace("1.1.0", "new"), "3:10: version: 'new' is not a version"),
    "path that leaves": (GOOD.replace("churn.pkl", "../x"), "artifact.path: '../x' is no path inside the repository"),
    "absolute path": (GOOD.replace("churn.pkl", "/etc/passwd"), "'/etc/passwd' is no path inside the repository"),
    "missing key": (GOOD.replace("name: churn\n", ""), "name: is missing"),
    "other schema": (GOOD.replace("v1", "v9"), "1:9: schema: 'mreg/v9' is not 'mreg/v1'"),
    "empty": ("", "1:1: the file holds no mapping: it is empty"),
    "comments": ("# nothing\n", "the file holds no mapping: it is empty"),
    "list": ("- a\n", "1:1: a mapping (key: value) is expected here, not a list"),
    "text": ("model", "1:1: a mapping (key: value) is expected here, not text"),
    "two documents": (f"{GOOD}---\n{GOOD}", "6:1: a second document starts here; a file holds one"),
    "not closed": (f"{GOOD}tags: [a\n", "7:1: did not find expected ',' or ']'"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_no_card(work: Place, fault: str) -> None:
    text, says = FAULTS[fault]
    work.write(CARD, text)
    began = time.monotonic()
    ran = work.refused("register", "churn", "churn.pkl", "--metric", "f1=1", code=1, says=(CARD, says), hint="")
    assert time.monotonic() - began < 5
    assert "docs/card.md" in ran.err
    checked = work.mreg("card", "check", "churn")
    assert checked.code == 1
    assert says in checked.out + checked.err


def test_a_card_of_another_model(work: Place) -> None:
    says = "models/fraud/card.yaml is the card of fraud, not of churn"
    hint = "set `name: churn` in it"
    work.refused("register", "churn", "churn.pkl", "--card", "models/fraud/card.yaml", code=1, says=says, hint=hint)
    work.write(CARD, work.read("models/fraud/card.yaml"))
    says = f"{CARD} is the card of fraud, not of churn"
    work.refused("register", "churn", "churn.pkl", code=1, says=says, hint=hint)
    checked = work.mreg("card", "check", "churn")
    assert checked.code == 1
    assert f"{CARD}:2:7: name: this is churn's card, not fraud's" in checked.out
    work.write(CARD, GOOD.replace("churn", "chrun"))
    work.refused("register", "churn", "churn.pkl", code=1, says="is the card of chrun", hint="mreg register chrun PATH")


def test_no_card_where_it_should_be(still: Place) -> None:
    hint = "leave --card out"
    for path in ("none.yaml", "models", "none/none.yaml"):
        command = ("register", "churn", "churn.pkl", "--card", path)
        still.refused(*command, code=2, says=f"there is no card {path}", hint=hint)
    still.refused("register", "churn", "churn.pkl", "--card", "churn.pkl", code=1, says="churn.pkl:1:1: a mapping")
    says = "there is no card models/none/card.yaml"
    still.refused("card", "check", "none", code=1, says=says, hint="mreg card new MODEL")


def test_a_card_that_is_there_already(still: Place) -> None:
    says = f"{CARD} exists already"
    still.refused("card", "new", "churn", code=1, says=says, hint=f"mreg card check {CARD}")


@pytest.mark.parametrize("option", ["--format", "--framework"])
@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("a\x1bb", "holds the control character U+001B"),
        ("TODO", "is the placeholder TODO"),
        ("a\nb", "is one line, and this has a line break"),
        ("x" * 201, "has 201 characters, more than 200"),
    ],
)
def test_what_a_card_cannot_hold(still: Place, option: str, value: str, says: str) -> None:
    """The card on disk is fine: the option is not, and no line of the card is blamed."""
    where = f"artifact.{option.removeprefix('--')}: {says}"
    ran = still.refused(
        "register", "churn", "churn.pkl", option, value, code=2, says=("the card cannot hold what was given", where)
    )
    assert f"{CARD}:" not in ran.err


def test_no_text_at_all(still: Place) -> None:
    command = ("register", "churn", "churn.pkl", "--framework", "a\udcff")
    still.refused(*command, code=2, says=("the card cannot hold what was given", "is not Unicode text"))


def test_a_place_that_is_taken(work: Place, tmp_path: Path) -> None:
    work.write("models/flat", "a file")
    work.write("models/deep/model.pkl", "1")
    (work.root / "models" / "odd" / "card.yaml").mkdir(parents=True)
    (work.root / "models" / "away").symlink_to(tmp_path)
    (work.root / "models" / "linked").mkdir()
    (work.root / "models" / "linked" / "card.yaml").symlink_to("../churn/card.yaml")
    hint = "move that away, or give the model another name"
    for model, says in {
        "flat": "models/flat/card.yaml: models/flat is a file",
        "flat/v2": "models/flat/v2/card.yaml: models/flat is a file",
        "deep/model.pkl": "models/deep/model.pkl is a file",
        "churn/card.yaml": "models/churn/card.yaml is a file",
        "odd": "models/odd/card.yaml: a folder has its name",
        "away": "models/away is a symbolic link, behind which git does not look",
        "linked": "models/linked/card.yaml: a symbolic link has its name",
    }.items():
        for command in (("register", model, "churn.pkl"), ("card", "new", model)):
            work.refused(*command, code=1, says=("the card cannot be at ", says), hint=hint)
    assert list(tmp_path.glob("*.yaml")) == []


def test_inside_an_artifact(work: Place) -> None:
    work.write("models/bert/weights/w", "1")
    work.done("register", "bert", "models/bert/weights")
    says = "models/bert/weights is an artifact, which DVC tracks as a whole"
    work.refused("register", "bert/weights", "churn.pkl", code=1, says=says)


def test_an_artifact_that_would_hold_its_card(work: Place) -> None:
    work.write("models/bert/w", "1")
    hint = "put the artifact into a folder of its own, such as models/bert/model"
    work.refused("register", "bert", "models/bert", code=2, says="models/bert and the model's card", hint=hint)


def test_a_card_from_outside_over_the_card(work: Place, tmp_path: Path) -> None:
    outside = write(tmp_path / "card.yaml", "no model")
    work.refused("register", "churn", outside, code=2, says="card.yaml is a card, not a model")


def test_what_people_wrote_survives_a_refusal(work: Place) -> None:
    work.write(CARD, work.read(CARD) + "\n# mine\ndescription: who leaves next month\nlicence: MIT\n")
    work.refused("register", "churn", "churn.pkl", code=1, says="licence: unknown key")
    work.write(CARD, work.read(CARD).replace("licence", "license"))
    work.done("register", "churn", "churn.pkl", "--metric", "f1=1")
    assert "\n# mine\ndescription: who leaves next month\nlicense: MIT\n" in work.read(CARD)

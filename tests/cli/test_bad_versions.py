"""Versions that cannot be registered, that go backwards, and that were yanked."""

from __future__ import annotations

import json

import pytest

from tests.cli.badinput import Place, first_work_fixture, still_fixture, work_fixture  # noqa: F401

NO_SEMVER = "it does not follow SemVer 2.0.0"


@pytest.mark.parametrize(
    ("version", "says", "hint"),
    [
        ("1.2", NO_SEMVER, "write MAJOR.MINOR.PATCH"),
        ("1", NO_SEMVER, "write MAJOR.MINOR.PATCH"),
        ("01.2.0", NO_SEMVER, "write MAJOR.MINOR.PATCH"),
        ("V1.2.0", NO_SEMVER, "write MAJOR.MINOR.PATCH"),
        ("vv1.2.0", NO_SEMVER, "write MAJOR.MINOR.PATCH"),
        ("-1.0.0", NO_SEMVER, "write MAJOR.MINOR.PATCH"),
        (" 1.2.0", NO_SEMVER, "write MAJOR.MINOR.PATCH"),
        ("1.2.0\n", NO_SEMVER, "write MAJOR.MINOR.PATCH"),
        ("1.2.0\x1b", NO_SEMVER, "write MAJOR.MINOR.PATCH"),
        ("1.2.0-rc.01", NO_SEMVER, "write MAJOR.MINOR.PATCH"),
        ("1.2.0-a_b", NO_SEMVER, "write MAJOR.MINOR.PATCH"),
        ("latest", NO_SEMVER, "write MAJOR.MINOR.PATCH"),
        ("", NO_SEMVER, "write MAJOR.MINOR.PATCH"),
        ("1.2.0+build.5", "build metadata (+…) cannot be part of a tag", "write MAJOR.MINOR.PATCH"),
        ("1.2.0-rc.1+5", "build metadata (+…) cannot be part of a tag", "write MAJOR.MINOR.PATCH"),
        ("1.2.0-a-b", "a pre-release has no hyphen", "2.0.0-rc.1"),
        ("1.2.0-" + "a" * 70, "it has 76 characters, more than 64", "write MAJOR.MINOR.PATCH"),
        ("1.2.0-production", "its pre-release starts with the name 'production'", "by mreg promote"),
        ("1.2.0-staging.1", "its pre-release starts with the name 'staging'", "by mreg promote"),
        ("1.2.0-none", "its pre-release starts with the name 'none'", "such as rc.1"),
        ("1.2.0-archived.2", "its pre-release starts with the name 'archived'", "such as rc.1"),
        ("1.2.0-yanked", "its pre-release starts with the name 'yanked'", "such as rc.1"),
    ],
)
def test_no_version(still: Place, version: str, says: str, hint: str) -> None:
    command = ("register", "churn", "churn.pkl", "--version", version)
    still.refused(*command, code=2, says=(f"{version!r} is not a version", says), hint=hint)


def test_a_stage_of_the_project_and_an_alias(work: Place) -> None:
    work.write(".mreg.yaml", "stages:\n  qa: {}\n")
    work.done("alias", "churn@v1.0.0", "champion")
    for name in ("qa", "champion"):
        says = f"its pre-release starts with the name '{name}'"
        work.refused("register", "churn", "churn.pkl", "--version", f"1.2.0-{name}.1", code=2, says=says)


def test_a_version_and_a_bump(still: Place) -> None:
    register = ("register", "churn", "churn.pkl")
    says, hint = "--version and --bump contradict each other", "leave one of the two out"
    still.refused(*register, "--version", "1.2.0", "--bump", "minor", code=2, says=says, hint=hint)
    says, hint = "'huge' is not one of 'major', 'minor', 'patch'", "mreg register --help"
    still.refused(*register, "--bump", "huge", code=2, says=says, hint=hint)


@pytest.mark.parametrize("version", ["1.0.0", "v1.1.0"])
def test_a_version_that_exists(still: Place, version: str) -> None:
    """The pointer is as it was too, though the artifact is another one."""
    says = f"churn v{version.removeprefix('v')} is registered already, with another artifact or card"
    hint = "leave --version out for the next one"
    still.refused("register", "churn", "churn.pkl", "--version", version, code=1, says=says, hint=hint)
    still.refused("register", "churn", "churn.pkl", "--version", version, "--dry-run", code=1, says=says, hint=hint)
    still.refused("register", "churn", "churn.pkl", "--version", version, "--draft", code=1, says=says, hint=hint)


def test_the_same_once_more_is_no_error(work: Place) -> None:
    work.done("register", "churn", "churn.pkl", "--version", "2.0.0")
    before = work.state()
    ran = work.done("register", "churn", "churn.pkl", "--version", "2.0.0")
    assert "has this artifact and this card already: nothing to do" in ran.out
    assert work.state() == before


def test_backwards_is_allowed_and_said(work: Place) -> None:
    ran = work.done("register", "churn", "churn.pkl", "--version", "0.9.0")
    assert "v0.9.0 is lower than v1.1.0, which stays churn@latest" in ran.err
    assert json.loads(work.done("resolve", "churn", "--json").out)["data"]["version"] == "1.1.0"
    work.done("verify")


def test_a_yanked_version(work: Place) -> None:
    work.done("yank", "churn@v1.1.0", "-m", "trained on the test set")
    says = "churn v1.1.0 is yanked: trained on the test set"
    hint = "register the corrected artifact as a new version"
    for command in (
        ("promote", "churn@v1.1.0", "production"),
        ("promote", "churn@v1.1.0", "production", "--force"),
        ("archive", "churn@v1.1.0"),
        ("alias", "churn@v1.1.0", "champion"),
        ("rollback", "churn", "--to", "1.1.0"),
        ("register", "churn", "churn.pkl", "--version", "1.1.0"),
    ):
        work.refused(*command, code=1, says=says, hint=hint)
    assert json.loads(work.done("resolve", "churn", "--json").out)["data"]["version"] == "1.0.0"
    before = work.state()
    work.done("yank", "churn@v1.1.0", "-m", "once more")
    assert work.state() == before


def test_no_yank(still: Place) -> None:
    for reason in ((), ("-m", ""), ("-m", " \n ")):
        still.refused("yank", "churn@v1.1.0", *reason, code=2, says="a yank needs a reason", hint="-m '")
    says = "churn v1.0.0 is in production: yanking it would leave production empty"
    still.refused("yank", "churn@v1.0.0", "-m", "bad", code=1, says=says, hint="mreg rollback churn")


def test_no_rollback(work: Place) -> None:
    says = "no version of churn held production before v1.0.0"
    work.refused("rollback", "churn", code=1, says=says, hint="mreg history churn --stage production")
    says = "churn v1.1.0 never was in production: there is nothing to roll back to"
    work.refused("rollback", "churn", "--to", "1.1.0", code=1, says=says, hint="mreg promote churn@v1.1.0 production")
    says = "no version of fraud ever was in production"
    work.refused("rollback", "fraud", code=1, says=says, hint="mreg promote fraud@VERSION production")
    work.refused("rollback", "churn", "--to", "9.0.0", code=1, says="churn has no version, stage or alias 9.0.0")
    work.refused("rollback", "churn", "--to", "best", code=2, says="'best' is not a version")
    work.refused("rollback", "churn", "--to", "", code=2, says="'' is not a version")
    work.done("promote", "churn@v1.0.0", "staging")
    says = "no version of churn is in production, and none that can be used was there before v1.0.0"
    work.refused("rollback", "churn", code=1, says=says)


@pytest.mark.parametrize(
    "date",
    [
        "",
        "soon",
        "2026-13-45",
        "2026-02-30",
        "2026-13",
        "0000-01",
        "cancer@v1.1.0",
        "2026-01-01T25:00",
        "99999-01-01",
        "--x",
        "a\x1bb",
    ],
)
def test_no_date(still: Place, date: str) -> None:
    for option in (("ls", f"--at={date}"), ("history", f"--since={date}"), ("show", "churn", f"--at={date}")):
        still.refused(*option, code=2, says=f"{date!r} is not a date", hint="write a day (2026-03-03)")

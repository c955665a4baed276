"""Names of models, stages and aliases."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mreg.core.names import (
    CaseConflict,
    InvalidName,
    check_case,
    check_label,
    check_model_name,
    did_you_mean,
    nearest,
)
from mreg.core.tags import TagName, format_tag
from mreg.core.versions import parse_version
from tests.core.strategies import labels, model_names


@pytest.mark.parametrize(
    "name",
    [
        "churn",
        "Churn",
        "7",
        "nlp/sentiment",
        "a/b/c/d",
        "churn-v2",
        "churn.v2",
        "churn_v2",
        "churn-",
        "lock",
        "x.lockx",
        "HEAD",
        "m" * 128,
    ],
)
def test_accepts_a_model_name(name: str) -> None:
    assert check_model_name(name) == name


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "empty"),
        ("m" * 129, "129 characters"),
        ("churn@prod", "'@' separates"),
        ("churn@{1}", "'@' separates"),
        ("@", "'@' separates"),
        ("a..b", "'..'"),
        ("../churn", "'..'"),
        ("a/../b", "'..'"),
        ("./churn", "not with '.'"),
        ("/churn", "empty"),
        ("churn/", "empty"),
        ("a//b", "empty"),
        ("-churn", "not with '-'"),
        ("--force", "not with '-'"),
        ("a/-b", "not with '-'"),
        (".churn", "not with '.'"),
        ("_churn", "not with '_'"),
        ("churn.", "'.' or '.lock'"),
        ("churn.lock", "'.' or '.lock'"),
        ("a.lock/b", "'.' or '.lock'"),
        ("my churn", "' '"),
        (" churn", "not with ' '"),
        ("churn ", "' '"),
        ("churn\n", r"'\n'"),
        ("churn\x00", r"'\x00'"),
        ("churn\x1b[31m", r"'\x1b'"),
        ("churn\x7f", r"'\x7f'"),
        ("naïve", "'ï'"),
        ("модель", "not with 'м'"),
        ("\u0661", "not with '\u0661'"),
        ("churn#1", "'#'"),
        ("churn~1", "'~'"),
        ("churn^", "'^'"),
        ("churn:x", "':'"),
        ("churn?", "'?'"),
        ("churn*", "'*'"),
        ("churn[0]", "'['"),
        ("a\\b", r"'\\'"),
        ("$(id)", "'$'"),
        ("churn;id", "';'"),
        ("a'b", '"\'"'),
    ],
)
def test_refuses_a_model_name_and_says_why(name: str, problem: str) -> None:
    with pytest.raises(InvalidName) as caught:
        check_model_name(name)
    assert problem in caught.value.problem
    assert caught.value.exit_code == 2
    assert "nlp/sentiment" in caught.value.hint


_pieces = st.sampled_from(["a", "B", "7", ".", "-", "_", "/", "lock", ".lock", "..", "@", "{", "HEAD"])


def _accepted(name: str) -> bool:
    try:
        check_model_name(name)
    except InvalidName:
        return False
    return True


_tricky_names = st.lists(_pieces, min_size=1, max_size=6).map("".join).filter(_accepted)


@settings(max_examples=12)
@given(st.lists(model_names | _tricky_names, max_size=12), labels)
def test_git_accepts_every_ref_of_an_accepted_name(names: list[str], label: str) -> None:
    refs = [f"refs/mreg/{name}@head" for name in names]
    refs += [f"refs/tags/{format_tag(TagName(name, parse_version('1.0.0-rc.1'), label, 2))}" for name in names]
    done = subprocess.run(
        ["xargs", "--no-run-if-empty", "-n1", "git", "check-ref-format"], input="\n".join(refs), text=True, check=False
    )
    assert done.returncode == 0


def test_the_longest_names_make_a_file_name_that_file_systems_allow() -> None:
    tag = TagName("m" * 128, parse_version("1.0.0-" + "1" * 58), f"unalias_{'a' * 32}", 999_999)
    assert len(f"{format_tag(tag)}.lock") <= 255


@pytest.mark.parametrize("name", ["production", "staging", "champion", "pre_prod", "a", "shadow2", "a" * 32])
def test_accepts_a_label(name: str) -> None:
    assert check_label(name, kind="a stage") == name


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("latest", "a meaning of its own"),
        ("head", "a meaning of its own"),
        ("none", "a meaning of its own"),
        ("archived", "a meaning of its own"),
        ("yanked", "a meaning of its own"),
        ("unalias_champion", "a meaning of its own"),
        ("", "lower-case word"),
        ("Production", "lower-case word"),
        ("pre-prod", "lower-case word"),
        ("pre.prod", "lower-case word"),
        ("2nd", "lower-case word"),
        ("_x", "lower-case word"),
        ("a b", "lower-case word"),
        ("a\n", "lower-case word"),
        ("é", "lower-case word"),
        ("../x", "lower-case word"),
        ("a" * 33, "33 characters"),
    ],
)
def test_refuses_a_label_and_says_why(name: str, problem: str) -> None:
    with pytest.raises(InvalidName) as caught:
        check_label(name, kind="an alias")
    assert problem in caught.value.problem
    assert "an alias" in str(caught.value)
    assert "pre_prod" in caught.value.hint


def test_refuses_a_name_that_differs_only_in_case() -> None:
    with pytest.raises(CaseConflict) as caught:
        check_case("nlp/Churn", ["nlp/other", "NLP/churn"])
    assert caught.value.existing == "NLP/churn"
    check_case("churn", ["churn", "churn2"])


def test_suggests_the_nearest_names_and_nothing_where_none_is_near() -> None:
    assert nearest("chrun", ["fraud", "churn", "Churn2"]) == ["churn", "Churn2"]
    assert did_you_mean("chrun", ["fraud", "churn"]) == "did you mean churn?"
    assert did_you_mean("zzz", ["fraud", "churn"]) == ""
    assert did_you_mean("churn", []) == ""

"""References: what people type, and the version it picks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mreg.core.names import InvalidName
from mreg.core.policy import BUILT_IN
from mreg.core.refs import InvalidRef, Ref, UnknownModel, UnknownRef, newest_first, parse_ref, select
from mreg.errors import MregError
from tests.core.strategies import Author, labels, model_names, versions

STAGES = tuple(BUILT_IN)


@pytest.mark.parametrize(
    ("text", "model", "selector"),
    [
        ("churn", "churn", None),
        ("churn@v1.2.0", "churn", "v1.2.0"),
        ("churn@1.2.0", "churn", "1.2.0"),
        ("churn@production", "churn", "production"),
        ("churn@Production", "churn", "Production"),
        ("churn@latest", "churn", "latest"),
        ("churn@champion", "churn", "champion"),
        ("nlp/sentiment@v1.0.0-rc.1", "nlp/sentiment", "v1.0.0-rc.1"),
        ("models:/churn", "churn", None),
        ("models:/churn/Production", "churn", "Production"),
        ("models:/churn/1.0.0-RC.1", "churn", "1.0.0-RC.1"),
        ("models:/churn/latest", "churn", "latest"),
        ("models:/nlp/sentiment/Staging", "nlp/sentiment", "Staging"),
        ("models:/churn@champion", "churn", "champion"),
        ("models:/nlp/sentiment@champion", "nlp/sentiment", "champion"),
        ("models:/churn/", "churn", None),
        ("models:///churn", "churn", None),
    ],
)
def test_takes_a_reference_apart(text: str, model: str, selector: str | None) -> None:
    assert parse_ref(text) == Ref(model, selector)


@given(model_names, st.none() | labels | versions.map("v{}".format))
def test_a_reference_reads_back(model: str, selector: str | None) -> None:
    ref = Ref(model, selector)
    assert parse_ref(str(ref)) == ref
    assert parse_ref(f"models:/{ref}") == (ref if selector else _split(model))


def _split(model: str) -> Ref:
    """What MLflow's form makes of a model without a selector: its last segment is one."""
    above, slash, last = model.rpartition("/")
    return Ref(above, last) if slash else Ref(model)


@pytest.mark.parametrize(
    ("text", "kind", "problem"),
    [
        ("churn@", InvalidRef, "nothing follows"),
        ("churn@@", InvalidRef, "more than one"),
        ("churn@v1.0.0@x", InvalidRef, "more than one"),
        ("models:/churn@a@b", InvalidRef, "more than one"),
        ("models:/churn@", InvalidRef, "nothing follows"),
        ("", InvalidName, "empty"),
        ("@production", InvalidName, "empty"),
        ("models:/", InvalidName, "empty"),
        ("models:/@champion", InvalidName, "empty"),
        ("models:/" * 2000 + "churn@x", InvalidName, "characters"),
        ("models:churn", InvalidName, "':'"),
        ("../churn@v1", InvalidName, "'..'"),
        ("-rf@v1", InvalidName, "not with '-'"),
        ("my churn@v1", InvalidName, "' '"),
        ("churn\x1b@v1", InvalidName, r"'\x1b'"),
    ],
)
def test_refuses_what_names_nothing(text: str, kind: type[MregError], problem: str) -> None:
    with pytest.raises(kind) as caught:
        parse_ref(text)
    assert problem in str(caught.value)
    assert caught.value.exit_code == 2
    assert caught.value.hint


@pytest.fixture
def author() -> Author:
    """1.0.0 archived, 1.1.0 in production and champion, 1.2.0 and 1.3.0 in staging, 1.4.0 yanked, 2.0.0-rc.1."""
    author = Author()
    for version in ("1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0", "2.0.0-rc.1"):
        author.register(version)
    author.promote("1.0.0")
    author.promote("1.1.0")
    author.promote("1.2.0", "staging")
    author.promote("1.3.0", "staging")
    author.yank("1.4.0")
    author.alias("1.1.0", "champion")
    return author


@pytest.mark.parametrize(
    ("selector", "version"),
    [
        (None, "1.3.0"),
        ("latest", "1.3.0"),
        ("Latest", "1.3.0"),
        ("v1.0.0", "1.0.0"),
        ("1.0.0", "1.0.0"),
        ("1.4.0", "1.4.0"),
        ("2.0.0-rc.1", "2.0.0-rc.1"),
        ("production", "1.1.0"),
        ("PRODUCTION", "1.1.0"),
        ("staging", "1.3.0"),
        ("archived", "1.0.0"),
        ("champion", "1.1.0"),
    ],
)
def test_picks_a_version(author: Author, selector: str | None, version: str) -> None:
    assert str(select(author.state, Ref("churn", selector), stages=STAGES).version) == version


@pytest.mark.parametrize(
    ("selector", "problem", "hint"),
    [
        ("v9.9.9", "no version, stage or alias v9.9.9", "mreg ls churn"),
        ("v1.1.1", "no version, stage or alias v1.1.1", "did you mean v1.1.0"),
        ("champio", "no version, stage or alias champio", "did you mean champion"),
        ("Champion", "no version, stage or alias Champion", "did you mean champion"),
        ("produktion", "no version, stage or alias produktion", "did you mean production"),
        ("none", "no version in none", "mreg ls churn"),
        ("zzz", "no version, stage or alias zzz", "mreg ls churn"),
        ("v1.2.0-production", "no version, stage or alias v1.2.0-production", "its version is churn@v1.2.0"),
    ],
)
def test_says_what_there_is_where_nothing_answers(author: Author, selector: str, problem: str, hint: str) -> None:
    with pytest.raises(UnknownRef) as caught:
        select(author.state, Ref("churn", selector), stages=STAGES)
    assert problem in str(caught.value)
    assert hint in caught.value.hint
    assert caught.value.exit_code == 1


def test_an_empty_stage_is_not_an_unknown_word() -> None:
    author = Author()
    author.register("1.0.0")
    with pytest.raises(UnknownRef, match="churn has no version in production"):
        select(author.state, Ref("churn", "Production"), stages=STAGES)


def test_a_model_whose_versions_are_all_yanked_has_no_latest() -> None:
    author = Author()
    author.register("1.0.0")
    author.yank("1.0.0")
    with pytest.raises(UnknownRef, match="no version that is not yanked") as caught:
        select(author.state, Ref("churn"), stages=STAGES)
    assert "--all" in caught.value.hint


def test_an_unknown_model_comes_with_the_nearest_names() -> None:
    assert UnknownModel(model="chrun", known=["churn", "fraud"]).hint == "did you mean churn?"
    assert UnknownModel(model="zzz", known=["churn"]).hint == "`mreg ls` lists the models"
    assert "mreg register zzz" in UnknownModel(model="zzz", known=[]).hint


def test_lists_the_highest_version_first(author: Author) -> None:
    found = [str(state.version) for state in newest_first(author.state)]
    assert found == ["2.0.0-rc.1", "1.4.0", "1.3.0", "1.2.0", "1.1.0", "1.0.0"]

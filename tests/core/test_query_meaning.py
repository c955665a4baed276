"""What a query is true of: types, missing values, patterns, orders; tests/cli/test_search.py tries every field."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mreg.core.annotations import Annotation, Scalar
from mreg.core.dossier import Dossier
from mreg.core.events import Actor, Change, Event, EventKind
from mreg.core.fold import VersionState
from mreg.core.metrics import named_metrics
from mreg.core.policy import MetricRule, Policy
from mreg.core.query import Candidate, InvalidQuery, Need, Setting, compile_query, parse, parse_order
from mreg.core.query.fields import dig, find_field
from mreg.core.query.texts import contains, has_word, like, plain
from mreg.core.summary import summarize
from mreg.core.versions import parse_version
from mreg.errors import UsageError
from tests.core.test_query_grammar import queries, trees

DAY = 24 * 60 * 60


def start(text: str) -> int:
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    except ValueError as error:
        raise UsageError(f"{text!r} is no day", hint="write a day") from error


def setting(policy: Policy | None = None) -> Setting:
    return Setting(
        policy=policy or Policy(),
        stages=("none", "staging", "production", "archived"),
        start=start,
        end=lambda text: start(text) + DAY - 1,
    )


def candidate(
    version: str = "1.0.0",
    *,
    model: str = "churn",
    day: str = "2026-02-02",
    stage: str = "none",
    card: dict[str, Any] | None = None,
    facts: dict[str, Scalar] | None = None,
) -> Candidate:
    """A version as a search would see it, at noon of a day."""
    change = Change(EventKind.REGISTER, model, parse_version(version), digest="ab12" * 16, reason="For the board")
    event = Event(
        change, f"{model}@v{version}", "0" * 40, "12ab" * 10, Actor("Ada", "ada@x.org"), start(day) + DAY // 2
    )
    state = VersionState(registered=event, changed=event, stage=stage, aliases=(), yanked=None)
    noted = {
        key: Annotation(key=key, value=value, actor="Ada", time=event.when, id="1")
        for key, value in (facts or {}).items()
    }
    return Candidate(state, dossier=Dossier(state=state, card=card), facts=noted)


def holds(query: str, of: Candidate, policy: Policy | None = None) -> bool:
    compiled = compile_query(parse(query), query, setting(policy))
    return compiled.first(of) and compiled.rest.test(of)


def valued(value: Any) -> Candidate:
    """A version that has a value in its card as `x`, and as an annotation."""
    return candidate(card={"x": value}, facts={"x": value} if isinstance(value, Scalar) else {})


@pytest.mark.parametrize(
    ("value", "true", "false"),
    [
        (
            3,
            "x == 3, x == 3.0, x != 4, x >= 3, x < 3.5, x in (1, 3), x:3, x != '3', exists x",
            "x == '3', x > 3, x ~ 3, x == true",
        ),
        (0, "x == 0, x, x != false, x > -1, x != null", "x == false, x == null, x == ''"),
        ("3", "x == 3, x == '3', x ~ 3, x:3", "x > 2, x < 4, x == 3.0"),
        (True, "x == true, x == TRUE, x, x != 1", "x == 1, x == false, x > 0, x == 'true', not x"),
        (False, "x == false, exists x, x != true, not x", "x, x == 0, x == null"),
        (
            "Text",
            "x == text, x ~ ex, x ~ t?x*, x:TEXT, x > tex, x <= 'TEXT', x !~ ext?, x != 'tex'",
            "x ~ ex*, x > texts, x > 0, x == 'tex'",
        ),
        ("true", "x == true, x == 'true', x", "x == false"),
        ("", "exists x, x == '', x", "x == null, x ~ a, x:a"),
        ("2026-03-03", "x > 2026-03-01, x == 2026-03-03", "x < 2026-03-03"),
        (
            ["b", 2, True],
            "x == b, x == 2, x == true, x > 1, x in (c, b), x, x ~ b",
            "x == c, x != b, x !~ b, x not in (c, b), not x",
        ),
        ([], "not exists x, x == null", "x, x == 1, x != 1, exists x, x in (1, 2)"),
        ([None], "not exists x", "x != 1"),
        ([[1], [2, [3]]], "x == 3, x == 1", "x == 4"),
        ({"a": 1}, "exists x, x, x.a == 1, x != 1", "x == 1, x ~ a, x > 0, exists x.b, exists x.a.b"),
        (
            None,
            "not exists x, x == null, x in (1, null), not x == 1, not x != 1",
            "x, x == 1, x != 1, x < 1, x not in (1, 2), x != null, x ~ '*'",
        ),
        (10**400, "x > 1e300, x == 1" + "0" * 400, "x < 1"),
        (float("nan"), "x != 1, exists x", "x == 1, x < 1, x > 1"),
        (float("inf"), "x > 1e308", "x < 1"),
    ],
)  # fmt: skip
def test_values_whose_type_only_their_writer_knew(value: Any, true: str, false: str) -> None:
    for family in ("card", "annotations"):
        if family == "annotations" and not isinstance(value, str | int | float | bool | None):
            continue
        for query in _split(true):
            assert holds(_about(query, family), valued(value)), query
        for query in _split(false):
            assert not holds(_about(query, family), valued(value)), query


def _split(queries: str) -> list[str]:
    """Queries between commas that are not in parentheses."""
    found, depth = [""], 0
    for character in queries:
        depth += (character == "(") - (character == ")")
        if character == "," and not depth:
            found.append("")
        else:
            found[-1] += character
    return found


def _about(query: str, family: str) -> str:
    return " ".join(f"{family}.{word}" if word[0] == "x" else word for word in query.split())


@pytest.mark.parametrize(
    ("query", "problem", "place"),
    [
        ("metrics.f1 > true", "metrics.f1 is a number, and true is none", "true"),
        ("metrics.f1 > 1e999", "metrics.f1 is a number, and 1e999 is none", "1e999"),
        ("metrics.f1 in (1, x)", "metrics.f1 is a number, and x is none", "x"),
        ("score ~ 1", "score is a number, and patterns are for text", "~"),
        ("metrics.f1:0.9*", "metrics.f1 is a number, and patterns are for text", ":"),
        ("latest != 1", "latest is true or false, and not 1", "1"),
        ("commit > a", "commit is a hash, which > does not compare", ">"),
        ("tag < 3", "tag is text, which < does not compare", "<"),
        ("version > latest", "'latest' is not a version: it does not follow SemVer 2.0.0", "latest"),
        ("registered == soon", "'soon' is no day", "soon"),
        ("changed in (2026-01-01, soon)", "'soon' is no day", "soon"),
        ("stage in (none, prod)", "there is no stage prod", "prod"),
        ("not exists owners", "there is no field owners", "owners"),
        ("metrics. > 1", "there is no field metrics.", "metrics."),
        ("a or (b and metric.f1)", "", ""),
        ("metric.f1 != 1", "there is no field metric.f1", "metric.f1"),
        ('foo."b\nc" == 1', "there is no field foo.b c", 'foo."b\nc"'),
        ("http://x", "there is no field http", "http"),
    ],
)
def test_faults(query: str, problem: str, place: str) -> None:
    tree = parse(query)
    if not problem:
        compile_query(tree, query, setting())
        return
    with pytest.raises(InvalidQuery) as caught:
        compile_query(tree, query, setting())
    assert (caught.value.problem, query[caught.value.start : caught.value.end]) == (problem, place)
    assert caught.value.hint


def test_a_day_is_all_its_seconds() -> None:
    noon = candidate(day="2026-03-03")
    for query in ("> 2026-03-02", ">= 2026-03-03", "== 2026-03-03", "<= 2026-03-03", "< 2026-03-04", "!= 2026-03-02"):
        assert holds(f"registered {query}", noon)
    for query in ("> 2026-03-03", "< 2026-03-03", "!= 2026-03-03", ">= 2026-03-04", "== 2026-03-02"):
        assert not holds(f"registered {query}", noon)


def test_versions_are_in_the_order_of_semver() -> None:
    for lower, higher in (("1.9.0", "1.10.0"), ("2.0.0-rc.2", "2.0.0"), ("2.0.0-rc.2", "2.0.0-rc.10")):
        assert holds(f"version > {lower}", candidate(higher))
        assert holds(f"version <= v{higher} and version != {higher}", candidate(lower))
        assert not holds(f"version >= {higher}", candidate(lower))


def test_what_needs_nothing_is_asked_first() -> None:
    def needs(query: str) -> tuple[bool, Need]:
        compiled = compile_query(parse(query), query, setting())
        return compiled.first(candidate(model="other")), compiled.rest.need

    assert needs("model:churn text") == (False, Need.PAPERS | Need.FACTS)
    assert needs("metrics.f1 > 1 and model:churn and annotations.x") == (False, Need.PAPERS | Need.FACTS)
    assert needs("stage == none and (latest or version > 1.0.0)") == (False, Need.NOTHING)
    assert needs("model:churn or metrics.f1 > 1") == (True, Need.PAPERS)
    assert needs("not annotations.x and model:other") == (True, Need.FACTS)
    assert needs("") == (True, Need.NOTHING)


def test_fields_are_told_once_by_their_full_names() -> None:
    query = "NAME:a Metrics.F1 > 1 or metrics.F1 < 0 exists digest in_text model:b"
    compiled = compile_query(parse(query), query, setting())
    assert [field.name for field in compiled.fields] == ["model", "metrics.F1", "sha256"]


def test_words_are_looked_for_everywhere() -> None:
    card = {"schema": "mreg/v1", "a": [{"b": "One\n  Two"}, 7], "c": {"d": "Straße"}}
    of = candidate(card=card, facts={"reviewed by": "Zoë", "passed": True})
    for query in ("'one two' straße STRASSE", "churn ada 'for the board'", "reviewed zo? PASSED", "'o*two'"):
        assert holds(query, of), query
    for query in ("'two straße'", "mreg", "'7'", "true", "one*straße*zoë*nothing"):
        assert not holds(query, of), query


def test_a_score_needs_every_weighed_metric() -> None:
    policy = Policy(metrics={"f1": MetricRule(weight=0.5), "loss": MetricRule(weight=-1)})
    whole = candidate(card={"evaluations": [{"metric": "f1", "value": 0.8}, {"metric": "loss", "value": 0.1}]})
    part = candidate(card={"evaluations": [{"metric": "f1", "value": 0.8}]})
    assert holds("score > 0.29 and score < 0.31", whole, policy)
    assert holds("not exists score", part, policy)
    assert holds("not exists score", whole)


_metrics = st.sampled_from(["f1", "f1 (a)", "f1 (a, b)", "f", "loss"])
_entries = st.fixed_dictionaries(
    {"metric": _metrics | st.none() | st.just(["f1"]), "value": st.integers(0, 9) | st.just("x")},
    optional={"dataset": st.just("a"), "split": st.just("b"), "slice": st.just({"s": 1})},
)


@given(st.lists(_entries | st.none(), max_size=6), _metrics)
def test_a_metric_is_what_tables_call_so(entries: list[Any], name: str) -> None:
    card = {"evaluations": entries}
    field = find_field(f"metrics.{name}", Policy())
    assert field is not None
    assert field.read(candidate(card=card)) == named_metrics(summarize(card).evaluations).get(name)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.b", 1), ("a", {"b": 1, "c.d": 2}), ("a.c.d", 2), ("a.x", None), ("a.b.x", None), ("l", (1, 2, 3)),
        ("m.n", (1, 2, 4)), ("m", ({"n": 1}, {"n": [2, None]}, 3, {"n": 4})), ("m.x", ()), ("", None),
    ],
)  # fmt: skip
def test_paths_into_cards(path: str, found: Any) -> None:
    data = {
        "a": {"b": 1, "c.d": 2},
        "l": [1, [2, [3]], None],
        "m": [{"n": 1}, {"n": [2, None]}, 3, {"n": 4}],
    }
    assert dig(data, path) == (data if path == "" else found)


# Orders


def ordered(key: str, *cards: dict[str, Any] | None, policy: Policy | None = None) -> list[int]:
    """The places of cards after sorting."""
    found = [candidate(f"1.{number}.0", card=card) for number, card in enumerate(cards)]
    return [of.state.version.minor for of in parse_order(key, setting(policy)).arrange(found)]


def measured(value: float) -> dict[str, Any]:
    return {"evaluations": [{"metric": "loss", "value": value}, {"metric": "f1", "value": value}]}


def test_the_best_comes_first() -> None:
    cards = (measured(2), None, measured(1), measured(3), measured(float("nan")))
    assert ordered("metrics.f1", *cards) == [3, 0, 2, 1, 4]
    assert ordered("-metrics.f1", *cards) == [2, 0, 3, 1, 4]
    assert ordered("metrics.loss", *cards) == [2, 0, 3, 1, 4]
    assert ordered("metrics.loss", *cards, policy=Policy(metrics={"loss": MetricRule(direction="max")}))[0] == 3


def test_orders_of_other_kinds() -> None:
    assert ordered("version", None, None, None) == [2, 1, 0]
    assert ordered("-version", None, None) == [0, 1]
    assert ordered("registered", None, None) == [0, 1]
    assert ordered("task", {"task": "b"}, {"task": "A"}, None, {"task": 1}) == [1, 0, 2, 3]
    mixed = [{"x": value} for value in ("b", 2, None, {"y": 1}, True, 1.5, ["A"], [])]
    assert ordered("card.x", *mixed) == [5, 1, 6, 0, 4, 3, 2, 7]
    assert ordered("-card.x", *mixed) == [3, 4, 0, 6, 1, 5, 2, 7]


def test_stages_are_in_the_order_of_the_project() -> None:
    stages = ("archived", "canary", "production", "none")
    found = [candidate(f"1.{number}.0", stage=stage) for number, stage in enumerate(stages)]
    arranged = parse_order("stage", setting()).arrange(found)
    assert [of.state.stage for of in arranged] == ["canary", "none", "production", "archived"]


@pytest.mark.parametrize(
    ("key", "place"), [("f1", "f1"), ("-f1", "f1"), ("- tags", "tags"), ("", ""), ("metrics.", "metrics.")]
)
def test_there_is_nothing_of_that_name_to_sort_by(key: str, place: str) -> None:
    with pytest.raises(InvalidQuery) as caught:
        parse_order(key, setting())
    assert key[caught.value.start : caught.value.end] == place


# Laws


@given(queries)
def test_every_text_means_something_or_is_refused(query: str) -> None:
    of = candidate(card={"tags": ["a"], "f1": {"a": "x"}}, facts={"a": 1})
    try:
        compiled = compile_query(parse(query), query, setting())
    except InvalidQuery:
        return
    assert holds(f"not ({query})" if query.strip() else "not ''", of) is not (
        compiled.first(of) and compiled.rest.test(of)
    )


@given(trees)
def test_every_tree_means_something_or_is_refused(tree: Any) -> None:
    try:
        compiled = compile_query(tree, str(tree), setting())
    except InvalidQuery:
        return
    assert compiled.rest.test(candidate()) in (True, False)


_alphabet = st.text("ab*?", max_size=8)


@given(_alphabet, st.text("ab\n", max_size=10))
def test_patterns(pattern: str, text: str) -> None:
    """As `fnmatch` has them, but for its sets of characters."""
    wild = "*" in pattern or "?" in pattern
    assert like(pattern)(text) == (fnmatchcase(text, pattern) if wild else pattern in text)
    assert contains(pattern)(plain(text)) == fnmatchcase(plain(text), f"*{pattern}*")
    assert has_word(pattern)(text) == any(fnmatchcase(word, pattern) for word in (text, *text.split()))


@pytest.mark.parametrize("pattern", ["*a" * 900 + "*b", "a*" * 900, "?" * 900 + "*b", "*" * 1800 + "b"])
def test_no_pattern_takes_long(pattern: str) -> None:
    text = "a" * 20_000
    before = time.process_time()
    for test in (like(pattern), contains(pattern), has_word(pattern)):
        test(text)
    assert time.process_time() - before < 5

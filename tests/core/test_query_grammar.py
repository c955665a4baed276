"""The grammar of the query language: what a text is read as, and that every text is read or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mreg.core.query import InvalidQuery, Tree, parse
from mreg.core.query.grammar import MAX_DEPTH
from mreg.core.query.tokens import MAX_LENGTH, quote, tokenize
from mreg.core.query.tree import Among, And, Bare, Compare, Exists, Name, Not, Or, Phrase, Value


def word(text: str) -> Bare:
    return Bare(Name(text))


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("", And(())),
        (" \n\t", And(())),
        ("text", word("text")),
        ("data.csv nlp/sentiment 50%", And((word("data.csv"), word("nlp/sentiment"), word("50%")))),
        ('"two words"', Phrase(Value("two words", quoted=True))),
        (r"""'it\'s "so"'""", Phrase(Value('it\'s "so"', quoted=True))),
        (r'"\\ \a"', Phrase(Value("\\ a", quoted=True))),
        ("f1>0.9", Compare(Name("f1"), ">", Value("0.9"))),
        ("stage = production", Compare(Name("stage"), "==", Value("production"))),
        ("stage==production", Compare(Name("stage"), "==", Value("production"))),
        ("a!=b", Compare(Name("a"), "!=", Value("b"))),
        ("a !~ b*", Compare(Name("a"), "!~", Value("b*"))),
        ("a!b", word("a!b")),
        ("a <= -1e-4", Compare(Name("a"), "<=", Value("-1e-4"))),
        ("a >= '>='", Compare(Name("a"), ">=", Value(">=", quoted=True))),
        ("a == 2026-03-03T14:00Z", Compare(Name("a"), "==", Value("2026-03-03T14:00Z"))),
        ("tag:nlp", Compare(Name("tag"), ":", Value("nlp"))),
        ("base:hf:acme/base@1", Compare(Name("base"), ":", Value("hf:acme/base@1"))),
        ("owner:'Ann Lee'", Compare(Name("owner"), ":", Value("Ann Lee", quoted=True))),
        ('metrics."f1 (a, b)" > 1', Compare(Name("metrics.", "f1 (a, b)"), ">", Value("1"))),
        ('exists card."a b"', Exists(Name("card.", "a b"))),
        ('card. "a b"', And((word("card."), Phrase(Value("a b", quoted=True))))),
        ("stage in (a, 'b c')", Among(Name("stage"), (Value("a"), Value("b c", quoted=True)), negated=False)),
        ("stage NOT IN (a)", Among(Name("stage"), (Value("a"),), negated=True)),
        ("a not b", And((word("a"), Not(word("b"))))),
        ("a or b and c d", Or((word("a"), And((word("b"), word("c"), word("d")))))),
        ("(a or b) c", And((Or((word("a"), word("b"))), word("c")))),
        ("a and (b and c)", And((word("a"), And((word("b"), word("c")))))),
        ("not a and b", And((Not(word("a")), word("b")))),
        ("not (a b)", Not(And((word("a"), word("b"))))),
        ("not not a", Not(Not(word("a")))),
        ("((a))", word("a")),
        ("a(b)", And((word("a"), word("b")))),
        ("AND-gate android", And((word("AND-gate"), word("android")))),
        ("Exists a OR nOt b", Or((Exists(Name("a")), Not(word("b"))))),
        ("'and' 'in'", And((Phrase(Value("and", quoted=True)), Phrase(Value("in", quoted=True))))),
    ],
)
def test_trees(query: str, tree: Tree) -> None:
    assert parse(query) == tree
    assert parse(str(tree)) == tree


@pytest.mark.parametrize(
    ("query", "problem", "place"),
    [
        ("a and", "nothing follows and", ""),
        ("a or or b", "nothing stands before or", "or"),
        ("or a", "nothing stands before or", "or"),
        ("(a", "this ( is never closed", "("),
        ("(a and (b)", "this ( is never closed", "("),
        ("a)", "no ( stands before this )", ")"),
        ("()", "nothing follows (", ")"),
        ("(a or )", "nothing follows or", ")"),
        ("not", "nothing follows not", ""),
        ("a, b", ", has no place here", ","),
        ("a > ", "no value follows >", ""),
        ("a > and", "no value follows >", "and"),
        ("a => 1", "no value follows =", ">"),
        ("> 1", "no field stands before >", ">"),
        ("a > 1 > 2", "no field stands before >", ">"),
        ("1 < a", "the field stands before the value", "1"),
        ("'a' > 1", "a field stands without quotes", "'a'"),
        ("exists 'a'", "no field follows exists", "'a'"),
        ("exists not a", "no field follows exists", "not"),
        ("a in b", "no list follows in", "b"),
        ("a in ()", "no value follows (", ")"),
        ("a in (b,)", "no value follows ,", ")"),
        ("a in (b c)", "neither a comma nor ) follows the value", "c"),
        ("a in (b", "this ( is never closed", "("),
        ("a:", "no value follows the colon directly", "a:"),
        (":a", "no field stands before the colon", ":a"),
        ("a 'b", "this quote is never closed", "'"),
        ('a "b\\"', "this quote is never closed", '"'),
        ("a && b", "&& means nothing here", "&&"),
        ("!a", "!a means nothing here", "!a"),
    ],
)
def test_faults(query: str, problem: str, place: str) -> None:
    with pytest.raises(InvalidQuery) as caught:
        parse(query)
    error = caught.value
    assert error.problem == problem
    assert query[error.start : error.end] == place
    assert error.hint
    assert error.exit_code == 2


def test_the_mark_is_below_the_place() -> None:
    with pytest.raises(InvalidQuery) as caught:
        parse("日本 e\u0301\n> 'x' )")
    assert str(caught.value).split("\n")[1:] == ["  日本 e\u0301 > 'x' )", "               ^"]


def test_limits() -> None:
    parse("a" * MAX_LENGTH)
    with pytest.raises(InvalidQuery, match="more than 2000"):
        parse("a" * (MAX_LENGTH + 1))
    for opening, closing in (("(", ")"), ("not ", "")):
        parse(opening * MAX_DEPTH + "a" + closing * MAX_DEPTH)
        with pytest.raises(InvalidQuery, match="deeper than 50 levels"):
            parse(opening * (MAX_DEPTH + 1) + "a" + closing * (MAX_DEPTH + 1))
    parse("(a) not b " * 100)


# Laws

_PIECES = r"""and or not in exists ( ) , == = != < <= > >= ~ !~ : ! ' " \ a tag:x tag: metrics. f1 0.9 'b c' * ? é &&"""
_pieces = st.sampled_from(_PIECES.split()) | st.text(max_size=3)
queries = st.tuples(st.sampled_from(["", " ", "\n"]), st.lists(_pieces, max_size=14)).map(
    lambda drawn: drawn[0].join(drawn[1])
)


@given(queries | st.text())
def test_every_text_is_read_or_refused(query: str) -> None:
    refused = None
    try:
        tree = parse(query)
    except InvalidQuery as error:
        refused = error
    if refused is None:
        assert parse(str(tree)) == tree
    else:
        assert 0 <= refused.start <= refused.end <= len(query)
        assert len(str(refused).split("\n")) == 3


@given(st.text(max_size=MAX_LENGTH // 2 - 1))
def test_quoting(text: str) -> None:
    token, end = tokenize(quote(text))
    assert (token.kind, token.text, end.kind) == ("quoted", text, "end")


_words = st.from_regex(r"[a-z0-9./*?é-]{1,5}", fullmatch=True).filter(
    lambda text: text not in ("in", "or", "and", "not", "exists")
)
_values = st.builds(Value, _words) | st.builds(Value, st.text(max_size=8), st.just(True))
_names = st.builds(Name, st.from_regex(r"[a-df-z][a-z0-9.]{0,3}q", fullmatch=True)) | st.builds(
    Name, st.just("metrics."), st.text(max_size=5)
)
_leaves: st.SearchStrategy[Tree] = st.one_of(
    st.builds(Compare, _names, st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "~", "!~"]), _values),
    st.builds(Compare, _names.filter(lambda name: name.tail is None), st.just(":"), _values),
    st.builds(Among, _names, st.lists(_values, min_size=1, max_size=3).map(tuple), st.booleans()),
    st.builds(Exists, _names),
    st.builds(Bare, _names),
    st.builds(Phrase, st.builds(Value, st.text(max_size=8), st.just(True))),
)
trees: st.SearchStrategy[Tree] = st.recursive(
    _leaves,
    lambda below: (
        st.builds(Not, below)
        | st.builds(And, st.lists(below, min_size=2, max_size=3).map(tuple))
        | st.builds(Or, st.lists(below, min_size=2, max_size=3).map(tuple))
    ),
    max_leaves=8,
)


@given(trees)
def test_printing_and_reading_is_the_identity(tree: Tree) -> None:
    assert parse(str(tree)) == tree

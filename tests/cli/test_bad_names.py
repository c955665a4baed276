"""Names, references, aliases and keys that cannot be: each is refused in words that say which rule it breaks."""

from __future__ import annotations

import pytest

from tests.cli.badinput import Place, first_work_fixture, still_fixture, work_fixture  # noqa: F401

NAMES = {
    "a..b": "git does not allow '..' in a tag",
    "../b": "git does not allow '..' in a tag",
    "a@b": "'@' separates a model from its version",
    "a@{b": "'@' separates a model from its version",
    "churn@v1.0.0": "'@' separates a model from its version",
    "a b": "it contains ' '",
    " a": "not with ' '",
    "-x": "not with '-'",
    "--": "not with '-'",
    "nlp/-x": "not with '-'",
    ".x": "not with '.'",
    "a.lock": "ends in '.' or '.lock'",
    "a.lock/b": "ends in '.' or '.lock'",
    "a.": "ends in '.' or '.lock'",
    "a\nb": r"it contains '\n'",
    "a\x1b[31mb": r"it contains '\x1b'",
    "a\x7f": r"it contains '\x7f'",
    "a\udcff": r"it contains '\udcff'",
    "café": "it contains 'é'",
    "a~b": "it contains '~'",
    "a:b": "it contains ':'",
    "a\\b": r"it contains '\\'",
    "a//b": "a segment between slashes is empty",
    "/a": "a segment between slashes is empty",
    "a/": "a segment between slashes is empty",
    "": "it is empty",
    "x" * 129: "it has 129 characters, more than 128",
}


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_no_model_can_be_called_so(still: Place, name: str) -> None:
    still.refused("register", "--", name, "churn.pkl", code=2, says=("cannot name a model", NAMES[name]))


@pytest.mark.parametrize("name", ["a..b", "a b", "-x", "a.lock", "a\x1b", "", ".git"])
def test_no_reference_can_begin_so(still: Place, name: str) -> None:
    still.refused("promote", "--", f"{name}@v1.0.0", "production", code=2, says="cannot name a model")


@pytest.mark.parametrize("command", [("show",), ("resolve",), ("archive",), ("alias", "champion"), ("get", "-o", "x")])
def test_whatever_is_done_with_it(still: Place, command: tuple[str, ...]) -> None:
    first, *rest = command
    still.refused(first, "a b@v1.0.0", *rest, code=2, says="cannot name a model")


@pytest.mark.parametrize(
    "command", [("ls",), ("history",), ("verify",), ("card", "new"), ("card", "check"), ("rollback",)]
)
def test_nor_a_model_that_is_asked_about(still: Place, command: tuple[str, ...]) -> None:
    still.refused(*command, "--", "a b", code=2, says="'a b' cannot name a model: it contains ' '")


def test_what_looks_like_an_option(still: Place) -> None:
    still.refused("promote", "--", "-x@v1", "production", code=2, says="'-x' cannot name a model")
    still.refused("promote", "-x@v1", "production", code=2, says="-x", hint="mreg promote --help")
    still.refused("register", "--version", "-1.0.0", "churn", "churn.pkl", code=2, says="'-1.0.0' is not a version")


@pytest.mark.parametrize("name", ["Churn", "CHURN", "chuRN"])
def test_only_another_case(still: Place, name: str) -> None:
    says = f"the name {name} differs from the existing model churn only in case"
    still.refused("register", name, "churn.pkl", code=1, says=says, hint="use churn, or another name")
    still.refused("register", name, "churn.pkl", "--dry-run", code=1, says=says)


def test_a_reference_where_a_model_is_asked_for(still: Place) -> None:
    for command in (("ls",), ("history",), ("verify",), ("unalias",)):
        rest = ("champion",) if command == ("unalias",) else ()
        still.refused(*command, "churn@v1.0.0", *rest, code=2, says="'churn@v1.0.0'", hint="as in churn ")
    says = "rollback takes a model, not the version churn@v1.0.0"
    still.refused("rollback", "churn@v1.0.0", code=2, says=says, hint="mreg rollback churn --to VERSION")


@pytest.mark.parametrize(
    ("ref", "says"),
    [
        ("churn@", "nothing follows '@'"),
        ("churn@@v1", "more than one '@'"),
        ("churn@v1.0.0@production", "more than one '@'"),
        ("@v1.0.0", "'' cannot name a model: it is empty"),
        ("models:/", "'' cannot name a model: it is empty"),
    ],
)
def test_no_reference(still: Place, ref: str, says: str) -> None:
    still.refused("promote", ref, "production", code=2, says=says)


@pytest.mark.parametrize(
    ("ref", "says", "hint"),
    [
        ("chrun@v1.0.0", "no model chrun is registered here", "did you mean churn?"),
        ("Churn@v1.0.0", "no model Churn is registered here", "did you mean churn?"),
        ("fr", "no model fr is registered here", "did you mean fraud?"),
        ("zebra", "no model zebra is registered here", "`mreg ls` lists the models"),
        ("churn@prodction", "churn has no version, stage or alias prodction", "did you mean production?"),
        ("churn@prod", "churn has no version, stage or alias prod", "did you mean production?"),
        ("churn@v1.0.1", "churn has no version, stage or alias v1.0.1", "did you mean v1.0.0 or v1.1.0?"),
        ("churn@v1", "churn has no version, stage or alias v1", ("v1.0.0", "v1.1.0")),
        ("churn@1.0", "churn has no version, stage or alias 1.0", ("v1.0.0", "v1.1.0")),
        ("churn@v9.9.9", "churn has no version, stage or alias v9.9.9", "`mreg ls churn` lists the versions"),
        ("churn@-x", "churn has no version, stage or alias -x", "`mreg ls churn`"),
        ("churn@{0}", "churn has no version, stage or alias {0}", "`mreg ls churn`"),
        ("churn@\x1b[31m", "churn has no version, stage or alias \\u001b[31m", "`mreg ls churn`"),
        ("churn@v1.0.0-production", "no version, stage or alias v1.0.0-production", "its version is churn@v1.0.0"),
        ("churn@staging", "churn has no version in staging", "`mreg ls churn` shows the stages"),
        ("models:/churn/Prod", "churn has no version, stage or alias Prod", "did you mean production?"),
    ],
)
def test_nothing_answers(still: Place, ref: str, says: str, hint: str | tuple[str, ...]) -> None:
    still.refused("promote", ref, "production", code=1, says=says, hint=hint)
    still.refused("get", ref, "-o", "out", code=1, says=says, hint=hint)


def test_a_model_that_was_not_there_yet(still: Place) -> None:
    says = "churn had no version yet: its first is of "
    still.refused("show", "churn", "--at", "2020-01-01", code=1, says=says, hint="mreg history churn")
    still.refused("ls", "churn", "--at", "2020-01-01", code=1, says=says)


@pytest.mark.parametrize(
    ("name", "says", "hint"),
    [
        ("Champion", "it is not a lower-case word", "use lower-case letters"),
        ("a@b", "it is not a lower-case word", "use lower-case letters"),
        ("-x", "it is not a lower-case word", "use lower-case letters"),
        ("a-b", "it is not a lower-case word", "use lower-case letters"),
        ("a\x1b", r"'a\x1b' cannot name an alias", "use lower-case letters"),
        ("", "it is not a lower-case word", "use lower-case letters"),
        ("x" * 33, "it has 33 characters, more than 32", "use lower-case letters"),
        ("latest", "the word has a meaning of its own", "choose another word, such as champion"),
        ("yanked", "the word has a meaning of its own", "choose another word"),
        ("head", "the word has a meaning of its own", "choose another word"),
        ("unalias_x", "the word has a meaning of its own", "use lower-case letters"),
        ("production", "production is a stage here, so it cannot be an alias", "choose another word"),
    ],
)
def test_no_alias_can_be_called_so(still: Place, name: str, says: str, hint: str) -> None:
    still.refused("alias", "--", "churn@v1.0.0", name, code=2, says=says, hint=hint)


def test_an_alias_that_a_pre_release_begins_with(work: Place) -> None:
    work.done("register", "churn", "churn.pkl", "--version", "2.0.0-rc.1")
    says = "rc begins the pre-release of v2.0.0-rc.1, so it cannot be an alias"
    work.refused("alias", "churn@v1.0.0", "rc", code=1, says=says, hint="choose another word")


def test_an_alias_that_is_not_there(work: Place) -> None:
    work.refused("unalias", "churn", "champion", code=1, says="churn has no alias champion", hint="`mreg ls churn`")
    work.done("alias", "churn@v1.0.0", "champion")
    work.refused("unalias", "churn", "champ", code=1, says="churn has no alias champ", hint="champion")
    work.refused("unalias", "zebra", "champion", code=1, says="no model zebra")


@pytest.mark.parametrize(
    ("fact", "says"),
    [
        ("checked", "'checked' is not key=value"),
        ("=true", "'=true' is not key=value"),
        ("psi=.nan", "'psi=.nan' cannot be read: .nan is not a finite number"),
        ("psi='0.1", "cannot be read"),
        ("a\x1b[31m=1", r"the annotation 'a\x1b[31m' has the control character '\x1b' in its key"),
        ("a\nb=1", r"the annotation 'a\nb' has the control character '\n' in its key"),
        ("a\udcff=1", "is not valid UTF-8"),
        ("a=\udcff", "is not valid UTF-8"),
        ("k" * 201 + "=1", "has a key of 201 characters, more than 200"),
    ],
)
def test_no_annotation(still: Place, fact: str, says: str) -> None:
    still.refused("annotate", "churn@v1.0.0", "good=1", fact, code=2, says=says)


def test_annotations_that_are_not_there(work: Place) -> None:
    work.refused("annotate", "churn@v1.0.0", code=2, says="there is nothing to annotate", hint="--remove key")
    says = "churn@v1.0.0 has no annotation psi"
    work.refused("annotate", "churn@v1.0.0", "--remove", "psi", code=1, says=says, hint="no annotations at all")
    work.done("annotate", "churn@v1.0.0", "drift=1")
    work.refused("annotate", "churn@v1.0.0", "a=1", "--remove", "psi", code=1, says=says, hint="drift")


def test_what_else_stands_in_a_note_is_kept(work: Place) -> None:
    """Notes may come from anyone, and are only appended to."""
    target = work.git("rev-parse", "churn@v1.0.0")
    foreign = b'not JSON\n{"of": "tomorrow"}\nLatin-1: \xfc\n'
    work.git("notes", "--ref=mreg", "add", "--file=-", target, stdin=foreign)
    work.done("annotate", "churn@v1.0.0", "checked=true")
    work.done("annotate", "churn@v1.0.0", "--remove", "checked")
    note = work.git("notes", "--ref=mreg", "show", target).encode("utf-8", "surrogateescape")
    assert note.startswith(foreign)
    assert len(note.splitlines()) == 5

"""Foreign tags of every odd kind: none breaks another model, and `verify` names them."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.cli.badinput import Place, first_work_fixture, work_fixture  # noqa: F401
from tests.gitrepos import write

if TYPE_CHECKING:
    from collections.abc import Callable

TAGGER = "tagger Eve <eve@example.com> 1700000000 +0000"
LAST = 999_999_999_999


def _tag(work: Place, name: str, text: str | bytes) -> None:
    """A ref of that name and a tag object as anyone may write it: git's own command would refuse most of them."""
    data = text.encode() if isinstance(text, str) else text
    oid = work.git("hash-object", "-t", "tag", "-w", "--stdin", "--literally", stdin=data)
    work.git("update-ref", f"refs/tags/{name}", oid)


def _said(
    work: Place, name: str, message: str, *, tagger: str = f"{TAGGER}\n", of: str = "churn@v1.0.0^{commit}"
) -> None:
    target = work.git("rev-parse", of)
    kind = work.git("cat-file", "-t", target)
    _tag(work, name, f"object {target}\ntype {kind}\ntag {name}\n{tagger}\n{message}\n")


def _trailers(**values: object) -> str:
    return "Hello\n\n" + "\n".join(f"{key}: {value}" for key, value in values.items())


def _latin_1(work: Place) -> None:
    target = work.git("rev-parse", "churn@v1.0.0^{commit}")
    text = f"object {target}\ntype commit\ntag churn@v3.0.0\n{TAGGER.replace('Eve', 'Jörg')}\n\nGrüße\n"
    _tag(work, "churn@v3.0.0", text.encode("latin-1"))


def _name_in_latin_1(work: Place) -> None:
    target = work.git("rev-parse", "HEAD")
    write(work.root / ".git" / "refs" / "tags" / os.fsdecode(b"caf\xe9@v1.0.0"), f"{target}\n")


def _broken_ref(work: Place) -> None:
    write(work.root / ".git" / "refs" / "tags" / "churn@v5.0.0", "no object id\n")


# What is done, and what `verify` says of it; None where it is a version like any other.
ODD: dict[str, tuple[Callable[[Place], object], str | None]] = {
    "two versions on one commit": (
        lambda w: _said(w, "churn@v2.0.0", "By hand"),
        "churn@v2.0.0: its card says version",
    ),
    "no version": (lambda w: _said(w, "x@created", "By GTO"), "x@created: it is not MODEL@vX.Y.Z"),
    "no version of ours": (lambda w: _said(w, "churn@deprecated", "Old"), "churn@deprecated: it is not MODEL@vX.Y.Z"),
    "no tagger": (lambda w: _said(w, "churn@v3.0.0", "Nobody", tagger=""), "churn@v3.0.0: its card says version"),
    "Latin-1": (_latin_1, "churn@v3.0.0: its card says version"),
    "a name in Latin-1": (_name_in_latin_1, "cannot name a model"),
    "on a tree": (lambda w: _said(w, "churn@v3.0.0", "", of="HEAD^{tree}"), "churn@v3.0.0: it points at a tree"),
    "on a blob": (lambda w: _said(w, "churn@v3.0.0", "", of="HEAD:train.py"), "churn@v3.0.0: it points at a blob"),
    "nested": (lambda w: _said(w, "churn@v3.0.0", "", of="churn@v1.0.0"), "churn@v3.0.0: it points at a tag"),
    "lightweight": (
        lambda w: w.git("update-ref", "refs/tags/churn@v3.0.0", "HEAD"),
        "churn@v3.0.0: its card says version",
    ),
    "lightweight, on a tree": (
        lambda w: w.git("update-ref", "refs/tags/churn@v3.0.0", "HEAD^{tree}"),
        "churn@v3.0.0: it points at a tree",
    ),
    "GTO's": (lambda w: _said(w, "churn#prod#1", "By GTO"), None),
    "a stage without trailers": (lambda w: _said(w, "churn@v1.1.0-staging", "By hand"), "names staging but has no"),
    "about another model": (
        lambda w: _said(
            w, "churn@v3.0.0", _trailers(Event="promote", Model="fraud", Version="1.0.0", Stage="production")
        ),
        "churn@v3.0.0: its trailers are about the model fraud",
    ),
    "about another version": (
        lambda w: _said(w, "churn@v3.0.0", _trailers(Event="yank", Model="churn", Version="1.1.0")),
        "churn@v3.0.0: its name does not agree with its trailers",
    ),
    "an event of tomorrow": (
        lambda w: _said(w, "churn@v3.0.0", _trailers(Event="explode", Model="churn", Version="3.0.0")),
        "churn@v3.0.0: the event 'explode' is not one",
    ),
    "a stage of nobody": (
        lambda w: _said(w, "churn@v1.0.0-x", _trailers(Event="promote", Model="churn", Version="1.0.0", Stage="X Y")),
        "churn@v1.0.0-x: the trailer Stage cannot be 'X Y'",
    ),
    "a Sequence beyond all": (
        lambda w: _said(
            w, "churn@v3.0.0", _trailers(Event="register", Model="churn", Version="3.0.0", Sequence=LAST + 1)
        ),
        "churn@v3.0.0: the trailer Sequence cannot be",
    ),
    "a time beyond all": (
        lambda w: _said(w, "churn@v3.0.0", "Later", tagger=TAGGER.replace("1700000000", "9" * 20) + "\n"),
        "churn@v3.0.0: its card says version",
    ),
    "no name of a model": (lambda w: _said(w, "-x@v1.0.0", "Odd"), "'-x' cannot name a model"),
    "an empty name": (lambda w: _said(w, "@v1.0.0", "Odd"), "'' cannot name a model"),
    "three parts": (lambda w: _said(w, "churn@v1.0.0-a-b-c", "Odd"), "churn@v1.0.0-a-b-c: it is not MODEL@vX.Y.Z"),
    "a broken ref": (_broken_ref, None),
    "garbage": (lambda w: _tag(w, "churn@v3.0.0", f"object {'0' * 40}\ntype commit\ntag x\n\nx"), "churn@v3.0.0"),
}


@pytest.mark.parametrize("kind", ODD)
def test_one_odd_tag(work: Place, kind: str) -> None:
    make, said = ODD[kind]
    make(work)
    _neighbour_goes_on(work)
    verified = work.mreg("verify")
    assert verified.code in (0, 1)
    if said is not None:
        assert said in verified.out + verified.err
    # And the model itself goes on, as far as its own tags tell it.
    assert "v1.0.0" in work.done("ls", "churn").out
    work.done("promote", "churn@v1.1.0", "production")
    assert json.loads(work.done("resolve", "churn@production", "--json").out)["data"]["version"] == "1.1.0"
    work.done("register", "churn", "churn.pkl", "--version", "4.0.0")


def _neighbour_goes_on(work: Place) -> None:
    assert "fraud" in work.done("ls").out
    work.done("show", "fraud@v1.0.0")
    work.done("history", "fraud")
    work.done("history")
    work.done("promote", "fraud@v1.0.0", "production", "-m", "good")
    work.done("verify", "fraud", "--deep")


def test_the_last_possible_sequence(work: Place) -> None:
    """A hostile tag can stop its own model, not another one; and taking it away is enough."""
    trailers = _trailers(Event="register", Model="churn", Version="3.0.0", Sequence=LAST)
    _said(work, "churn@v3.0.0", trailers)
    says = "churn@v3.0.0 claims the last possible Sequence, so that nothing can follow it in churn"
    hint = ("git cat-file -p churn@v3.0.0", "delete it where it came from")
    for command in (("promote", "churn@v1.1.0", "production"), ("alias", "churn@v1.1.0", "champion")):
        work.refused(*command, code=1, says=says, hint=hint)
    ran = work.mreg("register", "churn", "churn.pkl")
    assert (ran.code, says in ran.err) == (1, True)
    _neighbour_goes_on(work)
    verified = work.mreg("verify")
    assert verified.code == 1
    assert "churn@v3.0.0: the events 4 to 999999999998 before it are missing" in verified.out
    work.git("tag", "--delete", "churn@v3.0.0")
    work.done("promote", "churn@v1.1.0", "production")
    work.done("verify")


def test_nothing_but_odd_tags(work: Place) -> None:
    _said(work, "zebra@v1.0.0", "", of="HEAD^{tree}")
    work.refused("show", "zebra", code=1, says="no model zebra is registered here", hint="`mreg ls` lists")
    assert "zebra@v1.0.0: it points at a tree, not at a commit" in work.done("verify", "zebra").err
    assert "zebra" not in work.done("ls", "--all").out


def test_all_of_them_at_once(work: Place) -> None:
    for make, _ in ODD.values():
        make(work)
    _neighbour_goes_on(work)
    work.done("register", "fraud", "fraud.pkl", "--metric", "f1=0.91")
    assert "note: " in work.mreg("verify").err

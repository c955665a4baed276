"""Who did what: read from messages of every kind of server, and from histories of every shape."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mreg.core.annotations import Annotation
from mreg.core.authorship import Commit, Request, merges_of, parse_commit, parse_person
from mreg.core.events import Actor, Change, Event, EventKind
from mreg.core.fold import fold
from mreg.core.people import (
    Act,
    Making,
    Role,
    acts_of_commits,
    acts_of_events,
    acts_of_facts,
    in_order,
    participants,
)
from mreg.core.versions import parse_version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ADA, GRACE, EVE = (Actor(name, f"{name.lower()}@example.com") for name in ("Ada", "Grace", "Eve"))


def commit(
    message: str, *, oid: str = "c1", parents: Sequence[str] = ("p1",), author: Actor = ADA, committer: Actor = ADA
) -> Commit:
    return Commit(
        id=oid,
        parents=tuple(parents),
        author=author,
        authored=100,
        committer=committer,
        committed=200,
        message=message,
        signed=False,
    )


OBJECT = """\
tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904
parent aaaa
parent bbbb
author Ada Lovelace <ada@example.com> 1767323045 +0100
committer GitHub <noreply@github.com> 1767323046 +0000
gpgsig -----BEGIN PGP SIGNATURE-----
 author Eve <eve@example.com> 1 +0000

Merge pull request #7 from grace/squares

parent cccc
"""


class TestParseCommit:
    def test_the_parts(self) -> None:
        # A continued line of a signature begins with a blank, also an empty one.
        found = parse_commit("c1", OBJECT.replace("0000\n\nMerge", "0000\n \n -----END\n\nMerge"))
        assert found == Commit(
            id="c1",
            parents=("aaaa", "bbbb"),
            author=Actor("Ada Lovelace", "ada@example.com"),
            authored=1767323045,
            committer=Actor("GitHub", "noreply@github.com"),
            committed=1767323046,
            message="Merge pull request #7 from grace/squares\n\nparent cccc\n",
            signed=True,
        )

    @pytest.mark.parametrize("header", ["gpgsig", "gpgsig-sha256"])
    def test_signed(self, header: str) -> None:
        assert parse_commit("c1", f"tree 1\n{header} -----BEGIN\n\nx").signed
        assert not parse_commit("c1", f"tree 1\n\n{header} -----BEGIN\n").signed

    @pytest.mark.parametrize(
        "text", ["", "\n", "\n\n", "tree", "author nobody\n\nx", "author A <a> 99999999999999999999 +0\n"]
    )
    def test_what_is_broken_is_empty(self, text: str) -> None:
        found = parse_commit("c1", text)
        assert (found.parents, found.signed, found.author.name in ("unknown", "A")) == ((), False, True)

    def test_the_first_author_counts(self) -> None:
        assert parse_commit("c1", "author A <a> 1 +0\nauthor B <b> 2 +0\n\nx").author == Actor("A", "a")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Merge pull request #7 from grace/squares\n\nAdd squares\n", Request(7, "Add squares")),
        ("Merge pull request #7 from grace/squares", Request(7)),
        ("Merge branch 'x' into 'main'\n\nAdd squares\n\nSee merge request acme/ml!12\n", Request(12, "Add squares")),
        ("Merge branch 'x' into 'main'\n\nSee merge request !3\n", Request(3)),
        ("Merged in squares (pull request #4)\n\nAdd squares\n\nApproved-by: Ada\n", Request(4, "Add squares")),
        ("Merged PR 123: Add squares\n\nDetails\n", Request(123, "Add squares")),
        ("Add squares (#8)\n\n* one\n* two\n", Request(8, "Add squares")),
        ("Add squares (#8)", Request(8, "Add squares")),
        ("Merge branch 'x'", None),
        ("Merge branch 'x' into 'main'\n\nAdd squares\n", None),
        ("Add squares, see #8\n\nfixes (#8)\n", None),
        ("Add squares (#8) and more", None),
        ("(#8)", None),
        ("", None),
    ],
)
def test_requests(message: str, expected: Request | None) -> None:
    assert commit(message).request == expected


REVIEWED, CO_AUTHORED = "Reviewed-by", "Co-authored-by"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("x\n\nReviewed-by: Ada <ada@example.com>\n", [(REVIEWED, ADA)]),
        ("x\n\nreviewed-BY:Ada <ada@example.com>", [(REVIEWED, ADA)]),
        ("x\n\nReviewed-by: Ada\n", [(REVIEWED, Actor("Ada", ""))]),
        ("x\n\nReviewed-by: <ada@example.com>\n", [(REVIEWED, Actor("", "ada@example.com"))]),
        (
            "x\n\nFixes: #8\nCo-Authored-By: Ada <ada@example.com>\nReviewed-by: Grace <grace@example.com>\n\n\n",
            [(CO_AUTHORED, ADA), (REVIEWED, GRACE)],
        ),
        ("x\n\nReviewed-by: Ada <ada@example.com>\nReviewed-by: Ada <ada@example.com>\n", [(REVIEWED, ADA)]),
        ("x\n\nReviewed-by: Ada <ada@example.com>\n\nMore prose.\n", []),
        ("Reviewed-by: Ada <ada@example.com>\n", []),
        ("x\n\nReviewed-by:\nReviewed-by: <>\n", []),
        ("x\n\nTested-by: Ada <ada@example.com>\n", []),
        ("", []),
    ],
)
def test_people_in_trailers(message: str, expected: list[tuple[str, Actor]]) -> None:
    assert commit(message).people == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ada <ada@example.com>", ADA),
        ("  Ada   <ada@example.com>  ", ADA),
        ("Ada", Actor("Ada", "")),
        ("Ada <no address>", Actor("Ada <no address>", "")),
        ("Ada <a> <b>", Actor("Ada <a> <b>", "")),
        ("Ada\nLovelace", Actor("Ada Lovelace", "")),
        ("", Actor("", "")),
    ],
)
def test_parse_person(text: str, expected: Actor) -> None:
    assert parse_person(text) == expected


# A history: commits by number, each with parents of smaller numbers; the tip is the last.
@st.composite
def histories(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    parents: dict[str, tuple[str, ...]] = {"0": ()}
    for number in range(1, draw(st.integers(1, 12))):
        older = st.integers(max(0, number - 4), number - 1).map(str)
        parents[str(number)] = tuple(draw(st.lists(older, min_size=1, max_size=2, unique=True)))
    return parents


def ancestors(parents: Mapping[str, Sequence[str]], tip: str) -> set[str]:
    return {tip}.union(*(ancestors(parents, parent) for parent in parents[tip]))


def came_by(parents: Mapping[str, Sequence[str]], tip: str, wanted: str) -> list[str]:
    """The definition, said slowly: the first merge on the line that has it, and those on the branch that was merged."""
    line = [tip]
    while parents[line[-1]]:
        line.append(parents[line[-1]][0])
    if wanted in line or wanted not in ancestors(parents, tip):
        return []
    merge = next(commit for commit in reversed(line) if wanted in ancestors(parents, commit))
    return [merge, *came_by(parents, parents[merge][1], wanted)]


class TestMerges:
    @given(histories(), st.data())
    def test_they_are_what_the_definition_says(self, parents: dict[str, tuple[str, ...]], data: st.DataObject) -> None:
        tip, wanted = str(len(parents) - 1), data.draw(st.sampled_from(sorted(parents)))
        assert sorted(merges_of(tip, parents, [wanted])) == sorted(came_by(parents, tip, wanted))

    def test_a_merge_of_main_into_a_branch_brings_nothing(self) -> None:
        parents = {"m2": ["m1", "b2"], "b2": ["b1", "m1"], "b1": ["m0"], "m1": ["m0"], "m0": []}
        assert merges_of("m2", parents, ["m1", "m0"]) == []
        assert merges_of("m2", parents, ["b1", "b2"]) == ["m2"]

    def test_a_branch_of_a_branch_came_by_two(self) -> None:
        parents = {"m1": ["m0", "b2"], "b2": ["b1", "f1"], "f1": ["b1"], "b1": ["m0"], "m0": []}
        assert merges_of("m1", parents, ["f1"]) == ["b2", "m1"]

    def test_each_once_and_none_beyond_what_is_known(self) -> None:
        parents = {"m1": ["m0", "b2"], "b2": ["b1"], "b1": ["gone"]}
        assert merges_of("m1", parents, ["b1", "b2", "gone", "never"]) == ["m1"]

    def test_a_long_line_needs_no_depth(self) -> None:
        parents = {str(n): [str(n - 1), f"b{n}"] for n in range(1, 5000)} | {
            f"b{n}": [f"b{n - 1}"] for n in range(1, 5000)
        }
        assert merges_of("4999", parents, ["b1"]) == ["1"]


def told(acts: Sequence[Act]) -> list[tuple[str, str, str]]:
    return [(act.role.value, act.person.name, act.trailer) for act in acts]


class TestCommits:
    def test_everybody_is_told(self) -> None:
        change = commit("Add squares\n\nReviewed-by: Grace <grace@example.com>", oid="c1", committer=EVE)
        merge = commit("Merge pull request #7 from x/y\n\nAdd squares", oid="c2", author=GRACE, committer=EVE)
        own = commit("Register\n\nSigned-off-by: Ada <ada@example.com>", oid="c3", author=ADA, committer=GRACE)
        acts = list(acts_of_commits(Making(own=own, trained=change, changes=(own, change), merges=(merge,))))
        assert told(acts) == [
            ("trained", "Ada", ""),
            ("wrote", "Ada", ""),
            ("committed", "Eve", ""),
            ("merged", "Grace", ""),
            ("committed", "Ada", ""),
            ("committed", "Grace", ""),
            ("reviewed", "Grace", "Reviewed-by"),
            ("signed off", "Ada", "Signed-off-by"),
        ]
        assert [act.request for act in acts] == [None, None, None, Request(7, "Add squares"), *[None] * 4]
        assert [act.when.timestamp() for act in acts[:3]] == [100, 100, 200]

    def test_a_squashed_request_is_named_where_it_was_written(self) -> None:
        squashed, own = commit("Add squares (#8)", oid="c1"), commit("Register", oid="c2")
        acts = acts_of_commits(Making(own=own, trained=None, changes=(squashed,), merges=()))
        expected = [("wrote", Request(8, "Add squares")), ("committed", None)]
        assert [(act.role.value, act.request) for act in acts] == expected


def event(kind: EventKind, version: str, time: int, **more: object) -> Event:
    change = Change(kind, "churn", parse_version(version), **more)  # type: ignore[arg-type]  # by name
    return Event(change, f"churn@v{version}", f"{time:040x}", "f" * 40, ADA, time)


def test_events_of_a_version_and_what_took_its_place() -> None:
    first, second = parse_version("1.0.0"), parse_version("2.0.0")
    events = [
        event(EventKind.REGISTER, "1.0.0", 1),
        event(EventKind.PROMOTE, "1.0.0", 2, stage="production"),
        event(EventKind.REGISTER, "2.0.0", 3),
        event(EventKind.PROMOTE, "2.0.0", 4, stage="production", supersedes=(first,)),
        event(EventKind.ALIAS, "2.0.0", 5, alias="champion"),
        event(EventKind.ROLLBACK, "1.0.0", 6, stage="production", supersedes=(second,)),
        event(EventKind.UNALIAS, "2.0.0", 7, alias="champion"),
        event(EventKind.ARCHIVE, "1.0.0", 8, stage="archived"),
        event(EventKind.YANK, "2.0.0", 9),
    ]
    versions = fold("churn", events).versions
    assert [act.role for act in acts_of_events(versions[first], events)] == [
        Role.REGISTERED,
        Role.PROMOTED,
        Role.ARCHIVED,
        Role.ROLLED_BACK,
        Role.ARCHIVED,
    ]
    assert [act.role for act in acts_of_events(versions[second], events)] == [
        Role.REGISTERED,
        Role.PROMOTED,
        Role.ALIASED,
        Role.ARCHIVED,
        Role.UNALIASED,
        Role.YANKED,
    ]


def test_a_lightweight_tag_does_not_say_who_made_it() -> None:
    tagged = event(EventKind.REGISTER, "1.0.0", 1)._replace(annotated=False)
    assert list(acts_of_events(fold("churn", [tagged]).versions[tagged.version], [tagged])) == []


def test_facts() -> None:
    when = datetime(2026, 3, 2, tzinfo=UTC)
    fact = Annotation(key="k", value=1, actor="Ada <ada@example.com>", time=when, id="1")
    [act] = acts_of_facts([fact])
    assert (act.role, act.person, act.when, act.signature) == (Role.ANNOTATED, ADA, when, None)


def test_people_by_their_address() -> None:
    shouting = Actor("ADA", "ADA@example.com")
    commits = [commit("x", oid=str(n), author=who, committer=who) for n, who in enumerate((ADA, GRACE, shouting))]
    making = Making(own=commits[2], trained=commits[0], changes=tuple(commits), merges=())
    nameless = Act(
        role=Role.REVIEWED, person=Actor("Ada", ""), when=datetime(2026, 1, 1, tzinfo=UTC), source=commits[0]
    )
    found = participants([*in_order(acts_of_commits(making)), nameless])
    assert [(str(one.person), [role.value for role in one.roles]) for one in found] == [
        ("Ada <ada@example.com>", ["wrote", "trained", "committed"]),
        ("Grace <grace@example.com>", ["wrote"]),
        ("Ada", ["reviewed"]),
    ]


def test_the_order_of_time_and_of_roles() -> None:
    own = commit("Register\n\nReviewed-by: Grace <grace@example.com>", oid="c3")
    making = Making(own=own, trained=commit("x", oid="c1"), changes=(commit("x", oid="c1"),), merges=())
    assert [act.role.value for act in in_order(acts_of_commits(making))] == [
        "wrote",
        "trained",
        "committed",
        "reviewed",
    ]

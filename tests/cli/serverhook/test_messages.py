"""What is not exactly an event as mreg writes it cannot be mistaken for one, or for none."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path
from random import Random

import mreg
from mreg.core.events import Change, Event
from mreg.core.messages import parse_message, split_signature
from mreg.core.records import disagreement, read_record
from mreg.core.tags import record_of
from tests.cli.serverhook.team import HEAD, Team
from tests.gitrepos import git

FIRST = "Event: archive\nModel: churn\nVersion: 1.0.0\nStage: archived\nFrom: staging\n"

BROKEN = [
    ("archive", "destroy", "the trailer Event is not as mreg writes it"),
    ("archive\n", "archive\r\n", "the trailer Event is not as mreg writes it"),
    ("1.0.0", "v1.0.0", "the trailer Version is not as mreg writes it"),
    ("1.0.0", "1.0.0+x", "the trailer Version is not as mreg writes it"),
    ("1.0.0", "1.0." + "1" * 70, "Version or Sequence is too long"),
    ("staging", "Staging", "the trailer From is not as mreg writes it"),
    ("staging\n", "staging\nSupersedes: 1.1.0\t1.2.0\n", "the trailer Supersedes is not as mreg writes it"),
    ("staging\n", "staging\nFrom: none\n", "the trailer From is there twice"),
    ("From: staging", "From", "the trailer From is not as mreg writes it"),
    ("Version: 1.0.0\n", "", "the trailer Model or Version is missing"),
    ("Sequence: 4\n", "", "the trailer Sequence is missing"),
    ("archive", "alias", "the trailer Stage or Alias is missing"),
    ("churn", "ch\0rn", "the trailer Model is not as mreg writes it"),
    ("churn", "ch\xfcrn", "the trailer Model is not as mreg writes it"),
    ("Sequence: 4", "Sequence: 0", "the trailer Sequence is not as mreg writes it"),
    ("Parent: ", "Parent: 0", "the trailer Parent is no object id"),
]
"""What is replaced in an event that is whole, by what, and why it is refused then."""

PROSE = ["", "Reviewed-by: Eve\n", "caf\xe9 \x01 \0\n", "Event: promote\nModel: churn\n", "-----BEGIN PARTY-----\n"]


def above(team: Team) -> str:
    return f"Sequence: 4\nParent: {team.newest()}\n"


def test_broken_trailers(team: Team) -> None:
    expected = {}
    for number, (old, new, why) in enumerate(BROKEN):
        message = f"Archive\n\n{FIRST}{above(team)}".replace(old, new)
        team.raw(f"churn@v2.{number}.0", message.encode("latin-1"))
        expected[f"churn@v2.{number}.0"] = why
    assert team.why(*expected) == expected


def test_prose_is_prose(team: Team) -> None:
    """Tags by hand, which are none of our events, and events with prose before their trailers."""
    names, parent = [], team.newest()
    for number, prose in enumerate(PROSE):
        names += [f"churn@v7.{number}.0", f"churn@v1.0.0-a{number}"]
        team.raw(names[-2], f"Release\n\n{FIRST}\n\nAnd so on\n{prose}\n".encode("latin-1"))
        trailers = f"Event: alias\nModel: churn\nX-Own: yes\nVersion: 1.0.0\nAlias: a{number}\nSequence: {4 + number}"
        message = f"Alias\n\n{prose}\nEvent: yank\nParent: none\n\n{trailers}\nParent: {parent}\n\n"
        team.raw(names[-1], message.encode("latin-1"))
        parent = git(team.clone, "rev-parse", names[-1])
    team.passes(*names, f"refs/tags/{names[-1]}:{HEAD}")


def test_a_message_of_trailers_alone_is_none(team: Team) -> None:
    """It has no subject, and so mreg reads the name."""
    team.config("mreg.strict", "true")
    team.raw("churn@v1.0.0-archived", FIRST + above(team))
    assert "it was not written by mreg" in team.refused("churn@v1.0.0-archived")


def test_a_signature_in_the_header(team: Team) -> None:
    target = "churn@v1.0.0-archived\n-----BEGIN SSH SIGNATURE-----\nx\n-----END SSH SIGNATURE-----"
    team.raw("churn@v1.0.0-archived", f"Archive\n\n{FIRST}{above(team)}", called=target)
    assert "its header" in team.refused("churn@v1.0.0-archived")


def test_a_huge_message(team: Team) -> None:
    team.raw("churn@v1.0.0-archived", f"Archive\n\n{'x' * 2_000_000}\n\n{FIRST}{above(team)}")
    assert "it is larger than a mebibyte" in team.refused("churn@v1.0.0-archived")


def test_names_for_a_shell(team: Team) -> None:
    names = "$(touch${IFS}pwned)@v1.0.0", "churn@v1.0.0;id", "-n@v1.0.0", "churn@v1.0.0-%s`id`", "caf\xe9@v1"
    for name in names:
        git(team.clone, "update-ref", f"refs/tags/{name}", "HEAD")
    team.passes(*names)
    assert not list(team.server.rglob("pwned"))


TRAILERS = [
    *("Event: promote", "Model: churn", "Version: 1.0.0", "Stage: staging", "From: none"),
    *("Supersedes: 1.1.0 1.2.0-rc.1", "Sequence: 4", f"Parent: {'a' * 40}"),
]
OTHERS = [
    *("", "", "", " ", "x", "\r", "\0", "\xa0", "Stage:", "Event", "Event: yank", "\n\nEvent: yank", "Version: v1.0.0"),
    *("-----BEGIN SSH SIGNATURE-----", "-----BEGIN PGP MESSAGE-----x", "-----BEGIN X-----", "Signed-off-by: Eve"),
]
NAMES = ["churn@v1.0.0", "churn@v1.0.0-staging", "churn@v1.0.0-staging.2", "churn@v1.0.0-yanked"]


def invent(random: Random) -> str:
    """A message that is nearly an event's."""
    lines = [*random.choice([["Subject", ""], ["Subject", "", "Why", ""], ["Subject"], []]), *TRAILERS]
    for _ in range(random.choice([0, 1, 1, 2, 4])):
        at = random.randrange(len(lines) + 1)
        lines[at : at + random.choice([0, 0, 1])] = [random.choice([*OTHERS, *TRAILERS])]
    return "\n".join(lines) + random.choice(["", "\n", "\n", "\n\n"])


def as_the_hook_reads(objects: list[bytes]) -> list[list[str]]:
    """The fields of each tag object, from its state to its parent, and what is wrong with it."""
    script = Path(mreg.__file__).parents[1].joinpath("templates", "hooks", "update").read_text()
    reader = script[: script.index("# Sets these variables")].replace("git cat-file --batch | ", "")
    batch = b"".join(f"{i:040d} tag {len(data)}\n".encode() + data + b"\n" for i, data in enumerate(objects))
    command = ["sh", "-c", f"set -- ref old new\n{reader}\nrecords"]
    done = subprocess.run(command, input=batch, capture_output=True, check=True)
    return [line.split(" ", maxsplit=12)[2:] for line in done.stdout.decode().splitlines()]


def test_the_hook_reads_a_tag_as_mreg_does() -> None:
    """Of any tag object, the hook tells the same event as mreg, or it refuses it."""
    random = Random(4)
    tags = [(random.choice(NAMES), invent(random)) for _ in range(3000)]
    head = f"object {'b' * 40}\ntype commit\ntag {{}}\ntagger Eve <e@example.com> 1 +0000\n\n{{}}"
    read = as_the_hook_reads([head.format(*tag).encode("latin-1") for tag in tags])
    for (name, message), (state, own_name, *values, why) in zip(tags, read, strict=True):
        assert own_name == name
        if state == "plain":
            assert parse_message(split_signature(message)[0]) is None
        elif state == "event":
            event = read_record(record_of(name, "c" * 40, "tag", head.format(name, message)))
            assert isinstance(event, Event)
            assert (disagreement(event) is None and event.change.sequence is not None) == (why == "")
            assert told(event.change) == values
    counts = Counter(state for state, *_ in read)
    assert min(counts["plain"], counts["event"], counts["bad"]) > 300


def told(change: Change) -> list[str]:
    supersedes = ",".join(str(version) for version in change.supersedes)
    stages = change.stage, change.origin
    values = change.kind, change.model, change.version, *stages, supersedes, change.sequence, change.parent
    return [str(value) if value else "-" for value in values]

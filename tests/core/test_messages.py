"""Messages: what is written reads back, and no reason can change what happened."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mreg.core.events import Change, EventKind
from mreg.core.messages import (
    BrokenTrailers,
    InvalidReason,
    check_reason,
    format_message,
    parse_message,
    split_signature,
    subject,
)
from mreg.core.versions import parse_version
from tests.core.strategies import changes, reasons

SIGNATURES = ("SSH SIGNATURE", "PGP SIGNATURE", "PGP MESSAGE", "SIGNED MESSAGE")
PROMOTION = Change(
    kind=EventKind.PROMOTE,
    model="churn",
    version=parse_version("1.3.0"),
    stage="production",
    origin="staging",
    supersedes=(parse_version("1.2.0"), parse_version("1.1.0")),
    forced=True,
    sequence=14,
    parent="9f3c1e" + "0" * 34,
    reason="Two points of F1 over v1.2.0 on the October holdout.",
)
TEXT = """\
Promote churn v1.3.0 to production

Two points of F1 over v1.2.0 on the October holdout.

Event: promote
Model: churn
Version: 1.3.0
Stage: production
From: staging
Supersedes: 1.2.0 1.1.0
Forced: true
Sequence: 14
Parent: 9f3c1e0000000000000000000000000000000000
"""
BLOCK = "Event: promote\nModel: churn\nVersion: 1.3.0\nStage: production\n"


def test_a_message_is_subject_reason_and_trailers() -> None:
    assert format_message(PROMOTION) == TEXT
    assert parse_message(TEXT) == PROMOTION


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (EventKind.REGISTER, "Register churn v1.3.0"),
        (EventKind.PROMOTE, "Promote churn v1.3.0 to production"),
        (EventKind.ROLLBACK, "Roll churn back to v1.3.0 in production"),
        (EventKind.ARCHIVE, "Archive churn v1.3.0"),
        (EventKind.YANK, "Yank churn v1.3.0"),
        (EventKind.ALIAS, "Name churn v1.3.0 champion"),
        (EventKind.UNALIAS, "Remove champion from churn v1.3.0"),
    ],
)
def test_the_subject_says_what_happened(kind: EventKind, expected: str) -> None:
    change = Change(kind, "churn", parse_version("1.3.0"), "production", "champion")
    assert subject(change) == expected


@given(changes())
def test_a_change_reads_back(change: Change) -> None:
    assert parse_message(format_message(change)) == change


@given(changes(), reasons)
def test_a_reason_changes_no_trailer(change: Change, reason: str) -> None:
    told = parse_message(format_message(change._replace(reason=reason)))
    assert told == change._replace(reason=check_reason(reason))


@given(changes(), st.data())
def test_a_trailer_of_somebody_else_changes_nothing(change: Change, data: st.DataObject) -> None:
    text, _, block = format_message(change).rpartition("\n\n")
    lines = block.split("\n")
    lines.insert(data.draw(st.integers(1, len(lines))), "Reviewed-by: Grace Hopper <grace@example.com>")
    lines[1:] = data.draw(st.permutations(lines[1:]).map(lambda some: [line for line in some if line]))
    assert parse_message("\n\n".join([text, "\n".join(lines)])) == change


@given(reasons)
def test_a_reason_is_stored_as_checked(reason: str) -> None:
    assert check_reason(check_reason(reason)) == check_reason(reason)


@pytest.mark.parametrize("kind", SIGNATURES)
def test_a_signature_is_cut_off(kind: str) -> None:
    signature = f"-----BEGIN {kind}-----\nU1NIU0lHAAAA\n-----END {kind}-----\n"
    assert split_signature(TEXT + signature) == (TEXT, True)
    assert split_signature(signature) == ("", True)
    assert split_signature(TEXT) == (TEXT, False)


def test_the_last_line_that_begins_a_signature_begins_it() -> None:
    quoted = f"Subject\n\n-----BEGIN PGP MESSAGE-----\nquoted\n\n{BLOCK}"
    assert split_signature(f"{quoted}-----BEGIN SSH SIGNATURE-----\nx\n") == (quoted, True)


@pytest.mark.parametrize("line", ["see -----BEGIN SSH SIGNATURE-----", "-----BEGIN CERTIFICATE-----"])
def test_other_lines_begin_no_signature(line: str) -> None:
    assert split_signature(f"Subject\n\n{line}\n") == (f"Subject\n\n{line}\n", False)


@pytest.mark.parametrize(
    ("given_text", "stored"),
    [
        ("", ""),
        ("  \n \n", ""),
        ("better", "better"),
        ("\n\nbetter\n\n", "better"),
        ("one  \r\ntwo\t\n", "one\ntwo"),
        ("  indented", "  indented"),
        ("a\n\n\nb", "a\n\n\nb"),
        ("a\tb", "a\tb"),
        ("naïve 😀 модель", "naïve 😀 модель"),
        ("see -----BEGIN SSH SIGNATURE-----", "see -----BEGIN SSH SIGNATURE-----"),
        (BLOCK, BLOCK.strip()),
    ],
)
def test_accepts_a_reason(given_text: str, stored: str) -> None:
    assert check_reason(given_text) == stored
    assert parse_message(format_message(PROMOTION._replace(reason=given_text))) == PROMOTION._replace(reason=stored)


@pytest.mark.parametrize(
    ("reason", "problem"),
    [
        ("-----BEGIN SSH SIGNATURE-----", "signature block"),
        ("fine\n-----BEGIN PGP MESSAGE-----\nx", "signature block"),
        ("fine\r\n-----BEGIN ANYTHING", "signature block"),
        ("\x1b[31mred", r"'\x1b'"),
        ("a\x00b", r"'\x00'"),
        ("a\rb", r"'\r'"),
        ("a\x85b", r"'\x85'"),
        ("a\x7fb", r"'\x7f'"),
        ("\udcff", "UTF-8"),
    ],
)
def test_refuses_a_reason_and_says_why(reason: str, problem: str) -> None:
    with pytest.raises(InvalidReason) as caught:
        format_message(PROMOTION._replace(reason=reason))
    assert problem in caught.value.problem


@pytest.mark.parametrize("reason", ["", "plain", BLOCK, f"Reviewed-by: A\n\n{BLOCK}\n---\n\nEvent: yank", "# heading"])
def test_git_reads_the_same_trailers(reason: str) -> None:
    message = format_message(PROMOTION._replace(reason=reason))
    command = ["git", "interpret-trailers", "--parse", "--no-divider"]
    done = subprocess.run(command, input=message, text=True, capture_output=True, check=True)
    assert done.stdout == TEXT.rpartition("\n\n")[2]


@pytest.mark.parametrize(
    "message",
    [
        "",
        "Release 1.3.0\n",
        f"Subject\n\n{BLOCK}\nA paragraph after it.\n",
        f"Subject\n{BLOCK}",
        BLOCK,
        f"Subject\n\nReviewed-by: A\n{BLOCK}",
        f"Subject\n\n {BLOCK}",
        f"Subject\r\n\r\n{BLOCK}".replace("\n", "\r\n"),
        "Subject\n\nevent: promote\nModel: churn\nVersion: 1.3.0\nStage: production\n",
    ],
)
def test_has_no_trailers_of_ours(message: str) -> None:
    assert parse_message(message) is None


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ("Event: ", "Event cannot be ''"),
        ("Event: party\nModel: churn\nVersion: 1.3.0", "'party' is not one that this version"),
        ("Event: Promote\nModel: churn\nVersion: 1.3.0", "'Promote' is not one"),
        ("Event: register\nVersion: 1.3.0", "Model is missing"),
        ("Event: register\nModel: churn", "Version is missing"),
        ("Event: promote\nModel: churn\nVersion: 1.3.0", "Stage is missing"),
        ("Event: rollback\nModel: churn\nVersion: 1.3.0", "Stage is missing"),
        ("Event: alias\nModel: churn\nVersion: 1.3.0", "Alias is missing"),
        ("Event: unalias\nModel: churn\nVersion: 1.3.0", "Alias is missing"),
        ("Event: register\nModel: churn\nVersion: 1.3", "'1.3' is not a version"),
        ("Event: register\nModel: churn\nVersion: 1.3.0+b", "build metadata"),
        (f"{BLOCK}Supersedes: 1.2.0, 1.1.0", "'1.2.0,' is not a version"),
        (f"{BLOCK}Sequence: 0", "Sequence cannot be '0'"),
        (f"{BLOCK}Sequence: -1", "Sequence cannot be '-1'"),
        (f"{BLOCK}Sequence: 1.5", "Sequence cannot be '1.5'"),
        (f"{BLOCK}Sequence: ٣", "Sequence cannot be '٣'"),
        (f"{BLOCK}Sequence: 1000000000000", "Sequence cannot be"),
        (f"{BLOCK}Sequence: {'9' * 5000}", "Sequence cannot be"),
        (f"{BLOCK}Forced: false", "Forced cannot be 'false'"),
        (f"{BLOCK}Parent: HEAD", "Parent cannot be 'HEAD'"),
        (f"{BLOCK}Artifact-SHA256: 5b1d", "Artifact-SHA256 cannot be '5b1d'"),
        (f"{BLOCK}From: \x1b[31m", "From cannot be"),
        (f"{BLOCK}Version: 1.4.0", "Version is there twice"),
        (BLOCK.replace("production", "Production"), "Stage cannot be 'Production'"),
        (BLOCK.replace("production", "../x"), "Stage cannot be '../x'"),
    ],
)
def test_broken_trailers_say_what_is_wrong(block: str, problem: str) -> None:
    with pytest.raises(BrokenTrailers) as caught:
        parse_message(f"Subject\n\n{block}\n")
    assert problem in str(caught.value)


def test_reads_trailers_in_another_order_and_with_others_between() -> None:
    shuffled = (
        "Event: promote\nStage: production\nReviewed-by: A <a@example.com>\nVersion: 1.3.0\nSequence: 2\nModel: churn\n"
    )
    assert parse_message(f"Subject\n\nWhy.\n\n{shuffled}") == Change(
        EventKind.PROMOTE, "churn", parse_version("1.3.0"), "production", sequence=2, reason="Why."
    )

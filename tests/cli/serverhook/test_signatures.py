"""Who may change a protected stage."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from mreg.core.messages import format_message
from mreg.core.versions import parse_version
from tests.cli.serverhook.team import HEAD, PROTECTED, Team, unsigned
from tests.cli.snapshot import check
from tests.gitrepos import git, gpg, run_git, sign_with, write


def in_production(team: Team, version: str = "1.0.0") -> None:
    team.passes(team.write("promote", version, stage="production", origin="staging"), HEAD)


def test_ada_promotes_and_rolls_back(guarded: Team) -> None:
    in_production(guarded)
    new = guarded.write("promote", "1.1.0", stage="production", origin="none", supersedes=(parse_version("1.0.0"),))
    back = guarded.write("rollback", stage="production", origin="archived", count=2)
    guarded.passes(new, back, HEAD)


def test_unsigned(guarded: Team) -> None:
    unsigned(guarded)
    check("hook-unsigned.txt", guarded.refused(guarded.write("rollback", stage="production", origin="staging"), HEAD))


def test_what_claims_to_come_from_a_protected_stage(guarded: Team) -> None:
    unsigned(guarded)
    name = guarded.write("promote", "1.1.0", stage="staging", origin="production")
    assert guarded.why(name) == {name: PROTECTED}


def test_somebody_else(guarded: Team, keys: dict[str, Path]) -> None:
    sign_with(guarded.clone, keys["eve"])
    check("hook-signer.txt", guarded.refused(guarded.write("promote", stage="production", origin="staging"), HEAD))
    git(guarded.server, "config", "--unset", "mreg.signers")
    guarded.passes("churn@v1.0.0-production", HEAD)


def test_an_unknown_key(guarded: Team) -> None:
    write(guarded.server / "allowed_signers", "")
    assert "no signature that the server trusts" in guarded.refused(
        guarded.write("promote", stage="production", origin="staging")
    )


def test_a_signature_of_something_else(guarded: Team) -> None:
    wanted = format_message(guarded.change("promote", "1.1.0", stage="production"))
    name = guarded.write("promote", stage="production", origin="staging")
    text = git(guarded.clone, "cat-file", "tag", name)
    guarded.raw("churn@v1.1.0-production", f"{wanted}{text[text.index('-----BEGIN') :]}\n")
    assert PROTECTED in guarded.why("churn@v1.1.0-production")["churn@v1.1.0-production"]


def test_other_stages_are_free(guarded: Team) -> None:
    unsigned(guarded)
    names = [guarded.write("promote", "1.1.0", stage="staging", origin="none"), guarded.write("archive", "1.1.0")]
    guarded.passes(*names, guarded.write("register", "2.0.0"), guarded.write("yank", "2.0.0"), HEAD)


def test_nobody_else_empties_production(guarded: Team) -> None:
    """Whatever the event says that the version comes from."""
    in_production(guarded)
    unsigned(guarded)
    above: dict[str, Any] = {"parent": guarded.newest(), "sequence": 5}
    events: list[tuple[str, int, dict[str, str]]] = [
        ("archive", 1, {"origin": "production"}),
        ("archive", 2, {"origin": "staging"}),
        ("yank", 1, {}),
        ("promote", 1, {"stage": "none"}),
        ("promote", 2, {"stage": "staging", "origin": "none"}),
        ("rollback", 3, {"stage": "staging"}),
    ]
    names = [guarded.write(kind, count=count, **(above | values)) for kind, count, values in events]
    assert guarded.why(*names) == dict.fromkeys(names, PROTECTED)


def test_nobody_else_supersedes_what_is_in_production(guarded: Team) -> None:
    in_production(guarded)
    unsigned(guarded)
    over = (parse_version("1.0.0"),)
    assert PROTECTED in guarded.refused(guarded.write("promote", "1.1.0", stage="staging", supersedes=over), HEAD)


def test_what_left_production_is_free(guarded: Team) -> None:
    in_production(guarded)
    over = (parse_version("1.0.0"),)
    guarded.passes(guarded.write("promote", "1.1.0", stage="production", origin="none", supersedes=over), HEAD)
    unsigned(guarded)
    guarded.passes(guarded.write("promote", stage="staging", origin="archived", count=2), HEAD)
    assert PROTECTED in guarded.refused(guarded.write("archive", "1.1.0"), HEAD)


def test_every_stage(guarded: Team) -> None:
    guarded.config("mreg.signed", "*")
    write(guarded.server / "signers", "canary ada@example.com\n")
    guarded.passes(guarded.write("promote", "1.1.0", stage="canary", origin="none"), HEAD)
    assert "may not change what is in staging" in guarded.refused(guarded.write("archive"), HEAD)


def test_the_signers_alone_name_the_stages(guarded: Team) -> None:
    git(guarded.server, "config", "--unset", "mreg.signed")
    write(guarded.server / "signers", "canary ada@example.com\n")
    unsigned(guarded)
    guarded.passes(guarded.write("promote", "1.1.0", stage="staging", origin="none"), HEAD)
    assert "what changes canary is signed here" in guarded.refused(guarded.write("promote", stage="canary"), HEAD)


@pytest.mark.parametrize("by_hand", [False, True])
def test_registrations(by_hand: bool, guarded: Team) -> None:
    guarded.config("mreg.signed", "production, register")
    guarded.passes(guarded.write("register", "2.0.0"), HEAD)
    unsigned(guarded)
    if by_hand:
        git(guarded.clone, "tag", "churn@v2.1.0")
    else:
        guarded.write("register", "2.1.0")
    assert "registrations are signed here" in guarded.refused("churn@v2.1.0")


def test_settings_that_cannot_be_read(guarded: Team) -> None:
    name = guarded.write("register", "2.0.0")
    guarded.config("mreg.signers", "nowhere")
    assert "the server cannot read its settings" in guarded.push(name).stderr.decode()
    guarded.config("mreg.signers", "signers")
    guarded.config("mreg.strict", "perhaps")
    assert "the server cannot read its settings" in guarded.push(name).stderr.decode()
    assert run_git(guarded.server, "rev-parse", "--verify", f"refs/tags/{name}").returncode != 0


def test_openpgp(guarded: Team, gpg_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GNUPGHOME", str(gpg_home))
    git(guarded.clone, "config", "gpg.format", "openpgp")
    git(guarded.clone, "config", "user.signingKey", "ada@example.com")
    guarded.passes(guarded.write("promote", stage="production", origin="staging"), HEAD)
    listing = gpg(gpg_home, "--with-colons", "--fingerprint", "ada@example.com").decode()
    fingerprint = next(line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr"))
    write(guarded.server / "signers", f"production {fingerprint}\n")
    guarded.passes(guarded.write("archive", origin="production"), HEAD)
    write(guarded.server / "signers", "production grace@example.com\n")
    name = guarded.write("promote", "1.1.0", stage="production", origin="none")
    assert "whoever signed it may not change what is in production" in guarded.refused(name)


SHELLS = [shell for shell in ("dash", "bash --posix", "busybox sh") if shutil.which(shell.split()[0])]


@pytest.mark.parametrize("shell", SHELLS)
def test_shells(shell: str, guarded: Team) -> None:
    hook = guarded.server / "hooks" / "update"
    program = f"{shutil.which(shell.split(maxsplit=1)[0])} {' '.join(shell.split()[1:])}".strip()
    hook.write_text(hook.read_text().replace("#!/bin/sh", f"#!{program}", 1))
    guarded.passes(guarded.write("promote", stage="production", origin="staging"), HEAD)
    unsigned(guarded)
    assert PROTECTED in guarded.refused(guarded.write("archive"), HEAD)
    assert "it is not built on the newest event here" in guarded.refused(f"refs/tags/churn@v1.0.0:{HEAD}", force=True)

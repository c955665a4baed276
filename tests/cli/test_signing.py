"""Signatures: git's own configuration decides, `history` and `verify` tell good, bad, unknown or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.projects import train
from tests.cli.snapshot import check
from tests.cli.tampering import retag
from tests.gitrepos import sign_with, trust

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.projects import Project


@pytest.fixture
def signed(registry: Project, keys: dict[str, Path]) -> Project:
    """A registry whose two newest events are signed: one by Ada, then one by Eve."""
    registry.go_to("2026-03-02")
    trust(registry.root, ada=keys["ada"])
    sign_with(registry.root, keys["ada"])
    registry.mreg("promote", "cancer@staging", "production", "-m", "signed")
    sign_with(registry.root, keys["eve"])
    registry.mreg("rollback", "cancer", "-m", "signed by somebody else")
    sign_with(registry.root, keys["ada"], tags=False)
    return registry


def signatures(registry: Project, *options: str) -> list[str]:
    return [event["signature"]["state"] for event in registry.data("history", *options)]


def test_states(signed: Project) -> None:
    check("history-signed.txt", signed.mreg("history", "cancer", "--limit", "3").out)
    check("history-signed.json", signed.mreg("history", "cancer", "--limit", "2", "--json").out)
    assert signatures(signed) == ["unknown", "good", *["none"] * 12]
    check("verify-signed.txt", signed.mreg("verify").out)
    assert signed.data("verify")["signatures"] == {"good": 1, "bad": 0, "unknown": 1, "none": 12}


def test_the_signer_is_named(signed: Project) -> None:
    signers = [event["signature"]["signer"] for event in signed.data("history", "--limit", "3")]
    assert signers == [None, "ada@example.com", None]


def test_a_signature_that_does_not_fit(signed: Project) -> None:
    retag(signed, "cancer@v1.0.0-production.3", "Stage: production", "Stage: staging")
    assert signatures(signed, "--limit", "1") == ["bad"]
    ran = signed.mreg("verify", code=1)
    check("verify-bad-signature.txt", ran.out)
    assert signed.data("history", "--limit", "1")[0]["signature"] == {"state": "bad", "signer": None}


def test_whoever_is_trusted_decides(signed: Project, keys: dict[str, Path]) -> None:
    trust(signed.root, eve=keys["eve"])
    assert signatures(signed, "--limit", "2") == ["good", "unknown"]
    assert "  good by eve@example.com  " in signed.mreg("history", "--limit", "1").out
    signed.git("config", "--unset", "gpg.ssh.allowedSignersFile")
    assert signatures(signed, "--limit", "2") == ["unknown", "unknown"]


def test_a_registration_is_signed(project: Project, keys: dict[str, Path]) -> None:
    trust(project.root, ada=keys["ada"])
    sign_with(project.root, keys["ada"], commits=True)
    project.write("model.joblib", train(3).model)
    project.mreg("register", "cancer", "model.joblib", "-m", "signed\n\nStage: staging")
    assert signatures(project) == ["good"]
    assert project.git("log", "-1", "--format=%G?") == "G"
    assert project.mreg("verify", "--deep").code == 0
    assert project.data("history")[0]["reason"] == "signed\n\nStage: staging"


def test_a_key_that_cannot_sign(registry: Project, tmp_path: Path) -> None:
    sign_with(registry.root, tmp_path / "no-such-key")
    before = registry.state()
    ran = registry.mreg("promote", "cancer@v1.1.0", "production", code=3)
    assert "hint: check user.signingKey" in ran.err
    assert registry.state() == before

"""An artifact that is damaged on the DVC remote is named, and neither delivered nor deleted."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.gitrepos import git, write
from tests.servers.fixtures import Servers, servers_fixture  # noqa: F401
from tests.torture.conftest import LONG
from tests.torture.teams import Did, Member, Team

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KINDS = ("path", "webdav", "sftp") if LONG else ("path", "webdav")


def _corrupt(file: Path) -> None:
    data = file.read_bytes()
    _replace(file, data[:-1] + bytes([data[-1] ^ 1]), 0o644)


def _corrupt_and_protected(file: Path) -> None:
    """DVC takes the bytes of such a file for right without looking."""
    _corrupt(file)
    file.chmod(0o444)


def _truncated(file: Path) -> None:
    _replace(file, file.read_bytes()[:100], 0o644)


def _replace(file: Path, data: bytes, mode: int) -> None:
    file.unlink()
    file.write_bytes(data)
    file.chmod(mode)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "corrupt": _corrupt,
    "corrupt and protected": _corrupt_and_protected,
    "truncated": _truncated,
    "missing": lambda file: file.unlink(),
}


def _object(store: Path, clone: Path, tag: str, model: str = "churn") -> Path:
    md5 = git(clone, "show", f"{tag}:{model}.bin.dvc").partition("md5: ")[2][:32]
    return store / "files" / "md5" / md5[:2] / md5[2:]


def _use_remote(team: Team, kind: str, servers: Servers) -> Path:
    """Let the team's artifacts be on a DVC remote of this kind; returns its folder."""
    if kind == "path":
        return team.store
    remote = servers.dvc(kind)
    shutil.copytree(team.store / "files", remote.folder / "files")
    for clone in team.clones:
        write(clone / ".dvc" / "config", "")
        remote.configure(clone)
    return remote.folder


def _check_named(did: Did, name: str) -> None:
    assert did.code in (1, 3), did.document
    assert name in str(did.data), did.document


def _check_pulled(grace: Member, name: str) -> None:
    """The version is named, and the other artifact in use is here: what is behind a bad one comes too."""
    other = _object(grace.clone / ".dvc" / "cache", grace.clone, "fraud@v1.1.0", "fraud")
    other.unlink(missing_ok=True)
    did = grace.mreg("pull", "--artifacts")
    _check_named(did, name)
    assert did.code == 3
    assert [one["versions"] for one in did.data["failed"]] == [["churn@v1.1.0"]]
    assert did.data["artifacts"] == ["fraud@v1.1.0"]
    assert other.is_file()


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_artifact(
    kind: str,
    fresh_team: Callable[[int], Team],
    crowd: Callable[[Team], list[Member]],
    servers: Servers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    team = fresh_team(2)
    grace, store = crowd(team)[1], _use_remote(team, kind, servers)
    file = _object(store, grace.clone, "churn@v1.1.0")
    good, out = file.read_bytes(), tmp_path / "out"
    for name, damage in list(DAMAGES.items())[:: 1 if LONG or kind == "path" else 3]:
        print(name)
        damage(file)
        bad = file.read_bytes() if file.exists() else None
        _check_named(grace.mreg("get", "churn@production", "-o", str(out)), f"{file.parent.name}{file.name}")
        if LONG or name != "truncated":
            _check_pulled(grace, f"{file.parent.name}{file.name}")
        if LONG or name != "corrupt":
            _check_named(grace.mreg("verify", "churn", "--deep"), "churn@v1.1.0")
        assert (file.read_bytes() if file.exists() else None) == bad
        assert [path for path in out.rglob("*") if path.is_file()] == []
        cached = _object(grace.clone / ".dvc" / "cache", grace.clone, "churn@v1.1.0")
        assert not cached.exists() or cached.read_bytes() == good
        file.unlink(missing_ok=True)
        file.write_bytes(good)
    grace.done("get", "churn@production", "-o", str(out))
    assert (out / "churn.bin").read_bytes() == good
    grace.done("pull", "--artifacts")
    assert grace.mreg("verify", "--deep").code == 0

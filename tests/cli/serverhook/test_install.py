"""`mreg hook install --server`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.serverhook.team import Team, install, new_server
from tests.cli.snapshot import check
from tests.gitrepos import git, write


def test_twice_is_as_once(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "models.git")
    server = tmp_path / "models.git"
    first = install(server, folder=tmp_path)
    check("hook-install.txt", first.out + first.err, folder=tmp_path)
    hook = server / "hooks" / "update"
    assert os.access(hook, os.X_OK)
    before = hook.stat()
    again = install(Path("models.git"), "--json", folder=tmp_path)
    check("hook-install.json", again.out, folder=tmp_path)
    assert (hook.stat().st_mtime_ns, hook.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_another_version_is_replaced(tmp_path: Path) -> None:
    server = new_server(tmp_path / "models.git")
    hook = server / "hooks" / "update"
    ours = hook.read_text()
    hook.write_text(ours.replace("version 1\n", "version 0\n"))
    assert install(server, "--json").data["outcome"] == "replaced"
    assert hook.read_text() == ours


def test_a_newer_version_stays(tmp_path: Path) -> None:
    server = new_server(tmp_path / "models.git")
    hook = server / "hooks" / "update"
    newer = hook.read_text().replace("version 1\n", "version 999\n")
    hook.write_text(newer)
    ran = install(server)
    assert (ran.code, ran.out, hook.read_text()) == (1, "", newer)
    assert "is version 999 of mreg's hook" in ran.err


def test_a_hook_that_lost_its_bit(tmp_path: Path) -> None:
    server = new_server(tmp_path / "models.git")
    (server / "hooks" / "update").chmod(0o644)
    assert install(server, "--json").data["outcome"] == "unchanged"
    assert os.access(server / "hooks" / "update", os.X_OK)


def test_a_hook_of_their_own(team: Team) -> None:
    hook = write(team.server / "hooks" / "update", '#!/bin/sh\ntest "$1" != refs/heads/secret\n')
    hook.chmod(0o755)
    theirs = hook.read_text()
    ran = install(team.server)
    assert (ran.code, hook.read_text()) == (1, theirs)
    check("hook-install-other.txt", ran.out + ran.err, folder=team.server)
    line = ran.err.partition("again: ")[2].strip()
    hook.write_text(theirs.replace("#!/bin/sh\n", f"#!/bin/sh\n{line}\n"))
    check("hook-install-called.txt", install(team.server).out, folder=team.server)
    assert "cannot be deleted" in team.refused(":refs/tags/churn@v1.0.0")
    assert team.push("HEAD:refs/heads/secret").returncode != 0
    team.passes("HEAD:refs/heads/public")


def test_a_folder_for_all_hooks(tmp_path: Path) -> None:
    server = tmp_path / "models.git"
    git(tmp_path, "init", "--quiet", "--bare", str(server))
    git(server, "config", "core.hooksPath", "../hooks for all")
    ran = install(server)
    assert os.access(tmp_path / "hooks for all" / "update", os.X_OK)
    assert "every repository that names it has this hook now" in ran.err


@pytest.mark.parametrize("path", ["work", "nowhere", "empty"])
def test_not_a_bare_repository(path: str, repository: Path, tmp_path: Path) -> None:
    repository.rename(tmp_path / "work")
    (tmp_path / "empty").mkdir()
    ran = install(Path(path), folder=tmp_path)
    assert ran.code == 2
    assert ran.err.startswith(f"mreg: {path} is not a bare repository\nhint: ") or path == "nowhere"
    assert not list(tmp_path.rglob("*-update"))


def test_settings_that_let_nobody_in(tmp_path: Path) -> None:
    server = new_server(tmp_path / "models.git")
    git(server, "config", "mreg.signed", "production")
    assert "no signature by an SSH key is good here" in install(server).err
    git(server, "config", "mreg.signers", "signers")
    data = install(server, "--json")
    assert data.data["signed"] == ["production"]
    assert data.data["signers"] == str(server / "signers")
    assert "no tag of a registry is accepted" in data.json["notices"][0]

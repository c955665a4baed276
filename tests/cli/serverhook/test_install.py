"""`mreg hook install --server`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.serverhook.team import HEAD, Team, install, new_server
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
    for comment in (f"# {line}", f"true # {line}"):
        hook.write_text(f"{theirs}{comment}\n")
        assert install(team.server).code == 1
    hook.write_text(theirs.replace("#!/bin/sh\n", f"#!/bin/sh\n{line}\n"))
    hook.chmod(0o644)
    ran = install(team.server)
    assert (ran.code, ran.out) == (1, "")
    check("hook-install-not-run.txt", ran.err, folder=team.server)
    hook.chmod(0o755)
    check("hook-install-called.txt", install(team.server).out, folder=team.server)
    assert "cannot be deleted" in team.refused(":refs/tags/churn@v1.0.0")
    assert team.push("HEAD:refs/heads/secret").returncode != 0
    team.passes("HEAD:refs/heads/public")


def test_a_call_in_other_words(team: Team) -> None:
    hook = write(team.server / "hooks" / "update", '#!/bin/sh\nhooks/mreg-update "$1" "$2" "$3"\nexit 0\n')
    hook.chmod(0o755)
    ran = install(team.server)
    assert f"called by  {hook}" in ran.out
    assert "make sure that it refuses what that one refuses" in ran.err


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
    expected = {"nowhere": "mreg: there is no folder nowhere\nhint: check the path given with --server\n"}
    assert ran.err.startswith(expected.get(path, f"mreg: {path} is not a bare repository\nhint: name the repository"))
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


def test_what_the_signers_are_listed_for(team: Team) -> None:
    team.passes(team.write("promote", stage="canary", origin="staging"), HEAD)
    lines = "production ada@example.com\n\n# nobody yet\nstaging\teve@example.com # until May\n* bot@example.com\r\n"
    write(team.server / "signers", lines)
    team.config("mreg.signers", "signers")
    team.config("gpg.ssh.allowedSignersFile", "allowed_signers")
    ran = install(team.server)
    check("hook-install-signers.txt", ran.out + ran.err, folder=team.server)
    data = install(team.server, "--json").data
    assert (data["signed"], data["protected"]) == ([], ["production", "staging", "*"])
    write(team.server / "signers", "canary ada@example.com\n")
    assert not install(team.server).err
    write(team.server / "signers", "# nobody\n")
    assert install(team.server, "--json").data["protected"] == ["*"]


def test_signers_that_say_something_else(team: Team) -> None:
    """The hook does what the lines say, and protects nothing that they do not name."""
    lines = [
        "productoin ada@example.com",
        "staging",
        "staging ada@example.com eve@example.com",
        "staging Ada Lovelace <ada@example.com>",
    ]
    write(team.server / "signers", "\n".join(lines))
    team.config("mreg.signers", "signers")
    team.config("gpg.ssh.allowedSignersFile", "allowed_signers")
    ran = install(team.server)
    assert ran.code == 0
    check("hook-install-typos.txt", ran.out + ran.err, folder=team.server)
    team.config("mreg.signed", "prod")
    check("hook-install-typos-signed.txt", install(team.server).err, folder=team.server)


def test_neither_true_nor_false(team: Team) -> None:
    team.config("mreg.strict", "maybe")
    ran = install(team.server)
    assert (ran.code, ran.out) == (1, "")
    check("hook-install-strict.txt", ran.err, folder=team.server)

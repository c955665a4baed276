"""What the tests of the hook begin with; made once per session, copied for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.serverhook.team import HEAD, Team, new_server
from tests.gitrepos import copy_repository, sign_with, write


@pytest.fixture(scope="session")
def first_team(first_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Team:
    folder = tmp_path_factory.mktemp("first-team")
    team = Team(copy_repository(first_repository, folder / "clone"), new_server(folder / "server.git"))
    team.passes("HEAD:refs/heads/main")
    names = [
        team.write("register"),
        team.write("register", "1.1.0"),
        team.write("promote", stage="staging", origin="none"),
    ]
    team.passes(*names, HEAD)
    return team


@pytest.fixture
def team(first_team: Team, tmp_path: Path) -> Team:
    """Two versions of churn, 1.0.0 and 1.1.0, of which the first is in staging; all of it is on the server."""
    return Team(
        copy_repository(first_team.clone, tmp_path / "clone"),
        copy_repository(first_team.server, tmp_path / "server.git"),
    )


@pytest.fixture
def guarded(team: Team, keys: dict[str, Path]) -> Team:
    """A server that knows the keys of Ada and Eve. Ada may change production; what is signed is Ada's at first."""
    lines = [f"{name}@example.com {Path(f'{key}.pub').read_text()}" for name, key in keys.items()]
    team.config("gpg.ssh.allowedSignersFile", str(write(team.server / "allowed_signers", "".join(lines))))
    write(team.server / "signers", "# who may do what\nproduction ada@example.com # until May\n\n* bot@example.com\r\n")
    team.config("mreg.signed", "production")
    team.config("mreg.signers", "signers")
    sign_with(team.clone, keys["ada"])
    return team

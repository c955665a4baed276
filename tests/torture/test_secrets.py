"""Passwords in URLs and in configuration never appear where somebody could see them or find them later."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING

from tests.gitrepos import git, write
from tests.servers.fixtures import Servers, servers_fixture  # noqa: F401
from tests.torture.conftest import LONG
from tests.torture.teams import Member, Team

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import pytest

COMMANDS = (
    "status",
    "register churn churn.bin --push",
    "pull --artifacts",
    "push --dry-run",
    "push",
    "annotate churn@1.0.0 seen.again=1 --push",
    "verify --remote",
    "promote churn@1.0.0 staging -m one --push",
)
REMOTE = (
    "ls --repo {url}",
    "show churn@production --repo {url}",
    "history churn --repo {url}",
    "get churn@production --repo {url} -o {out}",
    "verify churn --repo {url}",
    "cache info",
)


def _spellings(secret: str, user: str) -> list[bytes]:
    return [secret.encode(), base64.b64encode(f"{user}:{secret}".encode())[:-2]]


class _Watch:
    """Runs commands, and looks for secrets in all that they print and leave."""

    def __init__(self, member: Member, secrets: Iterable[bytes], env: dict[str, str]) -> None:
        self._member, self._secrets, self._env = member, list(secrets), env
        self.codes: dict[str, int] = {}
        self._runs = 0

    def run(self, command: str) -> None:
        self._runs += 1
        forms = ((), ("--json",))
        for form in forms if LONG else forms[self._runs % 2 :][:1]:
            code, output = self._member.nursery.run(self._member.clone, *command.split(), *form, env=self._env)
            self.codes[command] = code
            assert code in (0, 1, 3), output
            self._look(output.encode(), command)

    def _look(self, data: bytes, where: object) -> None:
        for secret in self._secrets:
            assert secret not in data, (where, data[:3000])

    def look_in(self, folder: Path) -> None:
        """In every file below, besides those in which a person put the secret, and in their names."""
        for path in folder.rglob("*"):
            self._look(os.fsencode(path.relative_to(folder)), path)
            if path.is_file() and path.name not in {"config.local"} and path != self._member.clone / ".git" / "config":
                self._look(path.read_bytes(), path)

    def look_at_objects(self, repository: Path) -> None:
        self._look(
            git(repository, "cat-file", "--batch", "--batch-all-objects").encode(errors="surrogateescape"), "git"
        )


def test_of_the_git_remote(
    fresh_team: Callable[[int], Team], crowd: Callable[[Team], list[Member]], servers: Servers, tmp_path: Path
) -> None:
    team, server = fresh_team(1), servers.git("http")
    origin, (ada,) = team.move_to(server), crowd(team)
    url = server.url_with_credentials
    assert url is not None
    wrong = url.replace(server.password, "wr0ng-passw0rd")
    secrets = [*_spellings(server.password, server.user), *_spellings("wr0ng-passw0rd", server.user)]
    watch = _Watch(ada, secrets, {"XDG_CACHE_HOME": str(tmp_path / "cache")})
    write(ada.clone / "churn.bin", "secret\n" * 100)
    for command in (*COMMANDS, *(REMOTE if LONG else REMOTE[::3])):
        watch.run(command.format(url=url, out=tmp_path / "out"))
    assert {watch.codes[command] for command in COMMANDS} == {0}, watch.codes
    team.use(wrong)
    for command in (*COMMANDS, *REMOTE) if LONG else (*COMMANDS[::2], *REMOTE[::3]):
        watch.run(command.format(url=wrong, out=tmp_path / "out"))
    assert {watch.codes[command] for command in COMMANDS[::2]} == {3}, watch.codes
    team.use(url)
    _refuse_promotions(origin)
    watch.run("promote churn@1.0.0 production -m refused --push")
    server.stop()
    for command in ("status", "pull", "promote churn@1.0.0 production -m away --push", f"ls --repo {url}"):
        watch.run(command)
    server.start()
    for folder in (team.folder, tmp_path / "cache"):
        watch.look_in(folder)
    watch.look_at_objects(ada.clone)


def _refuse_promotions(origin: Path) -> None:
    hook = write(origin / "hooks" / "update", "#!/bin/sh\necho no promotions today\nexit 1\n")
    hook.chmod(0o755)


def test_of_the_dvc_remote(
    fresh_team: Callable[[int], Team],
    crowd: Callable[[Team], list[Member]],
    servers: Servers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    team, remote = fresh_team(1), servers.dvc("webdav")
    (ada,) = crowd(team)
    password = remote.secrets["password"]
    secrets = [*_spellings(password, "curator"), *_spellings("wr0ng-passw0rd", "curator")]
    watch = _Watch(ada, secrets, {"XDG_CACHE_HOME": str(tmp_path / "cache")})
    write(ada.clone / ".dvc" / "config", "")
    remote.configure(ada.clone)
    local = ada.clone / ".dvc" / "config.local"
    right = local.read_text()
    in_url = remote.url.replace("://", f"://curator:{password}@")
    settings = {
        "wrong": right.replace(password, "wr0ng-passw0rd"),
        "wrong in the URL": f"['remote \"store\"']\n    url = {in_url.replace(password, 'wr0ng-passw0rd')}\n",
        "in the URL": f"['remote \"store\"']\n    url = {in_url}\n",
        "right": right,
    }
    for number, (name, text) in enumerate(list(settings.items())[slice(None) if LONG else slice(1, None, 2)]):
        local.write_text(text)
        write(ada.clone / "churn.bin", f"secret {number}\n" * 100)
        for command in ("register churn churn.bin --push", "push", "get churn@latest -o {out}"):
            watch.run(command.format(out=tmp_path / f"out{number}"))
        assert watch.codes["push"] == (0 if name == "right" else 3), name  # DVC takes no password from a URL
    remote.stop()
    write(ada.clone / "churn.bin", "later\n" * 100)
    watch.run("register churn churn.bin --push")
    remote.start()
    watch.look_in(team.folder)
    watch.look_at_objects(ada.clone)

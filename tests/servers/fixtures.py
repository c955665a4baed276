"""The fixtures: one server of each kind for all the tests of a session, started when first asked for, and a repository
or a remote on it for each test.

A module imports those that it uses, and `servers_fixture`, on which all of them stand:
`from tests.servers.fixtures import git_server_fixture, servers_fixture  # noqa: F401`.
"""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING

import pytest

from tests.servers.dvcremotes import DVC_KINDS, DvcRemote, new_webdav, sftp_remote, webdav_remote
from tests.servers.gitservers import (
    GIT_KINDS,
    GitServer,
    Host,
    SshHost,
    copy_bare_repository,
    new_bare_repository,
    new_host,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.processes import ServerProcess


class Servers:
    """What serves in this session; everything that is made lies below one temporary folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._hosts: dict[str, Host] = {}
        self._webdav: ServerProcess | None = None
        self._numbers = itertools.count(1)

    def git(self, kind: str) -> GitServer:
        """A new empty bare repository on a server of one of `GIT_KINDS`, which runs."""
        host = self._host(kind)
        template = self._folder / "template.git"
        if not template.exists():
            new_bare_repository(template)
        name = f"r{next(self._numbers)}.git"
        copy_bare_repository(template, host.root / name)
        return GitServer(kind, name, host)

    def dvc(self, kind: str) -> DvcRemote:
        """A new empty DVC remote on a server of one of `DVC_KINDS`, which runs."""
        folder = self._folder / "dvc" / f"r{next(self._numbers)}"
        folder.mkdir(parents=True)
        if kind == "sftp":
            host = self._host("ssh")
            assert isinstance(host, SshHost)
            return sftp_remote(host, folder)
        if self._webdav is None:
            self._webdav = new_webdav(self._folder, folder.parent)
        self._webdav.start()
        return webdav_remote(self._webdav, folder)

    def stop(self) -> None:
        """Kill everything."""
        for host in self._hosts.values():
            host.stop()
        if self._webdav is not None:
            self._webdav.stop()

    def _host(self, kind: str) -> Host:
        if kind not in self._hosts:
            self._hosts[kind] = new_host(kind, self._folder / f"git-{kind}")
        self._hosts[kind].start()
        return self._hosts[kind]


_KEY = pytest.StashKey[Servers]()


@pytest.fixture(name="servers", scope="session")
def servers_fixture(
    environment: None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Servers:
    """For tests that need several at once: `servers.git("ssh")`, `servers.dvc("webdav")`.

    However many modules import this, there is one set of servers. It ends with the session, whatever the tests did.
    """
    stash = request.config.stash
    if _KEY not in stash:
        stash[_KEY] = Servers(tmp_path_factory.mktemp("servers"))
        request.config.add_cleanup(stash[_KEY].stop)
    return stash[_KEY]


def _git(kind: str, servers: Servers, monkeypatch: pytest.MonkeyPatch) -> GitServer:
    server = servers.git(kind)
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    return server


@pytest.fixture(name="git_server", params=GIT_KINDS)
def git_server_fixture(request: pytest.FixtureRequest, servers: Servers, monkeypatch: pytest.MonkeyPatch) -> GitServer:
    """A bare repository of this test's own on a server of each kind in turn; `os.environ` has what its clients need."""
    return _git(request.param, servers, monkeypatch)


@pytest.fixture(name="path_server")
def path_server_fixture(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> GitServer:
    """As `git_server`, by path."""
    return _git("path", servers, monkeypatch)


@pytest.fixture(name="daemon_server")
def daemon_server_fixture(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> GitServer:
    """As `git_server`, by git://."""
    return _git("daemon", servers, monkeypatch)


@pytest.fixture(name="http_server")
def http_server_fixture(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> GitServer:
    """As `git_server`, by smart HTTP."""
    return _git("http", servers, monkeypatch)


@pytest.fixture(name="ssh_server")
def ssh_server_fixture(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> GitServer:
    """As `git_server`, by SSH."""
    return _git("ssh", servers, monkeypatch)


def _dvc(kind: str, servers: Servers, monkeypatch: pytest.MonkeyPatch, home: Path) -> DvcRemote:
    monkeypatch.setenv("HOME", os.fspath(home))  # DVC's SSH client reads ~/.ssh/config
    return servers.dvc(kind)


@pytest.fixture(name="dvc_remote", params=DVC_KINDS)
def dvc_remote_fixture(
    request: pytest.FixtureRequest, servers: Servers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> DvcRemote:
    """A DVC remote of this test's own on a server of each kind in turn; HOME is an empty folder."""
    return _dvc(request.param, servers, monkeypatch, tmp_path / "home")


@pytest.fixture(name="webdav")
def webdav_fixture(servers: Servers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> DvcRemote:
    """As `dvc_remote`, by WebDAV."""
    return _dvc("webdav", servers, monkeypatch, tmp_path / "home")


@pytest.fixture(name="sftp")
def sftp_fixture(servers: Servers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> DvcRemote:
    """As `dvc_remote`, by SFTP."""
    return _dvc("sftp", servers, monkeypatch, tmp_path / "home")

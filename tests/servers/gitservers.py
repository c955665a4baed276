"""Git servers of four kinds, each serving all the bare repositories in a folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.gitrepos import git, write
from tests.servers.processes import HOST, ServerProcess, free_port
from tests.servers.ssh import new_ssh_server

if TYPE_CHECKING:
    from tests.servers.ssh import SshServer

GIT_KINDS = ("path", "daemon", "http", "ssh")

USER, PASSWORD = "deployer", "hunter2-s3cret"

_CONFIG = {
    "http.receivepack": "true",
    "uploadpack.allowFilter": "true",
    "uploadpack.allowAnySHA1InWant": "true",
    "gc.auto": "0",
    "receive.autogc": "false",
}


class Request(NamedTuple):
    """One request to the HTTP server: `path` has no query, e.g. `/open/r1.git/info/refs`."""

    method: str
    path: str
    query: str
    status: int


class Host(ABC):
    """One kind of server, which serves the folders in `root`.

    Attributes:
        root: An existing folder for the bare repositories, named as they are in URLs.
        env: What a client needs in its environment.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.root = folder, folder / "repositories"
        self.root.mkdir(parents=True)
        (folder / "home").mkdir()
        self.env: dict[str, str] = {}

    @property
    def server_env(self) -> dict[str, str]:
        """What the server runs with: the tests' own git configuration, and no home of anybody's."""
        kept = {name: value for name, value in os.environ.items() if name.startswith(("GIT_CONFIG", "LC_ALL", "TZ"))}
        return kept | {"PATH": os.environ["PATH"], "HOME": os.fspath(self.folder / "home")}

    @abstractmethod
    def url(self, name: str) -> str: ...

    @abstractmethod
    def start(self) -> None: ...

    @abstractmethod
    def stop(self) -> None: ...


class PathHost(Host):
    """No server: stopped, the folder is elsewhere."""

    def url(self, name: str) -> str:
        return os.fspath(self.root / name)

    @property
    def _away(self) -> Path:
        return self.root.with_name("away")

    def start(self) -> None:
        if self._away.exists():
            self._away.rename(self.root)

    def stop(self) -> None:
        if self.root.exists():
            self.root.rename(self._away)


class DaemonHost(Host):
    """`git daemon`, which also takes pushes."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        programs = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip()
        if not (daemon := Path(programs, "git-daemon")).exists():
            pytest.skip("git daemon is not installed: git's package git-daemon")
        port = free_port()
        options = ("--export-all", "--enable=receive-pack", "--reuseaddr", "--max-connections=0", "--verbose")
        command = (daemon, *options, f"--base-path={self.root}", f"--listen={HOST}", f"--port={port}")
        self._process = ServerProcess(command, port, folder / "log", self.server_env)

    def url(self, name: str) -> str:
        return f"git://{HOST}:{self._process.port}/{name}"

    def start(self) -> None:
        self._process.start()

    def stop(self) -> None:
        self._process.stop()


class HttpHost(Host):
    """`git http-backend` behind a web server."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        pytest.importorskip("cheroot", reason="cheroot is not installed: pip install cheroot")
        port, self._log = free_port(), folder / "requests"
        program = Path(__file__).with_name("web.py")
        command = (sys.executable, "-P", program, str(port), self.root, self._log, f"{USER}:{PASSWORD}")
        self._process = ServerProcess(command, port, folder / "log", self.server_env)

    def url(self, name: str, area: str = "open", userinfo: str = "") -> str:
        return f"http://{userinfo}{HOST}:{self._process.port}/{area}/{name}"

    def requests(self, name: str) -> list[Request]:
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        parts = (line.split(" ") for line in lines)
        split = ((method, *target.partition("?")[::2], int(status)) for method, target, status in parts)
        return [Request(*request) for request in split if f"/{name}/" in request[1]]

    def start(self) -> None:
        self._process.start()

    def stop(self) -> None:
        self._process.stop()


class SshHost(Host):
    """A real sshd; SFTP goes to the same one."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (folder / "ssh").mkdir()
        self.server: SshServer = new_ssh_server(folder / "ssh", self.server_env)
        self.env = self.server.env

    def url(self, name: str) -> str:
        return f"ssh://{self.server.user}@{HOST}:{self.server.port}{self.root / name}"

    def start(self) -> None:
        self.server.process.start()

    def stop(self) -> None:
        self.server.process.stop()


_HOSTS: dict[str, type[Host]] = {"path": PathHost, "daemon": DaemonHost, "http": HttpHost, "ssh": SshHost}


def new_host(kind: str, folder: Path) -> Host:
    """A host of one of `GIT_KINDS` that is not started yet; skips the test where it cannot be had."""
    return _HOSTS[kind](folder)


@dataclass(frozen=True)
class GitServer:
    """One bare repository, empty at first, on a server that runs.

    Attributes:
        kind: One of `GIT_KINDS`.
        name: The repository's name in the URL, such as `r1.git`.
    """

    kind: str
    name: str
    host: Host

    @property
    def folder(self) -> Path:
        """The bare repository that is served, for hooks and for looking at; of a stopped `path`, it is away."""
        return self.host.root / self.name

    @property
    def url(self) -> str:
        """For everybody who has `env`."""
        return self.host.url(self.name)

    @property
    def env(self) -> dict[str, str]:
        """What a client needs in its environment besides what the tests run with."""
        return dict(self.host.env)

    @property
    def _http(self) -> HttpHost | None:
        return self.host if isinstance(self.host, HttpHost) else None

    @property
    def url_with_credentials(self) -> str | None:
        """The same repository where it takes a password, which is in the URL; HTTP only."""
        return self._http.url(self.name, "private", f"{USER}:{PASSWORD}@") if self._http else None

    @property
    def url_refused(self) -> str | None:
        """The same without the password, so that the server answers 401; HTTP only."""
        return self._http.url(self.name, "private") if self._http else None

    @property
    def user(self) -> str:
        return USER

    @property
    def password(self) -> str:
        """What must never be seen in any output."""
        return PASSWORD

    def write_hook(self, name: str, script: str) -> Path:
        """Install a shell script as a hook of the repository that is served."""
        hook = write(self.folder / "hooks" / name, f"#!/bin/sh\n{script}\n")
        hook.chmod(0o755)
        return hook

    def requests(self) -> list[Request]:
        """All requests for this repository so far; of other kinds than HTTP, none are known."""
        return self._http.requests(self.name) if self._http else []

    def start(self) -> None:
        """Serve again, at the same URL; nothing happens where it does."""
        self.host.start()

    def stop(self) -> None:
        """Cut every connection now; nobody is served until `start`."""
        self.host.stop()


def new_bare_repository(folder: Path) -> Path:
    """A bare repository as servers have them: it takes pushes, filters, and asks for any object."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--bare")
    for name, value in _CONFIG.items():
        git(folder, "config", name, value)
    return folder


def copy_bare_repository(template: Path, target: Path) -> None:
    shutil.copytree(template, target, symlinks=True)

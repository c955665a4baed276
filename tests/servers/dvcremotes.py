"""DVC remotes on real servers: WebDAV with a password, SFTP with a key."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.servers.processes import HOST, ServerProcess, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.servers.gitservers import SshHost

DVC_KINDS = ("webdav", "sftp")

USER, PASSWORD = "curator", "open-ses4me"


@dataclass(frozen=True)
class DvcRemote:
    """A DVC remote of one test's own, empty at first, on a server that runs.

    Attributes:
        kind: One of `DVC_KINDS`.
        url: As `dvc remote add` takes it, without a password.
        folder: What the server has on its disk; objects are in `files/md5`.
        settings: The remote's further settings that may be seen.
        secrets: Those that belong into `.dvc/config.local`.
    """

    kind: str
    url: str
    folder: Path
    settings: Mapping[str, str]
    secrets: Mapping[str, str]
    _start: Callable[[], None] = field(repr=False)
    _stop: Callable[[], None] = field(repr=False)

    def configure(self, root: Path, name: str = "store", *, default: bool = True) -> None:
        """Make it a remote of the DVC repository at `root`, the default one unless told otherwise."""
        core = f"[core]\n    remote = {name}\n" if default else ""
        _append(root / ".dvc" / "config", f"{core}{_section(name, {'url': self.url, **self.settings})}")
        self.authorise(root, name)

    def authorise(self, root: Path, name: str = "store") -> None:
        """Tell a clone, whose `.dvc/config` names the remote already, the password; nothing to tell by SFTP."""
        _append(root / ".dvc" / "config.local", _section(name, self.secrets))

    def object(self, object_hash: str) -> Path:
        """Where the server has an object, whether it has it or not."""
        return self.folder / "files" / "md5" / object_hash[:2] / object_hash[2:]

    def objects(self) -> list[Path]:
        """Every file that the server has, temporary ones too."""
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    def start(self) -> None:
        """Serve again, at the same URL; nothing happens where it does."""
        self._start()

    def stop(self) -> None:
        """Cut every connection now; nobody is served until `start`."""
        self._stop()


def new_webdav(folder: Path, root: Path) -> ServerProcess:
    """A WebDAV server for everything in `root`, not started yet; skips the test where it cannot be had."""
    for package in ("cheroot", "wsgidav"):
        pytest.importorskip(package, reason=f"{package} is not installed: pip install {package}")
    port = free_port()
    command = (sys.executable, "-P", Path(__file__).with_name("dav.py"), str(port), root, USER, PASSWORD)
    env = {"PATH": os.environ["PATH"], "HOME": os.fspath(folder)}
    return ServerProcess(command, port, folder / "log", env)


def webdav_remote(server: ServerProcess, folder: Path) -> DvcRemote:
    """The remote in a folder right below what the server serves."""
    pytest.importorskip("dvc_webdav", reason="dvc-webdav is not installed: pip install dvc-webdav")
    return DvcRemote(
        kind="webdav",
        url=f"webdav://{HOST}:{server.port}/{folder.name}",
        folder=folder,
        settings={"user": USER},
        secrets={"password": PASSWORD},
        _start=server.start,
        _stop=server.stop,
    )


def sftp_remote(host: SshHost, folder: Path) -> DvcRemote:
    """The remote in a folder, by the SSH server."""
    pytest.importorskip("dvc_ssh", reason="dvc-ssh is not installed: pip install dvc-ssh")
    server = host.server
    return DvcRemote(
        kind="sftp",
        url=f"ssh://{server.user}@{HOST}:{server.port}{folder}",
        folder=folder,
        settings={"keyfile": os.fspath(server.key), "allow_agent": "false"},
        secrets={},
        _start=host.start,
        _stop=host.stop,
    )


def _section(name: str, values: Mapping[str, str]) -> str:
    lines = "".join(f"    {key} = {value}\n" for key, value in values.items())
    return f"['remote \"{name}\"']\n{lines}" if values else ""


def _append(file: Path, text: str) -> None:
    if text:
        with file.open("a") as config:
            config.write(text)

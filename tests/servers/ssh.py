"""An SSH server for the user who runs the tests, with keys of its own."""

from __future__ import annotations

import getpass
import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.gitrepos import new_ssh_key, write
from tests.servers.processes import HOST, ServerProcess, free_port, needed

if TYPE_CHECKING:
    from collections.abc import Mapping

_PACKAGE = "apt-get install openssh-server"

# `SetEnv HOME`: the shell that runs a command reads ~/.bashrc, and git its configuration, from there.
_SERVER = """\
ListenAddress {host}
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile none
StrictModes no
UsePAM no
UseDNS no
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAuthentication yes
PermitRootLogin prohibit-password
PermitUserRC no
AllowAgentForwarding no
AllowTcpForwarding no
X11Forwarding no
PrintMotd no
PrintLastLog no
MaxStartups 1000
MaxSessions 1000
LogLevel ERROR
Subsystem sftp internal-sftp
SetEnv {environment}
"""
_CLIENT = """\
Host *
    User {user}
    IdentityFile {folder}/user_key
    IdentitiesOnly yes
    IdentityAgent none
    UserKnownHostsFile {folder}/known_hosts
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
    PasswordAuthentication no
    BatchMode yes
    ControlMaster no
    LogLevel ERROR
"""


@dataclass(frozen=True)
class SshServer:
    """A running server; git and SFTP both go through it.

    Attributes:
        folder: Its configuration and keys.
    """

    folder: Path
    process: ServerProcess

    @property
    def port(self) -> int:
        return self.process.port

    @property
    def user(self) -> str:
        return getpass.getuser()

    @property
    def key(self) -> Path:
        """The private key that may log in."""
        return self.folder / "user_key"

    @property
    def env(self) -> dict[str, str]:
        """What a git client needs."""
        ssh = needed("ssh", "apt-get install openssh-client")
        return {"GIT_SSH_COMMAND": shlex.join([ssh, "-F", os.fspath(self.folder / "client_config")])}


def new_ssh_server(folder: Path, env: Mapping[str, str]) -> SshServer:
    """An SSH server that is not started yet.

    Args:
        folder: Empty, for its configuration and keys.
        env: What commands find in their environment.
    """
    sshd, port = needed("sshd", _PACKAGE), free_port()
    needed("ssh-keygen", "apt-get install openssh-client")
    new_ssh_key(folder / "host_key")
    new_ssh_key(folder / "user_key")
    environment = " ".join(f'"{name}={value}"' for name, value in env.items())
    server = _SERVER.format(host=HOST, port=port, folder=folder, environment=environment)
    write(folder / "server_config", server)
    write(folder / "client_config", _CLIENT.format(user=getpass.getuser(), folder=folder))
    write(folder / "known_hosts", f"[{HOST}]:{port} {(folder / 'host_key.pub').read_text()}")
    if not os.geteuid():
        # Run by root, sshd wants an empty folder here, which its service makes at the start of the system.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    command = (sshd, "-D", "-e", "-f", folder / "server_config")
    return SshServer(folder, ServerProcess(command, port, folder / "log", dict(env)))

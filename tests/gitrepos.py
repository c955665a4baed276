"""Real repositories for tests: made by git itself, or copied from one that was."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

WHEN = "2026-01-02T03:04:05Z"
"""The date of the first commit of every repository made here, so that its id is always the same."""


def run_git(
    folder: Path, *args: str, stdin: str | bytes = b"", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder and return its exit code and output, whatever they are."""
    return subprocess.run(
        ["git", "-C", os.fspath(folder), *args],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        env=os.environ | dict(env or {}),
        capture_output=True,
        check=False,
    )


def git(folder: Path, *args: str, stdin: str | bytes = b"", env: Mapping[str, str] | None = None) -> str:
    """Run git in a folder, demand that it succeeds, and return what it printed without the last newline."""
    done = run_git(folder, *args, stdin=stdin, env=env)
    assert done.returncode == 0, f"git {' '.join(args)}: {done.stderr.decode('utf-8', 'replace')}"
    return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")


def new_repository(folder: Path, *, object_format: str = "sha1") -> Path:
    """A repository with a branch `main` and one commit of one file, `train.py`."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", f"--object-format={object_format}")
    write(folder / "train.py", "print('training')\n")
    git(folder, "add", "train.py")
    dates = {"GIT_AUTHOR_DATE": WHEN, "GIT_COMMITTER_DATE": WHEN}
    git(folder, "commit", "--quiet", "--message", "Train a model", env=dates)
    return folder


def copy_repository(source: Path, target: Path) -> Path:
    """An independent copy, in about two milliseconds."""
    shutil.copytree(source, target, symlinks=True)
    return target


def write(path: Path, content: str | bytes) -> Path:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def write_hook(repository: Path, name: str, script: str) -> Path:
    """Install a shell script as a hook."""
    hook = write(repository / ".git" / "hooks" / name, f"#!/bin/sh\n{script}\n")
    hook.chmod(0o755)
    return hook


def private_files(repository: Path) -> list[str]:
    """The names of what mreg has in the git folder, besides its lock."""
    return sorted(path.name for path in (repository / ".git" / "mreg").iterdir() if path.name != "lock")


def new_ssh_key(path: Path) -> Path:
    """A key pair without passphrase: `path`, and `path.pub` beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path], check=True)
    return path


def sign_with(repository: Path, key: Path, *, tags: bool = True, commits: bool = False) -> None:
    """Let git sign what it writes in this repository with an SSH key."""
    git(repository, "config", "gpg.format", "ssh")
    git(repository, "config", "user.signingKey", os.fspath(key))
    git(repository, "config", "tag.gpgSign", "true" if tags else "false")
    git(repository, "config", "commit.gpgSign", "true" if commits else "false")


def trust(repository: Path, **signers: Path) -> None:
    """Let git know these SSH keys, and no others: `trust(repository, alice=key)` is alice@example.com's key."""
    lines = [f"{name}@example.com {Path(f'{key}.pub').read_text()}" for name, key in signers.items()]
    allowed = write(repository / ".git" / "allowed_signers", "".join(lines))
    git(repository, "config", "gpg.ssh.allowedSignersFile", os.fspath(allowed))


def gpg(home: Path, *args: str | Path, stdin: bytes = b"") -> bytes:
    """Run GnuPG on the keys in a folder, without questions, and return what it printed."""
    options = ("--homedir", home, "--batch", "--quiet", "--no-tty", "--pinentry-mode", "loopback")
    return subprocess.run(["gpg", *options, *args], input=stdin, capture_output=True, check=True).stdout


def stop_gpg(home: Path) -> None:
    """End the agents that GnuPG left running for this folder."""
    subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=True)

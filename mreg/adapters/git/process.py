"""Running git: one function that every other module here goes through."""

from __future__ import annotations

from dataclasses import dataclass
from subprocess import PIPE
from typing import TYPE_CHECKING, Any

from git.cmd import Git as GitCommand

from mreg.errors import SystemFailure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class GitFailed(SystemFailure):
    """Git itself refused or failed; its own words are the text."""

    def __init__(self, *, command: str, code: int, output: str, hint: str = "") -> None:
        said = output.strip().removeprefix("fatal: ").removeprefix("error: ") or f"exit code {code}"
        super().__init__(f"git {command} failed: {said}")
        self.command, self.code, self.output = command, code, output.strip()
        self.hint = hint or _hint(output)


def _hint(output: str) -> str:
    if "dubious ownership" in output:
        return "git config --global --add safe.directory PATH, if you trust the repository"
    if "unable to auto-detect email" in output or "tell me who you are" in output or "empty ident name" in output:
        return "git config user.name 'Your Name' && git config user.email you@example.com"
    if "No space left on device" in output:
        return "free some disk space, then run the same command again"
    if "Permission denied" in output or "Read-only file system" in output:
        return "check that the repository is writable for you"
    return "run the same git command by hand to see more"


@dataclass(frozen=True, slots=True)
class Completed:
    """A finished git process."""

    code: int
    stdout: bytes
    stderr: str

    @property
    def text(self) -> str:
        """What it printed, decoded, without the last newline."""
        return self.stdout.decode("utf-8", "replace").rstrip("\n")


class Runner:
    """Runs git in one folder with one environment."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self._git = GitCommand(folder)
        self._environment = dict(environment or {})

    def start(self, *args: str, keep_open: Sequence[int] = (), env: Mapping[str, str] | None = None) -> Any:
        """A running git with pipes on all three streams.

        Args:
            args: The sub-command and its arguments.
            keep_open: File descriptors that the child inherits: a lock held by one lives as long as the child.
            env: Variables to add.
        """
        return self._git.execute(
            ["git", *args],
            as_process=True,
            istream=PIPE,
            env=self._environment | dict(env or {}),
            pass_fds=tuple(keep_open),
        )

    def run(
        self,
        *args: str,
        stdin: bytes = b"",
        allowed: Sequence[int] = (0,),
        keep_open: Sequence[int] = (),
        env: Mapping[str, str] | None = None,
    ) -> Completed:
        """Run git to its end.

        Args:
            args: The sub-command and its arguments.
            stdin: What it reads.
            allowed: Exit codes that are answers, not failures.
            keep_open: File descriptors that the child inherits.
            env: Variables to add.

        Raises:
            GitFailed: Any other exit code.
        """
        process = self.start(*args, keep_open=keep_open, env=env)
        stdout, stderr = process.communicate(stdin)
        completed = Completed(process.returncode, stdout, stderr.decode("utf-8", "replace"))
        if completed.code not in allowed:
            raise GitFailed(command=args[0], code=completed.code, output=completed.stderr)
        return completed

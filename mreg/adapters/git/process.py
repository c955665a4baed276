"""Running git: one function that every other module here goes through."""

from __future__ import annotations

import fcntl
import re
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from signal import strsignal
from subprocess import PIPE
from typing import TYPE_CHECKING, Any

from mreg.core.urls import without_credentials
from mreg.errors import SystemFailure

_MISSING, _INSTALL = "git is not installed, or not in PATH", "install git 2.36 or newer"

try:
    from git.cmd import Git as GitCommand
    from git.exc import GitCommandNotFound
except ImportError as error:  # GitPython looks for the program when it is imported
    raise SystemFailure(_MISSING, hint=_INSTALL) from error

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path


# Large enough that git goes on working while we parse what it wrote before.
_PIPE = 1 << 20


# Git's own words about what to do, of many lines: a hint says it in one.
_ADVICE = re.compile(r"\n\n(?:Another git process seems to be running|\*\*\* Please tell me who you are)")


class GitFailed(SystemFailure):
    """Git itself refused or failed; its own words are the text."""

    def __init__(self, *, command: str, code: int, output: str, hint: str = "") -> None:
        output = without_credentials(output)
        said = _ADVICE.split(output)[0].strip().removeprefix("fatal: ").removeprefix("error: ")
        said = said or (f"exit code {code}" if code >= 0 else strsignal(-code) or f"signal {-code}")
        super().__init__(f"git {command} failed: {said}")
        self.command, self.code, self.output = command, code, output.strip()
        self.hint = hint or _hint(output)


class CannotWrite(SystemFailure):
    """A file of mreg's own in the git folder could not be written."""

    def __init__(self, *, path: Path, problem: str) -> None:
        super().__init__(f"cannot write {path}: {problem}")
        self.path, self.problem = str(path), problem
        self.hint = _hint(problem, default="check the disk and its limits, then run the command again")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Tell what the disk refuses as what it is.

    Raises:
        CannotWrite: The code inside had an OSError.
    """
    try:
        yield
    except OSError as error:
        raise CannotWrite(path=path, problem=error.strerror or str(error)) from error


_CANNOT_SIGN = ("unable to sign", "failed to sign", "public key", "signingkey", "signingKey")
_NO_RIGHT = ("Permission denied", "insufficient permission", "Read-only file system")
_DAMAGED = ("missing object", "unable to unpack", "is corrupt", "bad object", "unable to read", "inflate:")
_NO_IDENTITY = ("auto-detect email", "auto-detection is disabled", "tell me who you are", "empty ident name")


def _hint(output: str, *, default: str = "run the same git command by hand to see more") -> str:
    if "dubious ownership" in output:
        return "git config --global --add safe.directory PATH, if you trust the repository"
    if any(words in output for words in _NO_IDENTITY):
        return "git config user.name 'Your Name' && git config user.email you@example.com"
    if any(words in output for words in _CANNOT_SIGN):
        return "check user.signingKey and gpg.format, or turn signing off: git config tag.gpgSign false"
    if ".lock': File exists" in output:
        return "wait for the git process that holds the lock, then run the command again; remove the file if none runs"
    if any(words in output for words in _DAMAGED):
        return "see what is damaged: git fsck --full; then fetch it from a clone that has it intact"
    if "exists; cannot create" in output:  # refs are files: x/y stands in the way of x
        return "a tag with that name and a slash stands in the way: git tag -d TAG, git push --delete REMOTE TAG"
    if "No space left on device" in output or "Out of diskspace" in output:
        return "free some disk space, then run the same command again"
    if any(words in output for words in _NO_RIGHT):
        return "check that the repository is writable for you"
    return default


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
        self._git, self.folder = GitCommand(), folder
        self._environment = dict(environment or {})

    def start(self, *args: str, keep_open: Sequence[int] = (), env: Mapping[str, str] | None = None) -> Any:
        """A running git, a `subprocess.Popen` with pipes on all three streams.

        Args:
            args: The sub-command and its arguments.
            keep_open: File descriptors that the child inherits: a lock held by one lives as long as the child.
            env: Variables to add.
        """
        try:
            handle = self._git.execute(
                # -C: where GitPython cannot enter its own folder, it runs git in the current one.
                ["git", "-C", str(self.folder), *args],
                as_process=True,
                istream=PIPE,
                env=self._environment | dict(env or {}),
                pass_fds=tuple(keep_open),
            )
        except GitCommandNotFound as error:
            raise SystemFailure(_MISSING, hint=_INSTALL) from error
        # The handle's wait() would raise GitPython's own error, and its end would kill git.
        process: Any = handle.proc
        handle.proc = None
        if sys.platform == "linux":
            with suppress(OSError):  # the system limits how many such pipes a user may have
                fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, _PIPE)
        return process

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
            command = next(arg for arg in args if not arg.startswith("-"))
            raise GitFailed(command=command, code=completed.code, output=completed.stderr)
        return completed

"""Writes to a repository with git alone, which knows nothing of mreg's lock: run as a program, never imported.

Asked on the command line for a repository, a number of rounds, and an object to note things on. Says `ready` and waits
for a line. A change that lost a race is made again until it succeeds, as a person would.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

_NOTES, _COPY = "refs/notes/mreg", "refs/notes/foreign"


def _git(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)


def _note(root: Path, number: int, oid: str) -> bool:
    """Add a line to mreg's notes, as another clone's would come in."""
    old = _git(root, "rev-parse", "--verify", "--quiet", _NOTES).stdout.strip()
    fact = {"key": f"foreign.{number}", "value": number, "actor": "Foreign <f@example.com>", "id": f"f{number}"}
    line = json.dumps(fact | {"time": "2026-01-02T03:04:05Z"})
    _git(root, "update-ref", _COPY, old)
    _git(root, "notes", f"--ref={_COPY}", "append", "-m", line, oid)
    return _git(root, "update-ref", _NOTES, _COPY, old).returncode == 0


def _commit(root: Path, number: int) -> bool:
    name = f"foreign-{number}.txt"
    (root / name).write_text(f"{number}\n")
    added = _git(root, "add", name)
    return not added.returncode and not _git(root, "commit", "--quiet", "--message", name, "--", name).returncode


def main() -> None:
    root, rounds, oid = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(rounds):
        while not _commit(root, number):
            pass
        while _git(root, "update-ref", f"refs/foreign/{number}", "HEAD").returncode:
            pass
        while _git(root, "notes", "add", "--force", "-m", str(number), "HEAD").returncode:
            pass
        while not _note(root, number, oid):
            pass


main()

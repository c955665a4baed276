"""File contents in bulk: one persistent `git cat-file --batch`, whatever the number of files."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.adapters.git.process import Runner

MAX_BLOB = 16 << 20


class BlobReader:
    """Answers `<commit>:<path>` and object ids with contents."""

    def __init__(self, git: Runner) -> None:
        self._git = git
        self._process: Any = None

    def read(self, names: Sequence[str]) -> list[bytes | None]:
        """The contents of each, in order; None where there is no such file.

        Args:
            names: What `git rev-parse` understands, one file each, such as `1f2e…:models/churn/card.yaml`. A name with
                a newline has no answer.

        Returns:
            As many entries as names. A file above 16 MiB counts as missing: nothing that mreg reads is that large.
        """
        asked = [name for name in names if "\n" not in name]
        if not asked:
            return [None] * len(names)
        if self._process is None:
            self._process = self._git.start("cat-file", "--batch")
        # Git answers while it is still being asked: without the thread, both pipes could be full at once.
        writer = Thread(target=self._ask, args=("\n".join([*asked, ""]).encode("utf-8", "surrogateescape"),))
        writer.start()
        answers = iter([self._answer() for _ in asked])
        writer.join()
        return [None if "\n" in name else next(answers) for name in names]

    def _ask(self, request: bytes) -> None:
        self._process.stdin.write(request)
        self._process.stdin.flush()

    def _answer(self) -> bytes | None:
        header = self._process.stdout.readline().split(b" ")
        # "<id> <type> <size>", or "<name> missing", "<name> ambiguous": a name may contain spaces.
        if len(header) < 3 or not header[-1].strip().isdigit():  # noqa: PLR2004
            return None
        size = int(header[-1])
        data: bytes = self._process.stdout.read(size)
        self._process.stdout.read(1)
        return data if header[-2] == b"blob" and size <= MAX_BLOB else None

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.stdin.close()
            self._process.stdout.close()
            self._process.wait()
            self._process = None

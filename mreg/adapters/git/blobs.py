"""Objects in bulk: one persistent `git cat-file --batch-command`, whatever the number of objects."""

from __future__ import annotations

from contextlib import suppress
from threading import Thread
from typing import IO, TYPE_CHECKING, Any, NamedTuple, NoReturn

from mreg.adapters.git.process import GitFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mreg.adapters.git.process import Runner

MAX_BLOB = 16 << 20
_CHUNK = 1 << 20


# An object's type ("blob", "tag", …) and its bytes, as git stores them.
GitObject = tuple[str, bytes]


class Named(NamedTuple):
    """What a name stands for: an object's id, its type and its size in bytes."""

    oid: str
    kind: str
    size: int


class BlobReader:
    """Answers object ids and `<commit>:<path>` with contents."""

    def __init__(self, git: Runner) -> None:
        self._git = git
        self._process: Any = None
        self._writer: Thread | None = None

    def read(self, names: Sequence[str]) -> list[bytes | None]:
        """The contents of files, in order; None where there is no such file.

        Args:
            names: What `git rev-parse` understands, one file each, such as `1f2e…:models/churn/card.yaml`. A path that
                cannot be asked for (it has a newline, or begins with `../`) has no answer.

        Returns:
            As many entries as names. A file above 16 MiB counts as missing: nothing that mreg reads is that large.

        Raises:
            GitFailed: Git ended before the last answer: an object is damaged.
        """
        found = self.stream([name for name in names if _can_be_asked(name)])
        return [_content(next(found)) if _can_be_asked(name) else None for name in names]

    def stream(self, names: Sequence[str]) -> Iterator[GitObject | None]:
        """Any objects, in order, each as soon as git has read it; None where there is none.

        Args:
            names: Object ids, or names that have been checked. All answers are to be taken before the next call.

        Returns:
            As many entries as names. An object above 16 MiB counts as missing.

        Raises:
            GitFailed: Git ended before the last answer: an object is damaged.
        """
        if not names:
            return
        stdout = self._ask("contents", names)
        for _ in names:
            header: bytes = stdout.readline()
            try:
                # "<id> <type> <size>", or "<name> missing", "<name> ambiguous": a name may contain spaces.
                _, kind, size = header.split()
                length = int(size)
            except ValueError:
                yield None if header else self._fail()
                continue
            if length > MAX_BLOB:
                self._skip(length + 1)
                yield None
                continue
            data: bytes = stdout.read(length + 1)
            yield (kind.decode(), data[:-1]) if len(data) > length else self._fail()
        self._end_asking()

    def identify(self, names: Sequence[str]) -> list[Named | None]:
        """What each name stands for, without reading it; None where it stands for nothing, or cannot be asked for.

        Args:
            names: As for `read`; a file or a folder each.

        Raises:
            GitFailed: Git ended before the last answer: an object is damaged.
        """
        asked = [name for name in names if _can_be_asked(name)]
        found = iter(list(self._infos(asked)) if asked else ())
        return [next(found) if _can_be_asked(name) else None for name in names]

    def _infos(self, names: Sequence[str]) -> Iterator[Named | None]:
        stdout = self._ask("info", names)
        for _ in names:
            header: bytes = stdout.readline()
            try:
                oid, kind, size = header.split()
                yield Named(oid.decode(), kind.decode(), int(size))
            except ValueError:
                yield None if header else self._fail()
        self._end_asking()

    def _ask(self, command: str, names: Sequence[str]) -> IO[bytes]:
        """Give git one command for each name; its answers come from the stream."""
        if self._process is None:
            self._process = self._git.start("cat-file", "--batch-command")
        # Git answers while it is still being asked: without the thread, both pipes could be full at once.
        request = f"{command} " + f"\n{command} ".join(names) + "\n"
        self._writer = Thread(target=_write, args=(self._process.stdin, request.encode("utf-8", "surrogateescape")))
        self._writer.start()
        stdout: IO[bytes] = self._process.stdout
        return stdout

    def _end_asking(self) -> None:
        if self._writer is not None:
            self._writer.join()

    def _skip(self, size: int) -> None:
        while size:
            size -= len(self._process.stdout.read(min(size, _CHUNK))) or self._fail()

    def _fail(self) -> NoReturn:
        output = self._process.stderr.read().decode("utf-8", "replace")
        raise GitFailed(command="cat-file", code=self._process.wait(), output=output)

    def close(self) -> None:
        """End the process, also in the middle of its answers."""
        if self._process is None:
            return
        process, self._process = self._process, None
        # In this order: git may be waiting for us to read, and the writer for git. Without a reader, both end.
        process.stdout.close()
        if self._writer is not None:
            self._writer.join()
        with suppress(BrokenPipeError), process:
            pass


def _write(stream: IO[bytes], request: bytes) -> None:
    with suppress(BrokenPipeError):  # git has ended: who waits for the answers sees it
        stream.write(request)
        stream.flush()


def _can_be_asked(name: str) -> bool:
    # Git takes a line for a name, up to a CR or NUL, and dies of a path that leaves the repository.
    leaves = name.partition(":")[2].startswith(("./", "../"))
    return not (leaves or "\n" in name or "\0" in name or name.endswith("\r"))


def _content(found: GitObject | None) -> bytes | None:
    return found[1] if found and found[0] == "blob" else None

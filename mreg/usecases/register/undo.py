"""What a registration wrote into the work tree, taken back where it fails."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from mreg.adapters.files import disk_errors, remove, write_atomic
from mreg.adapters.git import HookRefused
from mreg.adapters.git.transaction import is_unfinished
from mreg.errors import MregError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mreg.adapters.git import Git


@contextmanager
def put_back_on_failure(git: Git, files: tuple[Path, ...], *, copy: Path | None) -> Iterator[None]:
    """Give files their content back, or remove them, where the registration inside fails.

    Not where a hook refused: hooks mend files, and want the same command again. And not where refs were moved, or may
    have been: the work tree then is what the commit holds.

    Args:
        git: The repository.
        files: The card, the pointer, the `.gitignore`.
        copy: Where an artifact from outside is copied to.

    Raises:
        DiskFailure: A file cannot be read.
    """
    head, before = git.head(), {}
    for file in files:
        with disk_errors("read", file):
            before[file] = file.read_bytes() if file.is_file() else None
    copied = copy is not None and not copy.exists() and not copy.is_symlink()
    try:
        yield
    except HookRefused:
        raise
    except BaseException:
        if _is_as_before(git, head):
            for file, data in before.items():
                _put_back(file, data)
            if copied and copy is not None:
                with suppress(OSError):
                    remove(copy)
        raise


def _is_as_before(git: Git, head: str | None) -> bool:
    try:
        return not is_unfinished(git) and git.head() == head
    except MregError:
        return False


def _put_back(file: Path, data: bytes | None) -> None:
    # A disk that is full may refuse this too: the first error is the one to tell.
    with suppress(MregError, OSError):
        if data is None:
            file.unlink(missing_ok=True)
        elif file.read_bytes() != data:
            write_atomic(file, data)

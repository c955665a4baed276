"""Two names on one file system swapped in one step, so that at no moment either of them means nothing."""

from __future__ import annotations

import errno
import os
import sys
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # linux/fcntl.h, linux/fs.h
_RENAME_SWAP = 2  # sys/stdio.h of macOS

# An old kernel, a file system that cannot, and a folder of the lower layer of a container's image.
_CANNOT = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EXDEV})


def exchange(first: Path, second: Path) -> bool:
    """Let each of two names mean what the other one meant, be it a file, a folder or a link.

    Returns:
        False where the system or the file system has no such step: nothing was changed.

    Raises:
        OSError: One of them does not exist, or may not be renamed.
    """
    swap = _swap()
    if swap is None:
        return False
    code = swap(os.fsencode(first), os.fsencode(second))
    if code in _CANNOT:
        return False
    if code:
        raise OSError(code, os.strerror(code), str(first), None, str(second))
    return True


@cache
def _swap() -> Callable[[bytes, bytes], int] | None:
    """The system's call, which returns 0 or an errno; None where the C library has none."""
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    try:
        if sys.platform == "darwin":
            call = library.renamex_np
            return lambda first, second: call(first, second, _RENAME_SWAP) and ctypes.get_errno()
        call = library.renameat2
    except AttributeError:
        return None
    return lambda first, second: call(_AT_FDCWD, first, _AT_FDCWD, second, _RENAME_EXCHANGE) and ctypes.get_errno()

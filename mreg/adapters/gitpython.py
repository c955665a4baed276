"""GitPython, imported by the program without the processes that its import starts."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_VARIABLES = ("GIT_PYTHON_REFRESH", "GIT_PYTHON_GIT_EXECUTABLE")


def import_gitpython() -> None:
    """Import GitPython without the `git version` that it runs, twice, to see whether git is there.

    Our own first git process sees that as well, and a command that reads takes some ten milliseconds less. Only the
    program does this: a library must not decide for its caller's other uses of GitPython.
    """
    if "git" not in sys.modules and not any(name in os.environ for name in _VARIABLES):
        with _variables(GIT_PYTHON_REFRESH="quiet", GIT_PYTHON_GIT_EXECUTABLE=os.devnull):
            import git  # noqa: F401 - for its side effects, which are these


@contextmanager
def _variables(**values: str) -> Iterator[None]:
    os.environ.update(values)
    try:
        yield
    finally:
        for name in values:
            del os.environ[name]

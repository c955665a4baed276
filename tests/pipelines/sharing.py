"""What takes long to build is built once per run, also where several processes share the tests."""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

T = TypeVar("T")


def build_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], T]) -> T:
    """What `build` makes in a folder of that name: by whichever process comes first, while the others wait for it."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / "made.pickle"
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a process that failed at it
            made = build(folder)
            done.write_bytes(pickle.dumps(made))
        found: T = pickle.loads(done.read_bytes())
        return found

"""A cache in the git folder, keyed by object ids: it cannot go stale, and deleting it costs nothing but time."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mreg.adapters.git import Git


class Cache:
    """One file of JSON values by key, read whole and replaced whole."""

    def __init__(self, git: Git, name: str, *, form: int) -> None:
        """Open a cache.

        Args:
            git: The repository.
            name: The file's name.
            form: The number of the values' shape: a file of another shape counts as empty.
        """
        self._path = git.private_dir / "cache" / f"{name}.json"
        self._form = form

    def read(self) -> dict[str, Any]:
        """The values; empty where there is no readable file."""
        try:
            stored = json.loads(self._path.read_bytes())
            entries = stored["entries"] if stored["form"] == self._form else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return entries if isinstance(entries, dict) else {}

    def write(self, entries: Mapping[str, Any]) -> None:
        """Replace the values. Where nothing can be written, in a read-only repository for one, nothing is."""
        temporary = None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=self._path.parent, delete=False) as file:
                temporary = Path(file.name)
                json.dump({"form": self._form, "entries": entries}, file, separators=(",", ":"))
            temporary.replace(self._path)
        except OSError:
            if temporary is not None:
                temporary.unlink(missing_ok=True)

"""Expected output as files: `snapshots/NAME`. To write them anew: MREG_SNAPSHOTS=write pytest tests/cli."""

from __future__ import annotations

import os
import re
from pathlib import Path

FOLDER = Path(__file__).parent / "snapshots"

# An id or a hash, whole or abbreviated; not the digits of a fraction.
_ID = re.compile(r"(?<![\w.])[0-9a-f]{10,64}(?:\.dir)?\b")
_SIZE = re.compile(r'(?<=\()[\d.]+ k?B\b|(?<="size": )\d+')


def check(name: str, text: str, *, folder: Path | None = None) -> None:
    """Compare a text with the file of that name, but for what differs between machines.

    Args:
        folder: The repository, whose path is shown as <root>.
    """
    file, shown = FOLDER / name, normalised(text, folder)
    if os.environ.get("MREG_SNAPSHOTS") == "write":
        file.write_text(shown, encoding="utf-8")
    assert shown == file.read_text(encoding="utf-8")


def normalised(text: str, folder: Path | None = None) -> str:
    """The text with ids, hashes and sizes of artifacts replaced; equal ids by equal words."""
    if folder is not None:
        text = text.replace(str(folder.resolve()), "<root>")
    seen: list[str] = []

    def named(found: re.Match[str]) -> str:
        text, suffix = found[0].removesuffix(".dir"), ".dir" if found[0].endswith(".dir") else ""
        known = next((i for i, other in enumerate(seen) if other.startswith(text) or text.startswith(other)), None)
        if known is None:
            seen.append(text)
        return f"<id {len(seen) if known is None else known + 1}>{suffix}"

    return _SIZE.sub("<size>", _ID.sub(named, text))

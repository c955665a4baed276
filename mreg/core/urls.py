"""URLs as they may be shown and kept."""

from __future__ import annotations

import re

# Up to the last @ before the path: a password may have one, unescaped.
_CREDENTIALS = re.compile(r"(?<=://)[^/\s]*@")


def without_credentials(text: str) -> str:
    """A URL, or a text with URLs in it, without users and passwords: they are nobody else's business."""
    return _CREDENTIALS.sub("", text)

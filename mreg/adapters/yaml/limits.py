"""What libyaml itself puts a limit to."""

from __future__ import annotations

TOO_DEEP = "exceeded maximum nesting depth"
"""What it says at a thousand levels, from PyYAML 6.0.4 on. It reads ahead, and so may come there before we do."""

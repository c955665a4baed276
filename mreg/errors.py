"""What can go wrong, as exceptions that hold facts and derive their text.

Every error says what happened and to what (`str(error)`), and what to do next (`error.hint`). The exit code belongs to
the kind: 1 the registry says no, 2 usage, 3 git, DVC, the disk or the network failed, 4 a gate refused.
"""

from __future__ import annotations

from typing import ClassVar


class MregError(Exception):
    """Base of everything mreg raises on purpose."""

    exit_code: ClassVar[int] = 1
    hint: str = ""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        if hint:
            self.hint = hint

    def facts(self) -> dict[str, object]:
        """The attributes that describe this occurrence, for machine-readable output."""
        return {key: value for key, value in vars(self).items() if key != "hint" and not key.startswith("_")}


class RegistryError(MregError):
    """The registry says no: a rule, a state or the data forbids it."""


class UsageError(MregError):
    """The request itself is malformed: a name, a version, an option."""

    exit_code = 2


class SystemFailure(MregError):
    """Git, DVC, the disk or the network failed."""

    exit_code = 3


class GateRefused(MregError):
    """A configured gate refused the change."""

    exit_code = 4

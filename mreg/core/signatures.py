"""What can be said about the signature of an event's tag."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mreg.core.events import Event


class SignatureState(StrEnum):
    """How far a tag's signature can be trusted.

    `UNKNOWN` is a signature that nobody vouches for here: made by a key that is not known or not trusted (any more), or
    one that cannot be checked on this machine. `BAD` does not fit the tag, or was made with a revoked key.
    """

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Signature:
    """A tag's signature: its state and, where it is good, whose it is (a principal of SSH, a user id of OpenPGP)."""

    state: SignatureState
    signer: str = ""


UNSIGNED = Signature(SignatureState.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event of a history, and what its signature is worth here."""

    event: Event
    signature: Signature

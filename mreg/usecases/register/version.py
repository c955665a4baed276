"""Which version a registration gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mreg.core.events import YANKED
from mreg.core.versions import FIRST_VERSION, Bump, InvalidVersion, Version, bumped, check_prerelease, parse_version
from mreg.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection

    from mreg.core.fold import ModelState


class VersionAndBump(UsageError):
    """Both a version and a bump were asked for."""

    hint = "leave one of the two out"

    def __init__(self) -> None:
        super().__init__("--version and --bump contradict each other")


@dataclass(frozen=True, slots=True)
class Choice:
    """The version, and whether a person named it: on the command line or in the card."""

    version: Version
    named: bool


def choose_version(
    state: ModelState, *, version: str | None, bump: Bump | None, card: str | None, stages: Collection[str]
) -> Choice:
    """The version to register.

    A version or a bump asked for decides; else a version in the card that is not registered yet, since that is the
    one a reviewer saw; else the next minor version, or 1.0.0 for the first.

    Args:
        state: The model so far.
        version: What was asked for.
        bump: Which part of the highest version to raise.
        card: The version in the card.
        stages: The project's stages, whose names no pre-release may begin with.

    Raises:
        VersionAndBump: Both were asked for.
        InvalidVersion: It is no version, or its pre-release begins with a stage's or an alias's name.
    """
    if version is not None and bump:
        raise VersionAndBump
    choice = _choose(state, version, bump, card)
    # `churn@v1.2.0-yanked` says that 1.2.0 was yanked.
    check_prerelease(choice.version, {*stages, *state.aliases, YANKED})
    return choice


def _choose(state: ModelState, version: str | None, bump: Bump | None, card: str | None) -> Choice:
    if version is not None:
        return Choice(parse_version(version), named=True)
    if bump is None and (in_card := _read(card)) is not None and in_card not in state.versions:
        return Choice(in_card, named=True)
    highest = max(state.versions, key=lambda known: known.precedence, default=None)
    return Choice(FIRST_VERSION if highest is None else bumped(highest, bump or "minor"), named=False)


def _read(card: str | None) -> Version | None:
    try:
        return None if card is None else parse_version(card)
    except InvalidVersion:
        return None


def backwards(state: ModelState, version: Version) -> list[str]:
    """A notice where the version is lower than the latest one, as for a backport."""
    if (latest := state.latest) is None or version.precedence >= latest.precedence:
        return []
    return [f"v{version} is lower than v{latest}, which stays {state.model}@latest"]

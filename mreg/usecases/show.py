"""One version in full: its card, its artifact, what happened to it, what was learned about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mreg.core.annotations import Annotation, current
from mreg.core.events import Event
from mreg.usecases.dates import end_of
from mreg.usecases.dossiers import dossiers
from mreg.usecases.facts import read_facts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mreg.core.dossier import Dossier
    from mreg.usecases.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """Everything about one version.

    Attributes:
        dossier: The version, and what its commit says about it.
        card_path: Where its card is, or would be.
        annotations: What was learned about it later.
        events: What happened to this version, oldest first.
        caveats: What a shallow clone may lack.
    """

    dossier: Dossier
    card_path: str
    annotations: Mapping[str, Annotation]
    events: tuple[Event, ...]
    caveats: tuple[str, ...] = ()


def show(workspace: Workspace, text: str, *, at: str | None = None) -> Detail:
    """Everything about the version that a reference picks, now or as of a date.

    Raises:
        InvalidRef, UnknownModel, UnknownRef, InvalidDate: As they say.
    """
    moment = None if at is None else end_of(at, workspace.git)
    _, state, version = workspace.version(text, at=moment)
    with workspace.git.blobs() as blobs:
        (dossier,) = dossiers(workspace, [version], blobs=blobs)
        facts = read_facts(blobs, [version.registered.oid])[version.registered.oid]
    return Detail(
        dossier=dossier,
        card_path=dossier.card_path or workspace.card_path(state.model),
        annotations=current(fact for fact in facts if moment is None or fact.time.timestamp() <= moment),
        events=tuple(event for event in state.events if event.version == version.version),
        caveats=workspace.caveats(state.model),
    )

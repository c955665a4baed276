"""A version as a search looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag
from typing import TYPE_CHECKING

from mreg.core.dossier import Dossier
from mreg.core.events import NONE
from mreg.core.query.texts import leaves, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mreg.core.annotations import Annotation, Scalar
    from mreg.core.fold import VersionState


class Need(Flag):
    """What has to be read before a condition can be tested, besides the events."""

    NOTHING = 0
    PAPERS = 1
    FACTS = 2


@dataclass(slots=True)
class Candidate:
    """A version that may be what is looked for; its papers and annotations come when they are needed.

    Attributes:
        latest: It is what `model@latest` means.
        dossier: Its papers; None where nobody has read them.
        facts: Its annotations by key; None where nobody has read them.
    """

    state: VersionState
    latest: bool = False
    dossier: Dossier | None = None
    facts: Mapping[str, Annotation] | None = None
    _text: str | None = None

    @property
    def papers(self) -> Dossier:
        if self.dossier is None:
            self.dossier = Dossier(state=self.state)
        return self.dossier

    def annotation(self, key: str) -> Scalar:
        """The value of an annotation; None where there is none."""
        fact = (self.facts or {}).get(key)
        return fact.value if fact else None

    @property
    def text(self) -> str:
        """All that is said about the version in words, for full-text search: `plain`, one piece a line."""
        if self._text is None:
            state, event = self.state, self.state.registered
            said = (event.model, str(state.version), *state.aliases, event.actor.name, event.actor.email)
            stage = () if state.stage == NONE else (state.stage,)
            # What every card says tells none from another.
            card = {key: value for key, value in (self.papers.card or {}).items() if key != "schema"}
            facts = [[key, fact.value] for key, fact in (self.facts or {}).items()]
            self._text = "\n".join(map(plain, (*said, *stage, event.change.reason, *leaves(card), *leaves(facts))))
        return self._text

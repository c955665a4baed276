"""All that a version's commit says about it: what lineage, comparison, impact and search are computed from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from mreg.core.metrics import combine, named_metrics
from mreg.core.provenance import Provenance
from mreg.core.summary import CardSummary, Measure, summarize

if TYPE_CHECKING:
    from mreg.core.annotations import Scalar
    from mreg.core.fold import VersionState


Card = Mapping[str, Any]


def origins(card: Card | None) -> Card | None:
    """Of a card, only what says that the model was made from something: its datasets and base models."""
    if card is None:
        return None
    training = card.get("training")
    data = training.get("datasets") if isinstance(training, Mapping) else None
    return {"training": {"datasets": data}, "base_models": card.get("base_models")}


class Evidence:
    """What a commit holds about one model.

    Attributes:
        card_path: Where its card is; None where it has none.
        problems: What could not be read, a sentence each.
        lasting: Whether all that is so on every machine, and will be: a commit that a shallow clone lacks may come.
    """

    def __init__(
        self,
        *,
        card_path: str | None = None,
        card: Card | Callable[[], Card | None] | None = None,
        origins: Card | None = None,
        provenance: Provenance | Callable[[], Provenance] = Provenance,
        problems: tuple[str, ...] = (),
        lasting: bool = True,
    ) -> None:
        """Put it together.

        Args:
            card_path, problems, lasting: As above.
            card: The card as plain data, or what brings it when it is asked for; None where there is none to read.
            origins: What of it says where the model comes from; None is to take it from the card.
            provenance: What the commit's DVC files say about the artifact, or what finds it out when it is asked for.
        """
        self.card_path, self.problems, self.lasting = card_path, problems, lasting
        self._card, self._origins = card, origins
        self._provenance = provenance

    @cached_property
    def card(self) -> Card | None:
        """The card as plain data; None where there is none that can be read."""
        return self._card() if callable(self._card) else self._card

    @cached_property
    def origins(self) -> CardSummary:
        """What the card says that the model was made from, and nothing else: it may have thousands of evaluations."""
        return summarize((origins(self.card) if self._origins is None else self._origins) or {})

    @cached_property
    def provenance(self) -> Provenance:
        """What the commit's DVC files say about the artifact."""
        return self._provenance() if callable(self._provenance) else self._provenance

    @cached_property
    def summary(self) -> CardSummary:
        """What the card says; empty where there is none."""
        return summarize(self.card or {})

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        """The card's evaluations or, where it has none, what the pipeline's metrics files hold."""
        if self.summary.evaluations:
            return self.summary.evaluations
        files = self.provenance.metrics
        return tuple(Measure(metric=name, value=value) for name, value in _by_name(files).items())

    @cached_property
    def metrics(self) -> dict[str, float]:
        """Metric → value, as columns of a table; what was measured on a slice is left out."""
        return named_metrics(self.measures)

    @cached_property
    def parameters(self) -> dict[str, Scalar]:
        """Parameter → value: those the pipeline ran with, and over them those that the card states."""
        return {**_by_name(self.provenance.params), **self.summary.parameters}


class Dossier(Evidence):
    """One version and its papers.

    Attributes:
        state: The version, its stage and aliases.
    """

    def __init__(
        self,
        *,
        state: VersionState,
        card_path: str | None = None,
        card: Card | Callable[[], Card | None] | None = None,
        origins: Card | None = None,
        provenance: Provenance | Callable[[], Provenance] = Provenance,
        problems: tuple[str, ...] = (),
        lasting: bool = True,
    ) -> None:
        """Put the version beside its papers."""
        super().__init__(
            card_path=card_path,
            card=card,
            origins=origins,
            provenance=provenance,
            problems=problems,
            lasting=lasting,
        )
        self.state = state

    @property
    def model(self) -> str:
        return self.state.registered.model

    @property
    def ref(self) -> str:
        """`churn@v1.2.0`."""
        return f"{self.model}@v{self.state.version}"


def _by_name(files: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The leaves of several files as one mapping, named as a registration names them in the card."""
    stems = [PurePosixPath(file).stem for file in files]
    unique = len(set(stems)) == len(stems)
    try:
        return combine({(PurePosixPath(file).stem if unique else file): leaves for file, leaves in files.items()})
    except ValueError:  # a name with its prefix is another file's name
        return {f"{file}:{name}": value for file, leaves in files.items() for name, value in leaves.items()}

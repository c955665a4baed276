"""Where the use cases stand: a repository, its policy, and its models as their histories tell them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from mreg.adapters.config import FILE, parse_policy
from mreg.adapters.git import Git
from mreg.adapters.history import History, model_names, read_model
from mreg.core.names import check_model_name
from mreg.core.policy import Policy
from mreg.core.refs import Ref, UnknownModel, parse_ref, select

if TYPE_CHECKING:
    from pathlib import Path

    from mreg.core.fold import ModelState, VersionState


class Workspace:
    """One repository and what it configures."""

    def __init__(self, path: Path) -> None:
        """Find the repository at or above a folder.

        Raises:
            NotARepository, NoSuchFolder: There is none.
        """
        self.git = Git(path)

    @cached_property
    def policy(self) -> Policy:
        """What `.mreg.yaml` says: of the work tree, or of HEAD where the repository is bare."""
        if not self.git.bare:
            try:
                return parse_policy((self.git.root / FILE).read_bytes())
            except FileNotFoundError:
                return Policy()
        with self.git.blobs() as blobs:
            (data,) = blobs.read([f"HEAD:{FILE}"])
        return Policy() if data is None else parse_policy(data)

    def card_path(self, model: str) -> str:
        """Where a model's card is, relative to the repository's root."""
        return f"{self.policy.models_dir}/{model}/card.yaml"

    def history(self, model: str, *, at: int | None = None) -> History:
        """A model's history; empty where nothing of that name was registered."""
        return read_model(self.git, check_model_name(model), at=at)

    def known(self, model: str, *, at: int | None = None) -> ModelState:
        """The state of a model that has at least one version.

        Raises:
            UnknownModel: It has none; the error holds the nearest names.
        """
        state = self.history(model, at=at).state
        if not state.versions:
            raise UnknownModel(model=model, known=model_names(self.git))
        return state

    def version(self, text: str, *, at: int | None = None) -> tuple[Ref, ModelState, VersionState]:
        """What a person's reference picks.

        Raises:
            InvalidRef, InvalidName: The text is no reference.
            UnknownModel, UnknownRef: Nothing answers to it.
        """
        ref = parse_ref(text)
        state = self.known(ref.model, at=at)
        return ref, state, self.select(state, ref)

    def select(self, state: ModelState, ref: Ref) -> VersionState:
        """The version that a reference picks in a state; see `mreg.core.refs.select`."""
        return select(state, ref, stages=tuple(self.policy.stages))

"""Where the use cases stand: a repository, its policy, and its models as their histories tell them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from mreg.adapters.config import FILE, parse_policy
from mreg.adapters.files import disk_errors
from mreg.adapters.git import Git
from mreg.adapters.history import History, model_names, read_model
from mreg.core.names import check_model_name
from mreg.core.policy import Policy
from mreg.core.refs import Ref, UnknownModel, parse_ref, select
from mreg.errors import RegistryError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from mreg.core.fold import ModelState, VersionState


class NotYet(RegistryError):
    """The model had no version at the time that was asked about."""

    def __init__(self, *, model: str, first: datetime) -> None:
        super().__init__(f"{model} had no version yet: its first is of {first:%Y-%m-%d %H:%M} UTC")
        self.model, self.first = model, first
        self.hint = f"ask about a later time; mreg history {model} shows when what happened"


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
            file = self.git.root / FILE
            with disk_errors("read", file):
                data = file.read_bytes() if file.exists() else None
            return Policy() if data is None else parse_policy(data)
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
            NotYet: It had none then.
            UnknownModel: It has none; the error holds the nearest names.
        """
        state = self.history(model, at=at).state
        if state.versions:
            return state
        if at is not None and (later := self.history(model).state).versions:
            raise NotYet(model=model, first=min(version.registered.when for version in later.versions.values()))
        raise UnknownModel(model=model, known=[name for name in model_names(self.git) if name != model])

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

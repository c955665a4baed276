"""Where the use cases stand: a repository, its policy, and its models as their histories tell them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from mreg.adapters.config import FILE, parse_policy
from mreg.adapters.files import disk_errors
from mreg.adapters.git import Git
from mreg.adapters.history import History, model_names, read_model, read_models
from mreg.core.names import check_model_name
from mreg.core.policy import Policy
from mreg.core.refs import Ref, UnknownModel, UnknownRef, parse_ref, select
from mreg.errors import MregError, RegistryError
from mreg.usecases.completeness import caveats

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from mreg.adapters.dvc import Dvc
    from mreg.core.fold import ModelState, VersionState
    from mreg.core.pointer import Pointer

E = TypeVar("E", bound=MregError)


class NotYet(RegistryError):
    """The model had no version at the time that was asked about."""

    def __init__(self, *, model: str, first: datetime) -> None:
        super().__init__(f"{model} had no version yet: its first is of {first:%Y-%m-%d %H:%M} UTC")
        self.model, self.first = model, first
        self.hint = f"ask about a later time; mreg history {model} shows when what happened"


class Workspace:
    """One repository and what it configures."""

    def __init__(self, path: Path, *, complete: bool = False) -> None:
        """Find the repository at or above a folder.

        Args:
            path: The folder.
            complete: Whoever opens it knows that it has every tag of the models that are asked about, although it may
                be shallow.

        Raises:
            NotARepository, NoSuchFolder: There is none.
        """
        self.git, self._complete = Git(path), complete

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
            first = min(version.registered.when for version in later.versions.values())
            raise self.with_caveats(NotYet(model=model, first=first), model)
        known = [name for name in model_names(self.git) if name != model]
        raise self.with_caveats(UnknownModel(model=model, known=known), model)

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
        try:
            return select(state, ref, stages=tuple(self.policy.stages))
        except UnknownRef as error:
            raise self.with_caveats(error, ref.model) from None

    def dvc(self, pointer: Pointer) -> Dvc:
        """The DVC repository that an artifact belongs to.

        Raises:
            NoWorkTree, NotDvc: There is none.
        """
        from mreg.adapters.dvc import Dvc

        root = self.git.root
        return Dvc.find((root / pointer.file).parent, root)

    def caveats(self, *models: str) -> tuple[str, ...]:
        """What this clone may lack of some models, or of all where none is named; nothing unless it is shallow.

        A notice of every answer that depends on which tags are here.
        """
        if self._complete or not self.git.shallow:
            return ()
        histories = (self.history(model) for model in dict.fromkeys(models)) if models else read_models(self.git)
        return caveats(self.git, [history.state for history in histories], everything=not models)

    def with_caveats(self, error: E, model: str) -> E:
        """An error that tags which are missing here may have caused: its hint says so first."""
        error.hint = "; otherwise ".join((*self.caveats(model), error.hint))
        return error

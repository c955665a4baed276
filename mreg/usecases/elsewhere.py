"""Asking a repository that is elsewhere: which view of it a question needs, and the workspace made of the view."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from mreg.adapters.config import FILE, parse_policy
from mreg.adapters.dvc.pointers import is_pointer_file
from mreg.adapters.views import Depth, Shelf, Wanted, open_view
from mreg.core.names import check_model_name
from mreg.core.policy import Policy
from mreg.core.refs import Ref, UnknownModel, UnknownRef, parse_ref, select
from mreg.errors import UsageError
from mreg.usecases.workspace import Workspace

if TYPE_CHECKING:
    from mreg.adapters.dvc import Dvc
    from mreg.adapters.views import Address, View
    from mreg.core.fold import ModelState, VersionState
    from mreg.core.pointer import Pointer


class NotHere(UsageError):
    """Something is to be written to a repository that is elsewhere."""

    hint = "clone the repository, and run the command in the clone"

    def __init__(self, *, url: str) -> None:
        super().__init__(f"{url} is elsewhere: it can be asked, not written to")
        self.url = url


class ViewWorkspace(Workspace):
    """A view of another repository, as the use cases see it: a bare repository."""

    def __init__(self, view: View, *, complete: bool) -> None:
        """Stand on a view that has been refreshed.

        Args:
            view: The view.
            complete: It has every tag of the models that are asked about, although it may be shallow.
        """
        self.git, self._view, self._complete = view.git, view, complete

    @cached_property
    def policy(self) -> Policy:
        return self._prepare(None)

    def known(self, model: str, *, at: int | None = None) -> ModelState:
        try:
            return super().known(model, at=at)
        except UnknownModel:
            names = self._view.model_names()  # a view may have one model's tags alone
            raise UnknownModel(model=model, known=[name for name in names if name != model]) from None

    def select(self, state: ModelState, ref: Ref) -> VersionState:
        if "policy" not in vars(self):
            self.policy = self._prepare(_likely(state, ref))
        version = super().select(state, ref)
        self._view.bring([_papers(version)])
        return version

    def dvc(self, pointer: Pointer) -> Dvc:
        from mreg.adapters.views.artifacts import remote_dvc

        with self.git.blobs() as blobs:
            return remote_dvc(self._view.kept, self._view.address, pointer, blobs)

    def _prepare(self, version: VersionState | None) -> Policy:
        """The policy; what else will be needed comes with it."""
        with self.git.blobs() as blobs:
            (head,) = blobs.identify(["HEAD^{commit}"])
            wanted = [Wanted(head.oid, "configuration", _is_configuration)] if head else []
            self._view.bring([*wanted, *([_papers(version)] if version else [])])
            (data,) = blobs.read([f"HEAD:{FILE}"])
        return Policy() if data is None else parse_policy(data)


def _likely(state: ModelState, ref: Ref) -> VersionState | None:
    """What the reference picks where the project's own stages do not matter."""
    try:
        return select(state, ref, stages=())
    except UnknownRef:
        return None


def _papers(version: VersionState) -> Wanted:
    model = version.registered.model
    own = f"{model.rpartition('/')[2]}/card.yaml"
    # The artifact's pointer is one of them: which, the card says.
    return Wanted(version.commit, model, lambda path: path.endswith(own), likely=is_pointer_file)


def _is_configuration(path: str) -> bool:
    return path == FILE or f"/{path}".endswith("/.dvc/config")


class Elsewhere:
    """A repository that is elsewhere, as `Registry` asks for it: every question sees it as it is at that moment."""

    def __init__(self, address: Address) -> None:
        self._address = address

    @property
    def identity(self) -> str:
        return self._address.shown

    def writable(self) -> Workspace:
        """Nothing can be written there.

        Raises:
            NotHere: Always.
        """
        raise NotHere(url=self._address.shown)

    def tags(self, model: str | None) -> Workspace:
        """For what the tags of a model tell, or those of all models.

        Raises:
            InvalidName: No model can be named so.
            RemoteFailed: The repository cannot be read.
        """
        view = self._view(Depth.TIPS)
        view.refresh(None if model is None else check_model_name(model))
        return ViewWorkspace(view, complete=True)

    def version(self, ref: str, *, notes: bool = False) -> Workspace:
        """For one version.

        Raises:
            InvalidRef, InvalidName, RemoteFailed: As they say.
        """
        view = self._view(Depth.TIPS)
        view.refresh(parse_ref(ref).model, notes=notes)
        return ViewWorkspace(view, complete=True)

    def models(self) -> Workspace:
        """For all models at a glance; scores are those of versions, whose cards are in the history.

        Raises:
            RemoteFailed: The repository cannot be read.
        """
        glance = self.tags(None)
        return self.everything() if glance.policy.weights else glance

    def everything(self) -> Workspace:
        """For what only the whole history can tell.

        Raises:
            RemoteFailed: The repository cannot be read.
        """
        view = self._view(Depth.HISTORY)
        view.refresh(notes=True)
        return ViewWorkspace(view, complete=False)

    def _view(self, depth: Depth) -> View:
        return open_view(Shelf(), self._address, depth)

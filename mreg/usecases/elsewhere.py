"""Asking a repository that is elsewhere: which view of it a question needs, and the workspace made of the view."""

from __future__ import annotations

import posixpath
import re
import shlex
from functools import cached_property
from typing import TYPE_CHECKING

from mreg.adapters.config import FILE, parse_policy
from mreg.adapters.dvc.pointers import candidates, is_pointer_file
from mreg.adapters.dvc.settings import PIPELINE
from mreg.adapters.views import Depth, Shelf, Wanted, open_view
from mreg.core.names import check_model_name
from mreg.core.policy import Policy
from mreg.core.refs import Ref, UnknownModel, UnknownRef, parse_ref, select
from mreg.errors import RegistryError, UsageError
from mreg.usecases.details import locate_all
from mreg.usecases.papers import Place, find_papers
from mreg.usecases.workspace import E, Workspace

if TYPE_CHECKING:
    from mreg.adapters.dvc import Dvc
    from mreg.adapters.git import BlobReader
    from mreg.adapters.views import Address, View
    from mreg.core.fold import ModelState, VersionState
    from mreg.core.pointer import Pointer

_FEW = 100  # files that may not be needed
# A question in a hint, with its model and options.
_ASKS = re.compile(r"\bmreg (?:ls|history)\b(?: (?!shows|lists)[\w./-]+)*")


class NotHere(UsageError):
    """Something is to be written to a repository that is elsewhere."""

    hint = "clone the repository, and run the command in the clone"

    def __init__(self, *, url: str) -> None:
        super().__init__(f"{url} is elsewhere: it can be asked, not written to")
        self.url = url


class ViewWorkspace(Workspace):
    """A view of another repository, as the use cases see it: a bare repository."""

    def __init__(self, view: View, *, complete: bool, origins: bool = False) -> None:
        """Stand on a view that has been refreshed.

        Args:
            view: The view.
            complete: It has every tag of the models that are asked about, although it may be shallow.
            origins: Of a version, also how it came to be will be asked.
        """
        self.git, self._view, self._complete, self._origins = view.git, view, complete, origins

    @cached_property
    def policy(self) -> Policy:
        return self._prepare(None)

    def known(self, model: str, *, at: int | None = None) -> ModelState:
        try:
            return super().known(model, at=at)
        except UnknownModel:
            names = self._view.model_names()  # a view may have one model's tags alone
            raise self._asked_there(
                UnknownModel(model=model, known=[name for name in names if name != model])
            ) from None

    def select(self, state: ModelState, ref: Ref) -> VersionState:
        if "policy" not in vars(self):
            self.policy = self._prepare(_likely(state, ref))
        version = super().select(state, ref)
        place = Place(state.model, version.commit)
        with self._view.once(f"papers of {place} in {self.card_path(state.model)}, {self._origins}") as missing:
            if missing:
                self._bring(place)
        return version

    def with_caveats(self, error: E, model: str) -> E:
        return self._asked_there(super().with_caveats(error, model))

    def _asked_there(self, error: E) -> E:
        """An error whose hint works where there is no clone."""
        url = shlex.quote(self._view.address.shown)
        if error.hint.startswith("register its first version"):
            error.hint = f"nothing is published in {url}: check the URL, or `mreg push` in the clone"
        error.hint = _ASKS.sub(lambda asked: f"{asked[0]} --repo {url}", error.hint)
        return error

    def dvc(self, pointer: Pointer) -> Dvc:
        from mreg.adapters.views.artifacts import configurations, remote_dvc

        with self.git.blobs() as blobs:
            self._view.bring(self._at_head(blobs, *configurations(pointer.file)))
            return remote_dvc(self._view.kept, self._view.address, pointer, blobs)

    def _prepare(self, version: VersionState | None) -> Policy:
        """The policy; the first of what else will be needed comes with it, as it does not take more exchanges."""
        models = Policy().models_dir
        with self.git.blobs() as blobs:
            first = [Wanted(version.commit, (models,), is_pointer_file)] if version else []
            # Of both commits: what is brought later is then at the same level, and comes together.
            self._view.bring([*self._at_head(blobs, FILE, *([".dvc", models] if version else [])), *first])
            (data,) = blobs.read([f"HEAD:{FILE}"])
        return Policy() if data is None else parse_policy(data)

    def _bring(self, place: Place) -> None:
        """Bring what will be read of a version's commit, and where DVC repositories begin in HEAD."""
        card = self.card_path(place.model)
        with self.git.blobs() as blobs:
            beside = self._at_head(blobs, ".dvc/config", posixpath.dirname(card))  # where most artifacts are
            self._view.bring([Wanted(place.commit, (card,), is_pointer_file), *beside])
            if blobs.read([f"{place.commit}:{card}"]) == [None]:
                self._search_papers(place)
            (papers,) = find_papers(self, blobs, [place])
            if papers.path:
                beside = self._at_head(blobs, posixpath.dirname(papers.path))
                self._view.bring([Wanted(place.commit, candidates(papers.path)), *beside])
            if self._origins and not self._is_plain(blobs, place):
                self._search_origins(place)

    def _search_papers(self, place: Place) -> None:
        """Bring the cards that may be the model's or else, as where there are none, all that may name an artifact."""
        own = f"{posixpath.basename(place.model)}/card.yaml"
        found = self._view.files(place.commit, lambda path: path.endswith(own) or posixpath.basename(path) == PIPELINE)
        cards = [path for path in found if path.endswith(own)]
        self._view.bring([Wanted(place.commit, tuple(cards or found))])

    def _is_plain(self, blobs: BlobReader, place: Place) -> bool:
        """Whether the artifact's own `.dvc` file says all that is known of its origin."""
        try:
            (located,) = locate_all(self, blobs, [place])
        except RegistryError:  # whoever asks for it is told
            return False
        return located.pointer is not None and not located.pointer.stage

    def _search_origins(self, place: Place) -> None:
        """Bring what may say where something comes from: it can be anywhere."""
        found = self._view.files(place.commit, is_pointer_file)
        if len(found) <= _FEW:  # of many, git brings those that are read
            self._view.bring([Wanted(place.commit, tuple(found))])

    def _at_head(self, blobs: BlobReader, *paths: str) -> list[Wanted]:
        (head,) = blobs.identify(["HEAD^{commit}"])
        return [Wanted(head.oid, paths)] if head else []


def _likely(state: ModelState, ref: Ref) -> VersionState | None:
    """What the reference picks where the project's own stages do not matter."""
    try:
        return select(state, ref, stages=())
    except UnknownRef:
        return None


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
        return ViewWorkspace(view, complete=True, origins=notes)

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

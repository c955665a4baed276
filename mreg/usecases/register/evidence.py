"""What made the version and how good it is: metrics, parameters, data, base models."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mreg.adapters.dvc.pointers import InsideTrackedFolder, candidates, find_pointer
from mreg.adapters.files import disk_errors
from mreg.adapters.hashing import hash_artifact
from mreg.errors import UsageError
from mreg.usecases.register.place import check_not_repository, located
from mreg.usecases.register.values import Values, read_values

if TYPE_CHECKING:
    from pathlib import Path

    from mreg.adapters.git import Git
    from mreg.adapters.progress import Progress
    from mreg.core.pointer import Pointer
    from mreg.usecases.register.request import Request
    from mreg.usecases.workspace import Workspace


class NotPinned(UsageError):
    """A base model that would mean something else tomorrow."""

    def __init__(self, *, ref: str) -> None:
        super().__init__(f"the base model {ref} is not pinned to a version")
        self.ref = ref
        self.hint = (
            "write NAME@vX.Y.Z, hf:ID@REVISION, or a URI that ends in @REVISION or #sha256=…; main is no revision"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """Training data. `revision` is DVC's hash (`md5:…`) where DVC tracks it, else its content's (`sha256:…`)."""

    name: str
    path: str | None
    uri: str | None
    revision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was gathered."""

    values: Values
    data: tuple[Data, ...]
    base_models: tuple[str, ...]


def gather(workspace: Workspace, request: Request, place: str, *, progress: Progress) -> Evidence:
    """Read everything that the request names, or what the pipeline declares where it names no metrics or parameters.

    Args:
        workspace: The repository.
        request: The registration.
        place: The artifact, relative to the root.
        progress: Shows the bytes of data hashed.

    Raises:
        NoSuchFile, BadValue, BrokenFile, …: A file of metrics or parameters, see `read_values`.
        BadArtifact, NotAPath: A path of data.
        UnknownModel, UnknownRef, NotPinned: A base model.
    """
    return Evidence(
        values=read_values(workspace.git, request, place),
        base_models=tuple(_pinned(workspace, ref) for ref in request.base_models),
        data=tuple(_data(workspace.git, path, progress) for path in request.data),
    )


def _data(git: Git, path: Path, progress: Progress) -> Data:
    check_not_repository(git, path)
    place, root = located(path), git.root.resolve()
    if not place.is_relative_to(root):
        digest = hash_artifact(path, progress=progress)
        return Data(name=place.name, path=None, uri=place.as_uri(), revision=f"sha256:{digest}")
    relative = place.relative_to(root).as_posix()
    pointer = _pointer(root, relative)
    revision = f"{pointer.hash_name}:{pointer.hash}" if pointer else f"sha256:{hash_artifact(path, progress=progress)}"
    return Data(name=place.name, path=relative, uri=None, revision=revision)


def _pointer(root: Path, place: str) -> Pointer | None:
    held = {}
    for file in candidates(place):
        if (root / file).is_file():
            with disk_errors("read", root / file):
                held[file] = (root / file).read_bytes()
    with suppress(InsideTrackedFolder):  # one file of a folder: its own content is what it is known by
        return find_pointer(place, held)
    return None


def _pinned(workspace: Workspace, text: str) -> str:
    """A base model as the card names it: a version of this registry instead of a stage, others as they are."""
    if text.startswith("hf:") or "://" in text:
        from mreg.core.card.fields import check_base_model, check_line

        try:
            return check_base_model(check_line(text))
        except ValueError as error:
            raise NotPinned(ref=text) from error
    _, state, version = workspace.version(text)
    return f"{state.model}@v{version.version}"

"""What made the version and how good it is: metrics, parameters, data, base models, code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from mreg.adapters.hashing import hash_artifact
from mreg.adapters.measurements import read_metrics, read_params
from mreg.adapters.pipeline import declared
from mreg.adapters.pointers import candidates, find_pointer
from mreg.core.metrics import combine
from mreg.errors import RegistryError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from mreg.adapters.git import Git
    from mreg.adapters.progress import Progress
    from mreg.core.annotations import Scalar
    from mreg.usecases.register.request import Request
    from mreg.usecases.workspace import Workspace

COMMAND_LINE = "command line"

_ELSEWHERE = ("hf:",)

T = TypeVar("T")


class SameMetricTwice(RegistryError):
    """Two files name a value alike, so that neither can stand for the version."""

    hint = "rename one of them, or leave one of the files out"

    def __init__(self, *, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class NotPinned(UsageError):
    """A base model that would mean something else tomorrow."""

    def __init__(self, *, ref: str) -> None:
        super().__init__(f"the base model {ref} is not pinned to a version")
        self.ref = ref
        self.hint = "write NAME@vX.Y.Z, hf:ID@REVISION, or a URI with @REVISION or #sha256=…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """Training data. `revision` is DVC's hash (`md5:…`) where DVC tracks it, else its content's (`sha256:…`)."""

    name: str
    path: str | None
    uri: str | None
    revision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was gathered. Each metric has the file or option it came from; `params` None: none were named."""

    metrics: Mapping[str, tuple[float, str]]
    params: Mapping[str, Scalar] | None
    data: tuple[Data, ...]
    base_models: tuple[str, ...]
    outputs: tuple[str, ...]
    notices: tuple[str, ...]


def gather(workspace: Workspace, request: Request, place: str, *, progress: Progress) -> Evidence:
    """Read everything that the request names, or what the pipeline declares where it names no metrics or parameters.

    Raises:
        NoSuchFile, BadValue, BrokenFile: A file of metrics or parameters.
        BadArtifact: A path of data.
        UnknownModel, UnknownRef, NotPinned: A base model.
    """
    git = workspace.git
    notices: tuple[str, ...] = ()
    metrics_files: list[tuple[Path, tuple[str, ...]]] = [(file, ()) for file in request.metrics_files]
    params_files: list[tuple[Path, tuple[str, ...]]] = [(file, ()) for file in request.params_files]
    if not (metrics_files or request.metrics or params_files or request.params):
        found = declared(git, place)
        metrics_files = [(file, ()) for file in found.metrics]
        params_files = [(file.path, file.keys) for file in found.params]
        notices = found.skipped
    metrics = _combined(git, metrics_files, lambda file, _: read_metrics(file))
    params = _combined(git, params_files, lambda file, keys: read_params(file, keys=keys))
    given = {name: (value, COMMAND_LINE) for name, value in request.metrics.items()}
    named = bool(params_files or request.params)
    return Evidence(
        metrics=metrics | given,
        params={**{name: value for name, (value, _) in params.items()}, **request.params} if named else None,
        data=tuple(_data(git, path, progress) for path in request.data),
        base_models=tuple(_pinned(workspace, ref) for ref in request.base_models),
        outputs=tuple(_relative(git, file) for file, _ in metrics_files),
        notices=notices,
    )


def _combined(
    git: Git, files: Sequence[tuple[Path, tuple[str, ...]]], read: Callable[[Path, tuple[str, ...]], Mapping[str, T]]
) -> dict[str, tuple[T, str]]:
    """Each value by name, with the file it came from; a name that two files have gets the file's as a prefix."""
    stems = [file.stem for file, _ in files]
    found: dict[str, dict[str, tuple[T, str]]] = {}
    for file, keys in files:
        source = _relative(git, file)
        label = file.stem if stems.count(file.stem) == 1 else source.rpartition(".")[0].replace("/", ".")
        found[label] = {name: (value, source) for name, value in read(file, keys).items()}
    try:
        return combine(found)
    except ValueError as error:
        raise SameMetricTwice(problem=str(error)) from error


def _relative(git: Git, file: Path) -> str:
    """As a source in a card: relative to the root, or the bare name of a file outside, whose folder is private."""
    place, root = file.resolve(), git.root.resolve()
    return place.relative_to(root).as_posix() if place.is_relative_to(root) else file.name


def _data(git: Git, path: Path, progress: Progress) -> Data:
    place, root = path.parent.resolve() / path.name, git.root.resolve()
    if not place.is_relative_to(root):
        digest = hash_artifact(path, progress=progress)
        return Data(name=path.name, path=None, uri=place.as_uri(), revision=f"sha256:{digest}")
    relative = place.relative_to(root).as_posix()
    held = {file: (root / file).read_bytes() for file in candidates(relative) if (root / file).is_file()}
    pointer = find_pointer(relative, held)
    revision = f"{pointer.hash_name}:{pointer.hash}" if pointer else f"sha256:{hash_artifact(path, progress=progress)}"
    return Data(name=path.name, path=relative, uri=None, revision=revision)


def _pinned(workspace: Workspace, text: str) -> str:
    """A base model as the card names it: a version of this registry instead of a stage, others as they are."""
    if text.startswith(_ELSEWHERE) or "://" in text:
        if "@" not in text and "#" not in text:
            raise NotPinned(ref=text)
        return text
    _, state, version = workspace.version(text)
    return f"{state.model}@v{version.version}"

"""Metrics and parameters: from the files and options that a person named, or else from those of the pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeVar

from mreg.adapters.dvc.pipeline import Declared, declared
from mreg.adapters.measurements import read_metrics, read_params
from mreg.core.metrics import combine
from mreg.errors import MregError, RegistryError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from mreg.adapters.git import Git
    from mreg.core.annotations import Scalar
    from mreg.usecases.register.request import Request

COMMAND_LINE = "command line"

T = TypeVar("T")
V = TypeVar("V")

# Values by name, each with the file or option it came from.
_Sourced = dict[str, tuple[V, str]]


class SameMetricTwice(RegistryError):
    """Two files name a value alike, so that neither can stand for the version."""

    hint = "rename one of them, or leave one of the files out"

    def __init__(self, *, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class UnfitValue(UsageError):
    """A metric or a parameter that a card cannot hold."""

    hint = "rename it, or leave it out"

    def __init__(self, *, source: str, name: str, problem: str) -> None:
        super().__init__(f"{source}: {name!r:.80} {problem}")
        self.source, self.name, self.problem = source, name, problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What was read.

    Attributes:
        metrics: By name, each with the file or option it came from.
        params: By name; None where nobody named any, and none that are declared could be read.
        outputs: The metrics files, relative to the root.
        notices: What was left out, and why.
    """

    metrics: Mapping[str, tuple[float, str]]
    params: Mapping[str, Scalar] | None
    outputs: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


def read_values(git: Git, request: Request, place: str) -> Values:
    """The metrics and parameters that the request names or, where it names none at all, those of the pipeline.

    A file that a person named has to be what it should be. One that only `dvc.yaml` names is passed over, with a
    notice, where it is not: nobody asked for it.

    Args:
        git: The repository.
        request: The registration.
        place: The artifact, relative to the root.

    Raises:
        NoSuchFile, BadValue, BrokenFile, YamlFault, UnreadableFormat: A file that was named.
        SameMetricTwice, UnfitValue: What it holds.
    """
    if request.metrics or request.metrics_files or request.params or request.params_files:
        return _named(git, request)
    return _declared(git, place)


def _named(git: Git, request: Request) -> Values:
    files = request.metrics_files
    metrics = _combined(git, [(file, read_metrics(file)) for file in files])
    metrics |= {name: (value, COMMAND_LINE) for name, value in request.metrics.items()}
    params = _combined(git, [(file, read_params(file)) for file in request.params_files])
    params |= {name: (value, COMMAND_LINE) for name, value in request.params.items()}
    for source, name, problem in (*_unfit(metrics, names=True), *_unfit(params)):
        raise UnfitValue(source=source, name=name, problem=problem)
    named = bool(request.params or request.params_files)
    return Values(
        metrics=metrics,
        params=_unsourced(params) if named else None,
        outputs=tuple(_relative(git, file) for file in files),
    )


def _declared(git: Git, place: str) -> Values:
    lenient = _Lenient(git)
    pipeline = lenient.attempt(lambda: declared(git, place)) or Declared()
    lenient.notices += pipeline.skipped
    keys = {file.path: file.keys for file in pipeline.params}
    metrics = lenient.read(pipeline.metrics, read_metrics, names=True)
    params = lenient.read(keys, lambda file: read_params(file, keys=keys[file]))
    return Values(
        metrics=metrics,
        params=_unsourced(params) or None,
        outputs=tuple(_relative(git, file) for file in pipeline.metrics),
        notices=tuple(lenient.notices),
    )


class _Lenient:
    """Reads what nobody named: where that fails, a notice says so."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self.notices: list[str] = []

    def attempt(self, action: Callable[[], T]) -> T | None:
        try:
            return action()
        except MregError as error:
            self._pass_over(str(error))
            return None

    def read(
        self, files: Iterable[Path], reader: Callable[[Path], dict[str, V]], *, names: bool = False
    ) -> _Sourced[V]:
        found = [(file, values) for file in files if (values := self.attempt(partial(reader, file))) is not None]
        combined = self.attempt(lambda: _combined(self._git, found)) or {}
        for source, name, problem in _unfit(combined, names=names):
            self._pass_over(f"{source}: {name!r:.80} {problem}")
            del combined[name]
        return combined

    def _pass_over(self, problem: str) -> None:
        self.notices.append(f"left out: {problem}".replace(f"{self._git.root}/", ""))


def _unfit(values: Mapping[str, tuple[object, str]], *, names: bool = False) -> list[tuple[str, str, str]]:
    """Source, name and problem of what a card cannot hold; `names` are those of metrics, which are one line."""
    from mreg.core.card.fields import check_line

    found = []
    for name, (value, source) in values.items():
        try:
            f"{name}{value}".encode()
            if names:
                check_line(name)
        except UnicodeEncodeError:
            found.append((source, name, "is not Unicode text"))
        except ValueError as error:
            found.append((source, name, str(error)))
    return found


def _unsourced(values: _Sourced[V]) -> dict[str, V]:
    return {name: value for name, (value, _) in values.items()}


def _combined(git: Git, files: Sequence[tuple[Path, Mapping[str, V]]]) -> _Sourced[V]:
    """Each value by name, with the file it came from; a name that two files have gets the file's as a prefix."""
    sources = [_relative(git, file) for file, _ in files]
    if twice := next((s for s in sources if len({f.resolve() for f, _ in files if _relative(git, f) == s}) > 1), None):
        raise SameMetricTwice(problem=f"two files outside the repository are called {twice}")
    found: dict[str, _Sourced[V]] = {}
    for (_, values), source, label in zip(files, sources, _labels(sources), strict=True):
        found[label] = {name: (value, source) for name, value in values.items()}
    try:
        return combine(found)
    except ValueError as error:
        raise SameMetricTwice(problem=str(error)) from error


def _labels(sources: Sequence[str]) -> list[str]:
    """A name for each file: its own without the ending, or else with its folders, or else with all of it."""
    dotted = [source.replace("/", ".") for source in sources]
    for names in ([PurePosixPath(source).stem for source in sources], [name.rpartition(".")[0] for name in dotted]):
        if len(set(names)) == len(set(sources)):
            return names
    return dotted


def _relative(git: Git, file: Path) -> str:
    """As a source in a card: relative to the root, or the bare name of a file outside, whose folder is private."""
    place, root = file.resolve(), git.root.resolve()
    return place.relative_to(root).as_posix() if place.is_relative_to(root) else file.name

"""What the repository's own `dvc.yaml` calls its metrics and parameters: used where a registration names none."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mreg.adapters.dvc.dvcyaml import PARAMS, Pipeline, Selection, Stage, parse_pipeline, select
from mreg.adapters.files import disk_errors
from mreg.adapters.structured import BrokenFile, is_structured

if TYPE_CHECKING:
    from mreg.adapters.git import Git


@dataclass(frozen=True, slots=True)
class ParamsFile:
    """A parameters file, and the keys in it that count; none are all."""

    path: Path
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What a pipeline declares and the work tree has.

    `pipeline` is the `dvc.yaml` that was asked, relative to the Git root; None where there is none. `skipped` says, a
    sentence each, what it declares besides and why that is not here.
    """

    pipeline: str | None = None
    metrics: tuple[Path, ...] = ()
    params: tuple[ParamsFile, ...] = ()
    skipped: tuple[str, ...] = ()


def declared(git: Git, artifact: str | None) -> Declared:
    """The metrics and parameters that belong to an artifact, as `dvc metrics show` and `dvc params show` list them.

    The `dvc.yaml` with a stage that makes the artifact speaks, or else the nearest one in the folders above it, or
    else the only one in the repository. Where a stage makes the artifact, stages that neither lead to it nor
    measure it are left out: the metrics of one model are not those of its neighbour.

    Args:
        git: Of a repository with a work tree.
        artifact: Posix, relative to the Git root; None where it lies outside.

    Raises:
        BrokenFile: A `dvc.yaml` or `dvc.lock` above the artifact cannot be understood.
        DiskFailure: One cannot be read.
    """
    pipeline = _choose(git.root, _pipeline_files(git), artifact)
    if pipeline is None:
        return Declared()
    stages = _related(pipeline.stages, artifact)
    names = dict.fromkeys((*(path for stage in stages for path in stage.metrics), *pipeline.metrics))
    metrics = [_in_work_tree(git.root, name) for name in names]
    selection = _selection(git.root, pipeline, stages)
    params = [(_in_work_tree(git.root, name, python=True), keys) for name, keys in selection.items()]
    reasons = [why for _, why in metrics] + [why for (_, why), _ in params]
    reasons += [
        f"{path} in {pipeline.file} is a template that dvc.lock does not resolve" for path in pipeline.unresolved
    ]
    return Declared(
        pipeline=pipeline.file,
        metrics=tuple(dict.fromkeys(path for paths, _ in metrics for path in paths)),
        params=tuple(ParamsFile(path, keys) for (paths, _), keys in params for path in paths),
        skipped=tuple(filter(None, reasons)),
    )


def _pipeline_files(git: Git) -> list[str]:
    """Every `dvc.yaml` that git does not ignore: those that DVC itself looks at."""
    listed = git.run("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "dvc.yaml", "*/dvc.yaml")
    files = listed.stdout.decode("utf-8", "surrogateescape").split("\0")
    return [file for file in files if file and (git.root / file).is_file()]


def _choose(root: Path, files: Sequence[str], artifact: str | None) -> Pipeline | None:
    above = sorted((file for file in files if _is_above(file, artifact)), key=len, reverse=True)
    nearest = [_read(root, file) for file in above]
    for pipeline in nearest:
        if artifact and _makers(pipeline.stages, artifact):
            return pipeline
    for file in files if artifact else ():
        with suppress(BrokenFile):  # of a neighbour
            if file not in above and _makers((pipeline := _read(root, file)).stages, artifact or ""):
                return pipeline
    if nearest:
        return nearest[0]
    return _read(root, files[0]) if len(files) == 1 else None


def _is_above(file: str, artifact: str | None) -> bool:
    folder = posixpath.dirname(file)
    return not folder or (artifact is not None and artifact.startswith(f"{folder}/"))


def _read(root: Path, file: str) -> Pipeline:
    lock = (root / file).with_suffix(".lock")
    with disk_errors("read", root / file):
        return parse_pipeline((root / file).read_bytes(), file, lock.read_bytes() if lock.is_file() else None)


def _makers(stages: Sequence[Stage], artifact: str) -> list[Stage]:
    return [stage for stage in stages if any(_overlap(out, artifact) for out in stage.outs)]


def _overlap(one: str, other: str) -> bool:
    """Whether two paths are the same, or one is a folder with the other in it."""
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def _related(stages: Sequence[Stage], artifact: str | None) -> Sequence[Stage]:
    """The stages that lead to the artifact and those that measure it; all of them where none makes it."""
    makers = _makers(stages, artifact) if artifact else []
    if not makers:
        return stages
    before = _leading_to(stages, makers)
    users = [stage for stage in stages if stage not in before and _uses(stage, artifact or "")]
    # One that makes something else of the artifact, such as a fine-tuned model, measures that and not the artifact.
    checks = [stage for stage in users if stage.only_reports] or [stage for stage in users if stage.metrics]
    return [stage for stage in stages if stage in before or stage in checks]


def _uses(stage: Stage, artifact: str) -> bool:
    return any(_overlap(dep, artifact) for dep in stage.deps)


def _leading_to(stages: Sequence[Stage], makers: Sequence[Stage]) -> list[Stage]:
    """The stages on the way to these, and these."""
    reached, waiting = list(makers), list(makers)
    while waiting:
        known = waiting.pop()
        found = [stage for stage in stages if stage not in reached and _feeds(stage.outs, known.deps)]
        reached += found
        waiting += found
    return reached


def _feeds(outs: Collection[str], deps: Collection[str]) -> bool:
    return any(_overlap(out, dep) for out in outs for dep in deps)


def _selection(root: Path, pipeline: Pipeline, stages: Sequence[Stage]) -> Selection:
    selected: Selection = {}
    for stage in stages:
        for file, keys in stage.params.items():
            select(selected, file, keys)
    for file in pipeline.params:
        select(selected, file, ())
    default = posixpath.join(pipeline.folder, PARAMS)
    # `dvc params show` lists the whole default file of the project, which is the folder with `.dvc`.
    if (root / pipeline.folder / ".dvc").is_dir() and (root / default).is_file():
        select(selected, default, ())
    return {file: keys for file, keys in pipeline.variables.items() if (root / file).is_file()} | selected


def _in_work_tree(root: Path, name: str, *, python: bool = False) -> tuple[list[Path], str]:
    """The file of that name, or the files in the folder of that name; and a sentence where there is none to read."""
    path = root / name
    if "://" in name or name.startswith(("/", "../")):
        return [], f"{name} lies outside the repository"
    if not path.exists():
        return [], f"{name} is declared, but it is not there"
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    readable = [file for file in files if is_structured(file, python=python)]
    return readable, "" if readable else f"{name} is of a format that is not read"

"""How an artifact came to be, as one commit tells it: the steps that led to it, and what they used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mreg.core.annotations import Scalar
    from mreg.core.pointer import Pointer

Parameters = Mapping[str, Mapping[str, "Scalar"]]
"""File → dotted key → value."""


class File(NamedTuple):
    """A file or folder as somebody recorded it: its identity is its content's hash, its path is only a label.

    A named tuple: a question about thousands of versions builds and compares hundreds of thousands of them.

    Attributes:
        path: Posix, relative to the Git root; a URI where the content is outside the repository.
        hash: `algorithm:value`, such as `md5:1b2c…` or `md5:1b2c….dir` for a folder; None where nobody recorded it.
            DVC 2's `md5-dos2unix` is written `md5` here: but for line ends the two are equal.
        size: Bytes.
        nfiles: How many files a folder holds.
    """

    path: str
    hash: str | None = None
    size: int | None = None
    nfiles: int | None = None

    @property
    def identity(self) -> str:
        """Equal for equal content; the path stands in where no hash was recorded."""
        return self.hash or f"path:{self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A stage of a DVC pipeline as it last ran, from `dvc.lock`.

    Attributes:
        pipeline: The `dvc.yaml`, posix, relative to the Git root; of DVC 0 the `.dvc` file.
        name: The stage's name there; `train@0` for one of a loop, empty for one of DVC 0.
        command: What was run; several commands are joined by newlines.
        params: The parameters that it depended on, with the values it ran with.
        metrics: Which of its outs, or files in them, are metrics.
    """

    pipeline: str
    name: str
    command: str
    deps: tuple[File, ...]
    outs: tuple[File, ...]
    params: Parameters = field(default_factory=dict)
    metrics: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """How DVC addresses it: `train`, `pipelines/dvc.yaml:train` outside the root, `train.dvc` without a name."""
        if not self.name:
            return self.pipeline
        return self.name if self.pipeline == "dvc.yaml" else f"{self.pipeline}:{self.name}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where `dvc import` or `dvc import-url` took a file from.

    Attributes:
        url: A Git repository, the file itself, or `db:` and the connection of a database; without credentials.
        path: Its path in that repository, the table or query of a database; None for `import-url`.
        rev: The branch or tag that was asked for; None is the default branch.
        revision: The commit that it was pinned to, or the ETag or hash of a URL.
    """

    url: str
    path: str | None = None
    rev: str | None = None
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A file or folder that a `.dvc` file tracks: the raw end of a pipeline."""

    file: str
    out: File
    origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What one commit says about how one artifact came to be.

    Attributes:
        artifact: Its DVC pointer; None where no DVC file points at it.
        steps: The stages that lead to it, those nearest to it first.
        checks: The stages that measure it: those that use it and make nothing but metrics and plots or, where there are
            none, those that make metrics beside other things.
        sources: The `.dvc` files among what these stages used, and the artifact's own.
        code: What they used that Git itself tracks: path → object id, of a folder that of its tree.
        declared: Files of parameters that a `dvc.yaml` names for no stage in particular, as DVCLive writes it.
        metrics: Files of metrics that these stages wrote, or that a `dvc.yaml` names for no stage in particular, with
            their finite numbers; read only where asked for.
        cached: Those of them that DVC keeps instead of Git.
        unknown: What cannot be known from this commit, a sentence each.
    """

    artifact: Pointer | None = None
    steps: tuple[Step, ...] = ()
    checks: tuple[Step, ...] = ()
    sources: tuple[Source, ...] = ()
    code: Mapping[str, str] = field(default_factory=dict)
    declared: Parameters = field(default_factory=dict)
    metrics: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    cached: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def params(self) -> dict[str, dict[str, Scalar]]:
        """What all the steps ran with, by file and key; without steps, what is declared."""
        found: dict[str, dict[str, Scalar]] = {file: dict(values) for file, values in self.declared.items()}
        for step in (*self.checks, *self.steps):
            for file, values in step.params.items():
                found.setdefault(file, {}).update(values)
        return found

    @property
    def inputs(self) -> tuple[File, ...]:
        """What the steps that lead to the artifact used and none of them made: raw data and code, each once."""
        made = {out.path for step in self.steps for out in step.outs}
        return tuple({dep.path: dep for step in self.steps for dep in step.deps if dep.path not in made}.values())

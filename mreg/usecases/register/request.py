"""What a registration is asked to do, and what it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mreg.core.annotations import Scalar
from mreg.core.events import Event
from mreg.core.pointer import Pointer
from mreg.core.versions import Bump, Version
from mreg.errors import RegistryError, UsageError
from mreg.usecases.sharing.results import Pushed
from mreg.usecases.writing import Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One registration, as `mreg register` takes it. Paths are absolute or relative to the current folder.

    Attributes:
        path: The artifact; None registers what the model's card names.
        metrics, params: Values by name; they win over those of the files.
        metrics_files, params_files: JSON, YAML, TOML, or a DVCLive folder.
        data: Files and folders the model was trained on.
        base_models: What it was made from: references into this registry, `hf:id@revision`, pinned URIs.
        card: A card to take instead of the model's own.
        stage: Promote it there at once.
        draft: Commit card and pointer, and tag nothing.
        dry_run: Change nothing, and say what would be done.
        require_clean: Refuse where other files of the work tree have changes.
    """

    model: str
    path: Path | None = None
    version: str | None = None
    bump: Bump | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    metrics_files: tuple[Path, ...] = ()
    params: Mapping[str, Scalar] = field(default_factory=dict)
    params_files: tuple[Path, ...] = ()
    data: tuple[Path, ...] = ()
    base_models: tuple[str, ...] = ()
    card: Path | None = None
    format: str | None = None
    framework: str | None = None
    reason: str = ""
    stage: str | None = None
    draft: bool = False
    dry_run: bool = False
    require_clean: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What a registration did, or would do.

    Attributes:
        event: The registration; None for a draft, a dry run, or where the version was registered before.
        repeated: The same artifact and card were registered before, as this version; or drafted, if it is a draft.
        digest, pointer: None where a dry run has not looked at them.
        commit: What the tag points at; None for a dry run.
        metrics: The version's, by name.
        notices: What a person should know.
        stage: Where it was to be promoted at once; None is nowhere.
        promoted: What that led to; None for a dry run.
        pushed: What was published with it, where that was asked for.
    """

    model: str
    version: Version
    event: Event | None
    repeated: bool
    draft: bool
    dry_run: bool
    path: str
    card_path: str
    pointer: Pointer | None
    digest: str | None
    commit: str | None
    metrics: Mapping[str, float]
    notices: tuple[str, ...]
    stage: str | None
    promoted: Written | None
    pushed: Pushed | None = None


class NoCommits(RegistryError):
    """A registration is a commit on top of another, and there is none yet."""

    hint = "commit your code first: git add -A && git commit -m 'Begin'"

    def __init__(self) -> None:
        super().__init__("this repository has no commits yet")


class NothingToRegister(UsageError):
    """Neither a path was given nor a card that names one."""

    def __init__(self, *, model: str, card_path: str, problem: str) -> None:
        super().__init__(f"nothing to register: {problem}")
        self.model, self.card_path = model, card_path
        self.hint = f"name the artifact: mreg register {model} PATH"


class DraftHasNoStage(UsageError):
    """A draft has no tag, so that nothing can be promoted."""

    hint = "leave one of the two out; mreg register MODEL --stage STAGE tags a draft and promotes it"

    def __init__(self) -> None:
        super().__init__("--draft and --stage contradict each other")


class VersionExists(RegistryError):
    """The version is registered already, with another artifact or card."""

    def __init__(self, *, model: str, version: Version, tag: str) -> None:
        super().__init__(f"{model} v{version} is registered already, with another artifact or card: {tag}")
        self.model, self.version, self.tag = model, version, tag
        self.hint = "versions never change: leave --version out for the next one, or name a new one"


class DirtyTree(RegistryError):
    """Other files have changes, and the registration was to be made from a clean tree."""

    def __init__(self, *, files: tuple[str, ...]) -> None:
        super().__init__(f"the work tree is not clean:\n{listed(files)}")
        self.files = files
        self.hint = "commit or stash these files, or leave --require-clean out"


def listed(files: tuple[str, ...], *, most: int = 10) -> str:
    """The first few files, a line each: a name with a line break in it is one line too."""
    more = f"\n  … and {len(files) - most} more" if len(files) > most else ""
    shown = ("".join(c if c.isprintable() else repr(c)[1:-1] for c in file) for file in files[:most])
    return "\n".join(f"  {file}" for file in shown) + more

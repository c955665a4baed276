"""What people type to name a version: `churn@v1.2.0`, `churn@production`, `churn`, `models:/churn/Production`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mreg.core.names import check_model_name, did_you_mean, nearest
from mreg.core.tags import parse_tag
from mreg.core.versions import InvalidVersion, parse_version
from mreg.errors import RegistryError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection

    from mreg.core.fold import ModelState, VersionState
    from mreg.core.versions import Version

LATEST = "latest"
_MLFLOW = "models:/"


@dataclass(frozen=True, slots=True)
class Ref:
    """A model and what picks one of its versions: a version, a stage, an alias or `latest`; None is `latest` too."""

    model: str
    selector: str | None = None

    def __str__(self) -> str:
        return self.model if self.selector is None else f"{self.model}@{self.selector}"


class InvalidRef(UsageError):
    """A text that names no version in any registry."""

    hint = "write MODEL@VERSION, MODEL@STAGE or MODEL@ALIAS, as in churn@v1.2.0 or churn@production"

    def __init__(self, *, text: str, problem: str) -> None:
        super().__init__(f"{text!r} is not a reference: {problem}")
        self.text, self.problem = text, problem


class UnknownModel(RegistryError):
    """No version of such a model is registered here."""

    def __init__(self, *, model: str, known: Collection[str]) -> None:
        super().__init__(f"no model {model} is registered here")
        self.model = model
        self.nearest = nearest(model, known)
        self.hint = did_you_mean(model, known) or (
            "`mreg ls` lists the models" if known else f"register its first version: mreg register {model} PATH"
        )


class UnknownRef(RegistryError):
    """The model exists, but nothing in it has that version, stage or alias."""

    def __init__(self, *, ref: Ref, state: ModelState, stages: Collection[str]) -> None:
        selector = ref.selector or LATEST
        known = [*(f"v{version}" for version in state.versions), *stages, *state.aliases]
        self.ref = str(ref)
        self.nearest = nearest(selector, known)
        if (stage := selector.lower()) in stages:
            problem, self.hint = f"{ref.model} has no version in {stage}", f"`mreg ls {ref.model}` shows the stages"
        elif stage == LATEST:
            problem, self.hint = f"{ref.model} has no version that is not yanked", f"mreg ls {ref.model} --all"
        else:
            problem = f"{ref.model} has no version, stage or alias {selector}"
            near = _of_tag(ref, stages) or did_you_mean(selector, known)
            self.hint = near or f"`mreg ls {ref.model}` lists the versions"
        super().__init__(problem)


def _of_tag(ref: Ref, stages: Collection[str]) -> str:
    """A hint for who typed the name of an event's tag, such as `churn@v1.2.0-production`."""
    tag = parse_tag(str(ref), labels=stages)
    return f"that is a tag's name; its version is {tag.model}@v{tag.version}" if tag and tag.label else ""


def parse_ref(text: str) -> Ref:
    """What a person typed, taken apart; nothing is looked up.

    Raises:
        InvalidRef, InvalidName: It names no version in any registry.

    Source: docs/format.md#references
    """
    rest = text.removeprefix(_MLFLOW)
    if rest != text and "@" not in rest:
        return _parse_mlflow(rest.strip("/"))
    model, at, selector = rest.partition("@")
    if at and not selector:
        raise InvalidRef(text=text, problem="nothing follows '@'")
    if "@" in selector:
        raise InvalidRef(text=text, problem="it has more than one '@'")
    return Ref(check_model_name(model), selector or None)


def _parse_mlflow(path: str) -> Ref:
    model, slash, selector = path.rpartition("/")
    return Ref(check_model_name(model), selector) if slash else Ref(check_model_name(path))


def select(state: ModelState, ref: Ref, *, stages: Collection[str]) -> VersionState:
    """The version that a ref picks out of a model's state.

    A version is tried first, then `latest` and stages (both in any case), then aliases.

    Args:
        state: The model's state.
        ref: What was asked for.
        stages: The stages that exist in this project.

    Raises:
        UnknownRef: Nothing in the model answers to it; the error holds the nearest names.
    """
    selector = ref.selector or LATEST
    found: Version | None
    try:
        found = parse_version(selector)
    except InvalidVersion:
        found = _by_name(state, selector)
    if found is None or found not in state.versions:
        raise UnknownRef(ref=ref, state=state, stages=stages)
    return state.versions[found]


def _by_name(state: ModelState, selector: str) -> Version | None:
    if selector.lower() == LATEST:
        return state.latest
    return state.holder(selector.lower()) or state.aliases.get(selector)


def newest_first(state: ModelState) -> list[VersionState]:
    """A model's versions, highest first by SemVer precedence."""
    return sorted(state.versions.values(), key=lambda v: v.version.precedence, reverse=True)

"""Which versions are compared: what people typed, looked up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mreg.core.events import PRODUCTION
from mreg.core.names import did_you_mean
from mreg.core.refs import Ref, parse_ref
from mreg.errors import RegistryError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.core.fold import ModelState, VersionState
    from mreg.core.versions import Version
    from mreg.usecases.workspace import Workspace

RANGE = ".."


class NothingToCompareWith(UsageError):
    """One version alone was named, or none."""

    def __init__(self, *, ref: Ref | None) -> None:
        super().__init__(
            "nothing was named to compare" if ref is None else f"{ref} is one version: compare it to what?"
        )
        self.ref = None if ref is None else str(ref)
        other = f"mreg compare {ref.model}@production {ref}" if ref else "mreg compare churn@production churn@latest"
        self.hint = f"name another one, as in {other}"


class OnlyOneVersion(RegistryError):
    """The model has one version that can be compared, and nothing before it."""

    def __init__(self, *, model: str, version: Version) -> None:
        super().__init__(f"{model} has nothing to compare v{version} with: it is the only version that is not yanked")
        self.model, self.version = model, str(version)
        self.hint = f"register the next one; until then, mreg show {model}"


class BadRange(UsageError):
    """A range, or a number of versions, stands where it means nothing."""

    def __init__(self, *, text: str, problem: str) -> None:
        super().__init__(f"{text!r}: {problem}")
        self.text, self.problem = text, problem
        self.hint = "write MODEL --last 5, or MODEL@FIRST..LAST as in churn@v1.0.0..v2.0.0; both stand alone"


class UnknownSection(UsageError):
    """A comparison has no such section."""

    def __init__(self, *, section: str, known: Sequence[str]) -> None:
        super().__init__(f"there is no section {section!r}")
        self.section, self.known = section, tuple(known)
        self.hint = did_you_mean(section, known) or f"the sections are {', '.join(known)}"


@dataclass(frozen=True, slots=True)
class Picked:
    """The versions to compare, each once, and what a person should know of the choice."""

    versions: tuple[VersionState, ...]
    notices: tuple[str, ...] = ()


def pick(workspace: Workspace, texts: Sequence[str]) -> Picked:
    """The versions that references name; a model alone is its production version and its latest.

    Raises:
        InvalidRef, UnknownModel, UnknownRef: A reference names none.
        NothingToCompareWith: There is one reference, and it is a version; or none.
        OnlyOneVersion: The model has one version.
        BadRange: A range stands among references.
    """
    for text in texts:
        if RANGE in text:
            raise BadRange(text=text, problem="a range is shown as a trend, and stands alone")
    refs = [parse_ref(text) for text in texts]
    if len(refs) < 2:  # noqa: PLR2004 - one has nothing beside it
        if not refs or refs[0].selector:
            raise NothingToCompareWith(ref=refs[0] if refs else None)
        return _of_model(workspace, refs[0])
    states = {model: workspace.known(model) for model in dict.fromkeys(ref.model for ref in refs)}
    versions = [workspace.select(states[ref.model], ref) for ref in refs]
    return Picked(_each_once(versions), tuple(_remarks(refs, versions)))


def _of_model(workspace: Workspace, ref: Ref) -> Picked:
    state = workspace.known(ref.model)
    latest = workspace.select(state, ref)
    production = state.holder(PRODUCTION)
    if production is not None:
        if production == latest.version:
            return Picked((latest,), (f"{ref.model} v{production} is in production, and the latest version as well",))
        return Picked((state.versions[production], latest))
    before = _before(state, latest)
    if before is None:
        raise workspace.with_caveats(OnlyOneVersion(model=ref.model, version=latest.version), ref.model)
    return Picked((before, latest), (f"nothing of {ref.model} is in production: compared with the version before",))


def _before(state: ModelState, latest: VersionState) -> VersionState | None:
    older = [v for v in state.versions.values() if not v.yanked and v.version < latest.version]
    return max(older, key=lambda v: v.version.precedence, default=None)


def _each_once(versions: Sequence[VersionState]) -> tuple[VersionState, ...]:
    return tuple({(version.registered.model, version.version): version for version in versions}.values())


def _remarks(refs: Sequence[Ref], versions: Sequence[VersionState]) -> list[str]:
    said: dict[tuple[str, Version], list[str]] = {}
    for ref, version in zip(refs, versions, strict=True):
        said.setdefault((ref.model, version.version), []).append(str(ref))
    remarks = [
        f"{' and '.join(dict.fromkeys(texts))} are the same version"
        if len(set(texts)) > 1
        else f"{texts[0]} is named more than once"
        for texts in said.values()
        if len(texts) > 1
    ]
    models = list(dict.fromkeys(ref.model for ref in refs))
    return remarks + ([f"these are versions of different models: {', '.join(models)}"] if len(models) > 1 else [])


def pick_series(workspace: Workspace, texts: Sequence[str], last: int | None) -> tuple[str, Picked]:
    """A model, and its versions for a trend, in the order in which they were registered, without yanked ones.

    Args:
        workspace: The repository.
        texts: One range, or one model where `last` is given.
        last: So many of the newest.

    Raises:
        InvalidRef, UnknownModel, UnknownRef: As they say.
        BadRange: What was typed names no such series.
    """
    if len(texts) != 1:
        raise BadRange(text=" ".join(texts), problem="a trend is of one model")
    (text,) = texts
    head, dots, end = text.partition(RANGE)
    ref = parse_ref(head.removesuffix("@") if dots else head)
    if last is not None and (dots or ref.selector):
        raise BadRange(text=text, problem="--last counts the versions of a model, and takes nothing but its name")
    if dots and "@" not in head:
        raise BadRange(text=text, problem="a range says after '@' where it begins")
    if "@" in end:
        raise BadRange(text=text, problem="a range is within one model, which is named once")
    state = workspace.known(ref.model)
    return ref.model, _newest(state, last) if last is not None else _between(workspace, state, ref, end)


def _in_order(state: ModelState) -> list[VersionState]:
    """As they were registered; tags made by hand in one second by SemVer."""
    return sorted(state.versions.values(), key=lambda v: (*v.registered.order[:2], v.version.precedence))


def _newest(state: ModelState, count: int) -> Picked:
    versions = _in_order(state)
    kept = [version for version in versions if not version.yanked][-count:]
    return _without_yanked(versions[versions.index(kept[0]) :] if kept else versions)


def _between(workspace: Workspace, state: ModelState, ref: Ref, end: str) -> Picked:
    """The versions from one to another by SemVer, both included; an end that is left out is open."""
    ends = [workspace.select(state, Ref(ref.model, name)).version for name in (ref.selector, end) if name]
    low, high = min(ends, default=None), max(ends, default=None)
    return _without_yanked(
        [
            version
            for version in _in_order(state)
            if (not ref.selector or low is None or not version.version < low)
            and (not end or high is None or not high < version.version)
        ]
    )


def _without_yanked(versions: Sequence[VersionState]) -> Picked:
    kept = tuple(version for version in versions if not version.yanked)
    yanked = len(versions) - len(kept)
    words = f"{yanked} yanked {'version is' if yanked == 1 else 'versions are'} left out"
    return Picked(kept, (words,) if yanked else ())

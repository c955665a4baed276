"""The card of a registration: the one there is, with what this registration knows written into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mreg.adapters.card_update import BaseUsed, CardUpdate, DataUsed, updated
from mreg.adapters.cards import CardFaults, parse, same_content
from mreg.adapters.files import disk_errors
from mreg.adapters.yaml.write import UnwritableValue
from mreg.core.formats import infer_framework
from mreg.core.metrics import named_metrics
from mreg.core.names import nearest
from mreg.core.refs import newest_first
from mreg.core.summary import Measure
from mreg.errors import RegistryError, UsageError
from mreg.usecases.register.artifact import format_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mreg.core.fold import ModelState
    from mreg.core.versions import Version
    from mreg.usecases.register.evidence import Evidence
    from mreg.usecases.register.request import Request
    from mreg.usecases.workspace import Workspace


class OtherModelsCard(RegistryError):
    """The card names another model than the one to register."""

    def __init__(self, *, path: str, named: str, model: str) -> None:
        super().__init__(f"{path} is the card of {named}, not of {model}")
        self.path, self.named, self.model = path, named, model
        alike = nearest(model, [named])
        self.hint = f"mreg register {named} PATH" if alike else f"set `name: {model}` in it, or give another --card"


class UnfitForCard(UsageError):
    """The card was valid, and would not be with what this registration was given."""

    hint = "correct the option, or the file that it names; docs/card.md says what each key holds"

    def __init__(self, *, problems: tuple[str, ...]) -> None:
        super().__init__("the card cannot hold what was given:\n" + "\n".join(f"  {problem}" for problem in problems))
        self.problems = problems


class NoSuchCard(UsageError):
    """There is no file where `--card` says."""

    def __init__(self, *, path: str, model: str) -> None:
        super().__init__(f"there is no card {path}")
        self.path = path
        self.hint = f"check the path, or leave --card out to take the model's own; mreg card new {model} begins one"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardBefore:
    """The card that a registration begins with; no text where the model has none yet. `code` is the commit that trained
    what the card is about, where it says so."""

    source: str
    text: str | None = None
    version: str | None = None
    path: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardAfter:
    """The card that a registration writes, its metrics, and what a person should know of them."""

    text: str
    metrics: Mapping[str, float]
    notices: tuple[str, ...]


def read_before(workspace: Workspace, request: Request) -> CardBefore:
    """The card given with `--card`, or else the model's own.

    Raises:
        NoSuchCard: There is none where `--card` says.
        CardFaults: It is not valid.
        OtherModelsCard: It is another model's.
        DiskFailure: It cannot be read.
    """
    own = workspace.git.root / workspace.card_path(request.model)
    path = request.card or own
    source = str(request.card) if request.card else workspace.card_path(request.model)
    if request.card and not path.is_file():
        raise NoSuchCard(path=source, model=request.model)
    with disk_errors("read", path):
        data = path.read_bytes() if path.exists() else None
    if data is None:
        return CardBefore(source=source)
    card = parse(data, source=source).card
    if card.name != request.model:
        raise OtherModelsCard(path=source, named=card.name, model=request.model)
    code = card.training.code.commit if card.training.code else None
    return CardBefore(source=source, text=data.decode(), version=card.version, path=card.artifact.path, code=code)


def write_after(
    workspace: Workspace,
    request: Request,
    before: CardBefore,
    evidence: Evidence,
    *,
    version: Version,
    place: str,
    commit: str,
    clean: bool,
) -> CardAfter:
    """The card's new text; nothing is written to disk.

    Raises:
        UnfitForCard: What would be written is no valid card.
    """
    form = request.format or format_of(request.path or workspace.git.root / place)
    update = CardUpdate(
        name=request.model,
        version=str(version),
        path=place,
        format=form,
        framework=request.framework or (infer_framework(form) if before.text is None else None),
        parameters=evidence.values.params,
        commit=commit,
        clean=clean,
        evaluations=tuple(
            Measure(metric=name, value=value, direction=workspace.policy.direction(name), source=source)
            for name, (value, source) in evidence.values.metrics.items()
        ),
        datasets=tuple(
            DataUsed(name=data.name, path=data.path, uri=data.uri, revision=data.revision) for data in evidence.data
        ),
        base_models=tuple(BaseUsed(ref=ref) for ref in evidence.base_models),
    )
    try:
        result = updated(before.text, update, source=before.source)
        card = parse(result.text.encode(), source=before.source).card
    except CardFaults as error:
        raise UnfitForCard(problems=tuple(fault.problem for fault in error.faults)) from error
    except UnwritableValue as error:
        raise UnfitForCard(problems=(str(error),)) from error
    notices = [f"{m.metric} was not measured anew: the card keeps {m.value:g}" for m in result.unmeasured]
    notices += [f"{m.metric} was not measured anew: {m.value:g} is gone from the card" for m in result.removed]
    return CardAfter(
        text=result.text, metrics=named_metrics(card.evaluations), notices=tuple(notices if before.text else ())
    )


def registered_before(workspace: Workspace, state: ModelState, digest: str, text: str) -> Version | None:
    """The highest version that has this artifact and this card, but for the version and the commit it names."""
    same = [v for v in newest_first(state) if v.registered.change.digest == digest and not v.yanked]
    with workspace.git.blobs() as blobs:
        cards = blobs.read([f"{version.commit}:{workspace.card_path(state.model)}" for version in same])
    matching = (
        version.version
        for version, card in zip(same, cards, strict=True)
        if card is not None and same_content(card, text.encode())
    )
    return next(matching, None)

"""`mreg compare`: versions side by side, or one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.core.annotations import current
from mreg.core.compare.difference import value_rows
from mreg.core.compare.inputs import InputRow, artifact_of, input_rows, inputs_of
from mreg.core.compare.metrics import Judgement, metric_rows
from mreg.core.compare.sections import SECTIONS, Sections
from mreg.core.compare.sentences import sentences
from mreg.core.compare.verdict import verdict
from mreg.core.compare.wording import text_rows
from mreg.core.metrics import score
from mreg.usecases.comparing.code import compare_code
from mreg.usecases.comparing.environment import compare_environments
from mreg.usecases.comparing.picking import RANGE, UnknownSection, pick
from mreg.usecases.comparing.results import Column, Comparison, Trend
from mreg.usecases.comparing.series import trend, undirected
from mreg.usecases.dossiers import dossiers
from mreg.usecases.facts import read_facts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from mreg.adapters.git import BlobReader
    from mreg.core.annotations import Scalar
    from mreg.core.dossier import Dossier
    from mreg.usecases.workspace import Workspace


def compare(
    workspace: Workspace, refs: Sequence[str], *, last: int | None = None, only: Sequence[str] = ()
) -> Comparison | Trend:
    """Versions side by side, each against the first; or how one model went.

    Args:
        workspace: The repository.
        refs: Two or more versions; a model alone, for its production version against its latest; or one range such as
            `churn@v1.0.0..v2.0.0`, for a trend.
        last: A trend of so many of the newest versions of a model.
        only: Sections of the comparison, of `SECTIONS`; none is all.

    Raises:
        InvalidRef, UnknownModel, UnknownRef: A reference names no version.
        NothingToCompareWith, OnlyOneVersion: There is nothing to compare a version with.
        BadRange: A range or `last` stands where it means nothing.
        UnknownSection: There is no such section.
    """
    for section in only:
        if section not in SECTIONS:
            raise UnknownSection(section=section, known=SECTIONS)
    if last is not None or (len(refs) == 1 and RANGE in refs[0]):
        return trend(workspace, refs, last=last, only=only)
    picked = pick(workspace, refs)
    wanted = only or SECTIONS
    with workspace.git.blobs() as blobs:
        found = dossiers(workspace, picked.versions, blobs=blobs)
        sections = _sections(workspace, blobs, found, wanted)
    alike = len({dossier.model for dossier in found}) == 1
    columns = tuple(_column(dossier, alike=alike) for dossier in found)
    names = [column.name for column in columns]
    caveats = workspace.caveats(*(dossier.model for dossier in found))
    verdicts = sentences(verdict(names, index, sections) for index in range(1, len(names)))
    return Comparison(
        columns=columns,
        sections=sections,
        verdicts=verdicts or picked.notices,
        notices=sentences((*caveats, *(picked.notices if verdicts else ()), *_remarks(workspace, found, sections))),
    )


def _column(dossier: Dossier, *, alike: bool) -> Column:
    name = f"v{dossier.state.version}" if alike else dossier.ref
    return Column(name=name, state=dossier.state, card_path=dossier.card_path)


def _sections(workspace: Workspace, blobs: BlobReader, found: Sequence[Dossier], wanted: Collection[str]) -> Sections:
    weights = workspace.policy.weights
    artifacts = tuple(artifact_of(dossier) for dossier in found)
    return Sections(
        metrics=metric_rows([d.measures for d in found], workspace.policy) if "metrics" in wanted else None,
        score=tuple(score(d.metrics, weights) for d in found if weights) if "score" in wanted else None,
        params=value_rows([d.parameters for d in found]) if "params" in wanted else None,
        artifacts=((InputRow(artifacts),) if any(artifacts) else ()) if "data" in wanted else None,
        data=input_rows([inputs_of(d) for d in found]) if "data" in wanted else None,
        code=compare_code(workspace.git, blobs, found) if "code" in wanted else None,
        environment=compare_environments(blobs, found) if "environment" in wanted else None,
        card=text_rows([d.card or {} for d in found]) if "card" in wanted else None,
        annotations=value_rows(_annotations(blobs, found)) if "annotations" in wanted else None,
    )


def _annotations(blobs: BlobReader, found: Sequence[Dossier]) -> list[dict[str, Scalar]]:
    targets = [dossier.state.registered.oid for dossier in found]
    facts = read_facts(blobs, targets)
    return [{key: fact.value for key, fact in current(facts[target]).items()} for target in targets]


def _remarks(workspace: Workspace, found: Sequence[Dossier], sections: Sections) -> Iterator[str]:
    """What a person should know of these versions, and what cannot be known of them."""
    asked = sections.params is not None or sections.data is not None or sections.code is not None
    carded = any(dossier.card is not None for dossier in found)
    for dossier in found:
        if yanked := dossier.state.yanked:
            reason = f": {yanked.change.reason}" if yanked.change.reason else ""
            yield f"{dossier.ref} is yanked{reason}"
        if dossier.card is None and not dossier.problems and carded:
            yield f"{dossier.ref} has no card at its commit"
        unknown = dossier.provenance.unknown if asked else ()
        yield from (f"{dossier.ref}: {sentence}" for sentence in (*dossier.problems, *unknown))
    yield from _undirected(sections)
    first = found[0]
    for other in found[1:]:
        if first.model == other.model and first.card_path and other.card_path not in (None, first.card_path):
            yield f"the card moved: {first.card_path} in {first.ref}, {other.card_path} in {other.ref}"
    yield from dict.fromkeys(sentence for code in sections.code or () for sentence in code.unknown)
    yield from (file.problem for file in sections.environment or () if file.problem)
    if workspace.git.shallow and sections.code is not None:
        yield "this is a shallow clone: commits that it does not have are not counted"


def _undirected(sections: Sections) -> Iterator[str]:
    names = dict.fromkeys(
        row.metric
        for row in sections.metrics or ()
        for shift in row.shifts
        if shift and shift.judgement is Judgement.UNJUDGED and shift.delta is not None
    )
    if names:
        yield undirected(list(names))

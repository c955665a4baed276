"""`mreg search`: the versions of any model that a query describes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.core.compare.sentences import sentences
from mreg.core.query import Compiled, Field, Order, Setting, compile_query, parse, parse_order
from mreg.core.query.fields import SCORE, find_field
from mreg.usecases.census import census
from mreg.usecases.dates import end_of, start_of
from mreg.usecases.searching.found import Found, Hit
from mreg.usecases.searching.reading import Reader, candidates, shown
from mreg.usecases.searching.remarks import absent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.core.fold import VersionState
    from mreg.core.query import Candidate
    from mreg.usecases.workspace import Workspace

# What every row has, whether the query names it or not.
_IN_EVERY_ROW = frozenset({"model", "version", "stage", "registered", "author", SCORE})


def search(
    workspace: Workspace,
    query: str,
    *,
    sort: str | None = None,
    limit: int | None = None,
    at: str | None = None,
    everything: bool = False,
) -> Found:
    """The versions that a query describes, of all models; an empty query describes every one.

    Archived versions are found like all others, yanked ones only where the query names `yanked`.

    Args:
        workspace: The repository.
        query: In the language of `mreg.core.query`.
        sort: A field; see `parse_order`. Without one they come by model, the highest version of each first.
        limit: At most so many.
        at: Stages, aliases and annotations as of this date instead of now.
        everything: Also yanked versions, whatever the query names.

    Raises:
        InvalidQuery: Query or sort are not of the language; the error points at the place.
        InvalidDate: `at` is no date.
    """
    tree = parse(query)
    moment = None if at is None else end_of(at, workspace.git)
    known = census(workspace, at=moment)
    setting = _setting(workspace, known)
    compiled = compile_query(tree, query, setting)
    order = None if sort is None else parse_order(sort, setting)

    reader = Reader(workspace, moment)
    asked = [candidate for candidate in candidates(known) if compiled.first(candidate)]
    reader.read(asked, compiled.rest.need)
    matches = [candidate for candidate in asked if compiled.rest.test(candidate)]
    usable = matches
    if not everything and all(field.name != "yanked" for field in compiled.fields):
        usable = [candidate for candidate in matches if not candidate.state.yanked]
    ordered, fields = _ordered(reader, usable, order), _further(compiled, order)
    remarks = [*absent(compiled.fields, asked, setting), *absent([order.field] if order else [], usable, setting)]
    return Found(
        query=str(tree),
        at=at,
        rows=_rows(reader, ordered[:limit], fields, setting),
        fields=tuple(field.name for field in fields),
        searched=len(known),
        matched=len(usable),
        hidden=len(matches) - len(usable),
        remarks=sentences(dict.fromkeys(remarks)),
        caveats=workspace.caveats(),
    )


def _setting(workspace: Workspace, known: Sequence[VersionState]) -> Setting:
    # A project may have given up a stage that somebody is in still.
    stages = dict.fromkeys((*workspace.policy.stages, *(version.stage for version in known)))
    return Setting(
        policy=workspace.policy,
        stages=tuple(stages),
        start=lambda text: start_of(text, workspace.git),
        end=lambda text: end_of(text, workspace.git),
    )


def _ordered(reader: Reader, found: Sequence[Candidate], order: Order | None) -> list[Candidate]:
    if order is None:
        return list(found)
    reader.read(found, order.field.need)
    return order.arrange(found)


def _further(compiled: Compiled, order: Order | None) -> list[Field]:
    """The fields that are named and not in every row."""
    named = [*compiled.fields, *([order.field] if order else [])]
    return list({field.name: field for field in named if field.name not in _IN_EVERY_ROW}.values())


def _rows(reader: Reader, found: Sequence[Candidate], fields: Sequence[Field], setting: Setting) -> tuple[Hit, ...]:
    for field in fields:
        reader.read(found, field.need)
    score = find_field(SCORE, setting.policy) if setting.policy.weights else None
    if score is not None:
        reader.read(found, score.need)
    return tuple(
        Hit(
            state=candidate.state,
            values={field.name: shown(field, candidate) for field in fields},
            score=score.read(candidate) if score else None,
        )
        for candidate in found
    )

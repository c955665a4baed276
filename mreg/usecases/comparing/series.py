"""A trend: one row a version, oldest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.core.compare.difference import Difference
from mreg.core.compare.sentences import sentences
from mreg.core.compare.trend import directions, trend_rows
from mreg.usecases.comparing.picking import BadRange, pick_series
from mreg.usecases.comparing.results import Trend
from mreg.usecases.comparing.sketches import sketches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mreg.core.compare.sketch import Sketch
    from mreg.core.compare.trend import TrendRow
    from mreg.core.policy import Direction
    from mreg.usecases.workspace import Workspace


def trend(workspace: Workspace, refs: Sequence[str], *, last: int | None, only: Sequence[str]) -> Trend:
    """How a model went; see `compare`.

    Whatever the number of versions, git is asked for their commits' files once: whether code changed is told by what
    Git tracks of the pipeline's files.
    """
    if only:
        raise BadRange(text=",".join(only), problem="sections are a comparison's; a trend has none")
    model, picked = pick_series(workspace, refs, last)
    found = sketches(workspace, picked.versions)
    rows, ways = trend_rows(picked.versions, found), directions(found, workspace.policy)
    notices = sentences((*workspace.caveats(model), *picked.notices, *_remarks(found, rows, ways)))
    return Trend(model=model, rows=rows, directions=ways, notices=notices)


def _remarks(found: Sequence[Sketch], rows: Sequence[TrendRow], ways: dict[str, Direction | None]) -> Iterator[str]:
    """What cannot be known."""
    if not rows:
        yield "there is no such version"
    elif not ways:
        yield "none of these versions has a metric"
    if names := [name for name, way in ways.items() if way is None]:
        yield undirected(names)
    if any(row.code is Difference.UNKNOWN for row in rows):
        yield "whether the code changed is known only where a pipeline declares it, or cards name the same clean commit"
    for row, sketch in zip(rows, found, strict=True):
        yield from (f"v{row.state.version}: {problem}" for problem in sketch.problems)


def undirected(metrics: Sequence[str]) -> str:
    """What to do about metrics of which nobody says which way is better."""
    return f"which way is better is not known of {', '.join(metrics)}: write it into .mreg.yaml, under metrics:"

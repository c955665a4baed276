"""A comparison in one sentence: what is better, what is worse, and what else differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from mreg.core.compare.difference import Difference
from mreg.core.compare.metrics import Judgement, short_names
from mreg.core.compare.sections import overall

if TYPE_CHECKING:
    from mreg.core.compare.code import CodeChange
    from mreg.core.compare.difference import ValueRow
    from mreg.core.compare.environment import EnvironmentFile
    from mreg.core.compare.metrics import MetricRow, Shift
    from mreg.core.compare.sections import Sections
    from mreg.core.compare.wording import TextRow
    from mreg.core.metrics import Score

# A sentence names so many metrics, and counts the others.
_NAMED = 3
_LARGE = 1e15


class _Moved(NamedTuple):
    """A metric that both versions have, and how it moved."""

    name: str
    shift: Shift

    @property
    def told(self) -> str:
        return self.name + (f" {signed(self.shift.delta)}" if self.shift.delta else "")


def signed(delta: float) -> str:
    """A difference with its sign, to six significant digits."""
    if delta == 0:
        return "0"
    return f"{delta:+.0f}" if abs(delta) < _LARGE and float(delta).is_integer() else f"{delta:+.6g}"


def verdict(names: Sequence[str], index: int, sections: Sections) -> str:
    """How the version at this index compares with the first one.

    Ties, metrics that only one version has, intervals that overlap, and metrics of which nobody says which way is
    better are said; only metrics that both have, measured on the same, are counted.

    Args:
        names: What the versions are called, in their order.
        index: Which of them, from 1.
        sections: What was compared.
    """
    first, other = names[0], names[index]
    besides = list(_besides(first, other, index, sections))
    if sections.metrics is None:
        besides += _papers(index, sections)
        return f"{other} against {first}: {'; '.join(besides) or 'no difference in what was asked for'}"
    told = [_judged(first, other, index, sections.metrics), *_lacking(first, other, index, sections.metrics)]
    return "; ".join([*told, *besides])


def _judged(first: str, other: str, index: int, rows: Sequence[MetricRow]) -> str:
    whole = [row for row in rows if not row.slice]
    moved = _moved(whole, index)
    if not moved:
        if any(row.measures[0] or row.measures[index] for row in whole):
            return f"{other} and {first} have no metric in common"
        return f"neither {first} nor {other} has a metric"
    better, worse = _those(moved, Judgement.BETTER), _those(moved, Judgement.WORSE)
    equal, unjudged = _those(moved, Judgement.EQUAL), _those(moved, Judgement.UNJUDGED)
    sentence = _lead(first, other, better, worse, equal, moved)
    if equal and (better or worse):
        sentence += f", equal on {_listed([m.name for m in equal])}"
    if unjudged:
        sentence += f", not judged: {_listed([m.told for m in unjudged])}"
    return sentence


def _lead(
    first: str, other: str, better: list[_Moved], worse: list[_Moved], equal: list[_Moved], moved: list[_Moved]
) -> str:
    """What most metrics say first, and then what the others do."""
    sides = [(side, word) for side, word in ((better, "better"), (worse, "worse")) if side]
    sides.sort(key=lambda pair: len(pair[0]), reverse=True)  # stable: of two equal sides, what is better comes first
    if not sides:
        return f"{other} is equal to {first} on {_share(equal, moved)}" if equal else f"{other} differs from {first}"
    (side, word), *rest = sides
    sentence = f"{other} is {word} than {first} on {_share(side, moved)}{_doubt(side)}"
    for opposite, opposite_word in rest:
        sentence += f", {opposite_word} on {_listed([m.told for m in opposite])}{_doubt(opposite)}"
    return sentence


def _share(side: list[_Moved], moved: list[_Moved]) -> str:
    """`3 of 4 metrics (f1 +0.021, …)`, `all 4 metrics (…)`, or the one metric."""
    if len(moved) == 1:
        return side[0].told
    every = "both" if len(moved) == len(("one", "other")) else f"all {len(moved)}"
    count = every if len(side) == len(moved) else f"{len(side)} of {len(moved)}"
    told = [m.told for m in side[:_NAMED]] + (["…"] if len(side) > _NAMED else [])
    return f"{count} metrics ({', '.join(told)})"


def _doubt(side: list[_Moved]) -> str:
    overlapping = [m.name for m in side if m.shift.overlap]
    if not overlapping:
        return ""
    of = "" if len(side) == 1 else f" of {_listed(overlapping)}"
    return f", but the intervals{of} overlap"


def _lacking(first: str, other: str, index: int, rows: Sequence[MetricRow]) -> Iterator[str]:
    whole = [row for row in rows if not row.slice]
    names = short_names(whole)
    gone = [name for name, row in zip(names, whole, strict=True) if row.measures[0] and not row.measures[index]]
    new = [name for name, row in zip(names, whole, strict=True) if row.measures[index] and not row.measures[0]]
    if gone:
        yield f"{other} has no {_listed(gone, 'or')}"
    if new:
        yield f"{first} had no {_listed(new, 'or')}"
    slices = _moved([row for row in rows if row.slice], index)
    if worse := _those(slices, Judgement.WORSE):
        yield f"worse on {len(worse)} of {_counted(len(slices), 'slice')} ({_listed([m.told for m in worse])})"


def _moved(rows: Sequence[MetricRow], index: int) -> list[_Moved]:
    named = zip(short_names(rows), rows, strict=True)
    return [_Moved(name, shift) for name, row in named if (shift := row.shifts[index - 1])]


def _those(moved: list[_Moved], judgement: Judgement) -> list[_Moved]:
    return [m for m in moved if m.shift.judgement is judgement]


def _besides(first: str, other: str, index: int, sections: Sections) -> Iterator[str]:
    """What differs other than metrics."""
    if sections.score:
        yield _score(first, other, sections.score[0], sections.score[index])
    for row in sections.artifacts or ():
        if row.changes[index - 1] in (Difference.SAME, Difference.MOVED) and row.inputs[0]:
            yield "the artifact is the same"
    yield from _data(index, sections)
    if sections.params:
        count = _differing(sections.params, index)
        yield f"{_counted(count, 'parameter')} changed" if count else "same parameters"
    if sections.code is not None:
        yield _code(first, sections.code[index - 1])
    if sections.environment:
        yield _environment(index, sections.environment)


def _score(first: str, other: str, before: Score, after: Score) -> str:
    if before.value is not None and after.value is not None:
        return f"score {before.value:.6g} → {after.value:.6g}"
    name, lacking = (first, before.missing) if before.value is None else (other, after.missing)
    return f"no score: {name} has no {_listed(lacking, 'or')}" if lacking else "no score"


def _data(index: int, sections: Sections) -> Iterator[str]:
    if sections.data is None:
        return
    rows = [row for row in sections.data if row.inputs[0] or row.inputs[index]]
    data = [row.changes[index - 1] for row in rows if row.role != "base model"]
    yield {
        Difference.CHANGED: "data changed",
        Difference.UNKNOWN: "whether the data changed is not known",
        Difference.MOVED: "data moved, its content is the same",
        Difference.SAME: "same data",
    }.get(overall(data) or Difference.ADDED, "data not recorded")
    models = [row.changes[index - 1] for row in rows if row.role == "base model"]
    if overall(models) is Difference.CHANGED:
        yield "base model changed"


def _code(first: str, code: CodeChange) -> str:
    between = code.between
    if not between.count:
        return "same commit"
    told = f"code: {_counted(between.count, 'commit')}"
    if between.behind:
        told += " back" if not between.ahead else f" ({between.behind} of them only in {first})"
    if code.files:
        told += f", {_counted(len(code.files), 'file')} changed"
    if code.commands:
        return f"{told}, {_counted(len(code.commands), 'command')} changed"
    return f"{told}, the pipeline's files are the same" if code.basis == "pipeline" and not code.files else told


def _environment(index: int, files: Sequence[EnvironmentFile]) -> str:
    if overall(file.changes[index - 1] for file in files) is not Difference.CHANGED:
        return "same environment"
    count = sum(row.changes[index - 1] is not Difference.SAME for file in files for row in file.packages)
    return "environment changed" + (f" ({_counted(count, 'package')})" if count else "")


def _papers(index: int, sections: Sections) -> Iterator[str]:
    """What is not worth a word beside metrics, and asked for without them is."""
    if sections.score == ():
        yield "no score: no metric has a weight"
    if count := _differing(sections.card, index):
        yield f"{_counted(count, 'text')} of the card changed"
    if count := _differing(sections.annotations, index):
        yield f"{_counted(count, 'annotation')} changed"


def _differing(rows: Sequence[TextRow | ValueRow] | None, index: int) -> int:
    return sum(row.changes[index - 1] is not Difference.SAME for row in rows or ())


def _listed(words: Sequence[str], last: str = "and") -> str:
    """`f1`, `f1 and auc`, `f1, auc and 3 more`."""
    if len(words) > _NAMED:
        return f"{', '.join(words[: _NAMED - 1])} and {len(words) - _NAMED + 1} more"
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _counted(count: int, one: str) -> str:
    return f"{count} {one}" if count == 1 else f"{count} {one}s"

"""What a file, an external model or data, or a version went into: over all versions, without building their graphs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, Literal

from mreg.core.events import ARCHIVED, NONE, PRODUCTION
from mreg.core.lineage.index import artifact_file, dataset_hash
from mreg.core.lineage.links import relation, same_content
from mreg.core.lineage.runs import Chain, foreign
from mreg.core.provenance import File

if TYPE_CHECKING:
    from mreg.core.dossier import Dossier
    from mreg.core.fold import VersionState
    from mreg.core.lineage.index import Index
    from mreg.core.provenance import Step
    from mreg.core.summary import CardSummary

Role = Literal["made from", "evaluated on"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is looked for.

    Attributes:
        contents: Hash → how a chain from it begins: a path, or a folder's member and the folder.
        versions: Versions, as `churn@v1.2.0`.
        names: Base models, data and repositories outside, as cards and `.dvc` files write them.
        members: Version → the path of the file that it used as part of a folder that Git tracks.
    """

    contents: Mapping[str, Chain] = field(default_factory=dict)
    versions: Collection[str] = ()
    names: Collection[str] = ()
    members: Mapping[str, Chain] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """A version that the target went into.

    Attributes:
        chain: The shortest way there: files, steps and versions by turns, the version itself last. A step that another
            version's papers tell of has that version's name behind it.
        role: Whether it was made from the target, or only measured on it.
        direct: Whether its own pipeline or card says so, and not that of another version.
    """

    state: VersionState
    chain: Chain
    role: Role = "made from"
    direct: bool = True

    @property
    def ref(self) -> str:
        return self.chain[-1]


def affected(index: Index, target: Target) -> list[Affected]:
    """Every version that the target went into, directly or through others; those in production first."""
    others = [ref for ref in index.dossiers if ref not in target.versions]
    first, evaluated = _find(index, dict.fromkeys(others, target))
    begun = {ref: (ref,) for ref in target.versions if ref in index.dossiers}
    made, measured = _spread(index, begun | first), dict(evaluated)
    while True:
        more, also = _hand_over(index, target, made)
        measured = also | measured
        if not more:
            break
        made = _spread(index, made | more)
    hits = [
        Affected(state=index.dossiers[ref].state, chain=chain, direct=ref in first or chain[-2] in target.versions)
        for ref, chain in made.items()
        if ref not in target.versions
    ]
    hits += [
        Affected(state=index.dossiers[ref].state, chain=chain, role="evaluated on", direct=ref in evaluated)
        for ref, chain in measured.items()
        if ref not in made
    ]
    return sorted(hits, key=_urgency)


def _find(index: Index, targets: Mapping[str, Target]) -> tuple[dict[str, Chain], dict[str, Chain]]:
    """The versions that were made from what is looked for in each, and those that were only measured on it."""
    made: dict[str, Chain] = {}
    measured: dict[str, Chain] = {}
    for ref, target in targets.items():
        dossier = index.dossiers[ref]
        if chain := _direct(dossier, index.declared[ref], target):
            made[ref] = (*chain, ref)
        elif chain := _evaluation(dossier, target):
            measured[ref] = (*chain, ref)
    return made, measured


def _hand_over(index: Index, target: Target, made: Mapping[str, Chain]) -> tuple[dict[str, Chain], dict[str, Chain]]:
    """The versions that used what only the steps of others made from the target, as `_find` tells them apart."""
    contents = dict(target.contents)
    for dossier in index.dossiers.values() if target.names or target.members else ():
        for file, chain in _starts(dossier, (*dossier.provenance.steps, *dossier.provenance.checks), target):
            contents.setdefault(file.hash or "", chain)
    for ref, chain in made.items():
        contents.setdefault(index.published(ref) or "", chain)
    spread = {key: chain for key, chain in index.runs.spread(contents).items() if key not in target.contents}
    targets: dict[str, Target] = {}
    for ref, dossier in index.dossiers.items():
        if ref not in made and (known := [file for file in index.files(ref) if file.hash in spread]):
            handed = {file.hash: spread[file.hash] for file in foreign(known, dossier.provenance) if file.hash}
            targets[ref] = Target(contents=handed)
    return _find(index, targets)


def _spread(index: Index, first: Mapping[str, Chain]) -> dict[str, Chain]:
    """The shortest chains to these versions and to all that were derived from them."""
    chains: dict[str, Chain] = {}
    waiting = [(len(chain), chain) for chain in first.values()]
    heapify(waiting)
    while waiting:
        length, chain = heappop(waiting)
        if chain[-1] not in chains:
            chains[chain[-1]] = chain
            for child in index.children.get(chain[-1], ()):
                heappush(waiting, (length + 1, (*chain, child)))
    return chains


_RANKS = {PRODUCTION: 0, NONE: 2, ARCHIVED: 3}


def _urgency(hit: Affected) -> tuple[object, ...]:
    state = hit.state
    rank = len(_RANKS) + 1 if state.yanked else _RANKS.get(state.stage, 1)
    return rank, hit.role != "made from", len(hit.chain), state.registered.model, state.version.precedence


def _direct(dossier: Dossier, card: CardSummary, target: Target) -> Chain | None:
    """How the target went into a version itself; not through another version."""
    provenance = dossier.provenance
    artifact = artifact_file(provenance.artifact) if provenance.artifact else None
    if artifact and (begin := target.contents.get(artifact.identity)):
        return begin
    starts = list(_starts(dossier, provenance.steps, target)) if artifact else []
    made = _shortest(provenance.steps, starts, lambda step: _makes(step, artifact)) if artifact else None
    # The pipeline tells more than the card, which only says that there is a way.
    return made or min(_declared(dossier, card, target), default=None)


def _declared(dossier: Dossier, card: CardSummary, target: Target) -> Iterator[Chain]:
    """What the card says about data and base models, and where the artifact was imported from."""
    for dataset in card.datasets:
        if begin := target.contents.get(dataset_hash(dataset) or ""):
            yield begin
        elif found := _named(target, dataset.uri, dataset.revision):
            yield (found,)
    for base in card.base_models:
        if found := _named(target, *_apart(base.ref)):
            yield (found,)
    pointer = dossier.provenance.artifact
    for source in dossier.provenance.sources if target.names else ():
        if source.origin and pointer and source.out.path == pointer.path and source.origin.url in target.names:
            yield (source.origin.url, source.out.path)


def _named(target: Target, name: str | None, revision: str | None) -> str | None:
    """The name by which something outside was looked for: with its revision, or in any."""
    pinned = f"{name}@{revision}" if revision else name
    return next((text for text in (pinned, name) if text in target.names), None)


def _apart(ref: str) -> tuple[str, str | None]:
    name, at, revision = ref.rpartition("@")
    return (name, revision) if at else (ref, None)


def _evaluation(dossier: Dossier, target: Target) -> Chain | None:
    """How the target went into a version's evaluation."""
    provenance = dossier.provenance
    if not provenance.checks or provenance.artifact is None:
        return None
    steps, artifact = (*provenance.steps, *provenance.checks), artifact_file(provenance.artifact)
    starts = list(_starts(dossier, steps, target))
    return _shortest(steps, starts, lambda step: any(_overlap(dep.path, artifact.path) for dep in step.deps))


def _starts(dossier: Dossier, steps: Sequence[Step], target: Target) -> Iterator[tuple[File, Chain]]:
    """The files among what these steps used that are the target, or came from it."""
    origins = {
        source.out.path: source.origin.url
        for source in (dossier.provenance.sources if target.names else ())
        if source.origin and source.origin.url in target.names
    }
    member = target.members.get(dossier.ref)
    for step in steps:
        for dep in step.deps:
            if begin := target.contents.get(dep.hash or ""):
                yield dep, begin
            elif dep.path in origins:
                yield dep, (origins[dep.path], dep.path)
            elif member and dep.path == member[-1]:
                yield dep, member


def _shortest(
    steps: Sequence[Step], starts: Sequence[tuple[File, Chain]], done: Callable[[Step], bool]
) -> Chain | None:
    """The shortest chain from one of the files to a step that is what is looked for."""
    numbers = count()  # files have no order
    waiting = [(len(chain), chain, next(numbers), file) for file, chain in starts]
    heapify(waiting)
    seen: set[File] = set()
    while waiting:
        length, chain, _, file = heappop(waiting)
        if file in seen:
            continue
        seen.add(file)
        for step in steps:
            if any(_takes(dep, file) for dep in step.deps):
                if done(step):
                    return (*chain, step.label)
                for out in step.outs:
                    heappush(waiting, (length + 2, (*chain, step.label, out.path), next(numbers), out))
    return None


def _takes(dep: File, file: File) -> bool:
    """Whether what a step recorded is this file, a part of it, or holds it."""
    return same_content(dep, file) if dep.path == file.path else relation(dep.path, file.path) is not None


def _makes(step: Step, artifact: File) -> bool:
    # By content too: an output may have been copied before it was registered.
    return any(out.hash == artifact.hash or _takes(out, artifact) for out in step.outs)


def _overlap(one: str, other: str) -> bool:
    return one == other or relation(one, other) is not None

"""`mreg who`: the people behind a version, from its commits, tags and notes."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mreg.adapters.git import people
from mreg.adapters.git.signatures import signature_states
from mreg.core.authorship import Commit, merges_of
from mreg.core.events import Event
from mreg.core.people import (
    Act,
    Making,
    Participant,
    Role,
    acts_of_commits,
    acts_of_events,
    acts_of_facts,
    in_order,
    participants,
)
from mreg.core.signatures import UNSIGNED, Signature, SignatureState
from mreg.usecases.dates import end_of
from mreg.usecases.dossiers import dossiers
from mreg.usecases.facts import read_facts
from mreg.usecases.tabular import Tabular

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mreg.adapters.git import BlobReader
    from mreg.core.dossier import Dossier
    from mreg.core.fold import ModelState, VersionState
    from mreg.usecases.workspace import Workspace

MOST_CHECKED = 200
"""Signed commits whose signatures are checked, the newest first: each costs the start of a program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class People(Tabular):
    """Who did what for a version.

    Attributes:
        acts: Everything that is known, oldest first.
        unknown: What Git cannot tell, a sentence each.
    """

    state: VersionState
    acts: tuple[Act, ...]
    unknown: tuple[str, ...]

    @property
    def ref(self) -> str:
        """`churn@v1.2.0`."""
        return f"{self.state.registered.model}@v{self.state.version}"

    @property
    def participants(self) -> list[Participant]:
        """The same by person."""
        return participants(self.acts)

    def records(self) -> list[dict[str, Any]]:
        """A row an act."""
        return [
            {
                "time": act.when,
                "role": act.role.value,
                "name": act.person.name,
                "email": act.person.email,
                "trailer": act.trailer or None,
                "request": act.request.number if act.request else None,
                "commit": act.source.id if isinstance(act.source, Commit) else None,
                "tag": act.source.tag if isinstance(act.source, Event) else None,
                "signature": act.signature.state.value if act.signature else None,
            }
            for act in self.acts
        ]


def who(workspace: Workspace, text: str, *, at: str | None = None) -> People:
    """The people behind the version that a reference picks, now or as of a date.

    Commits belong to a version where they changed its card, its pointer, its pipeline's files or its code, and no
    version of the model on an older commit has them.

    Raises:
        InvalidRef, UnknownModel, UnknownRef, NotYet, InvalidDate: As they say.
    """
    moment = None if at is None else end_of(at, workspace.git)
    _, state, version = workspace.version(text, at=moment)
    return _Inquiry(workspace, state, version, moment).people()


class _Inquiry:
    """One question about one version."""

    def __init__(self, workspace: Workspace, state: ModelState, version: VersionState, moment: int | None) -> None:
        self._git, self._state, self._version, self._moment = workspace.git, state, version, moment
        # By their commits, not by their numbers or days: an older version may have been registered, or mended, later.
        within = people.tags_within(self._git, version.commit, f"{state.model}@v*")
        self._earlier = [
            other
            for other in state.versions.values()
            if other.registered.tag in within and other.commit != version.commit
        ]
        self._cut_off = people.cut_off(self._git)
        self._papers, *self._before = dossiers(workspace, [version, *self._earlier[-1:]])

    def people(self) -> People:
        with self._git.blobs() as blobs:
            making, missing = self._making(blobs)
            facts = read_facts(blobs, [self._version.registered.oid])[self._version.registered.oid]
        noted = [fact for fact in facts if self._moment is None or fact.time.timestamp() <= self._moment]
        told = [*acts_of_commits(making), *acts_of_events(self._version, self._state.events), *acts_of_facts(noted)]
        acts, unchecked = self._proven(told)
        unknown = (*missing, *self._unknown(making, acts), *unchecked, *self._papers.problems)
        return People(state=self._version, acts=tuple(in_order(acts)), unknown=unknown)

    def _making(self, blobs: BlobReader) -> tuple[Making, list[str]]:
        """The commits that made the version, and what is missing of them."""
        own, earlier = self._version.commit, [version.commit for version in self._earlier]
        parents = people.history(self._git, own, without=earlier)
        found = people.changes(self._git, own, without=earlier, paths=self._paths())
        changed = [commit for commit in found if commit not in self._cut_off]
        merges = merges_of(own, parents, changed)
        trained, missing = self._training_commit(blobs)
        commits = people.read_commits(blobs, list(dict.fromkeys((own, *changed, *merges, *trained))))
        making = Making(
            own=commits[own],
            trained=next((commits[commit] for commit in trained), None),
            changes=tuple(commits[commit] for commit in changed),
            merges=tuple(commits[commit] for commit in merges),
        )
        return making, missing

    def _paths(self) -> set[str]:
        """The files that this version is made of, under their names here and in the version before."""
        return {path for papers in (self._papers, *self._before) for path in _files(papers)}

    def _training_commit(self, blobs: BlobReader) -> tuple[list[str], list[str]]:
        """The commit that tells who trained it, or why there is none.

        The commit that brought the artifact's hash into dvc.lock records the run itself. Without a pipeline the card
        says on which commit the training ran; and without that, there is only who put the artifact under DVC.
        """
        pointer, code = self._papers.provenance.artifact, self._papers.summary.code
        if code is not None and not (pointer and pointer.stage):
            found = people.named_commit(blobs, code.commit)
            return ([found], []) if found else ([], [f"its training ran on {code.commit}, no commit of this clone"])
        if pointer is None:
            return [], ["no card names the commit of its training, and no DVC file points at its artifact"]
        found = people.introduction(self._git, self._version.commit, path=pointer.file, text=pointer.hash)
        if found is None or found in self._cut_off:
            return [], [f"no commit of this clone is known to have brought its artifact into {pointer.file}"]
        return [found], []

    def _proven(self, acts: Sequence[Act]) -> tuple[list[Act], list[str]]:
        """The acts with their signatures, and with the people by their proper names."""
        commits = [act.source for act in acts if isinstance(act.source, Commit) and act.source.signed]
        newest = sorted({commit.id: commit for commit in commits}.values(), key=lambda commit: -commit.committed)
        tags = dict.fromkeys(act.source.tag for act in acts if isinstance(act.source, Event) and act.source.signed)
        states = people.commit_signatures(self._git, [commit.id for commit in newest[:MOST_CHECKED]])
        states |= signature_states(self._git, list(tags))
        names = people.canonical(self._git, [act.person for act in acts])
        proven = [
            replace(act, person=names.get(act.person, act.person), signature=_signature(act, states)) for act in acts
        ]
        rest = newest[MOST_CHECKED:]
        return proven, [f"signatures of older commits were not checked ({len(rest)})"] if rest else []

    def _unknown(self, making: Making, acts: Sequence[Act]) -> Iterator[str]:
        if self._git.shallow:
            yield "this clone is shallow: what came before its oldest commits is not seen (git fetch --unshallow)"
        if not self._version.registered.annotated:
            yield f"{self._version.registered.tag} is a lightweight tag, which does not say who made it"
        code = self._papers.summary.code
        if code is not None and code.clean is False:
            yield "it was trained with changes that were not committed: whose they are is not recorded"
        squashed = dict.fromkeys(f"#{commit.request.number}" for commit in making.changes if commit.request)
        if squashed:
            yield f"{', '.join(squashed)} came as single commits: who merged them is known to the server alone"
        if not any(act.role is Role.REVIEWED for act in acts):
            yield "no commit names a reviewer in a trailer: what was reviewed elsewhere is not in Git"
        claimed = sum(1 for act in acts if act.signature and act.signature.state is not SignatureState.GOOD)
        if claimed:
            signed = sum(1 for act in acts if act.signature)
            yield f"acts without a good signature: {claimed} of {signed}; their names are what people told Git"


def _signature(act: Act, states: dict[str, Signature]) -> Signature | None:
    match act.source:
        case Event():
            return states.get(act.source.tag, UNSIGNED)
        case Commit() if not act.trailer:
            return states.get(act.source.id, Signature(SignatureState.UNKNOWN) if act.source.signed else UNSIGNED)
        case _:
            return None


def _files(papers: Dossier) -> Iterator[str]:
    provenance = papers.provenance
    if papers.card_path:
        yield papers.card_path
    if provenance.artifact:
        yield provenance.artifact.file
    for step in (*provenance.steps, *provenance.checks):
        yield step.pipeline
        yield posixpath.join(posixpath.dirname(step.pipeline), "dvc.lock")
    yield from (source.file for source in provenance.sources)
    yield from provenance.params
    yield from provenance.code

"""The models as a remote has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mreg.adapters.git.commits import NOTES_REF
from mreg.adapters.git.incoming import incoming
from mreg.adapters.git.refs import read_refs
from mreg.adapters.git.remote import list_refs
from mreg.core.tags import SEPARATOR
from mreg.usecases.sharing.own import MANY, TAGS, by_model, histories
from mreg.usecases.writing import head_ref

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mreg.adapters.git import Git
    from mreg.adapters.history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterpart:
    """One model on a remote: its history as the tags there tell it, their object ids, and its head ref."""

    model: str
    history: History
    ids: Mapping[str, str]
    head: str | None


@dataclass(frozen=True, slots=True)
class Survey:
    """What a remote has of the models that were asked about, and its notes; None where it has none that are notes."""

    models: Mapping[str, Counterpart]
    notes: str | None


def ask_about(git: Git, remote: str, models: Sequence[str]) -> Survey:
    """What a remote has of these models now; its answer does not grow with the others.

    Raises:
        RemoteFailed: It could not be reached.
    """
    have = read_refs(git, "refs/heads", f"refs/remotes/{remote}", "refs/notes", *_patterns(models)[:-1])
    with incoming(git, remote, _patterns(models), have=have.values()) as there:
        refs = read_refs(there, "refs/tags", "refs/mreg", NOTES_REF)
        tags = by_model(refs)
        ids = {model: tags.get(model, {}) for model in models}
        found = {
            model: Counterpart(model=model, history=history, ids=ids[model], head=refs.get(head_ref(model)))
            for model, history in histories(git, ids).items()
        }
    notes = refs.get(NOTES_REF)
    return Survey(found, notes and git.resolve(f"{notes}^{{commit}}"))


def _patterns(models: Sequence[str]) -> list[str]:
    # With a pattern each, since git refuses to fetch a ref that nobody has pushed yet.
    if len(models) > MANY:
        return [f"{TAGS}*", "refs/mreg/*", f"{NOTES_REF}*"]
    tags = [f"{TAGS}{model}{SEPARATOR}*" for model in models]
    return [*tags, *(f"{head_ref(model)}*" for model in models), f"{NOTES_REF}*"]


@dataclass(frozen=True, slots=True)
class Listing:
    """Every ref of a remote that is a registry's, without a single object: tags by model, heads, notes."""

    tags: Mapping[str, Mapping[str, str]]
    heads: Mapping[str, str]
    notes: str | None


def list_all(git: Git, remote: str) -> Listing:
    """The refs of a remote, in one question.

    Raises:
        RemoteFailed: It could not be reached.
    """
    refs = list_refs(git, remote)
    heads = {
        name.removeprefix("refs/mreg/").removesuffix("@head"): oid
        for name, oid in refs.items()
        if name.startswith("refs/mreg/")
    }
    return Listing(by_model(refs), heads, refs.get(NOTES_REF))

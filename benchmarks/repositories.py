"""Registries of any size, written in seconds, as mreg itself would have left them after `git pack-refs --all`.

A version has four events and a model 25 versions, unless asked otherwise: so a registry of 100,000 tags has 1,000
models. The events are what a team does: a version is registered, goes to staging and then to production, where it
supersedes the holder. Then the version before it is kept in staging as a fall-back, and archived when the next version
but one is out.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from benchmarks.fast_import import Commit, Tag, git, import_commits, import_tags, init, set_refs

VERSIONS, EVENTS = 25, 4
TAGS_PER_MODEL = VERSIONS * EVENTS
START, STEP = 1_704_067_200, 60  # the first event is on 2024-01-01, UTC; then one a minute

_CARD = """\
schema: mreg/v1
name: {model}
version: {version}
artifact:
  path: models/{model}/model.pkl
  format: pickle
  framework: scikit-learn
description: Predicts whether a customer of shop {model} returns.
evaluations:
  - {{metric: f1, value: {high:.4f}, direction: max, dataset: holdout, split: test}}
  - {{metric: accuracy, value: {higher:.4f}, direction: max, dataset: holdout, split: test}}
  - {{metric: log_loss, value: {low:.4f}, direction: min, dataset: holdout, split: test}}
  - {{metric: latency_ms, value: {slow:.2f}, direction: min, dataset: holdout, split: test}}
"""
_POINTER = "outs:\n- md5: {md5}\n  size: {size}\n  hash: md5\n  path: model.pkl\n"
_DVC = {".dvc/config": "", ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n", ".dvcignore": ""}


Files = Callable[[str, int], Mapping[str, str]]
"""A model and the number of one of its versions → what its commit writes: path → text."""


def write_registry(root: Path, *, tags: int) -> None:
    """Write a registry of so many tags (a multiple of 100) in mreg's format: m0001, m0002, …, v1.0.0 to v1.24.0."""
    init(root)
    write_events(root, model_names(tags))


def write_events(root: Path, names: Sequence[str], *, versions: int = VERSIONS, files: Files | None = None) -> None:
    """Write the models' commits, tags and heads into an empty repository, and check the branch out."""
    heads: dict[str, str] = {}
    import_tags(root, _tags(names, import_versions(root, names, versions=versions, files=files), heads))
    set_refs(root, heads)
    finish(root)


def import_versions(
    root: Path,
    names: Sequence[str],
    first: Mapping[str, str] = MappingProxyType({}),
    *,
    versions: int = VERSIONS,
    files: Files | None = None,
) -> dict[tuple[str, int], str]:
    """Write the commits of every version, those of all models side by side, as time goes.

    Args:
        root: The repository.
        names: The models.
        first: Files of the first commit.
        versions: How many each model has.
        files: What each commit writes; a small card and a DVC pointer unless given.

    Returns:
        Model and number of the version → commit, in the order of the commits.
    """
    order = [(model, number) for number in range(versions) for model in names]
    ids = import_commits(root, _commits(names, order, files or _card_and_pointer, {**_DVC, **first}))
    return dict(zip(order, ids, strict=True))


def model_names(tags: int) -> list[str]:
    """The models of a registry of so many tags."""
    if tags < TAGS_PER_MODEL or tags % TAGS_PER_MODEL:
        raise ValueError(f"{tags} is not a multiple of {TAGS_PER_MODEL}")
    return [f"m{number:04}" for number in range(1, tags // TAGS_PER_MODEL + 1)]


def finish(root: Path) -> None:
    """Pack the refs and check the branch out."""
    git(root, "pack-refs", "--all", "--prune")
    git(root, "reset", "--quiet", "--hard")


def version(number: int) -> str:
    """The version of that number, from 0."""
    return f"1.{number}.0"


def _commits(
    names: Sequence[str], order: Sequence[tuple[str, int]], files: Files, first: Mapping[str, str]
) -> Iterator[Commit]:
    for position, (model, number) in enumerate(order):
        time = time_of(len(names), position % len(names), number, 0)
        yield Commit(f"Register {model} v{version(number)}", time, {**first, **files(model, number)})
        first = {}


def _card_and_pointer(model: str, number: int) -> dict[str, str]:
    home = f"models/{model}"
    return {f"{home}/card.yaml": _card(model, number), f"{home}/model.pkl.dvc": _pointer(model, number)}


@dataclass(frozen=True, slots=True)
class _Event:
    """One event, as section "Tags" of docs/format.md writes it; `number` is the version's."""

    subject: str
    kind: str
    number: int
    stage: str = ""
    origin: str = ""
    supersedes: str = ""
    reason: str = ""

    def message(self, model: str, sequence: int, parent: str) -> str:
        digest = hashlib.sha256(artifact(model, self.number)).hexdigest() if self.kind == "register" else ""
        trailers = {
            "Event": self.kind,
            "Model": model,
            "Version": version(self.number),
            "Stage": self.stage,
            "From": self.origin,
            "Supersedes": self.supersedes,
            "Sequence": sequence,
            "Parent": parent,
            "Artifact-SHA256": digest,
        }
        last = "\n".join(f"{key}: {value}" for key, value in trailers.items() if value)
        subject = self.subject.format(f"{model} v{version(self.number)}")
        return "\n\n".join(filter(None, (subject, self.reason, last))) + "\n"


def _tags(names: Sequence[str], by_version: Mapping[tuple[str, int], str], heads: dict[str, str]) -> Iterator[Tag]:
    """Every model's events as a chain; `heads` receives the head ref of each."""
    versions = len(by_version) // len(names)
    for index, model in enumerate(names):
        parent = ""
        counts: Counter[str] = Counter()
        for sequence, event in enumerate(_history(versions), start=1):
            first = f"{model}@v{version(event.number)}" + (f"-{event.stage}" if event.stage else "")
            counts[first] += 1
            tag = Tag(
                name=first if counts[first] == 1 else f"{first}.{counts[first]}",
                commit=by_version[model, event.number],
                message=event.message(model, sequence, parent),
                time=time_of(len(names), index, *divmod(sequence - 1, EVENTS)),
            )
            parent = heads[f"refs/mreg/{model}@head"] = tag.id
            yield tag


def _history(versions: int) -> Iterator[_Event]:
    for number in range(versions):
        # The first version was withdrawn before the second one came: nothing to supersede.
        held = version(number - 1) if number > 1 else ""
        reason = f"Two points of F1 over v{held}." if held else ""
        yield _Event("Register {}", "register", number)
        yield _promote(number, "staging", "none")
        yield replace(_promote(number, "production", "staging"), supersedes=held, reason=reason)
        yield _aftermath(number)


def _aftermath(number: int) -> _Event:
    if number == 0:
        return _archive(number, "production")
    if number % 2:
        return _promote(number - 1, "staging", "archived")
    return _archive(number - 2, "staging")


def _promote(number: int, stage: str, origin: str) -> _Event:
    return _Event(f"Promote {{}} to {stage}", "promote", number, stage, origin)


def _archive(number: int, origin: str) -> _Event:
    return _Event("Archive {}", "archive", number, "archived", origin)


def time_of(models: int, index: int, number: int, event: int) -> int:
    """When the model of that index, of so many models, had that event of that version."""
    return START + STEP * (EVENTS * (models * number + index) + event)


def _card(model: str, number: int) -> str:
    step = number / 100
    return _CARD.format(
        model=model, version=version(number), high=0.61 + step, higher=0.7 + step, low=0.9 - step, slow=12.5 - step
    )


def artifact(model: str, number: int) -> bytes:
    """The artifact that a version's pointer and registration tell of."""
    return f"{model} {number}".encode()


def artifact_md5(model: str, number: int) -> str:
    """DVC's name for it."""
    return hashlib.md5(artifact(model, number), usedforsecurity=False).hexdigest()


def _pointer(model: str, number: int) -> str:
    return _POINTER.format(md5=artifact_md5(model, number), size=len(artifact(model, number)))

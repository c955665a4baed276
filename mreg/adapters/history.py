"""Models' histories out of the repository's tags."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby, islice
from typing import TYPE_CHECKING

from mreg.adapters.git.tags import read_tag_objects, read_tags
from mreg.core.events import Event
from mreg.core.fold import ModelState, as_of, fold
from mreg.core.records import OddTag, model_of, read_object, read_record
from mreg.core.tags import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mreg.adapters.git import BlobReader, Git
    from mreg.adapters.git.process import Runner
    from mreg.core.tags import TagRecord


@dataclass(frozen=True, slots=True)
class History:
    """One model's state, and the tags named after it that are no events; `tags` are the names of both."""

    state: ModelState
    odd: tuple[OddTag, ...]
    tags: frozenset[str]


_SEPARATOR = SEPARATOR.encode()


def read_model(git: Runner, model: str, *, at: int | None = None) -> History:
    """One model's history, in one git process whose work does not depend on the other models.

    Args:
        git: Runs git in the repository.
        model: A valid model name; one without tags has an empty history.
        at: The moment, in seconds since 1970 UTC, whose state is asked for; None is now.
    """
    return _history(model, read_tags(git, f"{model}{SEPARATOR}*"), at)


def read_models(git: Git, *, at: int | None = None, foreign: list[OddTag] | None = None) -> Iterator[History]:
    """Every model's history, sorted by name, in one git process.

    Args:
        git: The repository.
        at: As for `read_model`.
        foreign: Takes the tags that contain `@` but are named after no model at all.
    """
    for model, records in groupby(git.tags(), key=lambda record: model_of(record.name)):
        if model is not None:
            yield _history(model, records, at)
        elif foreign is not None:
            foreign += [odd for odd in map(read_record, records) if isinstance(odd, OddTag)]


@dataclass(frozen=True, slots=True)
class TagIds:
    """The tags named after one model, by name, with their object ids."""

    model: str
    ids: dict[str, str]

    @property
    def fingerprint(self) -> str:
        """Changes whenever one of the tags appears, goes or moves."""
        return sha256("\n".join(f"{oid} {name}" for name, oid in self.ids.items()).encode(*_LOSSLESS)).hexdigest()


def read_tag_ids(git: Git) -> list[TagIds]:
    """Every model's tags, sorted by name, without reading a single object."""
    found: list[TagIds] = []
    prefix = SEPARATOR
    ids: dict[str, str] = {}
    for line in git.tag_ids():
        oid, _, name = line.partition(" ")
        # Tags are sorted by name, so that a model's follow each other.
        if not name.startswith(prefix):
            if (model := model_of(name)) is None:
                continue
            prefix, ids = f"{model}{SEPARATOR}", {}
            found.append(TagIds(model, ids))
        ids[name] = oid
    return found


def replay(objects: BlobReader, models: Sequence[TagIds]) -> Iterator[History]:
    """The histories of these models, read while git is still reading on."""
    together = {name: oid for model in models for name, oid in model.ids.items()}
    found = read_tag_objects(objects, together)
    for model in models:
        yield _gathered(model.model, (read_object(*tag) for tag in islice(found, len(model.ids))), model.ids, None)


def read_events(objects: BlobReader, oids: Sequence[str]) -> list[Event]:
    """The events that these tag objects are, whether or not a tag points at them; others are left out."""
    found = []
    for oid, content in zip(oids, objects.stream(oids), strict=True):
        kind, data = content or ("missing object", b"")
        text = data.decode("utf-8", "replace")
        named = _NAMED.search(text)
        event = read_object(named[1], oid, kind, text) if named else None
        if isinstance(event, Event):
            found.append(event)
    return found


_NAMED = re.compile("^tag (.*)$", re.MULTILINE)
# A tag's name may be any bytes.
_LOSSLESS = ("utf-8", "surrogateescape")


def model_names(git: Git) -> list[str]:
    """The names of all models, sorted, without reading a single object."""
    return [tags.model for tags in read_tag_ids(git)]


def _history(model: str, records: Iterable[TagRecord], at: int | None) -> History:
    found = {record.name: read_record(record) for record in records}
    return _gathered(model, found.values(), found, at)


def _gathered(model: str, found: Iterable[Event | OddTag | None], tags: Iterable[str], at: int | None) -> History:
    events: list[Event] = []
    odd: list[OddTag] = []
    for one in found:
        if isinstance(one, Event):
            events.append(one)
        elif one is not None:
            odd.append(one)
    return History(fold(model, events if at is None else as_of(events, at)), tuple(odd), frozenset(tags))

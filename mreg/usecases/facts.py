"""What people learned about a version after it was registered: `refs/notes/mreg`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex
from typing import TYPE_CHECKING

from mreg.adapters.git import RefUpdate
from mreg.adapters.git.commits import NOTES_REF, build_note
from mreg.adapters.git.transaction import exclusive
from mreg.adapters.git.trees import TreeReader
from mreg.core.annotations import Annotation, Scalar, check_fact, current, format_line, next_time, parse_note
from mreg.core.records import read_creator
from mreg.errors import RegistryError, UsageError
from mreg.usecases.writing import until_won

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from mreg.adapters.git import BlobReader
    from mreg.core.versions import Version
    from mreg.usecases.sharing.results import Pushed
    from mreg.usecases.workspace import Workspace

# Git's answer to what time it is may be so old, in seconds.
_SLOW = 10


class NotAnnotated(RegistryError):
    """The version has no such fact."""

    def __init__(self, *, ref: str, key: str, known: Sequence[str]) -> None:
        super().__init__(f"{ref} has no annotation {key}")
        self.ref, self.key, self.known = ref, key, tuple(known)
        self.hint = f"its annotations are {', '.join(known)}" if known else "it has no annotations at all"


class NothingToAnnotate(UsageError):
    """Neither a fact to add nor one to remove was named."""

    hint = "write key=value, as in validation_status=passed, or --remove key"

    def __init__(self) -> None:
        super().__init__("there is nothing to annotate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotated:
    """A version's facts after an annotation, by key; `changed` are the keys that were added, changed or removed,
    `caveats` say what a shallow clone may lack, and `pushed` what was published, where that was asked for."""

    model: str
    version: Version
    annotations: Mapping[str, Annotation]
    changed: tuple[str, ...]
    caveats: tuple[str, ...] = ()
    pushed: Pushed | None = None


def annotate(workspace: Workspace, text: str, facts: Mapping[str, Scalar], *, remove: Sequence[str] = ()) -> Annotated:
    """Add facts to a version, or take them back; a fact that is so already is not written again.

    Args:
        workspace: The repository.
        text: The version.
        facts: Values by key.
        remove: Keys to take back.

    Raises:
        NothingToAnnotate: Neither is given.
        UnfitFact: A fact that cannot be written.
        NotAnnotated: A key to remove is not there.
        Contended: Somebody else changed the notes at every attempt.
    """
    if not facts and not remove:
        raise NothingToAnnotate
    for key, value in facts.items():
        check_fact(key, value)
    _, state, version = workspace.version(text)
    git, target = workspace.git, version.registered.oid

    def attempt() -> tuple[Sequence[Annotation], Sequence[Annotation]]:
        with exclusive(git) as transaction:
            notes = git.resolve(NOTES_REF)
            with git.blobs() as blobs:
                (note,) = read_notes(blobs, [target])
            before = _facts_in(note)
            new = _new_facts(git.identity(), f"{state.model}@v{version.version}", before, facts, remove)
            if new:
                # Only appended to: what else stands there is somebody's.
                lines = (*note.decode("utf-8", "surrogateescape").split("\n"), *map(format_line, new))
                whole = "".join(f"{line}\n" for line in lines if line)
                commit = build_note(git, notes=notes, oid=target, text=whole)
                transaction.commit([RefUpdate(NOTES_REF, commit, notes)], reflog=f"mreg: annotate {text}")
            return before, new

    before, new = until_won(state.model, attempt)
    return Annotated(
        model=state.model,
        version=version.version,
        annotations=current((*before, *new)),
        changed=tuple(fact.key for fact in new),
        caveats=workspace.caveats(state.model),
    )


def _new_facts(
    identity: str, ref: str, before: Sequence[Annotation], facts: Mapping[str, Scalar], remove: Sequence[str]
) -> list[Annotation]:
    actor, seconds = read_creator(identity)
    now = _precise(seconds)
    known = current(before)
    for key in remove:
        if key not in known:
            raise NotAnnotated(ref=ref, key=key, known=tuple(known))

    def new(key: str, value: Scalar, *, removed: bool = False) -> Annotation:
        time = next_time(now, before, key)
        return Annotation(key=key, value=value, actor=str(actor), time=time, id=token_hex(8), removed=removed)

    added = [new(key, value) for key, value in facts.items() if not _is_so(known.get(key), value)]
    return added + [new(key, None, removed=True) for key in remove]


def _precise(seconds: int) -> datetime:
    """The committer's time to the microsecond; as it is where somebody set it with GIT_COMMITTER_DATE."""
    now = datetime.now(UTC)
    return now if abs(now.timestamp() - seconds) < _SLOW else datetime.fromtimestamp(seconds, UTC)


def _is_so(fact: Annotation | None, value: Scalar) -> bool:
    # 1, 1.0 and True are equal to Python and three different facts to people.
    return fact is not None and fact.value == value and type(fact.value) is type(value)


def read_facts(blobs: BlobReader, oids: Sequence[str]) -> dict[str, tuple[Annotation, ...]]:
    """Every fact ever noted on these objects, oldest first, by object id."""
    return {oid: _facts_in(note) for oid, note in zip(oids, read_notes(blobs, oids), strict=True)}


def read_all_facts(
    blobs: BlobReader, oids: Collection[str], *, at: int | None = None
) -> dict[str, dict[str, Annotation]]:
    """The current facts of thousands of objects: those that have a note are found in the notes' tree, not asked for one
    by one.

    Args:
        blobs: Reads the repository.
        oids: The objects that are asked about; those without a fact are left out of the answer.
        at: The moment that is asked about, in seconds since 1970 UTC; None is now.

    Returns:
        Object id → key → fact.
    """
    (root,) = blobs.identify([f"{NOTES_REF}^{{tree}}"])
    if root is None:
        return {}
    files = TreeReader(blobs).files(root.oid, lambda path: path.replace("/", "") in oids)
    notes: dict[str, list[bytes]] = {}
    for path, note in zip(files, blobs.read(list(files.values())), strict=True):
        notes.setdefault(path.replace("/", ""), []).append(note or b"")
    facts = {oid: _until(at, _facts_in(b"\n".join(parts))) for oid, parts in notes.items()}
    return {oid: current(found) for oid, found in facts.items() if found}


def _until(moment: int | None, facts: Sequence[Annotation]) -> Sequence[Annotation]:
    return facts if moment is None else [fact for fact in facts if fact.time.timestamp() <= moment]


def _facts_in(note: bytes) -> tuple[Annotation, ...]:
    return parse_note(note.decode("utf-8", "replace"))


def read_notes(blobs: BlobReader, oids: Sequence[str], *, notes: str = NOTES_REF) -> list[bytes]:
    """The note on each object, in the notes of this ref or commit; empty where there is none."""
    # Git spreads a large notes tree over folders named by the first digits: ask for all three forms at once.
    forms = [form for oid in oids for form in (oid, f"{oid[:2]}/{oid[2:]}", f"{oid[:2]}/{oid[2:4]}/{oid[4:]}")]
    found = blobs.read([f"{notes}:{form}" for form in forms])
    return [b"\n".join(filter(None, found[i : i + 3])) for i in range(0, len(found), 3)]

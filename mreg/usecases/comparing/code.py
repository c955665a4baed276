"""The code of versions: commits between them, and the files that their pipelines, or their cards, call code."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from mreg.adapters.git.changes import commits_between, diffstat
from mreg.core.compare.code import Basis, CodeChange, FileChange, differing, with_uses
from mreg.core.compare.difference import value_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mreg.adapters.git import BlobReader, Git
    from mreg.core.dossier import Dossier

# So many commits are named; all are counted.
NAMED = 10
# Beyond so many files, git is asked for all that differ: a command line has an end.
_MANY = 1_000

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PAPERS = ("dvc.lock", "card.yaml", ".gitignore")


def compare_code(git: Git, blobs: BlobReader, dossiers: Sequence[Dossier]) -> tuple[CodeChange, ...]:
    """The code of each version after the first against the first's."""
    first, *others = dossiers
    return tuple(_compare(git, blobs, first, other) for other in others)


class _Files(NamedTuple):
    """What became of the files, whose files they are, and what cannot be known; see `CodeChange`."""

    files: tuple[FileChange, ...] = ()
    basis: Basis | None = None
    unknown: tuple[str, ...] = ()


def _compare(git: Git, blobs: BlobReader, first: Dossier, other: Dossier) -> CodeChange:
    between = commits_between(git, first.state.commit, other.state.commit, limit=NAMED)
    found = _files(git, blobs, first, other)
    commands = [{step.label: step.command for step in dossier.provenance.steps} for dossier in (first, other)]
    return CodeChange(
        between=between,
        files=found.files,
        basis=found.basis,
        commands=tuple(row for row in value_rows(commands) if row.differs),
        unknown=(*found.unknown, *_unclean(first), *_unclean(other)),
    )


def _files(git: Git, blobs: BlobReader, first: Dossier, other: Dossier) -> _Files:
    before, after = first.provenance.code, other.provenance.code
    if not before and not after:
        return _of_cards(git, blobs, first, other)
    paths = differing(before, after)
    found = _diffstat(git, first.state.commit, other.state.commit, paths) if paths else ()
    return _Files(with_uses(found, before, after), "pipeline")


def _diffstat(git: Git, first: str, second: str, paths: Sequence[str]) -> tuple[FileChange, ...]:
    if len(paths) <= _MANY:
        return diffstat(git, first, second, paths)
    wanted = set(paths)
    return tuple(file for file in diffstat(git, first, second) if {file.path, file.before} & wanted)


def _of_cards(git: Git, blobs: BlobReader, first: Dossier, other: Dossier) -> _Files:
    """All that differs between the commits that the cards name, but for the registry's own papers."""
    named = {dossier.ref: dossier.summary.code.commit if dossier.summary.code else "" for dossier in (first, other)}
    if lacking := [ref for ref, commit in named.items() if not _COMMIT.fullmatch(commit)]:
        refs = " and ".join(lacking)
        return _Files(unknown=(f"which files are code is not known: no pipeline, and no training.code, of {refs}",))
    commits = list(named.values())
    found = zip(commits, blobs.identify(commits), strict=True)
    if missing := [commit[:10] for commit, known in found if known is None or known.kind != "commit"]:
        return _Files(unknown=(f"the code cannot be compared: there is no commit {' or '.join(missing)} here",))
    files = diffstat(git, *commits)
    return _Files(tuple(file for file in files if not _is_paper(file.path)), "card")


def _is_paper(path: str) -> bool:
    return path.endswith(".dvc") or posixpath.basename(path) in _PAPERS


def _unclean(dossier: Dossier) -> Iterator[str]:
    code = dossier.summary.code
    if code and code.clean is False:
        yield f"{dossier.ref} was trained with changes that were not committed"

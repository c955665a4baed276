"""What lies between two commits: the commits, what became of files, and what folders hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.adapters.git.trees import TreeReader
from mreg.core.compare.code import Between, Commit, FileChange
from mreg.core.compare.difference import Difference

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mreg.adapters.git.blobs import BlobReader
    from mreg.adapters.git.process import Runner

# What git logs is in the encoding that people configure for their terminal, if nobody says otherwise.
UTF_8 = "--encoding=UTF-8"
_FORMAT = "%m%x00%H%x00%aN%x00%at%x00%s"
_CHANGES = {"A": Difference.ADDED, "D": Difference.REMOVED, "R": Difference.MOVED, "C": Difference.ADDED}


def commits_between(git: Runner, first: str, second: str, *, limit: int) -> Between:
    """The commits that only one of two commits has among its ancestors and itself.

    Args:
        git: The repository.
        first: A full commit id.
        second: Another.
        limit: How many of them to name, the newest first; all are counted.

    Raises:
        GitFailed: One of them is not here.
    """
    if first == second:
        return Between()
    walk = ("rev-list", "--left-right", f"{first}...{second}")
    behind, ahead = map(int, git.run(*walk[:2], "--count", walk[2]).text.split())
    shown = (UTF_8, "--no-commit-header", f"--max-count={limit}", f"--format={_FORMAT}")
    lines = git.run(*walk[:2], *shown, walk[2]).text.split("\n")
    return Between(ahead=ahead, behind=behind, commits=tuple(_commit(line) for line in lines if line))


def _commit(line: str) -> Commit:
    side, oid, author, time, subject = line.split("\0", 4)
    return Commit(id=oid, author=author, time=int(time or 0), subject=subject, ours=side == ">")


def diffstat(git: Runner, first: str, second: str, paths: Sequence[str] = ()) -> tuple[FileChange, ...]:
    """What became of files between two commits; one that has moved is told once, with the lines that it changed.

    Args:
        git: The repository.
        first: A full commit id.
        second: Another.
        paths: Only these files, and files in these folders; both names of what may have moved. None is all.

    Raises:
        GitFailed: One of the commits is not here.
    """
    lean = ("diff-tree", "-r", "-z", "--find-renames", "--raw", "--numstat", first, second)
    done = git.run("--literal-pathspecs", *lean, "--", *paths)
    words = iter(done.stdout.decode("utf-8", "replace").split("\0"))
    changes: dict[str, tuple[Difference, str | None]] = {}
    files = []
    for word in words:
        if word.startswith(":"):
            kind = word.rpartition(" ")[2][:1]
            before = next(words) if kind in "RC" else None
            changes[next(words)] = (_CHANGES.get(kind, Difference.CHANGED), before)
        elif word:
            files.append(_file(word, words, changes))
    return tuple(files)


def _file(word: str, words: Iterator[str], changes: dict[str, tuple[Difference, str | None]]) -> FileChange:
    """`3<tab>1<tab>path`, or of what has moved `3<tab>1<tab>`, and then both paths."""
    added, deleted, path = word.split("\t", 2)
    if not path:
        _, path = next(words), next(words)
    change, before = changes[path]
    return FileChange(path=path, change=change, before=before, added=_lines(added), deleted=_lines(deleted))


def _lines(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def files_in(blobs: BlobReader, commit: str, folders: Sequence[str]) -> dict[str, str]:
    """The files that lie in some folders of a commit, not in those below: path → object id.

    Args:
        blobs: The reader.
        commit: A full commit id.
        folders: Relative to the root, which is the empty text; one that is not there holds nothing.
    """
    # A line break would end git's question, and ../ leads out of the repository.
    asked = [folder for folder in folders if folder.isprintable() and not folder.startswith(("./", "../"))]
    trees = TreeReader(blobs)
    return {
        f"{folder}/{name}" if folder else name: oid
        for folder in asked
        for name, oid in trees.folder(f"{commit}:{folder}").items()
    }

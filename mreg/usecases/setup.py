"""`mreg init`: a repository ready for models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mreg.adapters.config import FILE
from mreg.adapters.dvc import Dvc
from mreg.adapters.files import write_atomic
from mreg.adapters.git import Git, NotARepository
from mreg.adapters.git.commits import NOTES_REF
from mreg.adapters.templates import read_template

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Initialized:
    """What `init` found and did.

    Attributes:
        done: A sentence for each change; empty the second time.
        files: What was written and belongs into a commit, relative to the root.
    """

    root: Path
    done: tuple[str, ...]
    files: tuple[str, ...]


def init(folder: Path) -> Initialized:
    """Make git, DVC, the configuration and the fetch refspecs ready where they are not. Twice is as once.

    Args:
        folder: In the repository, or where to make one.

    Raises:
        NoWorkTree: The repository is bare.
        DvcFailure, DiskFailure, GitFailed: As they say.
    """
    done, files = [], []
    try:
        git = Git(folder)
    except NotARepository:
        git = Git.create(folder)
        done.append(f"made {git.root} a git repository")
    if not (git.root / ".dvc").is_dir():
        Dvc.init(git.root, git.root)
        done.append("made it a DVC repository: .dvc and .dvcignore are staged")
        files += [".dvc", ".dvcignore"]
    if not (git.root / FILE).exists():
        write_atomic(git.root / FILE, read_template("mreg.yaml").encode())
        done.append(f"wrote {FILE}, in which every line is a comment")
        files.append(FILE)
    for remote in git.remotes():
        if refs := _refspecs(git, remote):
            done.append(f"git fetch {remote} now brings {', '.join(refs)}")
    return Initialized(root=git.root, done=tuple(done), files=tuple(files))


EVERY_TAG = "refs/tags/*:refs/tags/*"


def registry_refspecs(remote: str) -> dict[str, str]:
    """The refspecs that bring a registry's own refs beside those here, and what each brings, for people."""
    return {
        f"+refs/mreg/*:refs/mreg-remotes/{remote}/*": "heads of models",
        # With a pattern, since git refuses to fetch a ref that nobody has pushed yet.
        f"+{NOTES_REF}*:refs/notes/mreg-remotes/{remote}*": "annotations",
    }


def _refspecs(git: Git, remote: str) -> list[str]:
    """Configure what a fetch brings besides branches: beside our own refs, never over them.

    Returns:
        What is new, for people.
    """
    wanted = registry_refspecs(remote)
    present = git.config_all(f"remote.{remote}.fetch")
    missing = {refspec: refs for refspec, refs in wanted.items() if refspec not in present}
    for refspec in missing:
        git.config_add(f"remote.{remote}.fetch", refspec)
    tags = []
    # Not by a refspec: where a person lets git prune, that would remove tags which are not published yet.
    if EVERY_TAG not in present and not git.config_all(f"remote.{remote}.tagOpt"):
        git.config_add(f"remote.{remote}.tagOpt", "--tags")
        tags = ["all tags"]
    return [*tags, *missing.values()]

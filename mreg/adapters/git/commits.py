"""Writing commits, tag objects and notes without touching what else is staged, changed or checked out."""

from __future__ import annotations

import shutil
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING

from mreg.adapters.git.process import GitFailed, Runner, writing
from mreg.adapters.git.scratch import scratch_repository, temporary_folder
from mreg.core.messages import split_signature
from mreg.errors import SystemFailure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mreg.adapters.git.repository import Git

NOTES_REF = "refs/notes/mreg"


class GitTooOld(SystemFailure):
    """This git cannot run a repository's hooks on behalf of another program."""

    hint = "install git 2.36 or newer"

    def __init__(self) -> None:
        super().__init__("this git is too old: it has no `git hook run`")


class HookRefused(SystemFailure):
    """One of the repository's own git hooks refused the commit."""

    def __init__(self, *, hook: str, output: str) -> None:
        super().__init__(f"the {hook} hook refused the commit:\n{output.strip()}")
        self.hook, self.output = hook, output.strip()
        self.hint = (
            "mend what the hook reports, then run the same command again: card and pointer are in the work tree, "
            "nothing is committed or tagged"
        )


def build_commit(
    git: Git, *, parent: str, paths: Sequence[str], message: str, contents: Mapping[str, bytes] = MappingProxyType({})
) -> tuple[str, bytes]:
    """A commit on top of `parent` that changes just `paths`, to what the work tree holds, and `contents`.

    Nothing is changed but the object store: the caller moves the branch. The repository's pre-commit and commit-msg
    hooks see it as `git commit --only` would show it to them.

    Returns:
        The commit's id, and the entries that `git update-index -z --index-info` needs so that the index agrees. The id
        is `parent`'s where the paths hold nothing new.

    Raises:
        HookRefused: A hook refused.
        GitFailed: Git failed.
    """
    with temporary_folder(git) as folder:
        index = Runner(git.root, {"GIT_INDEX_FILE": str(folder / "index")})
        with writing(folder), suppress(FileNotFoundError):
            # What the real index knows of unchanged files is kept, so that no hook takes them for changed. Its time is
            # kept too: by that, git knows which files may have been written to since, within one tick of their clock.
            shutil.copy2(git.git_dir / "index", folder / "index")
        index.run("read-tree", "--reset", parent)
        listed = "".join(f"{path}\0" for path in paths).encode("utf-8", "surrogateescape")
        index.run("update-index", "--add", "-z", "--stdin", stdin=listed)
        for path, data in contents.items():
            index.run("update-index", "--add", "--cacheinfo", f"100644,{git.write_object('blob', data)},{path}")
        tree = index.run("write-tree").text
        if tree == git.resolve(f"{parent}^{{tree}}"):
            return parent, b""
        text = _through_hooks(git, index, folder / "message", message)
        # What a person has staged of a file of which only a part is ours stays staged.
        ours = (*paths, *(path for path in contents if not git.is_staged(path)))
        # Without any path, ls-files would list them all.
        entries = index.run("--literal-pathspecs", "ls-files", "--stage", "-z", "--", *ours).stdout if ours else b""
        tree = index.run("write-tree").text
    sign = ["-S"] if git.config_bool("commit.gpgSign") else []
    return git.run("commit-tree", *sign, "-p", parent, tree, stdin=text).text, entries


def _through_hooks(git: Git, index: Runner, file: Path, message: str) -> bytes:
    with writing(file):
        file.write_text(message, encoding="utf-8")
    index.run("update-index", "-q", "--refresh", allowed=(0, 1))
    for hook, args in (("pre-commit", ()), ("commit-msg", ("--", str(file)))):
        done = index.run("hook", "run", "--ignore-missing", hook, *args, allowed=range(256))
        if "is not a git command" in done.stderr:
            raise GitTooOld
        if done.code:
            raise HookRefused(hook=hook, output=done.stderr or done.text)
    return file.read_bytes()


def build_tag(git: Git, *, name: str, commit: str, message: str, tagger: str) -> str:
    """An annotated tag object that no ref points at yet, signed where git's configuration says so.

    Args:
        git: The repository.
        name: The tag's name, without `refs/tags/`.
        commit: The full id of what it points at.
        message: The whole message, kept as it is.
        tagger: Who and when, as `Git.identity` gives it.

    Raises:
        GitFailed: Git failed, or the signing program did.
    """
    if git.config_bool("tag.gpgSign") or git.config_bool("tag.forceSignAnnotated"):
        date = {"GIT_COMMITTER_DATE": tagger.rpartition("> ")[2]}
        with scratch_repository(git) as scratch:
            # git tag signs as it is configured; in the scratch repository its ref does not show before ours does.
            arguments = ("tag", "--sign", "--cleanup=verbatim", "-F", "-", name, commit)
            done = scratch.run(*arguments, stdin=message.encode(), env=date)
            oid = scratch.run("rev-parse", f"refs/tags/{name}").text
            # Where ssh-keygen fails, git writes the tag without a signature, and exits with 0.
            if not split_signature(scratch.run("cat-file", "tag", oid).text)[1]:
                raise GitFailed(command="tag", code=done.code, output=done.stderr)
            return oid
    header = f"object {commit}\ntype commit\ntag {name}\ntagger {tagger}\n\n"
    return git.write_object("tag", f"{header}{message}".encode())


def build_note(git: Git, *, notes: str | None, oid: str, text: str) -> str:
    """A notes commit in which the note on `oid` is `text` and all others are as in the commit `notes`."""
    with scratch_repository(git) as scratch:
        if notes is not None:
            scratch.run("update-ref", NOTES_REF, notes)
        arguments = ("notes", f"--ref={NOTES_REF}", "add", "--force", "--file=-", oid)
        scratch.run(*arguments, stdin=text.encode("utf-8", "surrogateescape"))
        return scratch.run("rev-parse", NOTES_REF).text


def merge_notes(git: Git, ours: str | None, theirs: str) -> str:
    """A notes commit with every line of both, or the one that has them all already."""
    if ours is None or ours == theirs:
        return theirs
    with scratch_repository(git) as scratch:
        scratch.run("update-ref", NOTES_REF, ours)
        scratch.run("notes", f"--ref={NOTES_REF}", "merge", "--quiet", "--strategy=cat_sort_uniq", theirs)
        return scratch.run("rev-parse", NOTES_REF).text


__all__ = ["NOTES_REF", "GitFailed", "HookRefused", "build_commit", "build_note", "build_tag", "merge_notes"]

"""A repository: where it is, and small questions to it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from git import InvalidGitRepositoryError, NoSuchPathError, Repo

from mreg.adapters.git.blobs import BlobReader
from mreg.adapters.git.process import GitFailed, Runner
from mreg.adapters.git.refs import read_refs
from mreg.adapters.git.tags import read_tags
from mreg.errors import SystemFailure, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mreg.core.tags import TagRecord


class NotARepository(SystemFailure):
    """There is no git repository at or above the folder."""

    hint = "run `git init` and `mreg init` here, or name the repository with -C PATH"

    def __init__(self, *, path: Path) -> None:
        super().__init__(f"{path} is not inside a git repository")
        self.path = str(path)


class NoWorkTree(UsageError):
    """The command needs files, and a bare repository has none."""

    hint = "clone it, and run the command in the clone"

    def __init__(self, *, path: Path) -> None:
        super().__init__(f"{path} is a bare repository: it has no work tree")
        self.path = str(path)


class NoSuchFolder(UsageError):
    """The folder named with -C does not exist."""

    hint = "check the path given with -C"

    def __init__(self, *, path: Path) -> None:
        super().__init__(f"there is no folder {path}")
        self.path = str(path)


class ForeignEnvironment(UsageError):
    """A variable of the environment sends git to another repository than the one found."""

    def __init__(self, *, variable: str, value: str, found: Path) -> None:
        super().__init__(f"{variable} is {value}, but the repository here is {found}")
        self.variable, self.value, self.found = variable, value, str(found)
        self.hint = f"unset {variable}, or run the command in the repository that it names"


class NoIdentity(SystemFailure):
    """Git does not know whose name to write into tags and commits."""

    hint = "git config user.name 'Your Name' && git config user.email you@example.com"

    def __init__(self, *, output: str) -> None:
        super().__init__("git does not know who you are")
        self.output = output


class Git(Runner):
    """One repository.

    Attributes:
        git_dir: The folder of this work tree's own files (HEAD, index).
        common_dir: The folder shared by all work trees (refs, objects, configuration).
    """

    def __init__(self, path: Path) -> None:
        """Find the repository at or above a folder.

        Raises:
            NotARepository, NoSuchFolder: There is none.
            ForeignEnvironment: GIT_DIR or its like name another one.
        """
        if not path.is_dir():
            raise NoSuchFolder(path=path)
        path = path.resolve()  # as git does: what lies above a symbolic link is not above its folder
        try:
            with Repo(path, search_parent_directories=True, expand_vars=False) as found:
                self._root = None if found.bare or found.working_tree_dir is None else Path(found.working_tree_dir)
                self.git_dir = Path(found.git_dir).resolve()
                self.common_dir = Path(found.common_dir).resolve()
        except (InvalidGitRepositoryError, NoSuchPathError) as error:
            raise NotARepository(path=path) from error
        super().__init__(self._root or self.git_dir)
        self._check_environment()

    def _check_environment(self) -> None:
        # A hook of another repository, say, runs mreg: git obeys these variables, wherever it is started.
        for variable, found in (("GIT_DIR", self.git_dir), ("GIT_WORK_TREE", self._root)):
            value = os.environ.get(variable)
            if value and found and (self.folder / value).resolve() != found:
                raise ForeignEnvironment(variable=variable, value=value, found=found)

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Make a folder a repository.

        Raises:
            GitFailed: Git cannot.
        """
        Runner(folder).run("init", "--quiet")
        return cls(folder)

    @property
    def bare(self) -> bool:
        return self._root is None

    @property
    def root(self) -> Path:
        """The top folder of the work tree.

        Raises:
            NoWorkTree: The repository is bare.
        """
        if self._root is None:
            raise NoWorkTree(path=self.git_dir)
        return self._root

    @property
    def private_dir(self) -> Path:
        """Where mreg keeps its lock, journal and caches: in the git folder, shared by all work trees."""
        return self.common_dir / "mreg"

    def identity(self) -> str:
        """The committer, now, as git writes it: `Name <email> seconds zone`.

        Raises:
            NoIdentity: Nobody has told git who they are.
        """
        try:
            return self.run("var", "GIT_COMMITTER_IDENT").text
        except GitFailed as error:
            raise NoIdentity(output=error.output) from error

    @cached_property
    def shallow(self) -> bool:
        return (self.common_dir / "shallow").exists()

    def head(self) -> str | None:
        """The commit checked out; None before the first one."""
        done = self.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}", allowed=(0, 1))
        return done.text or None

    def branch(self) -> str | None:
        """The full name of the branch checked out; None where HEAD is detached."""
        done = self.run("symbolic-ref", "--quiet", "HEAD", allowed=(0, 1))
        return done.text or None

    def resolve(self, ref: str) -> str | None:
        """The object id that a full ref name holds now; None where there is no such ref."""
        done = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", ref, allowed=(0, 1, 128))
        return done.text if done.code == 0 else None

    def head_refs(self) -> dict[str, str]:
        """What each model's head ref points at, by model."""
        heads = read_refs(self, "refs/mreg")
        return {name.removeprefix("refs/mreg/").removesuffix("@head"): oid for name, oid in heads.items()}

    def config(self, key: str) -> str | None:
        """The value of a configuration key; None where it is not set."""
        done = self.run("config", "--get", "--", key, allowed=(0, 1))
        return done.text if done.code == 0 else None

    def config_bool(self, key: str) -> bool:
        done = self.run("config", "--type=bool", "--get", "--", key, allowed=(0, 1))
        return done.text == "true"

    def config_all(self, key: str) -> list[str]:
        """All values of a configuration key."""
        done = self.run("config", "-z", "--get-all", "--", key, allowed=(0, 1))
        return [value for value in done.stdout.decode("utf-8", "replace").split("\0") if value]

    def config_add(self, key: str, value: str) -> None:
        """Add a value to the repository's own configuration."""
        self.run("config", "--local", "--add", "--", key, value)

    def remotes(self) -> list[str]:
        return self.run("remote").text.splitlines()

    def changed_files(self) -> list[str]:
        """Files of the work tree that differ from HEAD or that git does not know and does not ignore."""
        # Without the lock of the index, which git takes to write down what it has compared: a kill would leave it.
        lean = ("--no-optional-locks", "status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all")
        done = self.run(*lean)
        return [entry[3:] for entry in done.stdout.decode("utf-8", "surrogateescape").split("\0") if entry]

    def is_tracked(self, path: str) -> bool:
        """Whether git itself tracks this file, or a file in this folder (a path relative to the root)."""
        done = self.run("--literal-pathspecs", "ls-files", "-z", "--", path)
        return bool(done.stdout)

    def is_staged(self, path: str) -> bool:
        """Whether the index holds something else of this file than HEAD does."""
        done = self.run("--literal-pathspecs", "diff-index", "--cached", "--quiet", "HEAD", "--", path, allowed=(0, 1))
        return done.code == 1

    def approximate_time(self, text: str) -> int:
        """The time, in seconds since 1970 UTC, that git's approxidate reads in a text such as "two weeks ago"."""
        return int(self.run("rev-parse", f"--since={text}").text.removeprefix("--max-age="))

    def tags(self, pattern: str = "") -> Iterator[TagRecord]:
        """Every tag below `refs/tags/` that matches, in one git process, as it streams."""
        return read_tags(self, pattern)

    def tag_ids(self) -> list[str]:
        """`object id<space>name` of every tag, sorted by name: the cheapest look at all of them."""
        done = self.run("for-each-ref", "--format=%(objectname) %(refname:lstrip=2)", "refs/tags")
        # Not splitlines(): a tag's name may contain what Unicode calls a line separator.
        return done.stdout.decode("utf-8", "surrogateescape").split("\n")[:-1]

    @contextmanager
    def blobs(self) -> Iterator[BlobReader]:
        """One persistent `git cat-file --batch`, started at the first read."""
        reader = BlobReader(self)
        try:
            yield reader
        finally:
            reader.close()

    def write_object(self, kind: str, data: bytes) -> str:
        """Store an object and return its id."""
        return self.run("hash-object", "-t", kind, "-w", "--stdin", stdin=data).text


__all__ = ["Git", "GitFailed", "NoSuchFolder", "NoWorkTree", "NotARepository"]

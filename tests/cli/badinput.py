"""A registry to be unkind to, and the proof that a refusal cost nothing.

`churn` has v1.0.0 in production and v1.1.0 after it; `fraud` has v1.0.0: the neighbour, whom nothing odd about `churn`
may disturb.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer.main

from mreg.adapters.dvc import Dvc
from tests.cli.program import Ran, run
from tests.gitrepos import copy_repository, git, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CARD = "models/churn/card.yaml"

READING: tuple[tuple[str, ...], ...] = (
    ("ls",),
    ("ls", "churn"),
    ("show", "churn@v1.0.0"),
    ("history", "churn"),
    ("resolve", "churn@production"),
    ("verify",),
)
"""Commands that need no work tree and write nothing."""

WRITING: tuple[tuple[str, ...], ...] = (
    ("promote", "churn@v1.1.0", "production", "-m", "better"),
    ("rollback", "churn"),
    ("archive", "churn@v1.1.0"),
    ("alias", "churn@v1.0.0", "champion"),
    ("annotate", "churn@v1.0.0", "checked=true"),
    ("unalias", "churn", "champion"),
    ("yank", "churn@v1.1.0", "-m", "trained on the test set"),
)
"""Commands that write refs and nothing else, in an order in which each succeeds."""


@dataclass(frozen=True)
class State:
    """Everything that a refused command may not change.

    `leftovers` are locks of git, and temporary files of mreg in the git folder.
    """

    refs: str
    status: str
    index: str
    files: dict[str, tuple[int, bytes]]
    cache: dict[str, bytes]
    leftovers: list[str]


@dataclass(frozen=True)
class Place:
    """A folder that commands are run in: the top of a repository, mostly."""

    root: Path

    def mreg(self, *args: str | Path, env: Mapping[str, str] | None = None) -> Ran:
        """Run a command to its end, whatever that is."""
        return run(*args, folder=self.root, env=env)

    def done(self, *args: str | Path, env: Mapping[str, str] | None = None) -> Ran:
        """Run a command that is to succeed."""
        ran = self.mreg(*args, env=env)
        assert ran.code == 0, f"mreg {args}: {ran.err}"
        return ran

    def write(self, path: str, content: str | bytes) -> Path:
        return write(self.root / path, content)

    def read(self, path: str) -> str:
        return (self.root / path).read_text()

    def git(self, *args: str, stdin: str | bytes = b"") -> str:
        return git(self.root, *args, stdin=stdin)

    def commit(self, message: str = "A change") -> str:
        """Commit everything in the work tree."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def state(self) -> State:
        return _state(self.root)

    def refused(
        self,
        *args: str | Path,
        code: int,
        says: str | tuple[str, ...],
        hint: str | tuple[str, ...] = "",
        env: Mapping[str, str] | None = None,
    ) -> Ran:
        """Run a command that is to be refused, and hold it to every promise about that.

        Args:
            args: The command.
            code: 1 the registry says no, 2 usage, 3 the system.
            says: What the message names.
            hint: What is said about the next step.
            env: Variables of the environment.
        """
        before = self.state()
        ran = self.mreg(*args, env=env)
        check_refusal(ran, code=code, says=says, hint=hint)
        unchanged(before, self.state())
        return ran


def check_refusal(ran: Ran, *, code: int, says: str | tuple[str, ...], hint: str | tuple[str, ...] = "") -> None:
    """Whether a command was refused with this exit code, in words that name what, and with a hint."""
    assert ran.code == code, f"exit code {ran.code}: {ran.out}{ran.err}"
    assert ran.out == ""
    assert ran.err.startswith("mreg: ")
    assert all(line.isprintable() for line in ran.err.splitlines())
    message, mark, advice = ran.err.partition("\nhint: ")
    assert mark, f"no hint: {ran.err}"
    for words in (says,) if isinstance(says, str) else says:
        assert words in message, ran.err
    for words in (hint,) if isinstance(hint, str) else hint:
        assert words in advice, ran.err


def unchanged(before: State, after: State, *, but: tuple[str, ...] = ()) -> None:
    """Whether nothing was lost, added or left behind; `but` are aspects that are not asked about."""
    for aspect in State.__dataclass_fields__:
        if aspect not in but:
            assert getattr(after, aspect) == getattr(before, aspect), f"the {aspect} changed"


def _state(root: Path) -> State:
    git_dir = _git_dir(root)
    bare = git_dir == root
    return State(
        refs=git(root, "for-each-ref", "--format=%(refname) %(objectname)") + (git_dir / "HEAD").read_text(),
        status="" if bare else git(root, "status", "--porcelain", "--untracked-files=all"),
        index="" if bare else git(root, "ls-files", "--stage"),
        files={} if bare else _files(root, without=(".git", ".dvc/cache", ".dvc/tmp")),
        cache=_contents(root / ".dvc" / "cache"),
        leftovers=_leftovers(git_dir),
    )


@cache
def _git_dir(root: Path) -> Path:
    return Path(git(root, "rev-parse", "--absolute-git-dir"))


def _files(root: Path, *, without: tuple[str, ...]) -> dict[str, tuple[int, bytes]]:
    """Mode and content of every file, link and folder."""
    found = {}
    for path in root.rglob("*"):
        name = path.relative_to(root).as_posix()
        if not any(name == top or name.startswith(f"{top}/") for top in without):
            found[name] = (path.lstat().st_mode, _content(path))
    return found


def _content(path: Path) -> bytes:
    if path.is_symlink():
        return bytes(path.readlink())
    return path.read_bytes() if path.is_file() else b""


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _leftovers(git_dir: Path) -> list[str]:
    names = (path.relative_to(git_dir).as_posix() for path in git_dir.rglob("*") if path.is_file())
    return sorted(name for name in names if _is_leftover(name))


def _is_leftover(name: str) -> bool:
    if name.startswith("mreg/"):
        return not (name == "mreg/lock" or name.startswith(("mreg/registering/", "mreg/cache/")))
    return name.endswith(".lock")


@pytest.fixture(scope="session", name="first_work")
def first_work_fixture(first_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The registry that each test's own is a copy of. Not to be changed."""
    root = tmp_path_factory.getbasetemp() / "first-work"
    with pytest.MonkeyPatch.context() as patch:
        # Typer builds its commands anew whenever the program is run: once is enough for a thousand runs.
        patch.setattr(typer.main, "get_command", cache(typer.main.get_command))
        if not root.exists():  # each module that imports this fixture has one of its own
            _fill(Place(copy_repository(first_repository, root)))
        yield root


def _fill(work: Place) -> None:
    Dvc.init(work.root, work.root)
    work.commit("Begin a registry")
    for model, content in (("churn", "weights 1"), ("churn", "weights 2"), ("fraud", "weights 3")):
        work.write(f"{model}.pkl", content)
        work.done("register", model, f"{model}.pkl", "--metric", "f1=0.9", "--param", "c=1")
    work.done("promote", "churn@v1.0.0", "production", "-m", "The first")


@pytest.fixture(scope="module", name="still")
def still_fixture(first_work: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A registry for commands that are all refused: one for a whole module, since none of them may change it."""
    return _trained_anew(copy_repository(first_work, tmp_path_factory.mktemp("still") / "work"))


@pytest.fixture(name="work")
def work_fixture(first_work: Path, tmp_path: Path) -> Place:
    """A registry of this test's own."""
    return _trained_anew(copy_repository(first_work, tmp_path / "work"))


def _trained_anew(root: Path) -> Place:
    """`churn` was trained once more, and not registered."""
    work = Place(root)
    work.write("churn.pkl", "weights 4")
    return work

"""A registry with a past, the commands that change it, and what each must have come to in the end."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mreg.registry import Registry
from tests.adapters.dvcrepos import dvc
from tests.gitrepos import git, new_repository, run_git, write

if TYPE_CHECKING:
    from collections.abc import Mapping

_SIZE = 3 << 19
"""Bytes of an artifact: more than DVC and mreg read at once."""

_PIPELINE = """\
stages:
  train:
    cmd: cp raw.csv trained.bin
    deps: [raw.csv]
    outs: [trained.bin]
"""
# By such a file, in the work tree, DVC finds out which links it can make.
_PROBE = re.compile(r"\.[\w-]{22}\.tmp")
_POINTERS = {"piped": "dvc.lock", "guest": "models/guest/guest.bin.dvc"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A command, and the paths of the work tree that it may change.

    Attributes:
        artifact: What it registers; its bytes stay as they are.
        tags: The tags that it adds.
        note: It adds one.
        links: How DVC links the artifact to its cache, where it does.
    """

    name: str
    argv: tuple[str, ...]
    artifact: str = ""
    own: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    note: bool = False
    links: str = ""


def _register(name: str, model: str, artifact: str, *options: str, tags: tuple[str, ...], links: str = "") -> Form:
    return Form(
        name=name,
        argv=("register", model, artifact, *options),
        artifact=artifact,
        own=(artifact, f"models/{model}/", ".gitignore"),
        tags=tags,
        links=links,
    )


FORMS = (
    _register("new file", "fresh", "fresh.bin", "--metric", "f1=0.9", tags=("fresh@v1.0.0",)),
    _register(
        "changed file",
        "churn",
        "churn.bin",
        *("--metrics", "metrics.json", "--bump", "major", "-m", "More data"),
        tags=("churn@v2.0.0",),
    ),
    _register("folder", "bundle", "bundle", "--param", "depth=3", tags=("bundle@v1.0.0",)),
    _register("pipeline", "piped", "trained.bin", tags=("piped@v1.0.0",)),
    _register("outside", "guest", "../guest.bin", tags=("guest@v1.0.0",)),
    _register("hard link", "churn", "churn.bin", tags=("churn@v1.2.0",), links="hardlink"),
    _register("symbolic link", "bundle", "bundle", tags=("bundle@v1.0.0",), links="symlink"),
    _register(
        "register and promote",
        "churn",
        "churn.bin",
        *("--stage", "production", "-m", "At once"),
        tags=("churn@v1.2.0", "churn@v1.2.0-production"),
    ),
    _register("draft", "fresh", "fresh.bin", "--draft", tags=()),
    Form(name="promote", argv=("promote", "churn@1.0.0", "staging", "-m", "Try"), tags=("churn@v1.0.0-staging",)),
    Form(name="rollback", argv=("rollback", "churn", "--to", "1.0.0"), tags=("churn@v1.0.0-production.2",)),
    Form(name="annotate", argv=("annotate", "churn@1.1.0", "validation=passed"), note=True),
)


def build_registry(folder: Path) -> Path:
    """A repository with two versions of `churn`, of which the second is in production, and all that `FORMS` need.

    Other people's work lies about: a staged file, a file that is staged and changed again, untracked files, and a line
    in `.gitignore` that is not committed.
    """
    root = new_repository(folder / "repository")
    Registry.init(root)
    write(root / "dvc.yaml", _PIPELINE)
    write(root / "raw.csv", _bytes("raw"))
    write(root / "metrics.json", json.dumps({"f1": 0.8, "loss": 0.1}))
    write(root / ".gitignore", "/churn.bin\n/raw.csv\n/trained.bin\n")
    dvc(root, "repro")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "Begin")
    registry = Registry(root)
    for version in ("1.0.0", "1.1.0"):
        write(root / "churn.bin", _bytes(version))
        registry.register("churn", root / "churn.bin", version=version, stage="production", metrics={"f1": 0.7})
    registry.annotate("churn@1.0.0", {"seen": True})
    write(folder / "guest.bin", _bytes("guest"))
    write(root / "fresh.bin", _bytes("fresh"))
    write(root / "churn.bin", _bytes("changed"))
    for name in ("weights.bin", "vocabulary/words.txt", "vocabulary/merges.txt"):
        write(root / "bundle" / name, _bytes(name))
    _leave_work(root)
    return root


def _bytes(text: str) -> bytes:
    return (hashlib.sha256(text.encode()).digest() * (_SIZE // 32 + 1))[:_SIZE]


def _leave_work(root: Path) -> None:
    write(root / "staged.txt", "staged\n")
    write(root / "train.py", "print('staged')\n")
    git(root, "add", "staged.txt", "train.py")
    write(root / "train.py", "print('changed again')\n")
    write(root / "notes" / "untracked.txt", "untracked\n")
    with (root / ".gitignore").open("a") as file:
        file.write("/of-somebody\n")


def use_links(root: Path, kind: str) -> None:
    """Let DVC put links to its cache into the work tree."""
    write(root / ".dvc" / "config.local", f"[cache]\n    type = {kind}\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a repository says to those who read it; equal for equal histories, whenever and by whom they were made.

    Attributes:
        tags: Their names.
        heads: The names of head refs with the tag each points at, and of the branch.
        tree: HEAD's.
        commits: Their number.
        facts: The keys noted on each object.
        status: As `git status` has it.
    """

    tags: frozenset[str]
    heads: Mapping[str, str]
    tree: str
    commits: int
    facts: tuple[str, ...]
    status: tuple[str, ...]


def read_state(root: Path) -> State:
    refs = [line.split(" ") for line in git(root, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()]
    names = {oid: name for name, oid in refs if name.startswith("refs/tags/")}
    return State(
        tags=frozenset(name.removeprefix("refs/tags/") for name in names.values()),
        heads={name: names.get(oid, "nothing") for name, oid in refs if name.startswith("refs/mreg/")},
        tree=git(root, "rev-parse", "HEAD^{tree}"),
        commits=int(git(root, "rev-list", "--count", "HEAD")),
        facts=_facts(root),
        status=tuple(status(root)),
    )


def _facts(root: Path) -> tuple[str, ...]:
    listed = run_git(root, "notes", "--ref=mreg", "list").stdout.decode().split()
    notes = [git(root, "cat-file", "blob", blob) for blob in listed[::2]]
    return tuple(sorted(json.loads(line)["key"] for note in notes for line in note.splitlines()))


def status(root: Path) -> list[str]:
    """The lines of `git status`, which takes no lock and changes nothing."""
    return git(root, "--no-optional-locks", "status", "--porcelain", "--untracked-files=all").splitlines()


def others_work(root: Path, form: Form) -> dict[str, str]:
    """Status, staged content and content of all files that are none of the command's."""
    staged = {line.partition("\t")[2]: line for line in git(root, "ls-files", "--stage").splitlines()}
    listed = {line[3:]: line[:2] for line in status(root)}
    return {
        path: f"{listed.get(path)} {staged.get(path)} {_content(root / path)}"
        for path in sorted({*staged, *listed})
        if not path.startswith(form.own) and not path.endswith(".tmp") and ".tmp/" not in path
    }


def artifact_of(root: Path, form: Form) -> dict[str, str]:
    """The content of the command's artifact, by file."""
    place = root / form.artifact
    files = sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() else [place]
    return {file.relative_to(root).as_posix(): _content(file) for file in files if form.artifact and file.is_file()}


def _content(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "gone"


def left_behind(root: Path) -> list[str]:
    """Locks, the journal, and temporary files, in the git folder and in the work tree."""
    found = []
    for folder, folders, files in os.walk(root):
        here = Path(folder).relative_to(root).as_posix()
        if here == ".dvc":  # what DVC leaves in its cache, nobody takes for an object
            folders[:] = [name for name in folders if name != "cache"]
        if here == ".git/mreg":
            folders[:] = [name for name in folders if name != "registering"]  # its locks are meant to stay
        found += [f"{here}/{name}" for name in (*folders, *files) if _is_left(here, name)]
    return found


def _is_left(folder: str, name: str) -> bool:
    if folder == ".dvc/tmp":
        return "mreg" in name
    if _PROBE.fullmatch(name) or name == "dvc.lock":
        return False
    return name.endswith((".lock", ".tmp", ".part")) or (folder, name) == (".git/mreg", "journal")


def check_whole(root: Path) -> None:
    """Assert that git finds no hole, and that each tag's commit has its card, and a pointer whose bytes DVC has."""
    done = run_git(root, "fsck", "--connectivity-only", "--no-dangling")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    tags = git(root, "for-each-ref", "--format=%(refname:lstrip=2) %(*objectname)", "refs/tags").splitlines()
    for tag, commit in (line.split(" ") for line in tags):
        model = tag.partition("@")[0]
        assert f"\nname: {model}\n" in git(root, "show", f"{commit}:models/{model}/card.yaml"), tag
        _check_object(root, commit, model)


def _check_object(root: Path, commit: str, model: str) -> None:
    listed = git(root, "ls-tree", "-r", "--name-only", commit).splitlines()
    file = _POINTERS.get(model) or next(path for path in listed if path in (f"{model}.bin.dvc", f"{model}.dvc"))
    md5 = re.findall(r"md5: ([0-9a-f]{32}(?:\.dir)?)", git(root, "show", f"{commit}:{file}"))[-1]
    for name in (md5, *_members(root, md5)):
        data = _object(root, name).read_bytes()
        assert hashlib.md5(data, usedforsecurity=False).hexdigest() == name.removesuffix(".dir"), f"{model}: {name}"


def _members(root: Path, md5: str) -> list[str]:
    return [entry["md5"] for entry in json.loads(_object(root, md5).read_bytes())] if md5.endswith(".dir") else []


def _object(root: Path, md5: str) -> Path:
    return root / ".dvc" / "cache" / "files" / "md5" / md5[:2] / md5[2:]

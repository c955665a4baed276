"""Repositories of every kind, and folders that are none."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mreg.adapters.dvc import Dvc
from mreg.adapters.git import Git
from mreg.adapters.git.commits import build_commit
from tests.cli.badinput import (
    CARD,
    READING,
    WRITING,
    Place,
    check_refusal,
    first_work_fixture,  # noqa: F401
    work_fixture,  # noqa: F401
)
from tests.gitrepos import copy_repository, git, new_repository, write

REGISTER = ("register", "churn", "churn.pkl")
EVERY_COMMAND = (
    *READING,
    *WRITING,
    ("ls",),
    ("history",),
    ("verify", "--deep"),
    REGISTER,
    ("get", "churn", "-o", "out"),
    ("card", "new", "new"),
    ("card", "check", "churn"),
)


def test_no_repository(tmp_path: Path) -> None:
    for command in EVERY_COMMAND:
        ran = Place(tmp_path).mreg(*command)
        check_refusal(ran, code=3, says=f"{tmp_path} is not inside a git repository", hint="`mreg init`")
    assert list(tmp_path.iterdir()) == []
    assert Place(tmp_path).done("card", "schema").out.startswith("{")


def test_no_folder(work: Place) -> None:
    for path in ("none", "churn.pkl"):
        hint = "check the path given with -C"
        work.refused("-C", path, "ls", code=2, says=("there is no folder ", path), hint=hint)


@pytest.fixture
def bare(work: Place, tmp_path: Path) -> Place:
    """A bare clone: what a server has."""
    work.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
    return Place(tmp_path / "bare.git")


def test_a_bare_repository_can_be_read(bare: Place) -> None:
    before = bare.state()
    for command in (*READING, ("history",), ("ls", "churn", "--at", "2100-01-01")):
        assert bare.done(*command).out
    assert bare.state() == before


def test_a_bare_repository_can_be_written_to_where_that_is_refs_alone(bare: Place) -> None:
    for command in WRITING:
        bare.done(*command)
    bare.done("verify")
    events = [entry["event"] for entry in json.loads(bare.done("history", "churn", "--json").out)["data"]]
    assert events[:5] == ["yank", "unalias", "alias", "rollback", "promote"]


def test_a_bare_repository_says_what_it_cannot(bare: Place) -> None:
    says, hint = f"{bare.root} is a bare repository: it has no work tree", "clone it, and run the command in the clone"
    for command in (
        REGISTER,
        (*REGISTER, "--dry-run"),
        ("init",),
        ("get", "churn@v1.0.0", "-o", "out"),
        ("verify", "--deep"),
        ("card", "new", "new"),
        ("card", "check", "churn"),
    ):
        bare.refused(*command, code=2, says=says, hint=hint)


def test_a_bare_repository_obeys_the_configuration_of_its_head(work: Place, tmp_path: Path) -> None:
    work.write(".mreg.yaml", "stages:\n  production: {from: [staging]}\n")
    work.commit()
    work.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
    bare = Place(tmp_path / "bare.git")
    bare.refused("promote", "churn@v1.1.0", "production", code=1, says="only a version in staging may enter")


def test_no_commits_yet(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    empty = Place(tmp_path)
    empty.write("churn.pkl", "weights")
    empty.done("ls")
    empty.done("history")
    empty.done("verify")
    says, hint = "no model churn is registered here", "mreg register churn PATH"
    empty.refused("show", "churn", code=1, says=says, hint=hint)
    empty.refused("promote", "churn", "production", code=1, says=says, hint=hint)
    says, hint = "this repository has no commits yet", "git commit -m"
    empty.refused(*REGISTER, code=1, says=says, hint=hint)
    empty.done("init")
    empty.refused(*REGISTER, code=1, says=says, hint=hint)
    empty.commit()
    (tmp_path / "new.pkl").write_text("weights")
    empty.done("register", "churn", "new.pkl")


def test_a_detached_head(work: Place) -> None:
    main = work.git("rev-parse", "main")
    work.git("checkout", "--quiet", "--detach")
    ran = work.done(*REGISTER)
    assert "HEAD is detached: only the tag churn@v1.2.0 keeps this commit" in ran.err
    assert work.git("rev-parse", "main") == main
    assert work.git("rev-parse", "HEAD") == work.git("rev-parse", "churn@v1.2.0^{commit}")
    for command in WRITING:
        work.done(*command)
    work.git("checkout", "--quiet", "main")
    assert "v1.2.0" in work.done("ls", "churn").out
    work.done("verify", "--deep")


def test_a_shallow_clone(work: Place, tmp_path: Path) -> None:
    work.git("clone", "--quiet", "--depth", "1", work.root.as_uri(), str(tmp_path / "clone"))
    clone = Place(tmp_path / "clone")
    says, hint = "no model churn is registered here", "`mreg ls` lists the models"
    clone.refused("show", "churn", code=1, says=says, hint=hint)  # its tags are on commits that were not cloned
    clone.write("churn.pkl", "weights 5")
    assert "this clone is shallow" in clone.done(*REGISTER, "--dry-run").err
    clone.git("fetch", "--quiet", "--depth", "1", "origin", "refs/tags/*:refs/tags/*")
    for command in (*READING, *WRITING[:2]):
        clone.done(*command)
    assert "it is a shallow clone: what it lacks cannot be proven" in clone.done("verify").err
    assert "this clone is shallow" not in clone.done(*REGISTER).err


def test_a_linked_worktree(work: Place, tmp_path: Path) -> None:
    work.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    side = Place(tmp_path / "side")
    before = work.state()
    for command in (*READING, *WRITING):
        side.done(*command)
    side.write("churn.pkl", "weights 5")
    side.done(*REGISTER)
    side.done("get", "churn@v1.2.0", "-o", "out")
    assert side.git("rev-parse", "side") == side.git("rev-parse", "churn@v1.2.0^{commit}")
    after = work.state()
    assert (after.status, after.index, after.files) == (before.status, before.index, before.files)
    assert "v1.2.0" in work.done("ls", "churn").out


def test_a_submodule(work: Place, tmp_path: Path) -> None:
    outer = Place(new_repository(tmp_path / "outer"))
    outer.git("submodule", "--quiet", "add", str(work.root), "sub")
    outer.commit()
    sub = Place(outer.root / "sub")
    for command in (*READING, *WRITING):
        sub.done(*command)
    sub.write("churn.pkl", "weights 5")
    sub.done(*REGISTER)
    assert outer.git("for-each-ref", "refs/tags", "refs/mreg") == ""
    outer.done("ls")
    assert outer.git("status", "--porcelain") == " M sub"


def test_no_dvc_repository(repository: Path) -> None:
    place = Place(repository)
    place.write("churn.pkl", "weights")
    says = "is not in a DVC repository"
    place.refused(*REGISTER, code=1, says=says, hint="mreg init")
    place.refused(*REGISTER, "--dry-run", code=1, says=says, hint="mreg init")
    place.refused("register", "churn", "/etc/hostname", code=1, says=says, hint="mreg init")
    place.done("init")
    place.commit()
    (repository / "new.pkl").write_text("weights")
    place.done("register", "churn", "new.pkl")


def _object(work: Place, rev: str) -> Path:
    oid = work.git("rev-parse", rev)
    return work.root / ".git" / "objects" / oid[:2] / oid[2:]


@pytest.mark.parametrize("how", ["missing", "garbage"])
def test_a_damaged_tag(work: Place, how: str) -> None:
    path = _object(work, "churn@v1.1.0")
    path.chmod(0o644)
    path.write_bytes(b"garbage") if how == "garbage" else path.unlink()
    hint = "git fsck --full"
    for command in (("ls", "churn"), ("history",), ("verify",), ("promote", "churn@v1.0.0", "staging"), REGISTER):
        work.refused(*command, code=3, says="refs/tags/churn@v1.1.0", hint=hint)
    for command in (("ls", "fraud"), ("show", "fraud"), ("promote", "fraud", "production"), ("verify", "fraud")):
        work.done(*command)


@pytest.mark.parametrize("what", ["{commit}", "{tree}", f":{CARD}"])
@pytest.mark.parametrize("how", ["missing", "garbage"])
def test_a_damaged_commit(work: Place, what: str, how: str) -> None:
    rev = f"churn@v1.0.0{what}" if what.startswith(":") else f"churn@v1.0.0^{what}"
    path = _object(work, rev)
    path.chmod(0o644)
    path.write_bytes(b"garbage") if how == "garbage" else path.unlink()
    for command in (
        *READING,
        ("ls",),
        ("history",),
        ("get", "churn@v1.0.0", "-o", "out"),
        ("show", "churn@v1.1.0"),
        ("show", "fraud"),
        ("promote", "churn@v1.1.0", "staging"),
        REGISTER,
    ):
        ran = work.mreg(*command)
        assert ran.code in (0, 1, 3), ran.err
        assert "Traceback" not in ran.err
        if ran.code and not ran.out:  # `verify` names its faults on stdout
            check_refusal(ran, code=ran.code, says="")
    assert work.mreg("verify", "churn").code != 0
    work.done("verify", "fraud")


def test_a_variable_that_sends_git_elsewhere(work: Place, tmp_path: Path) -> None:
    other = copy_repository(work.root, tmp_path / "other")
    says, hint = f"GIT_DIR is {other}/.git, but the repository here is {work.root}/.git", "unset GIT_DIR"
    work.refused("ls", code=2, says=says, hint=hint, env={"GIT_DIR": f"{other}/.git"})


def test_a_pointer_rewritten_within_a_tick_of_gits_clock(repository: Path) -> None:
    """Git takes a file for unchanged by its size and the second it was written in: the index says when not to."""
    file, index, second = repository / "train.py", repository / ".git" / "index", 1_700_000_000
    os.utime(file, (second, second))
    git(repository, "update-index", "--refresh")
    before = file.read_text()
    with file.open("r+") as opened:
        opened.write(before.replace("training", "learning"))
    for path in (file, index):
        os.utime(path, (second, second))
    parent = git(repository, "rev-parse", "HEAD")
    commit, _ = build_commit(Git(repository), parent=parent, paths=["train.py"], message="Again")
    assert git(repository, "show", f"{commit}:train.py") == "print('learning')"


def test_dvc_in_a_folder_below(repository: Path) -> None:
    """A repository of many projects: the artifact's own folder decides."""
    place = Place(repository)
    write(repository / "outside.pkl", "weights")
    (repository / "project").mkdir()
    Dvc.init(repository / "project", repository)
    place.commit()
    write(repository / "project" / "new.pkl", "weights")
    place.refused("register", "churn", "outside.pkl", code=1, says="is not in a DVC repository", hint="mreg init")
    place.done("register", "churn", "project/new.pkl")
    place.done("verify", "--deep")

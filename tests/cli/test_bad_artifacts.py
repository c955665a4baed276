"""Artifacts that are not there, not whole, not files, or not the registry's to take."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from mreg.adapters.hashing import Survey, survey
from tests.adapters.dvcrepos import run_unprivileged
from tests.cli.badinput import Place, first_work_fixture, still_fixture, unchanged, work_fixture  # noqa: F401
from tests.gitrepos import git, new_repository, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_missing(still: Place) -> None:
    for path in ("none.pkl", "none/none.pkl", "~"):
        still.refused("register", "new", path, code=1, says=f"{path} does not exist", hint="check the path")
        still.refused("register", "new", path, "--dry-run", code=1, says=f"{path} does not exist")
    says = "nothing to register: no path is given, and there is no models/new/card.yaml"
    still.refused("register", "new", code=2, says=says, hint="mreg register new PATH")


def test_empty(work: Place) -> None:
    work.write("empty.pkl", "")
    work.write("hollow/deep/empty", "")
    (work.root / "bare").mkdir()
    hint = "was it saved?"
    work.refused("register", "new", "empty.pkl", code=1, says="empty.pkl is empty", hint=hint)
    work.refused("register", "new", "bare", code=1, says="bare is an empty folder", hint=hint)
    work.refused("register", "new", "hollow", code=1, says="hollow is an empty folder", hint=hint)
    work.refused("register", "new", "empty.pkl", "--dry-run", code=1, says="empty.pkl is empty", hint=hint)


def test_unreadable(work: Place) -> None:
    """As another user than root: root reads everything."""
    code = "import os, sys; os.chdir(sys.argv.pop(1)); from mreg.cli.app import main; main()"
    work.write("folder/weights", "1").chmod(0)
    (work.root / "churn.pkl").chmod(0)
    before = work.state()
    for path in ("churn.pkl", "folder"):
        done = run_unprivileged(code, work.root, "register", "new", path)
        assert done.returncode in (2, 3), done.stderr
        assert any(words in done.stderr for words in ("Permission denied", "is not readable"))
        assert path in done.stderr
        assert "\nhint: " in done.stderr
        assert "Traceback" not in done.stderr
    assert work.state() == before


@contextmanager
def _written_to_while_hashed(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Something writes to the artifact between mreg's look at it and DVC's."""

    def look_and_write(artifact: Path, *, within: tuple[Path, ...]) -> Survey:
        found = survey(artifact, within=within)
        with path.open("a") as file:
            file.write("more")
        return found

    with monkeypatch.context() as patch:
        patch.setattr("mreg.adapters.dvc.track.survey", look_and_write)
        yield


def test_changing_while_it_is_hashed(work: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    path = work.root / "churn.pkl"
    before = work.state()
    with _written_to_while_hashed(path, monkeypatch):
        ran = work.mreg("register", "churn", "churn.pkl")
    assert ran.code == 1
    assert "churn.pkl changed while it was being read\nhint: wait until the program that writes it" in ran.err
    assert path.read_text() == "weights 4more"  # what the other program wrote is not lost
    path.write_text("weights 4")
    unchanged(before, work.state(), but=("cache",))
    work.done("register", "churn", "churn.pkl")
    work.done("verify", "--deep")


def test_links(work: Place, tmp_path: Path) -> None:
    outside = write(tmp_path / "secret", "not yours")
    (work.root / "out.pkl").symlink_to(outside)
    (work.root / "away").symlink_to(tmp_path)
    (work.root / "nowhere.pkl").symlink_to("none")
    (work.root / "circle").symlink_to("circle")
    work.write("folder/weights", "1")
    (work.root / "folder" / "out").symlink_to(outside)
    says, hint = f"is a symbolic link that leads out of the repository, to {outside}", "put a copy of the file"
    work.refused("register", "new", "out.pkl", code=1, says=("out.pkl ", says), hint=hint)
    work.refused("register", "new", "folder", code=1, says=("folder/out ", says), hint=hint)
    work.refused(
        "register", "new", "away", code=1, says="away is a symbolic link to a folder", hint="the folder itself"
    )
    work.refused("register", "new", "nowhere.pkl", code=1, says="is a link that leads nowhere", hint="check the path")
    work.refused("register", "new", "circle", code=3, says="Too many levels of symbolic links", hint="remove it")
    work.refused("register", "new", "circle/x", code=1, says="a symbolic link that leads back to itself", hint="check")
    # A card may come from anyone.
    work.write("models/new/card.yaml", "schema: mreg/v1\nname: new\nversion: 1.0.0\nartifact: {path: away/secret}\n")
    work.refused("register", "new", code=2, says="away/secret leads out of the repository, by a symbolic link")
    assert outside.read_text() == "not yours"


def test_neither_file_nor_folder(work: Place) -> None:
    os.mkfifo(work.root / "pipe")
    says, hint = "is neither a file nor a folder, but a device, pipe or socket", "the model's own file or folder"
    for path in ("pipe", "/dev/null", "/dev/zero"):
        work.refused("register", "new", path, code=1, says=(path, says), hint=hint)


def test_names_that_no_manifest_can_hold(work: Place) -> None:
    work.write("a\nb.pkl", "1")
    work.write("folder/a\x1b[31m", "1")
    (work.root / "latin").mkdir()
    (work.root / os.fsdecode(b"latin/\xfc")).write_text("1")
    for path, name in (("a\nb.pkl", r"'a\nb.pkl'"), ("folder", r"'a\x1b[31m'"), ("latin", r"'\udcfc'")):
        work.refused("register", "new", path, code=1, says=("control characters in a name", name), hint="rename it")


def test_what_git_tracks(work: Place) -> None:
    work.write("staged.pkl", "1")
    work.git("add", "staged.pkl")
    work.write("folder/weights", "1")
    work.write("folder/code.py", "1")
    work.git("add", "folder/code.py")
    for path in ("train.py", "staged.pkl", "folder"):
        says = f"{path} is tracked by Git itself, so DVC cannot track it"
        work.refused("register", "new", path, code=1, says=says, hint=f"git rm -r --cached -- '{path}'")


@pytest.mark.parametrize(
    ("path", "says", "hint"),
    [
        (".", ". is the repository itself", "the model itself"),
        ("", "is the repository itself", "the model itself"),
        ("models/..", "models/.. is the repository itself", "the model itself"),
        ("..", ".. is a folder above the repository", "the model itself"),
        ("../..", "../.. is a folder above the repository", "the model itself"),
        ("/", "/ is a folder above the repository", "the model itself"),
        (".git", ".git is a part of .git, which belongs to git", "the model itself"),
        (".git/config", ".git/config is a part of .git, which belongs to git", "the model itself"),
        ("models/../.git/HEAD", "is a part of .git, which belongs to git", "the model itself"),
        (".dvc", ".dvc is a part of .dvc, which belongs to DVC", "the model itself"),
        (".dvc/config", ".dvc/config is a part of .dvc, which belongs to DVC", "the model itself"),
        ("churn.pkl.dvc", "churn.pkl.dvc is one of DVC's own files", "name what it points at: churn.pkl"),
        ("dvc.lock", "dvc.lock is one of DVC's own files", "the model itself"),
        (".mreg.yaml", ".mreg.yaml holds settings, not a model", "the model itself"),
        (".gitignore", ".gitignore holds settings, not a model", "the model itself"),
        ("models/churn/card.yaml", "is a card, not a model", "the model itself"),
        ("models/new", "models/new and the model's card, models/new/card.yaml", "such as models/new/model"),
        ("models", "models and the model's card, models/new/card.yaml", "such as models/new/model"),
        ("train.py/weights", "train.py/weights: Not a directory", "a file has the name of a folder"),
    ],
)
def test_what_is_no_artifact(still: Place, path: str, says: str, hint: str) -> None:
    code = 3 if path == "train.py/weights" else 2
    still.refused("register", "new", path, code=code, says=says, hint=hint)


def test_a_card_that_names_no_artifact(work: Place) -> None:
    """A card may come from anyone: what it names is looked at like what a person names."""
    card = "schema: mreg/v1\nname: new\nversion: 1.0.0\nartifact: {{path: {}}}\n"
    for path, says in ((".git/config", "belongs to git"), (".dvc/config", "belongs to DVC")):
        work.write("models/new/card.yaml", card.format(path))
        work.refused("register", "new", code=2, says=says)
    work.write("models/new/card.yaml", card.format("weights.bin"))
    says = "models/new/card.yaml names weights.bin, which is not here and has no DVC pointer"
    work.refused("register", "new", code=2, says=says, hint="mreg register new PATH")


def test_in_another_repository(work: Place, tmp_path: Path) -> None:
    other = new_repository(tmp_path / "other")
    write(other / "weights", "1")
    git(other, "add", "--all")
    git(other, "commit", "--quiet", "--message", "Weights")
    work.git("submodule", "--quiet", "add", str(other), "sub")
    work.commit()
    says, hint = "sub/weights is in another git repository, sub", "mreg -C sub register"
    work.refused("register", "new", "sub/weights", code=2, says=says, hint=hint)
    work.refused("register", "new", "sub", code=2, says="sub is another git repository: a submodule")


def test_a_folder_that_git_ignores(work: Place) -> None:
    """Many projects have such a rule, and DVC keeps its files out of there."""
    work.write(".gitignore", work.read(".gitignore") + "weights/\n")
    work.write("weights/new.pkl", "1")
    says, hint = "'weights/new.pkl.dvc' is git-ignored", "`git check-ignore -v FILE` names it"
    work.refused("register", "new", "weights/new.pkl", code=3, says=says, hint=hint)


def test_inside_what_dvc_tracks(work: Place) -> None:
    work.write("folder/weights", "1")
    work.done("register", "new", "folder")
    says = "folder/weights lies inside folder, which DVC tracks as a whole (folder.dvc)"
    work.refused("register", "part", "folder/weights", code=1, says=says, hint="use the folder folder")


def test_a_folder_of_which_dvc_would_track_nothing(work: Place) -> None:
    work.write("folder/weights", "1")
    work.write("folder/.dvc/config", "")
    before = work.state()
    ran = work.mreg("register", "new", "folder")
    assert ran.code == 1
    assert "folder holds nothing that DVC would track\nhint: look into .dvcignore" in ran.err
    unchanged(before, work.state(), but=("cache",))


def test_from_outside_over_what_nobody_has(work: Place, tmp_path: Path) -> None:
    """A copy goes into the model's folder, and never over a file that only stands there."""
    outside = write(tmp_path / "model.pkl", "from outside")
    precious = work.write("models/churn/model.pkl", "the only copy")
    says = f"{outside} would replace models/churn/model.pkl, which DVC does not have as it is now"
    hint = ("move models/churn/model.pkl away", "mreg register churn models/churn/model.pkl")
    work.refused("register", "churn", outside, code=1, says=says, hint=hint)
    work.done("register", "churn", "models/churn/model.pkl")
    work.done("register", "churn", outside)
    assert precious.read_text() == "from outside"
    precious.write_text("trained in place")
    work.refused("register", "churn", outside, code=1, says=says, hint=hint)
    precious.write_text("from outside")
    outside.write_text("once more")
    work.done("register", "churn", outside)
    work.done("verify", "--deep")


def test_names_of_other_alphabets(work: Place) -> None:
    work.write("модель/вес ü.bin", "1")
    work.done("register", "new", "модель/вес ü.bin", "--metric", "точность=0.9", "-m", "Größe → 🎉")
    work.done("verify", "--deep")
    work.done("get", "new", "-o", "вон")
    assert work.read("вон/вес ü.bin") == "1"
    assert "точность" in work.done("ls", "new").out

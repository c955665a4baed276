"""`mreg init`: git, DVC, the configuration and what a fetch brings, each where it is not there yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.program import run
from tests.cli.snapshot import check
from tests.gitrepos import git, write

if TYPE_CHECKING:
    from pathlib import Path


def state(root: Path) -> dict[str, object]:
    """Everything that `init` could change: each file's content, the index, the configuration."""
    files = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    staged = git(root, "ls-files", "--stage")
    return {name: data for name, data in files.items() if name != ".git/index"} | {"the index": staged}


def test_a_repository_without_dvc(repository: Path) -> None:
    ran = run("init", folder=repository)
    assert ran.code == 0
    check("init.txt", ran.out + ran.err, folder=repository)
    assert (repository / ".dvc" / "config").is_file()
    assert git(repository, "diff", "--cached", "--name-only").split() == [
        ".dvc/.gitignore",
        ".dvc/config",
        ".dvcignore",
    ]
    lines = (repository / ".mreg.yaml").read_text().splitlines()
    assert all(not line or line.startswith("#") for line in lines)
    assert len(lines) > 10


def test_twice_is_as_once(repository: Path) -> None:
    git(repository, "remote", "add", "origin", "https://git.example/models.git")
    run("init", folder=repository)
    before = state(repository)
    again = run("init", folder=repository)
    assert again.code == 0
    assert state(repository) == before
    check("init-again.txt", again.out + again.err, folder=repository)
    assert run("init", "--json", folder=repository).data["done"] == []


def test_a_folder_without_git(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    ran = run("init", folder=folder)
    assert ran.code == 0
    check("init-no-git.txt", ran.out + ran.err, folder=folder)
    assert git(folder, "rev-parse", "--show-toplevel") == str(folder.resolve())
    assert run("ls", folder=folder).code == 0


def test_a_fetch_works_before_and_after_somebody_shares_notes(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "origin.git")
    git(repository, "remote", "add", "origin", str(tmp_path / "origin.git"))
    git(repository, "push", "--quiet", "origin", "HEAD")
    run("init", folder=repository)
    git(repository, "fetch", "--quiet", "origin")

    git(repository, "notes", "--ref=mreg", "add", "-m", "{}", "HEAD")
    git(repository, "push", "--quiet", "origin", "refs/notes/mreg")
    git(repository, "fetch", "--quiet", "origin")
    theirs = git(repository, "rev-parse", "refs/notes/mreg-remotes/origin")
    assert theirs == git(repository, "rev-parse", "refs/notes/mreg")


def test_from_outside(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    ran = run("-C", "new", "init", folder=tmp_path)
    assert ran.code == 0
    assert (tmp_path / "new" / ".mreg.yaml").is_file()
    assert not (tmp_path / ".git").exists()


def test_from_a_folder_below(repository: Path) -> None:
    write(repository / "src" / "train.py", "")
    assert run("init", folder=repository / "src").code == 0
    assert (repository / ".mreg.yaml").is_file()
    assert not (repository / "src" / ".mreg.yaml").exists()


def test_what_is_there_stays(repository: Path) -> None:
    run("init", folder=repository)
    write(repository / ".dvc" / "config", "[core]\n    remote = store\n['remote \"store\"']\n    url = /srv/store\n")
    write(repository / ".mreg.yaml", "stages:\n  canary:\n")
    before = state(repository)
    ran = run("init", folder=repository)
    assert ran.code == 0
    assert state(repository) == before


def test_a_fetch_brings_what_belongs_to_the_registry(repository: Path) -> None:
    git(repository, "remote", "add", "origin", "https://git.example/models.git")
    git(repository, "remote", "add", "backup", "https://git.example/backup.git")
    ran = run("init", folder=repository)
    check("init-remotes.txt", ran.out, folder=repository)
    assert git(repository, "config", "--get-all", "remote.origin.fetch").splitlines() == [
        "+refs/heads/*:refs/remotes/origin/*",
        "+refs/mreg/*:refs/mreg-remotes/origin/*",
        "+refs/notes/mreg*:refs/notes/mreg-remotes/origin*",
    ]
    assert len(git(repository, "config", "--get-all", "remote.backup.fetch").splitlines()) == 3
    assert git(repository, "config", "--get-all", "remote.backup.tagOpt") == "--tags"


def test_a_fetch_that_prunes_leaves_what_is_not_published(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "server.git")
    git(repository, "remote", "add", "origin", str(tmp_path / "server.git"))
    git(repository, "push", "--quiet", "origin", "main")
    run("init", folder=repository)
    git(repository, "tag", "-a", "-m", "ours", "churn@v1.0.0")
    git(repository, "-c", "fetch.prune=true", "fetch", "--quiet", "origin")
    assert git(repository, "tag", "--list") == "churn@v1.0.0"


def test_a_remote_added_later(repository: Path) -> None:
    run("init", folder=repository)
    git(repository, "remote", "add", "origin", "https://git.example/models.git")
    done = run("init", "--json", folder=repository).data["done"]
    assert done == ["git fetch origin now brings all tags, heads of models, annotations"]


def test_json(repository: Path) -> None:
    check("init.json", run("init", "--json", folder=repository).out, folder=repository)

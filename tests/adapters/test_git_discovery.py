"""Which repository is found from which folder, as git itself would find it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mreg.adapters.git import Git, GitFailed, NotARepository
from mreg.adapters.git.repository import ForeignEnvironment, NoSuchFolder, NoWorkTree
from tests.gitrepos import copy_repository, git, new_repository


def _as_git_says(folder: Path) -> tuple[Path, Path, Path]:
    options = ("--path-format=absolute", "--show-toplevel", "--git-dir", "--git-common-dir")
    root, git_dir, common_dir = git(folder, "rev-parse", *options).split("\n")
    return Path(root), Path(git_dir), Path(common_dir)


def _found(folder: Path) -> tuple[Path, Path, Path]:
    found = Git(folder)
    return found.root, found.git_dir, found.common_dir


def test_the_top_folder(repository: Path) -> None:
    assert _found(repository) == _as_git_says(repository) == (repository, repository / ".git", repository / ".git")


def test_a_folder_below(repository: Path) -> None:
    below = repository / "models" / "nlp"
    below.mkdir(parents=True)
    assert _found(below) == _as_git_says(below)


def test_a_linked_worktree_shares_refs_but_not_its_head(repository: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    git(repository, "worktree", "add", "--quiet", "-b", "other", str(linked))
    assert _found(linked) == _as_git_says(linked)
    assert Git(linked).common_dir == Git(repository).common_dir
    assert Git(linked).private_dir == Git(repository).private_dir
    assert (Git(linked).branch(), Git(repository).branch()) == ("refs/heads/other", "refs/heads/main")


def test_a_submodule_is_its_own_repository(repository: Path, first_repository: Path) -> None:
    git(repository, "submodule", "--quiet", "add", str(first_repository), "sub")
    assert _found(repository / "sub") == _as_git_says(repository / "sub")
    assert Git(repository / "sub").git_dir == repository / ".git" / "modules" / "sub"


def test_a_symbolic_link_is_followed_before_looking_up(repository: Path, tmp_path: Path) -> None:
    (repository / "models").mkdir()
    link = tmp_path / "link"
    link.symlink_to(repository / "models")
    assert _found(link) == _as_git_says(link)
    assert Git(link).root == repository


@pytest.mark.parametrize("name", ["$HOME", "~", "two words", "C# \"quoted\"; \\ and 'more'", "ünïcode", "-C"])
def test_odd_folder_names(first_repository: Path, tmp_path: Path, name: str) -> None:
    repository = copy_repository(first_repository, tmp_path / name)
    assert _found(repository) == (repository, repository / ".git", repository / ".git")
    assert Git(repository).head() == git(repository, "rev-parse", "HEAD")


def test_a_bare_repository_has_no_work_tree(repository: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(repository), str(bare))
    found = Git(bare)
    assert found.bare
    assert found.git_dir == found.common_dir == bare
    assert found.head() == git(repository, "rev-parse", "HEAD")
    with pytest.raises(NoWorkTree, match="bare repository") as caught:
        _ = found.root
    assert caught.value.exit_code == 2


def test_no_commits_yet(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    found = Git(tmp_path)
    assert (found.head(), found.branch()) == (None, "refs/heads/main")


def test_a_detached_head(repository: Path) -> None:
    git(repository, "checkout", "--quiet", "--detach")
    found = Git(repository)
    assert (found.head(), found.branch()) == (git(repository, "rev-parse", "HEAD"), None)


def test_a_shallow_clone_is_known_as_one(repository: Path, tmp_path: Path) -> None:
    git(repository, "commit", "--quiet", "--allow-empty", "-m", "second")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository}", "shallow")
    assert Git(tmp_path / "shallow").shallow
    assert not Git(repository).shallow


def test_not_a_repository(tmp_path: Path) -> None:
    with pytest.raises(NotARepository, match="is not inside a git repository") as caught:
        Git(tmp_path)
    assert (caught.value.exit_code, caught.value.path) == (3, str(tmp_path))
    assert "git init" in caught.value.hint


def test_a_folder_that_looks_like_a_repository_but_is_none(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    with pytest.raises(NotARepository):
        Git(tmp_path)


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.write_text("a file")], ids=["missing", "file"])
def test_no_such_folder(tmp_path: Path, make: object) -> None:
    assert callable(make)
    make(tmp_path / "nowhere")
    with pytest.raises(NoSuchFolder, match="there is no folder") as caught:
        Git(tmp_path / "nowhere")
    assert caught.value.exit_code == 2


def test_a_repository_that_disappears_is_an_error_and_never_another_repository(
    repository: Path, first_repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Git(repository)
    repository.rename(repository.with_name("moved"))
    monkeypatch.chdir(first_repository)
    with pytest.raises(GitFailed, match="cannot change to"):
        found.head()


class TestGitVariables:
    """What git hooks and scripts set for git must not send reads and writes elsewhere than to the repository found."""

    def test_git_dir_as_a_hook_sees_it(self, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_DIR", ".git")
        below = repository / "models"
        below.mkdir()
        assert Git(below).head() == Git(repository).head() is not None

    def test_the_same_repository_by_its_full_path(self, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_DIR", str(repository / ".git"))
        monkeypatch.setenv("GIT_WORK_TREE", str(repository))
        assert Git(repository).root == repository

    @pytest.mark.parametrize("variable", ["GIT_DIR", "GIT_WORK_TREE"])
    def test_another_repository(
        self, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
    ) -> None:
        other = new_repository(tmp_path / "other")
        elsewhere = other / ".git" if variable == "GIT_DIR" else other
        monkeypatch.setenv(variable, str(elsewhere))
        with pytest.raises(ForeignEnvironment, match=f"{variable} is {elsewhere}") as caught:
            Git(repository)
        assert caught.value.hint.startswith(f"unset {variable}")

    def test_git_dir_does_not_make_any_folder_a_repository(
        self, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GIT_DIR", str(repository / ".git"))
        with pytest.raises(NotARepository):
            Git(tmp_path)

    def test_an_empty_variable_is_none(self, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_WORK_TREE", "")
        assert Git(repository).root == repository


def test_a_repository_of_somebody_else_is_refused_with_gits_advice(repository: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give a repository away")
    for folder, _, _ in os.walk(repository):
        os.chown(folder, 12345, 12345)
    with pytest.raises(GitFailed, match="dubious ownership") as caught:
        Git(repository).head()
    assert "safe.directory" in caught.value.hint


def test_a_broken_configuration_file_is_told_in_gits_words(repository: Path) -> None:
    (repository / ".git" / "config").write_text("[core\n")
    with pytest.raises(GitFailed, match="bad config line 1"):
        Git(repository).head()


class TestSmallQuestions:
    def test_configuration(self, repository: Path) -> None:
        git(repository, "config", "mreg.some", "two words")
        git(repository, "config", "mreg.flag", "yes")
        found = Git(repository)
        assert (found.config("mreg.some"), found.config("mreg.none")) == ("two words", None)
        assert (found.config_bool("mreg.flag"), found.config_bool("mreg.none")) == (True, False)

    def test_resolve(self, repository: Path) -> None:
        found = Git(repository)
        assert found.resolve("refs/heads/main") == found.head()
        assert found.resolve("refs/heads/none") is None
        assert found.resolve("--all") is None

    def test_changed_files(self, repository: Path) -> None:
        assert Git(repository).changed_files() == []
        (repository / "train.py").write_text("changed")
        (repository / "new file\n.txt").write_text("new")
        assert sorted(Git(repository).changed_files()) == ["new file\n.txt", "train.py"]

    def test_tracked_files(self, repository: Path) -> None:
        (repository / "other.py").write_text("untracked")
        found = Git(repository)
        assert found.is_tracked("train.py")
        assert not found.is_tracked("other.py")
        assert not found.is_tracked("*.py")

    def test_dates_as_git_reads_them(self, repository: Path) -> None:
        assert Git(repository).approximate_time("2026-03-03 00:00 +0000") == 1772496000

    def test_the_identity_is_of_now(self, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        found = Git(repository)
        for seconds in (1_700_000_000, 1_700_000_001):
            monkeypatch.setenv("GIT_COMMITTER_DATE", f"{seconds} +0200")
            assert found.identity() == f"Ada Lovelace <ada@example.com> {seconds} +0200"

"""Commits of just the named paths: whatever else is staged, changed or checked out stays as it was."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mreg.adapters.git import Git, GitFailed, HookRefused, RefUpdate
from mreg.adapters.git.commits import build_commit
from mreg.adapters.git.transaction import exclusive
from tests.gitrepos import (
    git,
    new_repository,
    new_ssh_key,
    private_files,
    run_git,
    sign_with,
    trust,
    write,
    write_hook,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

CARD = "models/churn/card.yaml"


def _commit(
    repository: Path, *paths: str, message: str = "Register churn\n", contents: Mapping[str, bytes] | None = None
) -> str:
    """Build the commit and move the branch, or a detached HEAD, to it."""
    found = Git(repository)
    parent = found.head()
    assert parent is not None
    commit, entries = build_commit(found, parent=parent, paths=paths, message=message, contents=contents or {})
    with exclusive(found) as transaction:
        update = RefUpdate(found.branch() or "HEAD", commit, parent)
        transaction.commit([update], reflog="mreg: register", index=entries)
    return commit


def _changed_by(repository: Path, commit: str) -> list[str]:
    return git(repository, "diff-tree", "-r", "--no-commit-id", "--name-only", "-z", commit).rstrip("\0").split("\0")


def _status(repository: Path) -> list[str]:
    return git(repository, "status", "--porcelain").split("\n")


def _staged(repository: Path) -> set[str]:
    return set(git(repository, "ls-files", "--stage", "-z").split("\0"))


def _changes_of_every_kind(repository: Path) -> None:
    for name in ("staged.py", "unstaged.py", "both.py", "gone.py", "removed.py", "moved.py"):
        write(repository / name, "as it was\n")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "more files")
    write(repository / "staged.py", "staged\n")
    write(repository / "both.py", "staged\n")
    git(repository, "add", "staged.py", "both.py")
    git(repository, "rm", "--quiet", "removed.py")
    git(repository, "mv", "moved.py", "moved-away.py")
    write(repository / "both.py", "then changed\n")
    write(repository / "unstaged.py", "unstaged\n")
    (repository / "gone.py").unlink()
    write(repository / "intended.py", "to be added\n")
    git(repository, "add", "--intent-to-add", "intended.py")
    write(repository / "untracked.py", "untracked\n")
    git(repository, "update-index", "--chmod=+x", "train.py")


class TestOnlyTheNamedPaths:
    def test_other_changes_stay_as_they_were(self, repository: Path) -> None:
        _changes_of_every_kind(repository)
        status, staged = _status(repository), _staged(repository)
        assert len(status) == 9
        write(repository / CARD, "name: churn\n")
        write(repository / "model.pkl.dvc", "outs: []\n")

        commit = _commit(repository, CARD, "model.pkl.dvc")

        assert _changed_by(repository, commit) == ["model.pkl.dvc", CARD]
        assert git(repository, "show", f"{commit}:{CARD}") == "name: churn"
        assert _status(repository) == status
        added = {line.partition("\t")[2] for line in _staged(repository) ^ staged}
        assert added == {CARD, "model.pkl.dvc"}
        assert _staged(repository) > staged

    def test_building_changes_nothing_but_the_object_store(self, repository: Path) -> None:
        _changes_of_every_kind(repository)
        write(repository / CARD, "name: churn\n")
        index = (repository / ".git" / "index").read_bytes()
        refs = git(repository, "for-each-ref")
        build_commit(Git(repository), parent=git(repository, "rev-parse", "HEAD"), paths=[CARD], message="x")
        assert (repository / ".git" / "index").read_bytes() == index
        assert git(repository, "for-each-ref") == refs
        assert private_files(repository) == []

    def test_the_work_tree_counts_and_not_what_is_staged(self, repository: Path) -> None:
        write(repository / CARD, "staged\n")
        git(repository, "add", CARD)
        write(repository / CARD, "in the work tree\n")
        commit = _commit(repository, CARD)
        assert git(repository, "show", f"{commit}:{CARD}") == "in the work tree"
        assert git(repository, "status", "--porcelain") == ""

    def test_a_path_that_holds_nothing_new_makes_no_commit(self, repository: Path) -> None:
        write(repository / "other.py", "staged\n")
        git(repository, "add", "other.py")
        parent = git(repository, "rev-parse", "HEAD")
        assert build_commit(Git(repository), parent=parent, paths=["train.py"], message="x") == (parent, b"")

    def test_in_the_middle_of_a_merge(self, repository: Path) -> None:
        git(repository, "checkout", "--quiet", "-b", "side")
        write(repository / "train.py", "side\n")
        git(repository, "commit", "--quiet", "-am", "side")
        git(repository, "checkout", "--quiet", "main")
        write(repository / "train.py", "main\n")
        git(repository, "commit", "--quiet", "-am", "main")
        assert run_git(repository, "merge", "side").returncode == 1
        status = _status(repository)
        write(repository / CARD, "name: churn\n")
        commit = _commit(repository, CARD)
        assert _changed_by(repository, commit) == [CARD]
        assert _status(repository) == status == ["UU train.py"]

    def test_a_missing_file(self, repository: Path) -> None:
        before = _status(repository)
        with pytest.raises(GitFailed, match="does not exist"):
            _commit(repository, "none.yaml")
        assert _status(repository) == before

    def test_a_path_that_is_not_utf8(self, repository: Path) -> None:
        path = os.fsdecode(b"caf\xe9")
        write(repository / path, "new\n")
        assert _changed_by(repository, _commit(repository, path)) == [path]

    @pytest.mark.parametrize("path", ["*", "two words", ":(top)a", "-n", "a\nb", "ünïcode", "a/b/c/d", '"', "!x", "\\"])
    def test_odd_paths(self, repository: Path, path: str) -> None:
        write(repository / path, "new\n")
        write(repository / "b", "must stay out\n")
        commit = _commit(repository, path)
        assert _changed_by(repository, commit) == [path]
        assert _status(repository) == ["?? b"]

    def test_an_ignored_path(self, repository: Path) -> None:
        write(repository / ".gitignore", "models/\n")
        write(repository / CARD, "name: churn\n")
        assert _changed_by(repository, _commit(repository, CARD)) == [CARD]


class TestFilesOfWhichOnlyAPartIsOurs:
    """A line of ours in a person's `.gitignore`: what else the person changed there is not ours to commit."""

    OURS = b"/model.pkl\n"

    def test_the_bytes_given_are_committed_and_the_file_stays(self, repository: Path) -> None:
        write(repository / CARD, "name: churn\n")
        write(repository / ".gitignore", b"/mine\n" + self.OURS)
        commit = _commit(repository, CARD, contents={".gitignore": self.OURS})
        assert _changed_by(repository, commit) == [".gitignore", CARD]
        assert git(repository, "show", f"{commit}:.gitignore") == "/model.pkl"
        assert _status(repository) == [" M .gitignore"]
        assert git(repository, "diff", "--numstat") == "1\t0\t.gitignore"

    @pytest.mark.parametrize("paths", [(CARD,), ()])
    def test_what_the_person_staged_stays_staged(self, repository: Path, paths: tuple[str, ...]) -> None:
        write(repository / ".gitignore", b"/mine\n" + self.OURS)
        write(repository / "other.py", "staged\n")
        git(repository, "add", ".gitignore", "other.py")
        for path in paths:
            write(repository / path, "name: churn\n")
        commit = _commit(repository, *paths, contents={".gitignore": self.OURS})
        assert _changed_by(repository, commit) == [".gitignore", *paths]
        assert git(repository, "show", ":.gitignore") == "/mine\n/model.pkl"
        assert _status(repository) == ["M  .gitignore", "A  other.py"]


class TestWhatIsStored:
    def test_line_ends_as_gitattributes_says(self, repository: Path) -> None:
        write(repository / ".gitattributes", "*.yaml text eol=crlf\n")
        write(repository / CARD, b"name: churn\r\n")
        commit = _commit(repository, CARD, ".gitattributes")
        assert git(repository, "cat-file", "-p", f"{commit}:{CARD}") == "name: churn"
        assert git(repository, "status", "--porcelain") == ""
        assert (repository / CARD).read_bytes() == b"name: churn\r\n"

    def test_a_clean_filter(self, repository: Path) -> None:
        git(repository, "config", "filter.upper.clean", "tr a-z A-Z")
        write(repository / ".gitattributes", "*.yaml filter=upper\n")
        write(repository / CARD, "name: churn\n")
        commit = _commit(repository, CARD)
        assert git(repository, "cat-file", "-p", f"{commit}:{CARD}") == "NAME: CHURN"

    def test_an_executable_and_a_symbolic_link(self, repository: Path) -> None:
        write(repository / "run.sh", "#!/bin/sh\n").chmod(0o755)
        (repository / "link").symlink_to("run.sh")
        commit = _commit(repository, "run.sh", "link")
        modes = [line.split()[0] for line in git(repository, "ls-tree", commit, "run.sh", "link").split("\n")]
        assert modes == ["120000", "100755"]
        assert git(repository, "status", "--porcelain") == ""

    def test_the_message_and_the_people(self, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_AUTHOR_NAME", "Grace Hopper")
        write(repository / CARD, "name: churn\n")
        commit = _commit(repository, CARD, message="Register churn v1.0.0\n\n# not a comment: ünïcode\n")
        body, people = git(repository, "log", "-1", "--format=%B%x00%an|%cn", commit).split("\0")
        assert body.strip() == "Register churn v1.0.0\n\n# not a comment: ünïcode"
        assert people == "Grace Hopper|Ada Lovelace"

    def test_a_signature_where_git_is_configured_so(self, repository: Path, tmp_path: Path) -> None:
        key = new_ssh_key(tmp_path / "key")
        sign_with(repository, key, commits=True)
        trust(repository, ada=key)
        write(repository / CARD, "name: churn\n")
        commit = _commit(repository, CARD)
        assert run_git(repository, "verify-commit", commit).returncode == 0


class TestWhere:
    def test_a_detached_head(self, repository: Path) -> None:
        git(repository, "checkout", "--quiet", "--detach")
        write(repository / CARD, "name: churn\n")
        commit = _commit(repository, CARD)
        assert git(repository, "rev-parse", "HEAD", "main").split("\n") == [
            commit,
            git(repository, "rev-parse", f"{commit}^"),
        ]
        assert run_git(repository, "symbolic-ref", "--quiet", "HEAD").returncode == 1
        assert git(repository, "status", "--porcelain") == ""

    def test_a_linked_worktree(self, repository: Path, tmp_path: Path) -> None:
        linked = tmp_path / "linked"
        git(repository, "worktree", "add", "--quiet", "-b", "other", str(linked))
        write(repository / "staged.py", "staged in the main work tree\n")
        git(repository, "add", "staged.py")
        write(linked / CARD, "name: churn\n")
        commit = _commit(linked, CARD)
        assert _changed_by(repository, commit) == [CARD]
        assert git(repository, "rev-parse", "other") == commit
        assert git(linked, "status", "--porcelain") == ""
        assert _status(repository) == ["A  staged.py"]

    def test_a_submodule(self, repository: Path, first_repository: Path) -> None:
        git(repository, "submodule", "--quiet", "add", str(first_repository), "sub")
        write(repository / "sub" / CARD, "name: churn\n")
        commit = _commit(repository / "sub", CARD)
        assert _changed_by(repository / "sub", commit) == [CARD]
        assert git(repository / "sub", "status", "--porcelain") == ""

    def test_sha256(self, tmp_path: Path) -> None:
        wide = new_repository(tmp_path / "wide", object_format="sha256")
        write(wide / CARD, "name: churn\n")
        assert len(_commit(wide, CARD)) == 64
        assert git(wide, "status", "--porcelain") == ""

    def test_without_an_index(self, tmp_path: Path) -> None:
        git(tmp_path, "init", "--quiet")
        git(tmp_path, "commit", "--quiet", "--allow-empty", "-m", "empty")
        (tmp_path / ".git" / "index").unlink(missing_ok=True)
        write(tmp_path / CARD, "name: churn\n")
        assert _changed_by(tmp_path, _commit(tmp_path, CARD)) == [CARD]
        assert git(tmp_path, "status", "--porcelain") == ""

    def test_the_reflog_says_who(self, repository: Path) -> None:
        write(repository / CARD, "name: churn\n")
        _commit(repository, CARD)
        assert git(repository, "log", "-g", "-1", "--format=%gs", "HEAD") == "mreg: register"


class TestHooks:
    def test_a_hook_sees_just_what_is_committed(self, repository: Path) -> None:
        _changes_of_every_kind(repository)
        write_hook(repository, "pre-commit", "git diff --cached --name-only >seen; git status --short -uno >>seen")
        write(repository / CARD, "name: churn\n")
        _commit(repository, CARD)
        seen = (repository / "seen").read_text().split("\n")
        assert seen[0] == CARD
        assert f"A  {CARD}" in seen
        assert "M  staged.py" not in seen

    def test_a_hook_sees_unchanged_files_as_unchanged(self, repository: Path) -> None:
        write_hook(repository, "pre-commit", "git diff-files --quiet && git diff-index --quiet HEAD -- train.py")
        write(repository / CARD, "name: churn\n")
        assert _changed_by(repository, _commit(repository, CARD)) == [CARD]

    @pytest.mark.parametrize("hook", ["pre-commit", "commit-msg"])
    def test_a_hook_can_refuse(self, repository: Path, hook: str) -> None:
        write_hook(repository, hook, "echo 'the card has no owner' >&2; exit 3")
        write(repository / CARD, "name: churn\n")
        before = git(repository, "for-each-ref"), _status(repository)
        with pytest.raises(HookRefused, match=f"the {hook} hook refused the commit:\nthe card has no owner") as caught:
            _commit(repository, CARD)
        assert (caught.value.exit_code, caught.value.hook) == (3, hook)
        assert (git(repository, "for-each-ref"), _status(repository)) == before
        assert private_files(repository) == []

    def test_what_a_hook_prints_to_stdout_is_told_too(self, repository: Path) -> None:
        write_hook(repository, "pre-commit", "echo 'the card has no owner'; exit 1")
        write(repository / CARD, "name: churn\n")
        with pytest.raises(HookRefused, match="the card has no owner"):
            _commit(repository, CARD)

    def test_a_hook_can_change_what_is_committed(self, repository: Path) -> None:
        write_hook(repository, "pre-commit", f"echo 'formatted: true' >>{CARD} && git add {CARD}")
        write(repository / CARD, "name: churn\n")
        commit = _commit(repository, CARD)
        assert git(repository, "show", f"{commit}:{CARD}") == "name: churn\nformatted: true"
        assert git(repository, "status", "--porcelain") == ""

    def test_a_hook_can_change_the_message(self, repository: Path) -> None:
        write_hook(repository, "commit-msg", 'echo "Change-Id: I1" >>"$1"')
        write(repository / CARD, "name: churn\n")
        commit = _commit(repository, CARD, message="Register churn\n\n")
        assert git(repository, "log", "-1", "--format=%B", commit).strip() == "Register churn\n\nChange-Id: I1"

    def test_hooks_where_git_is_told_they_are(self, repository: Path, tmp_path: Path) -> None:
        write(tmp_path / "hooks" / "pre-commit", "#!/bin/sh\nexit 1\n").chmod(0o755)
        git(repository, "config", "core.hooksPath", str(tmp_path / "hooks"))
        write(repository / CARD, "name: churn\n")
        with pytest.raises(HookRefused):
            _commit(repository, CARD)

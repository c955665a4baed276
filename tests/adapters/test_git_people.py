"""Commits as the work of people, read by real git: histories, signatures, mailmaps, and paths of every kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mreg.adapters.git import Git
from mreg.adapters.git.people import (
    canonical,
    changes,
    commit_signatures,
    history,
    introduction,
    named_commit,
    read_commits,
)
from mreg.core.events import Actor
from mreg.core.signatures import Signature, SignatureState
from tests.gitrepos import git, new_ssh_key, run_git, sign_with, trust, write

if TYPE_CHECKING:
    from pathlib import Path

GONE = "1" * 40


def commit(repository: Path, path: str, content: str, *options: str, message: str = "x") -> str:
    write(repository / path, content)
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", message, *options)
    return git(repository, "rev-parse", "HEAD")


@pytest.fixture
def branched(repository: Path) -> dict[str, str]:
    """A branch that was merged, beside a commit on main: name → commit."""
    names = {"root": git(repository, "rev-parse", "HEAD")}
    git(repository, "checkout", "--quiet", "-b", "topic")
    names["topic"] = commit(repository, "a.py", "1")
    git(repository, "checkout", "--quiet", "main")
    names["main"] = commit(repository, "b.py", "1")
    git(repository, "merge", "--quiet", "--no-ff", "--message", "Merge", "topic")
    names["merge"] = git(repository, "rev-parse", "HEAD")
    return names


class TestHistory:
    def test_commits_and_their_parents(self, repository: Path, branched: dict[str, str]) -> None:
        found = history(Git(repository), branched["merge"], without=[])
        root, topic, main, merge = branched.values()
        assert found == {merge: (main, topic), main: (root,), topic: (root,), root: ()}
        assert next(iter(found)) == merge

    def test_without_what_others_have(self, repository: Path, branched: dict[str, str]) -> None:
        found = history(Git(repository), branched["merge"], without=[branched["main"], branched["root"]])
        assert set(found) == {branched["merge"], branched["topic"]}

    def test_what_is_missing_leaves_nothing_out(self, repository: Path, branched: dict[str, str]) -> None:
        assert len(history(Git(repository), branched["merge"], without=[GONE])) == 4


class TestChanges:
    def test_as_git_log_says(self, repository: Path, branched: dict[str, str]) -> None:
        found = changes(Git(repository), branched["merge"], without=[], paths={"a.py", "train.py"})
        assert found == [branched["topic"], branched["root"]]
        assert found == git(repository, "log", "--format=%H", "--", "a.py", "train.py").splitlines()

    def test_a_folder_is_all_that_is_in_it(self, repository: Path) -> None:
        made = commit(repository, "src/deep/x.py", "1")
        assert changes(Git(repository), made, without=[], paths=["src"]) == [made]

    @pytest.mark.parametrize("path", ["*.py", ":(glob)**", ":!train.py", ":/", "[t]rain.py", "--all", "^main", "no.py"])
    def test_a_path_is_a_path_only(self, repository: Path, path: str) -> None:
        assert changes(Git(repository), git(repository, "rev-parse", "HEAD"), without=[], paths=[path]) == []

    @pytest.mark.parametrize("path", ["", ".", "..", "../x", "/etc/passwd", "a/../../x", "a\nb", "a\0b", "src/../.."])
    def test_a_path_that_no_commit_can_hold(self, repository: Path, path: str) -> None:
        head = git(repository, "rev-parse", "HEAD")
        assert changes(Git(repository), head, without=[], paths=[path]) == []
        assert changes(Git(repository), head, without=[], paths=[path, "train.py"]) == [head]

    def test_a_name_of_any_language(self, repository: Path) -> None:
        made = commit(repository, "modèle \u2028 ü.py", "1")
        assert changes(Git(repository), made, without=[], paths=["modèle \u2028 ü.py"]) == [made]


class TestIntroduction:
    def test_the_commit_that_brought_it(self, repository: Path) -> None:
        commit(repository, "dvc.lock", "md5: aaa\n")
        second = commit(repository, "dvc.lock", "md5: aaa\nmd5: bbb\n")
        third = commit(repository, "dvc.lock", "# comment\nmd5: aaa\nmd5: bbb\n")
        assert introduction(Git(repository), third, path="dvc.lock", text="bbb") == second
        assert introduction(Git(repository), third, path="dvc.lock", text="ccc") is None
        assert introduction(Git(repository), third, path="other.lock", text="bbb") is None

    def test_whatever_git_is_configured_to_show(self, repository: Path) -> None:
        git(repository, "config", "log.showSignature", "true")
        git(repository, "config", "color.ui", "always")
        made = commit(repository, "dvc.lock", "md5: aaa\n")
        assert introduction(Git(repository), made, path="dvc.lock", text="aaa") == made

    def test_what_no_file_holds(self, repository: Path) -> None:
        head = git(repository, "rev-parse", "HEAD")
        assert introduction(Git(repository), head, path="train.py", text="a\0b") is None
        assert introduction(Git(repository), head, path="train.py", text="--all\n") is None


def test_a_commit_by_what_a_card_says(repository: Path, branched: dict[str, str]) -> None:
    git(repository, "branch", "deadbeef")
    blob = git(repository, "rev-parse", "HEAD:train.py")
    with Git(repository).blobs() as blobs:
        for text in (branched["topic"], branched["topic"][:8]):
            assert named_commit(blobs, text) == branched["topic"]
        for text in (GONE, "HEAD", "main", branched["topic"][:4], f"{branched['topic']}^", "a\nb", "", blob):
            assert named_commit(blobs, text) is None


def test_commits_are_read_and_others_left_out(repository: Path, branched: dict[str, str]) -> None:
    git(repository, "tag", "--annotate", "--message", "x", "a")
    tag = git(repository, "rev-parse", "refs/tags/a")
    with Git(repository).blobs() as blobs:
        found = read_commits(blobs, [branched["merge"], GONE, tag, branched["topic"]])
    assert list(found) == [branched["merge"], branched["topic"]]
    assert found[branched["merge"]].parents == (branched["main"], branched["topic"])
    assert found[branched["topic"]].author == Actor("Ada Lovelace", "ada@example.com")


class TestSignatures:
    @pytest.fixture
    def signed(self, repository: Path, tmp_path: Path) -> dict[str, str]:
        keys = {name: new_ssh_key(tmp_path / name) for name in ("ada", "eve")}
        trust(repository, ada=keys["ada"])
        found = {}
        for name, key in keys.items():
            sign_with(repository, key, commits=True)
            found[name] = commit(repository, "train.py", name)
        for name, old, new in (("bad", "\n\nx", "\n\ny"), ("garbage", "SIGNATURE-----\n ", "SIGNATURE-----\n !")):
            text = git(repository, "cat-file", "commit", found["ada"]).replace(old, new, 1)
            found[name] = git(repository, "hash-object", "-t", "commit", "-w", "--stdin", stdin=f"{text}\n")
        return found

    def test_states(self, repository: Path, signed: dict[str, str]) -> None:
        found = commit_signatures(Git(repository), list(signed.values()))
        assert {name: found[signed[name]] for name in signed} == {
            "ada": Signature(SignatureState.GOOD, "ada@example.com"),
            "eve": Signature(SignatureState.UNKNOWN),
            "bad": Signature(SignatureState.BAD),
            "garbage": Signature(SignatureState.BAD),
        }
        assert run_git(repository, "verify-commit", signed["ada"]).returncode == 0

    def test_after_what_ssh_keygen_does_not_read(self, repository: Path, signed: dict[str, str]) -> None:
        """It ends before git has written all of the commit, and git is killed by that."""
        text = git(repository, "cat-file", "commit", signed["garbage"])
        large = git(repository, "hash-object", "-t", "commit", "-w", "--stdin", stdin=text + "\n" * 3_000_000)
        found = commit_signatures(Git(repository), [signed["eve"], large, signed["ada"]])
        assert [signature.state.value for signature in found.values()] == ["unknown", "bad", "good"]

    def test_nobody_is_known_here(self, repository: Path, signed: dict[str, str]) -> None:
        git(repository, "config", "--unset", "gpg.ssh.allowedSignersFile")
        assert commit_signatures(Git(repository), [signed["ada"]])[signed["ada"]].state is SignatureState.UNKNOWN

    def test_by_gnupg(self, repository: Path, gpg_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GNUPGHOME", str(gpg_home))
        git(repository, "config", "user.signingKey", "ada@example.com")
        made = commit(repository, "train.py", "1", "-S")
        found = commit_signatures(Git(repository), [made])[made]
        assert found == Signature(SignatureState.GOOD, "Ada Lovelace <ada@example.com>")

    def test_none_asked(self, repository: Path) -> None:
        assert commit_signatures(Git(repository), []) == {}


class TestMailmap:
    ADA = Actor("Ada Lovelace", "ada@example.com")

    @pytest.mark.parametrize("bare", [False, True])
    def test_people_by_their_proper_names(self, repository: Path, tmp_path: Path, bare: bool) -> None:
        mailmap = (
            "Ada Lovelace <ada@example.com> <countess@example.com>\nGrace Hopper <grace@example.com> hopper <h@x>\n"
        )
        commit(repository, ".mailmap", mailmap)
        if bare:
            git(tmp_path, "clone", "--quiet", "--bare", str(repository), "bare.git")
        asked = [Actor("A", "countess@example.com"), Actor("hopper", "h@x"), Actor("other", "h@x"), self.ADA]
        found = canonical(Git(tmp_path / "bare.git" if bare else repository), asked)
        assert [found[person] for person in asked] == [
            self.ADA,
            Actor("Grace Hopper", "grace@example.com"),
            Actor("other", "h@x"),
            self.ADA,
        ]

    @pytest.mark.parametrize(
        "person",
        [
            Actor("Ada", ""),
            Actor("", ""),
            Actor("Ada\nEve", "a@x"),
            Actor("Ada", "a@x\nEve <e@x>"),
            Actor("Ada <b", "a@x"),
            Actor("\0", "a@x"),
        ],
    )
    def test_whom_git_cannot_be_asked_about(self, repository: Path, person: Actor) -> None:
        assert canonical(Git(repository), [person]) == {}
        assert canonical(Git(repository), [person, self.ADA]) == {self.ADA: self.ADA}

    @pytest.mark.parametrize(
        "person", [Actor("", "a@x"), Actor("\x1b[1m", "a@x"), Actor("Ünïcode \r", "a@x"), Actor("x", "@")]
    )
    def test_anybody_else_stays(self, repository: Path, person: Actor) -> None:
        [found] = canonical(Git(repository), [person]).values()
        assert (found.name.strip(), found.email) == (person.name.strip(), person.email)

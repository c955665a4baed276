"""Tag objects and notes, built beside the repository's refs: nothing shows before the transaction."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from mreg.adapters.git import Git, GitFailed
from mreg.adapters.git.commits import NOTES_REF, build_note, build_tag
from tests.gitrepos import (
    copy_repository,
    git,
    new_repository,
    new_ssh_key,
    private_files,
    run_git,
    sign_with,
    trust,
    write_hook,
)

if TYPE_CHECKING:
    from pathlib import Path

NAME = "nlp/churn@v1.2.0-production.2"
MESSAGE = 'Promote churn v1.2.0 to production\n\n# no comment\n\n\n  ünïcode 模型 "quoted"\t\n\nEvent: promote\n'


def _tag(repository: Path, message: str = MESSAGE) -> str:
    found = Git(repository)
    head = found.head()
    assert head is not None
    return build_tag(found, name=NAME, commit=head, message=message, tagger=found.identity())


def _refs(repository: Path) -> str:
    return git(repository, "for-each-ref") + git(repository, "rev-parse", "--symbolic", "--all")


class TestTag:
    def test_it_is_what_git_tag_makes(self, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_COMMITTER_DATE", "1767323045 +0130")
        git(repository, "tag", "-a", "--cleanup=verbatim", "-F", "-", NAME, stdin=MESSAGE)
        assert _tag(repository) == git(repository, "rev-parse", f"refs/tags/{NAME}")

    @pytest.mark.parametrize("signed", [False, True])
    def test_no_ref_and_no_file_is_left(self, repository: Path, tmp_path: Path, *, signed: bool) -> None:
        if signed:
            sign_with(repository, new_ssh_key(tmp_path / "key"))
        refs = _refs(repository)
        oid = _tag(repository)
        assert git(repository, "cat-file", "-t", oid) == "tag"
        assert _refs(repository) == refs
        assert not signed or private_files(repository) == []
        git(repository, "fsck", "--strict")

    @pytest.mark.parametrize("setting", ["tag.gpgSign", "tag.forceSignAnnotated"])
    def test_signed_where_git_is_configured_so(self, repository: Path, tmp_path: Path, setting: str) -> None:
        key = new_ssh_key(tmp_path / "key")
        sign_with(repository, key, tags=False)
        git(repository, "config", setting, "true")
        trust(repository, ada=key)
        oid = _tag(repository)
        assert run_git(repository, "verify-tag", oid).returncode == 0
        content = git(repository, "cat-file", "tag", oid)
        assert f"\ntag {NAME}\n" in content
        assert content.partition("\n\n")[2].startswith(f"{MESSAGE}-----BEGIN SSH SIGNATURE-----\n")

    def test_the_tagger_is_the_one_given(self, repository: Path, tmp_path: Path) -> None:
        sign_with(repository, new_ssh_key(tmp_path / "key"))
        found = Git(repository)
        tagger = "Ada Lovelace <ada@example.com> 1767323045 -0500"
        oid = build_tag(found, name=NAME, commit=found.head() or "", message=MESSAGE, tagger=tagger)
        assert git(repository, "cat-file", "tag", oid).split("\n")[3] == f"tagger {tagger}"

    @pytest.mark.parametrize(
        "name", ['C# "quoted"; \\ path', "two words", "ünïcode", "include\npath = x", os.fsdecode(b"caf\xe9")]
    )
    def test_signed_in_a_folder_with_an_odd_name(self, first_repository: Path, tmp_path: Path, name: str) -> None:
        repository = copy_repository(first_repository, tmp_path / name)
        key = new_ssh_key(tmp_path / "key")
        sign_with(repository, key)
        oid = _tag(repository)
        assert "-----BEGIN SSH SIGNATURE-----" in git(repository, "cat-file", "tag", oid)

    def test_signed_in_a_linked_worktree_and_in_a_submodule(self, repository: Path, tmp_path: Path) -> None:
        key = new_ssh_key(tmp_path / "key")
        other = new_repository(tmp_path / "other")
        git(repository, "submodule", "--quiet", "add", str(other), "sub")
        git(repository, "worktree", "add", "--quiet", "-b", "linked", str(tmp_path / "linked"))
        for place in (repository / "sub", tmp_path / "linked"):
            sign_with(place, key)
            assert "-----BEGIN SSH SIGNATURE-----" in git(place, "cat-file", "tag", _tag(place))

    def test_a_key_that_cannot_sign(self, repository: Path, tmp_path: Path) -> None:
        sign_with(repository, tmp_path / "none")
        refs = _refs(repository)
        with pytest.raises(GitFailed, match=r"git tag failed: (?s:.*)none") as caught:
            _tag(repository)
        assert "user.signingKey" in caught.value.hint
        assert _refs(repository) == refs
        assert private_files(repository) == []

    def test_hooks_do_not_see_the_scratch_tag(self, repository: Path, tmp_path: Path) -> None:
        sign_with(repository, new_ssh_key(tmp_path / "key"))
        hook = write_hook(repository, "reference-transaction", f"echo called >>{tmp_path / 'called'}; exit 1")
        git(repository, "config", "core.hooksPath", str(hook.parent))
        _tag(repository)
        assert not (tmp_path / "called").exists()

    def test_sha256(self, tmp_path: Path) -> None:
        repository = new_repository(tmp_path / "wide", object_format="sha256")
        key = new_ssh_key(tmp_path / "key")
        assert len(_tag(repository)) == 64
        sign_with(repository, key)
        trust(repository, ada=key)
        oid = _tag(repository)
        assert run_git(repository, "verify-tag", oid).returncode == 0

    def test_openpgp(self, repository: Path, gpg_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GNUPGHOME", str(gpg_home))
        git(repository, "config", "tag.gpgSign", "true")
        assert run_git(repository, "verify-tag", _tag(repository)).returncode == 0


class TestNote:
    def _note(self, repository: Path, oid: str, text: str) -> None:
        found = Git(repository)
        old = found.resolve(NOTES_REF)
        git(repository, "update-ref", NOTES_REF, build_note(found, notes=old, oid=oid, text=text))

    def test_git_notes_reads_it(self, repository: Path) -> None:
        oid = _tag(repository)
        self._note(repository, oid, '{"key":"a","value":"ünïcode"}\n')
        assert git(repository, "notes", "--ref=mreg", "show", oid) == '{"key":"a","value":"ünïcode"}'

    def test_a_longer_text_replaces_the_shorter(self, repository: Path) -> None:
        oid = _tag(repository)
        self._note(repository, oid, "one\n")
        self._note(repository, oid, "one\ntwo\n")
        assert git(repository, "notes", "--ref=mreg", "show", oid) == "one\ntwo"
        assert git(repository, "rev-list", "--count", NOTES_REF) == "2"

    def test_nothing_shows_before_the_ref_is_set(self, repository: Path) -> None:
        refs = _refs(repository)
        build_note(Git(repository), notes=None, oid=_tag(repository), text="one\n")
        assert _refs(repository) == refs
        assert private_files(repository) == []

    def test_other_notes_and_their_fan_out_are_kept(self, repository: Path) -> None:
        """Git spreads many notes over folders; a note written flat beside them would be a second one."""
        blob = git(repository, "hash-object", "-w", "--stdin", stdin="old\n")
        names = [f"{number:040x}" for number in range(0, 16**40, 16**40 // 600)]
        tree = "".join(f"M 644 {blob} {name[:2]}/{name[2:]}\n" for name in names)
        commit = "commit refs/notes/mreg\ncommitter A <a@example.com> 1 +0000\ndata 0\n"
        git(repository, "fast-import", "--quiet", stdin=commit + tree)
        self._note(repository, names[300], "new\n")
        self._note(repository, _tag(repository), "another\n")
        lines = git(repository, "notes", "--ref=mreg").split("\n")
        listed = {noted: note for note, noted in (line.split(" ") for line in lines)}
        assert len(listed) == len(names) + 1
        assert git(repository, "notes", "--ref=mreg", "show", names[300]) == "new"
        assert {listed[name] for name in names if name != names[300]} == {blob}
        assert all("/" in path for path in git(repository, "ls-tree", "-r", "--name-only", NOTES_REF).split("\n"))

    def test_sha256(self, tmp_path: Path) -> None:
        repository = new_repository(tmp_path / "wide", object_format="sha256")
        oid = _tag(repository)
        self._note(repository, oid, "wide\n")
        assert git(repository, "notes", "--ref=mreg", "show", oid) == "wide"

    def test_a_note_merged_from_another_clone(self, repository: Path, tmp_path: Path) -> None:
        oid = _tag(repository)
        git(repository, "update-ref", f"refs/tags/{NAME}", oid)
        clone = copy_repository(repository, tmp_path / "clone")
        self._note(repository, oid, '{"id":1}\n')
        self._note(clone, oid, '{"id":2}\n')
        git(repository, "fetch", "--quiet", str(clone), f"{NOTES_REF}:refs/mreg-remotes/clone")
        git(repository, "notes", "--ref=mreg", "merge", "--quiet", "-s", "cat_sort_uniq", "refs/mreg-remotes/clone")
        assert git(repository, "notes", "--ref=mreg", "show", oid) == '{"id":1}\n{"id":2}'

"""Servers without room or with rules, clocks that are wrong, and clones that lost tags."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.gitrepos import git, write
from tests.torture.conftest import LONG
from tests.torture.registries import left_behind
from tests.torture.teams import Member, Team, check_agreement, check_chain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Pair = tuple[Team, Member, Member]

_PROMOTE = ("promote", "churn@1.0.0", "production", "-m", "ours", "--push")
_TAGS = ("churn@v1.1.0-production", "churn@v1.0.0") if LONG else ("churn@v1.1.0-production",)
_LIMITED = """\
#!/bin/sh
trap '' XFSZ
ulimit -f 0
exec git-receive-pack "$@"
"""


@pytest.fixture
def pair(fresh_team: Callable[[int], Team], crowd: Callable[[Team], list[Member]]) -> Pair:
    team = fresh_team(2)
    ada, grace = crowd(team)
    return team, ada, grace


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    """A file system of a few hundred kilobytes; the test is skipped where it cannot be made."""
    folder.mkdir()
    if (
        os.geteuid()
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("only who may mount file systems can have a full one")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def _fill(folder: Path) -> Path:
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return filler


def _published(member: Member, reason: str) -> int:
    return sum(event["reason"] == reason for event in member.history("churn"))


class TestAFullDisk:
    def test_of_the_git_server(self, pair: Pair, tmp_path: Path) -> None:
        team, ada, grace = pair
        with _small_disk(tmp_path / "disk") as disk:
            origin = disk / "origin.git"
            git(tmp_path, "init", "--quiet", "--bare", str(origin))
            git(team.origin, "push", "--quiet", "--mirror", str(origin))
            team.use(str(origin))
            before, filler = git(origin, "for-each-ref"), _fill(disk)
            did = ada.mreg(*_PROMOTE)
            assert (did.code, git(origin, "for-each-ref")) == (3, before), did.document
            assert "No space left on device" in did.data["message"]
            assert did.data["hint"].startswith("it is written here and not published; ")
            grace.done("pull")
            assert _published(grace, "ours") == 0
            filler.unlink()
            ada.done(*_PROMOTE)
            check_agreement([ada, grace], origin)
            assert _published(grace, "ours") == 1

    @pytest.mark.skipif(not LONG, reason="MREG_TORTURE=long only")
    def test_of_a_server_that_limits_files(self, pair: Pair, tmp_path: Path) -> None:
        team, ada, grace = pair
        program = write(tmp_path / "receive", _LIMITED)
        program.chmod(0o755)
        git(ada.clone, "config", "remote.origin.receivepack", str(program))
        before = git(team.origin, "for-each-ref")
        did = ada.mreg(*_PROMOTE)
        assert (did.code, git(team.origin, "for-each-ref")) == (3, before), did.document
        assert "File too large" in did.data["message"] or "unpack" in did.data["message"], did.document
        git(ada.clone, "config", "--unset", "remote.origin.receivepack")
        ada.done(*_PROMOTE)
        check_agreement([ada, grace], team.origin)
        assert _published(grace, "ours") == 1

    def test_of_the_dvc_remote(self, pair: Pair, tmp_path: Path) -> None:
        team, ada, grace = pair
        with _small_disk(tmp_path / "disk") as disk:
            (disk / "store").mkdir()
            for clone in team.clones:
                write(clone / ".dvc" / "config.local", f"['remote \"store\"']\n    url = {disk / 'store'}\n")
            before, filler = git(team.origin, "for-each-ref"), _fill(disk)
            file = write(ada.clone / "churn.bin", os.urandom(200_000))
            did = ada.mreg("register", "churn", str(file), "-m", "ours", "--push")
            assert (did.code, git(team.origin, "for-each-ref")) == (3, before), did.document
            assert "No space left on device" in did.data["message"], did.document
            assert [path for path in (disk / "store").rglob("*") if path.is_file() and path.stat().st_size] == []
            filler.unlink()
            ada.done("push")
            grace.done("pull")
            grace.done("get", "churn@latest", "-o", str(tmp_path / "out"))
            assert (tmp_path / "out" / "churn.bin").read_bytes() == file.read_bytes()
            check_agreement([ada, grace], team.origin)
            assert _published(grace, "ours") == 1


def _without_leases(clone: Path) -> None:
    write(clone / ".mreg.yaml", "schema: mreg/v1\npush: {leases: false}\n")


class TestAServerWithoutHeads:
    @pytest.fixture(params=["hidden", "declined"])
    def refusing(self, request: pytest.FixtureRequest, pair: Pair) -> Pair:
        team, ada, grace = pair
        for clone in team.clones:
            git(clone, "update-ref", "-d", "refs/mreg/churn@head")
            git(clone, "update-ref", "-d", "refs/mreg-remotes/origin/churn@head")
        git(team.origin, "update-ref", "-d", "refs/mreg/churn@head")
        if request.param == "hidden":
            git(team.origin, "config", "receive.hideRefs", "refs/mreg")
        else:
            hook = write(team.origin / "hooks" / "update", '#!/bin/sh\ncase "$1" in refs/mreg/*) exit 1;; esac\n')
            hook.chmod(0o755)
        return team, ada, grace

    def test_says_so_and_works_without_leases(self, refusing: Pair) -> None:
        team, ada, grace = refusing
        before = git(team.origin, "for-each-ref")
        did = ada.mreg(*_PROMOTE)
        assert "push: {leases: false}" in did.data["hint"]
        arrived = git(team.origin, "for-each-ref") != before
        if did.error == "HeadsRefused":  # git does not take such a push as a whole
            assert did.code == 3
            assert arrived == did.data["hint"].startswith("it took the rest, unguarded: refs/tags/churn@v1.0.0-prod")
        else:
            assert (did.code, did.error, arrived) == (1, "PushRefused", False)
            assert did.data["hint"].startswith("it is undone here too, and nothing was published")
        for clone in team.clones:
            _without_leases(clone)
        ada.done(*_PROMOTE)
        grace.done("alias", "churn@1.1.0", "champion", "-m", "theirs", "--push")
        ada.done("pull")
        for member in (ada, grace):
            assert [_published(member, reason) for reason in ("ours", "theirs")] == [1, 1]
            assert member.mreg("verify", "--remote").code == 0
        check_chain(team.origin, "churn", head=False)

    @pytest.mark.parametrize("refusing", ["hidden", "declined"] if LONG else ["hidden"], indirect=True)
    def test_a_fork_is_named(self, refusing: Pair, tmp_path: Path) -> None:
        """Both looked before either published: without heads, nothing stops the second."""
        team, ada, grace = refusing
        for clone in team.clones:
            _without_leases(clone)
        fifo, hook = tmp_path / "go", team.origin / "hooks" / "pre-receive"
        os.mkfifo(fifo)
        write(hook, f"#!/bin/sh\nif mkdir '{tmp_path}/first' 2>/dev/null; then cat '{fifo}' >/dev/null; fi\n").chmod(
            0o755
        )
        waiting = ada.start(*_PROMOTE)
        with fifo.open("w"):  # opens as soon as the server waits with what ada sent
            grace.done("promote", "churn@1.0.0", "staging", "-m", "theirs", "--push")
        assert ada.result(waiting).code == 0
        grace.done("pull")
        ada.done("pull")
        for member in (ada, grace):
            verified = member.mreg("verify")
            assert verified.code == 1
            assert "churn@v1.0.0-" in str(verified.data)
            assert [_published(member, reason) for reason in ("ours", "theirs")] == [1, 1]


class TestClocks:
    AHEAD, BEHIND = ({"GIT_COMMITTER_DATE": f"{year}-11-24T12:00:00Z"} for year in (2031, 2021))

    def test_a_decade_apart(self, pair: Pair) -> None:
        """Sequence decides: what a clock says is only shown."""
        team, ada, grace = pair
        assert ada.mreg(*_PROMOTE, env=self.AHEAD).code == 0
        behind = grace.mreg("promote", "churn@1.1.0", "staging", "-m", "theirs", "--push", env=self.BEHIND)
        assert (behind.code, behind.error) == (1, "LostRace")  # it was archived meanwhile
        behind = grace.mreg("promote", "churn@1.1.0", "production", "-m", "back", "--push", env=self.BEHIND)
        assert behind.code == 0, behind.document
        register = ("register", "churn", str(write(ada.clone / "churn.bin", "new")), "-m", "new", "--push")
        assert ada.mreg(*register, env=self.AHEAD).code == 0  # written anew, after what an older clock wrote
        check_agreement([ada, grace], team.origin)
        assert [event["reason"] for event in ada.history("churn")[:3]] == ["new", "back", "ours"]
        shown = ada.done("show", "churn@production").data
        assert shown["version"] == "1.1.0"
        at = [
            ada.done("show", "churn@production", "--at", when).data["version"] for when in ("2031-12-01", "2032-01-01")
        ]
        assert at == ["1.1.0", "1.1.0"]


class TestDeletedTags:
    def _drop(self, member: Member, *tags: str) -> None:
        git(member.clone, "tag", "--delete", *tags)

    @pytest.mark.parametrize("tag", _TAGS)
    def test_nothing_goes_there_and_all_comes_back(self, pair: Pair, tag: str) -> None:
        team, ada, grace = pair
        before = git(team.origin, "for-each-ref")
        self._drop(ada, tag)
        assert ada.mreg("push").code in (0, 1)
        assert git(team.origin, "for-each-ref") == before
        self._drop_if_there(ada, tag)
        behind = [event["tag"] for model in ada.done("status").data["models"] for event in model["behind"]]
        assert behind == [tag]
        assert tag in str(ada.mreg("verify", "--remote").document)
        ada.done("pull")
        assert tag in git(ada.clone, "tag", "--list").splitlines()
        check_agreement([ada, grace], team.origin)

    def _drop_if_there(self, member: Member, tag: str) -> None:
        if tag in git(member.clone, "tag", "--list").splitlines():
            self._drop(member, tag)

    @pytest.mark.parametrize("tag", _TAGS)
    def test_a_promotion_does_not_fork(self, pair: Pair, tag: str) -> None:
        team, ada, grace = pair
        self._drop(ada, tag)
        did = ada.mreg("promote", "churn@1.1.0", "staging", "-m", "ours", "--push")
        print(did.document)
        check_chain(team.origin, "churn")
        grace.done("pull")
        assert _published(grace, "ours") == (1 if did.code == 0 else 0)
        assert left_behind(ada.clone) == []
        check_agreement([ada, grace], team.origin)

"""mreg pull: what others published, and what becomes of one's own."""

from __future__ import annotations

import re
import shutil
import socket
import struct
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from mreg import Registry, Unfetched
from mreg.adapters.dvc.cache import CorruptObject
from mreg.adapters.dvc.fetch import MissingObject
from tests.cli.snapshot import check
from tests.cli.tampering import change, object_of
from tests.cli.teams import as_person, register
from tests.gitrepos import git
from tests.servers.fixtures import Servers, servers_fixture  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.program import Ran
    from tests.cli.projects import Project
    from tests.cli.teams import Team

HEAD, SEEN = "refs/mreg/cancer@head", "refs/mreg-remotes/origin/cancer@head"


def said(ran: Ran) -> str:
    return ran.out + ran.err


def test_what_others_published(team: Team) -> None:
    register(team.ada, 3, "--stage", "staging")
    register(team.ada, 4, model="tumour/size")
    team.ada.mreg("annotate", "cancer@v1.2.0", "checked=true")
    team.ada.mreg("push")
    check("pull.txt", said(team.grace.mreg("pull")))
    check("pull-nothing.txt", said(team.grace.mreg("pull")))
    assert team.grace.git("for-each-ref", "refs/tags") == team.ada.git("for-each-ref", "refs/tags")
    assert team.grace.git("rev-parse", SEEN) == team.ada.git("rev-parse", HEAD)
    assert team.grace.data("show", "cancer@v1.2.0")["annotations"]["checked"]["value"] is True
    before = team.grace.git("rev-parse", "HEAD")
    assert team.grace.git("rev-parse", "origin/main") != before


def test_artifacts(team: Team) -> None:
    register(team.ada, 3, "--push")
    assert team.grace.data("pull")["artifacts"] == []
    check("pull-artifacts.txt", said(team.grace.mreg("pull", "--artifacts")))
    team.ada.git("remote", "set-url", "origin", "../nowhere.git")
    assert team.grace.data("pull", "--artifacts")["artifacts"] == []


# Artifacts that cannot be had


def stored(team: Team, ref: str) -> Path:
    """Where the DVC remote has a version's artifact."""
    return team.store / object_of(team.ada, ref).relative_to(team.ada.root / ".dvc/cache")


def spoil(team: Team) -> dict[Path, bytes]:
    """Three versions are in use: the artifact of the first is corrupt, and that of the second gone. As they were."""
    register(team.ada, 3, "--push", model="tumour/size")
    corrupt, missing = stored(team, "cancer@v1.0.0"), stored(team, "cancer@v1.1.0")
    intact = {file: file.read_bytes() for file in (corrupt, missing)}
    change(corrupt)
    missing.unlink()
    return intact


def shown(text: str) -> str:
    """Without the first digits of hashes, which are folders."""
    return re.sub(r"(?<=/md5/)[0-9a-f]{2}/", "<xx>/", text)


def unfetched(ran: Ran) -> list[list[str]]:
    return [one["versions"] for one in ran.data["failed"]]


def test_each_that_cannot_be_had_is_named_and_the_others_are_fetched(team: Team) -> None:
    intact = spoil(team)
    left = {name: (team.store / name).read_bytes() for name in team.objects()}
    ran = team.grace.mreg("pull", "--artifacts", code=3)
    check("pull-unfetched.txt", shown(said(ran)), folder=team.root)
    assert object_of(team.grace, "tumour/size@v1.0.0").read_bytes() == stored(team, "tumour/size@v1.0.0").read_bytes()
    for ref in ("cancer@v1.0.0", "cancer@v1.1.0"):
        assert not object_of(team.grace, ref).exists()
    assert {name: (team.store / name).read_bytes() for name in team.objects()} == left
    assert team.grace.tags() == team.ada.tags()
    for file, content in intact.items():
        file.unlink(missing_ok=True)
        file.write_bytes(content)
    again = team.grace.data("pull", "--artifacts")
    assert (again["artifacts"], again["failed"]) == (["cancer@v1.0.0", "cancer@v1.1.0"], [])


def test_what_cannot_be_had_in_json(team: Team) -> None:
    spoil(team)
    ran = team.grace.mreg("pull", "--artifacts", "--json", code=3)
    check("pull-unfetched.json", shown(ran.out), folder=team.root)
    assert ran.err == ""


def test_what_cannot_be_had_in_the_library(team: Team) -> None:
    intact = spoil(team)
    pulled = Registry(team.grace.root).pull(artifacts=True)
    corrupt, missing = pulled.failed
    assert pulled.artifacts == ("tumour/size@v1.0.0",)
    assert all(isinstance(one, Unfetched) for one in pulled.failed)
    assert (corrupt.versions, missing.versions) == (("cancer@v1.0.0",), ("cancer@v1.1.0",))
    assert isinstance(corrupt.error, CorruptObject)
    assert isinstance(missing.error, MissingObject)
    names = [path.parent.name + path.name for path in intact]
    assert [corrupt.error.expected, missing.error.object_hash] == names


@pytest.mark.parametrize("options", [(), ("--repo",)])
def test_get_names_the_artifact(team: Team, tmp_path: Path, options: tuple[str, ...]) -> None:
    spoil(team)
    there = [str(team.origin)] if options else []
    for ref, what in (("cancer@v1.0.0", "corrupt object"), ("cancer@v1.1.0", "object")):
        ran = team.grace.mreg("get", ref, *options, *there, "-o", tmp_path / "out", code=3)
        assert ran.err.startswith(f"mreg: model.joblib: {what} ")
        assert not (tmp_path / "out").exists()


def test_what_lost_is_told_besides_what_cannot_be_had(team: Team) -> None:
    spoil(team)
    team.ada.mreg("promote", "cancer@v1.1.0", "production", "--push")
    team.grace.mreg("archive", "cancer@v1.0.0")
    ran = team.grace.mreg("pull", "--artifacts", code=3)
    assert "not published: " in ran.out or "left out: " in ran.out
    assert "mreg: cancer@v1.1.0: model.joblib: object " in ran.err


def test_one_artifact_of_two_versions_is_named_once(team: Team) -> None:
    register(team.ada, 1, "--push", model="tumour/size")
    change(stored(team, "cancer@v1.0.0"))
    ran = team.grace.mreg("pull", "--artifacts", "--json", code=3)
    assert unfetched(ran) == [["cancer@v1.0.0", "tumour/size@v1.0.0"]]
    assert ran.data["artifacts"] == ["cancer@v1.1.0"]


def test_a_version_whose_pointer_is_broken(team: Team) -> None:
    team.ada.write("model.joblib.dvc", "outs: [")
    team.ada.commit("Break the pointer")
    team.ada.git("tag", "--annotate", "--message", "By hand", "cancer@v9.0.0")
    team.ada.git("push", "--quiet", "origin", "main", "cancer@v9.0.0")
    ran = team.grace.mreg("pull", "--artifacts", "--json", code=3)
    assert unfetched(ran) == [["cancer@v9.0.0"]]
    assert "model.joblib.dvc" in ran.data["failed"][0]["error"]["message"]
    assert ran.data["artifacts"] == ["cancer@v1.0.0"]


def test_no_remote_is_said_once(team: Team) -> None:
    register(team.ada, 3, "--push", model="tumour/size")
    team.grace.write(".dvc/config", "")
    ran = team.grace.mreg("pull", "--artifacts", code=3)
    check("pull-no-dvc-remote.txt", said(ran), folder=team.root)


def use_webdav(team: Team, servers: Servers, password: str) -> None:
    """Let Grace's artifacts come from a WebDAV server, to which she tells a password."""
    remote = servers.dvc("webdav")
    shutil.copytree(team.store / "files", remote.folder / "files")
    team.grace.write(".dvc/config", "")
    remote.configure(team.grace.root)
    team.grace.write(".dvc/config.local", f"['remote \"store\"']\n    password = {password}\n")


def test_a_wrong_password_is_said_once(team: Team, servers: Servers) -> None:
    register(team.ada, 3, "--push", model="tumour/size")
    use_webdav(team, servers, "s3cret-and-wrong")
    ran = team.grace.mreg("pull", "--artifacts", code=3)
    assert ran.err.count("mreg: ") == ran.err.count("hint: ") == 1
    assert ran.err.startswith("mreg: cancer@v1.0.0: DVC cannot read http://")
    assert "401" in ran.err
    assert "; the same goes for cancer@v1.1.0, tumour/size@v1.0.0\n" in ran.err
    assert "s3cret" not in said(ran)


@contextmanager
def hanging_up() -> Iterator[tuple[int, list[int]]]:
    """A port where every request breaks its connection, and as many entries as there were connections."""
    made: list[int] = []

    def serve() -> None:
        with suppress(OSError):  # closed
            while True:
                client, (_, port) = listener.accept()
                made.append(port)
                client.recv(1 << 16)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1], made
        listener.shutdown(socket.SHUT_RDWR)


def test_a_server_that_is_away_is_not_asked_for_every_version(team: Team, tmp_path: Path) -> None:
    for model in ("size", "age", "place"):
        register(team.ada, 3, "--push", model=f"tumour/{model}")
    with hanging_up() as (port, made):
        url = f"http://127.0.0.1:{port}/store"
        team.grace.write(".dvc/config", f"[core]\n    remote = store\n['remote \"store\"']\n    url = {url}\n")
        team.grace.mreg("get", "cancer@v1.0.0", "-o", tmp_path / "out", code=3)
        once = len(made)
        ran = team.grace.mreg("pull", "--artifacts", "--json", code=3)
    assert len(made) == 3 * once, "two attempts for five versions"
    others = [f"tumour/{model}@v1.0.0" for model in ("age", "place", "size")]
    assert unfetched(ran) == [["cancer@v1.0.0", "cancer@v1.1.0", *others]]
    assert ran.data["artifacts"] == []


def in_folder(project: Project, name: str, content: str) -> None:
    project.write(f"{name}/part", content)
    project.write(f"{name}/rest", "the rest")


@pytest.mark.parametrize("damaged", ["object", "member", "manifest"])
def test_a_push_names_the_version_whose_object_is_corrupt(team: Team, damaged: str) -> None:
    in_folder(team.ada, "model", "weights")
    for model in ("one", "two"):
        team.ada.write(f"{model}.bin", model)
        team.ada.mreg("register", model, f"{model}.bin")
    team.ada.mreg("register", "folder", "model")
    files = {"object": object_of(team.ada, "two@v1.0.0"), "manifest": object_of(team.ada, "folder@v1.0.0")}
    change(files.get(damaged) or next(path for path in cached(team.ada) if path.read_bytes() == b"weights"))
    ran = team.ada.mreg("push", code=3)
    name = "two@v1.0.0: two.bin" if damaged == "object" else "folder@v1.0.0: model"
    assert ran.err.startswith(f"mreg: {name}: corrupt object ")
    facts = team.ada.mreg("push", "--json", code=3).data["facts"]
    assert f"{facts['version']}: {facts['path']}" == name
    assert "refs/tags/two@v1.0.0" not in team.refs()


def cached(project: Project) -> list[Path]:
    return [path for path in (project.root / ".dvc/cache/files").rglob("*") if path.is_file()]


def test_own_events_follow(team: Team) -> None:
    team.ada.mreg("alias", "cancer@v1.1.0", "champion", "--push")
    team.grace.mreg("promote", "cancer@v1.1.0", "production")
    check("pull-followed.txt", said(team.grace.mreg("pull")))
    newest = team.grace.data("history", "--limit", "1")[0]
    assert (newest["event"], newest["sequence"], newest["parent"]) == ("promote", 5, team.refs()[HEAD])
    assert team.grace.data("verify")["faults"] == []
    assert team.grace.git("rev-parse", HEAD) == newest["tag_object"]
    team.grace.mreg("push")


def test_json(team: Team) -> None:
    register(team.ada, 3)
    team.ada.mreg("promote", "cancer@v1.2.0", "production")
    team.ada.mreg("push")
    team.grace.mreg("promote", "cancer@v1.1.0", "production")
    team.grace.mreg("alias", "cancer@v1.1.0", "champion")
    check("pull.json", team.grace.mreg("pull", "--json", code=1).out)


def test_what_lost_is_set_aside_until_it_is_done_again(team: Team) -> None:
    register(team.ada, 3, "--stage", "production", "--push")
    team.grace.mreg("promote", "cancer@v1.1.0", "production", "-m", "mine")
    check("pull-lost.txt", said(team.grace.mreg("pull", code=1)))
    assert team.grace.data("resolve", "cancer@production")["version"] == "1.2.0"
    check("status-set-aside.txt", said(team.grace.mreg("status")))
    team.grace.mreg("promote", "cancer@v1.1.0", "production", "--push")
    assert team.grace.data("status")["set_aside"] == []
    assert git(team.grace.root, "for-each-ref", "refs/mreg-aside") == ""


def test_what_is_set_aside_can_be_forgotten(team: Team) -> None:
    register(team.ada, 3, "--stage", "production", "--push")
    team.grace.mreg("promote", "cancer@v1.1.0", "production")
    team.grace.mreg("pull", code=1)
    command = team.grace.mreg("status").err.rpartition("forget it: ")[2].split()
    team.grace.git(*command[1:])
    assert said(team.grace.mreg("status")) == "1 model is the same here and on origin\n"


def test_two_register_the_same_version(team: Team) -> None:
    register(team.ada, 3, "--push")
    register(team.grace, 4)
    team.grace.mreg("annotate", "cancer@v1.2.0", "mine=true")
    check("pull-registered.txt", said(team.grace.mreg("pull", code=1)))
    assert team.grace.data("resolve", "cancer@v1.2.0")["commit"] == team.ada.git("rev-parse", "HEAD")
    team.grace.git("pull", "--quiet", "--no-rebase", "--no-edit", "-X", "ours", "origin", "main")
    assert "v1.3.0 is registered" in register(team.grace, 4, "--push")
    team.ada.mreg("pull")
    assert team.ada.data("verify")["faults"] == team.grace.data("verify")["faults"] == []
    assert "mine" not in team.ada.data("show", "cancer@v1.3.0")["annotations"]


def test_annotations_follow_a_registration_that_is_written_anew(team: Team) -> None:
    team.ada.mreg("promote", "cancer@v1.1.0", "staging", "--push")
    register(team.grace, 4)
    team.grace.mreg("annotate", "cancer@v1.2.0", "mine=true")
    team.grace.mreg("push")
    team.ada.mreg("pull")
    assert team.ada.data("show", "cancer@v1.2.0")["annotations"]["mine"]["value"] is True


# Forks that git itself brings, and refs that are missing


@pytest.mark.parametrize("command", ["pull", "push"])
def test_a_plain_fetch_leaves_a_fork_that_is_mended(team: Team, command: str) -> None:
    team.ada.mreg("alias", "cancer@v1.1.0", "champion", "--push")
    team.grace.mreg("promote", "cancer@v1.1.0", "production")
    team.grace.git("fetch", "--quiet")
    assert "two clones wrote at once" in str(team.grace.mreg("verify", "--json", code=1).data)
    team.grace.mreg(command)
    team.grace.mreg("push")
    assert team.grace.data("verify")["faults"] == []
    team.ada.mreg("pull")
    assert team.ada.git("for-each-ref", "refs/tags") == team.grace.git("for-each-ref", "refs/tags")


def test_without_a_head_that_was_seen(team: Team) -> None:
    """The tags alone tell that there is a fork."""
    team.ada.mreg("alias", "cancer@v1.1.0", "champion", "--push")
    team.there("update-ref", "-d", HEAD)
    team.grace.git("update-ref", "-d", SEEN)
    team.grace.mreg("promote", "cancer@v1.1.0", "production")
    assert [pair["tag"] for pair in team.grace.data("pull")["rewritten"]] == ["cancer@v1.1.0-production"]
    assert team.grace.data("verify")["faults"] == []


@pytest.mark.parametrize("gone", [[HEAD], [SEEN], [HEAD, SEEN]])
def test_missing_refs_here(team: Team, gone: list[str]) -> None:
    for ref in gone:
        team.grace.git("update-ref", "-d", ref)
    team.ada.mreg("alias", "cancer@v1.1.0", "champion", "--push")
    team.grace.mreg("promote", "cancer@v1.1.0", "production", "--push")
    team.ada.mreg("pull")
    assert team.ada.data("verify")["faults"] == team.grace.data("verify")["faults"] == []


def test_a_stale_memory_of_the_remote(team: Team) -> None:
    old = team.grace.git("rev-parse", SEEN)
    team.ada.mreg("alias", "cancer@v1.1.0", "champion", "--push")
    team.grace.mreg("pull")
    team.grace.git("update-ref", SEEN, old)
    team.grace.mreg("promote", "cancer@v1.1.0", "production", "--push")
    assert team.refs()[HEAD] == team.grace.git("rev-parse", HEAD)


def test_a_clone_that_git_made(team: Team) -> None:
    plain = team.clone("plain")
    check("pull-plain-clone.txt", said(plain.mreg("pull")))
    plain.mreg("promote", "cancer@v1.1.0", "production", "--push")
    team.ada.mreg("pull")
    assert team.ada.data("resolve", "cancer@production")["version"] == "1.1.0"


def test_nothing_unpublished_is_pruned(team: Team) -> None:
    """A person who wants stale branches gone keeps their tags."""
    for key in ("fetch.prune", "fetch.pruneTags", "remote.origin.prune", "remote.origin.pruneTags"):
        team.grace.git("config", key, "true")
    team.grace.mreg("promote", "cancer@v1.1.0", "production")
    team.grace.mreg("alias", "cancer@v1.1.0", "champion")
    team.grace.mreg("pull")
    assert [event["event"] for event in team.grace.data("status")["models"][0]["unpublished"]] == ["promote", "alias"]


# Tags that are not the same


def test_a_tag_deleted_there(team: Team) -> None:
    team.there("tag", "--delete", "cancer@v1.0.0-production")
    check("push-deleted.txt", said(team.ada.mreg("push", code=1)))
    assert "refs/tags/cancer@v1.0.0-production" not in team.refs()
    team.ada.mreg("promote", "cancer@v1.1.0", "staging")
    team.ada.mreg("push", code=1)
    assert "refs/tags/cancer@v1.0.0-production" not in team.refs()
    assert "cancer@v1.0.0-production" in team.ada.tags()


def test_the_newest_tag_deleted_there(team: Team) -> None:
    """Nothing is published on top of it, and its head stays as the proof, until somebody restores the tag."""
    team.ada.mreg("promote", "cancer@v1.1.0", "production", "--push")
    team.there("tag", "--delete", "cancer@v1.1.0-production")
    team.ada.mreg("alias", "cancer@v1.1.0", "champion")
    before = team.refs()
    for _ in range(2):
        check("push-on-deleted.txt", said(team.ada.mreg("push", code=1)))
        assert team.refs() == before
    team.grace.mreg("alias", "cancer@v1.0.0", "first")
    assert "differs: refs/mreg/cancer@head is " in said(team.grace.mreg("push", code=1))
    assert team.refs() == before
    team.ada.git("push", "--quiet", "origin", "cancer@v1.1.0-production")
    team.ada.mreg("push")
    team.grace.mreg("push")
    assert team.grace.data("verify")["faults"] == []


def test_a_tag_moved_there(team: Team) -> None:
    team.there("tag", "--force", "cancer@v1.0.0-production", "main")
    check("pull-moved.txt", said(team.ada.mreg("pull", code=1)))
    assert team.ada.git("cat-file", "-t", "cancer@v1.0.0-production") == "tag"
    check("status-moved.txt", said(team.ada.mreg("status")))
    assert "differs: " in said(team.ada.mreg("push", code=1))
    assert team.refs()["refs/tags/cancer@v1.0.0-production"] == team.there("rev-parse", "main")


def test_tags_made_by_hand(team: Team) -> None:
    team.ada.git("tag", "-a", "-m", "By hand", "cancer@v0.1.0", "main")
    assert [event["tag"] for event in team.ada.data("push", "cancer")["events"]] == ["cancer@v0.1.0"]
    team.there("tag", "cancer@v0.2.0", "main")
    team.ada.mreg("pull")
    assert {"cancer@v0.1.0", "cancer@v0.2.0"} < set(team.ada.tags())
    team.ada.mreg("promote", "cancer@v0.2.0", "staging", "--push")
    team.grace.mreg("pull")
    assert team.grace.data("verify")["faults"] == team.ada.data("verify")["faults"]
    assert said(team.ada.mreg("push")) == "origin has everything already: nothing to publish\n"


def test_a_tag_of_that_name_there_that_is_no_event(team: Team) -> None:
    tree = team.there("rev-parse", "main^{tree}")
    team.there("update-ref", "refs/tags/cancer@v1.2.0", tree)
    register(team.ada, 3)
    before = team.refs()
    check("push-taken.txt", said(team.ada.mreg("push", code=1)))
    assert {ref: oid for ref, oid in team.refs().items() if ref in before} == before
    assert said(team.ada.mreg("push")) == "origin has everything already: nothing to publish\n"


# Others


def test_another_persons_event(team: Team) -> None:
    team.ada.mreg("alias", "cancer@v1.1.0", "champion", "--push")
    team.grace.mreg("promote", "cancer@v1.1.0", "production")
    as_person(team.grace, "ada")
    check("pull-not-ours.txt", said(team.grace.mreg("pull", code=1)))


RACES: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    # what Ada does, what Grace does, what Grace hears
    "promote": (("promote", "cancer@v1.1.0", "production"), ("promote", "cancer@v1.1.0", "production"), "left out: "),
    "archive": (("archive", "cancer@v1.0.0"), ("promote", "cancer@v1.1.0", "production"), "came too late"),
    "yank": (("yank", "cancer@v1.1.0", "-m", "bad"), ("promote", "cancer@v1.1.0", "staging"), "came too late"),
    "alias": (("alias", "cancer@v1.1.0", "best"), ("alias", "cancer@v1.0.0", "best"), "came too late"),
    "aliases": (("alias", "cancer@v1.1.0", "best"), ("alias", "cancer@v1.0.0", "good"), "published"),
    "annotate": (("annotate", "cancer@v1.0.0", "a=1"), ("annotate", "cancer@v1.0.0", "b=2"), "published"),
    "same annotation": (("annotate", "cancer@v1.0.0", "a=1"), ("annotate", "cancer@v1.0.0", "a=2"), "published"),
    "staging": (("promote", "cancer@v1.0.0", "staging"), ("promote", "cancer@v1.1.0", "staging"), "published"),
}


@pytest.mark.parametrize("case", RACES)
def test_races(team: Team, case: str) -> None:
    theirs, own, heard = RACES[case]
    team.ada.mreg(*theirs, "--push")
    team.grace.mreg(*own)
    assert heard in said(team.grace.mreg("push", code=int(heard == "came too late")))
    team.ada.mreg("pull")
    for person in (team.ada, team.grace):
        assert said(person.mreg("status")).startswith("1 model is the same here and on origin\n")
        assert person.data("verify")["faults"] == []
    assert team.ada.git("for-each-ref", "refs/tags", "refs/notes") == team.grace.git(
        "for-each-ref", "refs/tags", "refs/notes"
    )


@pytest.mark.parametrize("case", ["promote", "yank", "aliases"])
def test_races_of_commands_that_push(team: Team, case: str) -> None:
    theirs, own, heard = RACES[case]
    team.ada.mreg(*theirs, "--push")
    before = team.refs()
    ran = team.grace.mreg(*own, "--push", code=int(heard == "came too late"))
    check(f"push-at-once-{case}.txt", said(ran))
    assert (team.refs() == before) == (case != "aliases")
    assert team.grace.data("verify")["faults"] == []


def test_a_registration_lands_whose_promotion_is_lost(team: Team) -> None:
    team.ada.mreg("promote", "cancer@v1.1.0", "production", "--push")
    check("register-push-lost.txt", register(team.grace, 4, "--stage", "production", "--push", code=1))
    team.ada.mreg("pull")
    assert team.ada.data("resolve", "cancer@production")["version"] == "1.1.0"
    assert team.ada.data("resolve", "cancer@v1.2.0")["stage"] == "none"
    assert team.grace.data("status")["set_aside"][0]["stage"] == "production"

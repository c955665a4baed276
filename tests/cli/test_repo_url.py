"""`--repo URL`: a repository that is elsewhere answers as a full clone of it does."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mreg import Registry
from mreg.adapters.views import NoSuchRepository, Shelf, parse_address
from mreg.usecases.elsewhere import NotHere
from tests.adapters.dvcrepos import dvc
from tests.cli.program import SCRIPT, run, run_program
from tests.cli.projects import train
from tests.cli.snapshot import check
from tests.gitrepos import git, write
from tests.servers.fixtures import http_server_fixture, servers_fixture, ssh_server_fixture, webdav_fixture  # noqa: F401 - used by name

if TYPE_CHECKING:
    from tests.cli.program import Ran
    from tests.cli.projects import Project
    from tests.servers.dvcremotes import DvcRemote
    from tests.servers.gitservers import GitServer

QUESTIONS = [
    ("ls",),
    ("ls", "--at", "2026-02-10"),
    ("ls", "cancer", "--all"),
    ("show", "cancer@production"),
    ("show", "nlp/sentiment"),
    ("history", "cancer", "--stage", "production"),
    ("resolve", "cancer@production"),
    ("search", "annotations.validation_status == passed"),
    ("compare", "cancer@v1.0.0", "cancer@v1.1.0"),
    ("score", "cancer", "--weights", "f1=1"),
    ("lineage", "cancer@production"),
    ("impact", "data.csv"),
    ("who", "cancer@production"),
    ("verify",),
]


@pytest.fixture(scope="session")
def server(first_registry: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bare repository with the registry, that knows filters; its DVC remote is a folder. Not to be changed."""
    base = tmp_path_factory.mktemp("server")
    project = first_registry.copy(base / "project")
    dvc(project.root, "remote", "add", "-d", "store", str(base / "store"))
    project.commit("Name the DVC remote")
    shutil.copytree(project.root / ".dvc/cache", base / "store")
    return publish(project, base / "models.git")


def publish(project: Project, target: Path) -> Path:
    """Push everything to a new bare repository."""
    git(target.parent, "init", "--quiet", "--bare", str(target))
    git(target, "config", "uploadpack.allowFilter", "true")
    project.git("push", "--quiet", str(target), "refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*")
    project.git("push", "--quiet", str(target), "refs/mreg/*:refs/mreg/*", "refs/notes/mreg:refs/notes/mreg")
    return target


@pytest.fixture(scope="session")
def clone(server: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A full clone of the server, with what a clone leaves out. Not to be changed."""
    target = tmp_path_factory.mktemp("clone") / "project"
    git(target.parent, "clone", "--quiet", str(server), str(target))
    git(target, "fetch", "--quiet", "origin", "refs/mreg/*:refs/mreg/*", "refs/notes/mreg:refs/notes/mreg")
    return target


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's cache folder, for this test alone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def empty(tmp_path: Path, cache: Path) -> Path:
    """A folder without anything."""
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty"


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_as_in_a_clone(server: Path, clone: Path, empty: Path, question: tuple[str, ...]) -> None:
    expected = run(*question, "--json", folder=clone)
    answer = run(*question, "--json", "--repo", server, folder=empty)
    assert (answer.code, answer.out, answer.err) == (expected.code, expected.out, expected.err)
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize("question", [("history",), ("show", "cancer")], ids=" ".join)
def test_as_in_a_clone_for_a_person(server: Path, clone: Path, empty: Path, question: tuple[str, ...]) -> None:
    expected = run(*question, folder=clone)
    answer = run(*question, "--repo", server, folder=empty)
    assert (answer.code, answer.out, answer.err) == (expected.code, expected.out, expected.err)


def test_get(server: Path, empty: Path, cache: Path) -> None:
    ran = run("get", "cancer@production", "-o", "out", "--repo", server, folder=empty)
    assert (ran.code, ran.err) == (0, "")
    assert (empty / "out/model.joblib").read_bytes() == train(1).model
    run("get", "nlp/sentiment", "-o", "out", "--repo", f"file://{server}", folder=empty)
    assert (empty / "out/sentiment/weights.txt").read_text() == "good 1\nbad -1\n"
    assert sorted(path.name for path in empty.iterdir()) == ["out"]
    assert list((cache / "mreg/repositories").glob("*/artifacts/files/md5/*/*"))


def test_get_again(server: Path, empty: Path, tmp_path: Path) -> None:
    """What is here is neither fetched again nor copied again, even where the DVC remote is gone."""
    run("get", "cancer@production", "-o", "out", "--repo", server, folder=empty)
    before = (empty / "out/model.joblib").stat()
    traces = tmp_path / "traces"
    traces.mkdir()
    arguments = ("get", "cancer@production", "-o", "out", "--repo", server)
    ran = run_program(*arguments, folder=empty, env={"GIT_TRACE2_EVENT": str(traces)})
    assert (ran.code, ran.err) == (0, "")
    assert (empty / "out/model.joblib").stat().st_ino == before.st_ino
    events = [json.loads(line) for file in traces.iterdir() for line in file.read_text().splitlines()]
    started = [event["argv"] for event in events if event["event"] == "start"]
    assert sum("upload-pack" in words[0] for words in started) == 1
    assert not any(word == "pack-objects" for words in started for word in words)
    assert len(started) <= 7, started


def test_get_a_link(server: Path, empty: Path, cache: Path) -> None:
    run("get", "cancer@production", "-o", "out", "--link", "--repo", server, folder=empty)
    (kept,) = (cache / "mreg/repositories").glob("*/artifacts/files/md5/*/*")
    assert (empty / "out/model.joblib").stat().st_ino == kept.stat().st_ino


def test_get_if_changed(live: Project, empty: Path) -> None:
    arguments = ("get", "cancer@production", "-o", "out", "--if-changed", "--repo", live.root / "../models.git")
    for version in ("v1.0.0", "v1.1.0"):
        live.mreg("promote", f"cancer@{version}", "production")
        live.git("push", "--quiet", "../models.git", "--tags")
        assert run(*arguments, folder=empty).code == 0
        assert (empty / "out/model.joblib").read_bytes() == train(1 if version == "v1.0.0" else 3).model
        assert not run(*arguments, "--json", folder=empty).data["changed"]


@pytest.fixture
def live(registry: Project, tmp_path: Path) -> Project:
    """A project beside `models.git`, to which it has been pushed, with its artifacts in `store`, a relative path."""
    dvc(registry.root, "remote", "add", "-d", "store", "../store")
    registry.commit("Name the DVC remote")
    shutil.copytree(registry.root / ".dvc/cache", tmp_path / "store")
    publish(registry, tmp_path / "models.git")
    return registry


def test_a_relative_remote(live: Project, empty: Path) -> None:
    """The bare repository stands where the project stands: what is beside one is beside the other."""
    assert "url = ../../store" in live.read(".dvc/config")
    for number, repo in enumerate(("../models.git", "../project", "../project/.git")):
        ran = run("get", "cancer@production", "-o", f"out{number}", "--repo", repo, folder=empty)
        assert (ran.code, ran.err) == (0, "")
    ran = run("-C", empty / "..", "get", "cancer", "-o", "out", "--repo", "models.git", folder=Path("/"))
    assert ran.code == 0
    assert (empty / "../out/model.joblib").exists()


def test_a_relative_remote_of_a_repository_that_is_elsewhere(live: Project, empty: Path, tmp_path: Path) -> None:
    (tmp_path / "srv/git").mkdir(parents=True)
    (tmp_path / "models.git").rename(tmp_path / "srv/git/models.git")
    ran = run("get", "cancer@production", "-o", "out", "--repo", "../srv/git/models.git", folder=empty)
    assert ran.code == 3
    assert ran.err.splitlines()[1] == (
        "hint: ../../store, the URL of store in .dvc/config, is relative, and was taken to mean "
        f"{tmp_path}/srv/git/store: if it is "
        "elsewhere, give the remote an absolute path (dvc remote modify store url PATH), and push that; "
        "if not, push it from a clone that has it (`dvc push`), then run the command again"
    )


def test_what_is_kept_may_go_at_any_time(live: Project, empty: Path, cache: Path, tmp_path: Path) -> None:
    """Here, in the middle of a fetch: what is got begins anew, once."""
    times, kept = tmp_path / "times", cache / "mreg/repositories"
    script = f'#!/bin/sh\nread times < "{times}"\ntest $times = 0 || rm -rf "{kept}"/*git-*\n'
    hook = write(tmp_path / "hook", f'{script}echo $((times - (times > 0))) > "{times}"\nexec "$@"\n')
    hook.chmod(0o755)
    own = Path(os.environ["GIT_CONFIG_GLOBAL"]).read_text()
    env = {"GIT_CONFIG_GLOBAL": str(write(tmp_path / "gitconfig", f"{own}[uploadpack]\n packObjectsHook = {hook}\n"))}
    get = ("get", "cancer@production", "-o", "out", "--repo", "../models.git")
    write(times, "9\n")
    ran = run(*get, folder=empty, env=env)
    assert ran.code != 0
    assert "was removed meanwhile: run the command again" in ran.err
    write(times, "1\n")
    ran = run(*get, folder=empty, env=env)
    assert (ran.code, ran.err) == (0, "")
    assert (empty / "out/model.joblib").read_bytes() == train(1).model


def test_no_place_to_keep_things(server: Path, empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(write(empty / "../file", "")))
    ran = run("get", "cancer@production", "-o", "out", "--repo", server, folder=empty)
    assert ran.code == 3
    assert "cannot write to" in ran.err
    assert "removed meanwhile" not in ran.err


def test_a_remote_without_the_artifact(live: Project, empty: Path, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "store/files")
    ran = run("get", "cancer@production", "-o", "out", "--repo", tmp_path / "models.git", folder=empty)
    assert ran.code == 3
    assert "is neither in the local DVC cache nor in" in ran.err
    live.write(".dvc/config", "")
    live.commit("Name no remote")
    live.git("push", "--quiet", "../models.git", "main")
    ran = run("get", "cancer@production", "-o", "out", "--repo", tmp_path / "models.git", folder=empty)
    assert ran.code == 3
    assert "there is no DVC remote to fetch it from" in ran.err
    live.git("rm", "--quiet", "-r", "--cached", ".dvc")
    live.git("commit", "--quiet", "--message", "No DVC")
    live.git("push", "--quiet", "../models.git", "main")
    ran = run("get", "cancer@production", "-o", "out", "--repo", tmp_path / "models.git", folder=empty)
    assert ran.code == 1
    assert not (empty / "out").exists()


def test_a_moved_folder_of_cards(live: Project, empty: Path) -> None:
    """Cards are found where the commit kept them, and DVC's configuration where HEAD has it."""
    live.git("mv", "models", "cards")
    live.write(".mreg.yaml", "models_dir: cards\nstages:\n  canary: {}\n")
    live.commit("Move the cards")
    live.mreg("promote", "cancer@v1.0.0", "canary")
    live.git("push", "--quiet", "../models.git", "main", "--tags")
    ran = run("get", "cancer@canary", "-o", "out", "--repo", "../models.git", folder=empty)
    assert (ran.code, ran.err) == (0, "")
    ran = run("resolve", "cancer@shadow", "--repo", "../models.git", folder=empty)
    assert ran.code == 1


def test_what_is_new_is_seen(live: Project, empty: Path) -> None:
    question = ("resolve", "cancer@production", "--json", "--repo", "../models.git")
    for version in ("v1.1.0", "v1.0.0", "v2.0.0-rc.1"):
        live.mreg("promote", f"cancer@{version}", "production")
        live.git("push", "--quiet", "../models.git", "--tags")
        assert f"v{run(*question, folder=empty).data['version']}" == version
    git(empty / "../models.git", "tag", "--delete", "cancer@v2.0.0-rc.1-production")
    assert run(*question, folder=empty).data["version"] == "1.0.0"


def test_scores_come_from_the_whole_history(live: Project, empty: Path) -> None:
    live.write(".mreg.yaml", "metrics: {f1: {weight: 1}}\n")
    live.commit("Weigh")
    live.git("push", "--quiet", "../models.git", "main")
    expected = live.mreg("ls")
    answer = run("ls", "--repo", "../models.git", folder=empty)
    assert (answer.code, answer.out, answer.err) == (0, expected.out, expected.err)


def test_what_is_not_there(server: Path, empty: Path) -> None:
    ran = run("show", "cancr", "--repo", server, folder=empty)
    assert ran.code == 1
    assert "did you mean cancer?" in ran.err
    assert run("show", "cancer@v9.0.0", "--repo", server, folder=empty).code == 1
    assert run("show", "can*", "--repo", server, folder=empty).code == 2
    assert run("ls", "--repo", "gone.git", folder=empty).code == 2
    assert run("ls", "--repo", ".", folder=empty).code == 3
    ran = run("ls", "-C", "gone", "--repo", server, folder=empty)
    assert "there is no folder" in ran.err


def test_an_empty_url(empty: Path) -> None:
    """As of a variable that is not set."""
    ran = run("ls", "--repo", "", folder=empty)
    assert (ran.code, ran.err.splitlines()[0]) == (2, "mreg: the repository's URL is empty")


def test_hints_lead_to_the_same_repository(live: Project, empty: Path, tmp_path: Path) -> None:
    there = tmp_path / "models.git"
    for question, hint in (
        ("nlp/sentiment@production", f"`mreg ls nlp/sentiment --repo {there}` shows the stages"),
        ("cancer@nobody", f"`mreg ls cancer --repo {there}` lists the versions"),
        ("zzz", f"`mreg ls --repo {there}` lists the models"),
    ):
        ran = run("get", question, "-o", "out", "--repo", "../models.git", folder=empty)
        assert (ran.code, ran.err.splitlines()[1]) == (1, f"hint: {hint}")
        asked = re.sub(".*`mreg (.*)`.*", r"\1", hint).split()
        assert run(*asked, folder=empty).code == 0
    git(empty, "init", "--quiet", "--bare", "../none.git")
    ran = run("resolve", "cancer", "--repo", "../none.git", folder=empty)
    assert "mreg register" not in ran.err
    assert f"hint: nothing is published in {tmp_path}/none.git: check the URL, or `mreg push` in the clone" in ran.err


def test_hints_tell_no_password(live: Project, empty: Path, http_server: GitServer) -> None:
    live.git("push", "--quiet", http_server.url, "refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*")
    url = str(http_server.url_with_credentials)
    ran = run("get", "nlp/sentiment@production", "-o", "out", "--repo", url, folder=empty)
    assert "--repo http://127.0.0.1" in ran.err
    assert http_server.password not in ran.err


def test_a_server_that_asks_who_is_there(empty: Path, http_server: GitServer) -> None:
    ran = run_program("ls", "--repo", str(http_server.url_refused), folder=empty)
    assert ran.code == 3
    assert "the server asks for user and password" in ran.err
    assert "credential helper" in ran.err
    assert "No such device" not in ran.err


def test_a_helper_that_takes_the_password_from_the_environment(
    live: Project, empty: Path, http_server: GitServer
) -> None:
    """As docs/guide/serve.md has it."""
    live.git("push", "--quiet", http_server.url, "refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*")
    helper = f'!f() {{ echo username={http_server.user}; echo "password=$GIT_TOKEN"; }}; f'
    env = {
        "GIT_TOKEN": http_server.password,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "credential.helper",
        "GIT_CONFIG_VALUE_0": helper,
    }
    ran = run_program("resolve", "cancer@production", "--repo", str(http_server.url_refused), folder=empty, env=env)
    assert (ran.code, ran.err) == (0, "")


def test_a_transport_that_is_not_allowed(empty: Path) -> None:
    ran = run("ls", "--repo", "ext::sh -c true", folder=empty)
    assert ran.code == 3
    assert "hint: git's setting protocol.ext.allow forbids such URLs" in ran.err


def test_a_scheme_that_git_does_not_know(empty: Path) -> None:
    ran = run("ls", "--repo", "htps://example.com/models.git", folder=empty)
    assert ran.code == 3
    assert "hint: check the repository's URL" in ran.err


def test_a_server_whose_key_is_unknown(empty: Path, ssh_server: GitServer, monkeypatch: pytest.MonkeyPatch) -> None:
    command = f"{os.environ['GIT_SSH_COMMAND']} -o UserKnownHostsFile=/dev/null"
    monkeypatch.setenv("GIT_SSH_COMMAND", command)
    ran = run("ls", "--repo", ssh_server.url, folder=empty)
    assert ran.code == 3
    assert "known_hosts" in ran.err
    assert "run the same command again" not in ran.err


@pytest.mark.parametrize("size", ["150k", "250k"])
def test_a_full_disk_here(live: Project, empty: Path, tmp_path: Path, size: str) -> None:
    """Full at the first ref, of which git does not say why it was not written, or within the pack."""
    live.write("noise", os.urandom(100_000).hex())
    live.commit("Noise")
    live.git("push", "--quiet", "../models.git", "main")
    (tmp_path / "disk").mkdir()
    mount = f'mount -t tmpfs -o size={size} none "{tmp_path}/disk" && exec "$@"'
    small = ("unshare", "--map-root-user", "--mount", "sh", "-c", mount, "sh")
    if shutil.which("unshare") is None or subprocess.run([*small, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system does not let us mount a file system")
    env = {"XDG_CACHE_HOME": str(tmp_path / "disk")}
    ran = run_program("who", "cancer", "--repo", "../models.git", folder=empty, env=env, program=(*small, SCRIPT))
    assert ran.code == 3
    assert "free some disk space here" in ran.err
    assert "server" not in ran.err


def test_a_server_that_fails_is_never_an_old_answer(live: Project, empty: Path, tmp_path: Path) -> None:
    for question in (("resolve", "cancer@production"), ("ls",), ("ls", "cancer"), ("get", "cancer", "-o", "out")):
        assert run(*question, "--repo", "../models.git", folder=empty).code == 0
        (tmp_path / "models.git").rename(tmp_path / "away.git")
        (tmp_path / "models.git").mkdir()
        ran = run(*question, "--repo", "../models.git", folder=empty)
        assert (ran.code, ran.out) == (3, "")
        (tmp_path / "models.git").rmdir()
        (tmp_path / "away.git").rename(tmp_path / "models.git")


def test_an_empty_repository(empty: Path) -> None:
    git(empty, "init", "--quiet", "--bare", "../none.git")
    for question in (("ls",), ("history",), ("search",), ("verify",)):
        assert run(*question, "--repo", "../none.git", folder=empty).code == 0
    assert run("get", "cancer", "-o", "out", "--repo", "../none.git", folder=empty).code == 1


URL = "http://annabel:s3cret@127.0.0.1:1/models.git"


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_credentials_never_appear(empty: Path, cache: Path, form: tuple[str, ...]) -> None:
    for question in (("ls",), ("show", "cancer"), ("ls", "cancer"), ("get", "cancer", "-o", "out")):
        ran = run(*question, *form, "--repo", URL, folder=empty)
        assert ran.code == 3
        assert "127.0.0.1:1/models.git" in ran.err
        assert "s3cret" not in ran.out + ran.err
        assert "annabel" not in ran.out + ran.err
    for command in (("cache", "info"), ("cache", "clear", URL)):
        ran = run(*command, *form, folder=empty)
        assert "http://127.0.0.1:1/models.git" in ran.out
        assert "s3cret" not in ran.out + ran.err
        for path in cache.rglob("*"):
            assert "s3cret" not in path.name
            assert not path.is_file() or b"s3cret" not in path.read_bytes()


def test_no_writing(server: Path, cache: Path) -> None:
    there = Registry.at(str(server))
    with pytest.raises(NotHere):
        there.promote("cancer@v1.0.0", "production")
    with pytest.raises(NotHere):
        there.annotate("cancer@v1.0.0", {"a": 1})
    assert there.resolve("cancer@production").stage == "production"


def test_many_at_once(server: Path, empty: Path) -> None:
    def get(number: int) -> Ran:
        return run_program("get", "cancer@production", "-o", f"out{number}", "--repo", server, folder=empty)

    with ThreadPoolExecutor(3) as pool:
        for ran in pool.map(get, range(3)):
            assert (ran.code, ran.err) == (0, "")
    assert {(empty / f"out{number}/model.joblib").read_bytes() for number in range(3)} == {train(1).model}


def test_a_kill_in_the_middle_of_a_fetch(live: Project, empty: Path, tmp_path: Path) -> None:
    """The server stands still in the middle of its answer, mreg is killed, git goes on for a while."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    reached = tmp_path / "reached"
    hook = write(tmp_path / "hook", f'#!/bin/sh\ntouch "{reached}"\ncat "{gate}" > /dev/null\nexec "$@"\n')
    hook.chmod(0o755)
    base = Path(os.environ["GIT_CONFIG_GLOBAL"]).read_text()
    slow = write(tmp_path / "slow", f"{base}[uploadpack]\n    packObjectsHook = {hook}\n")
    arguments = ("resolve", "cancer@production", "--repo", tmp_path / "models.git")
    env = os.environ | {"GIT_CONFIG_GLOBAL": str(slow)}
    with subprocess.Popen([SCRIPT, *arguments], cwd=empty, env=env, stdout=subprocess.DEVNULL) as process:
        while not reached.exists():
            assert process.poll() is None
        process.kill()
    gate.write_text("go on\n")
    ran = run(*arguments, folder=empty)
    assert (ran.code, ran.err) == (0, "")


def steady(text: str, cache: Path, server: Path) -> str:
    """What is the same in every run: numbers of bytes, times and names of folders are not."""
    text = text.replace(str(cache), "<cache>").replace(str(server), "<server>")
    text = re.sub(r'(?<=repositories/)[^"]+', "<key>", text)
    return re.sub(r'(?<=": )[1-9]\d*|\d{4}-\d\d-\d\dT[\d:]+Z', "1", text)


def test_cache_info(server: Path, empty: Path, cache: Path) -> None:
    check("cache-info-empty.txt", run("cache", "info", folder=empty).out)
    run("get", "cancer@production", "-o", "out", "--repo", server, folder=empty)
    ran = run("cache", "info", "--json", folder=empty)
    check("cache-info.json", steady(ran.out, cache, server))
    data = ran.data
    (kept,) = data["repositories"]
    assert data["folder"] == str(cache / "mreg/repositories")
    assert kept["url"] == str(server)
    assert Path(kept["folder"]).parent == cache / "mreg/repositories"
    assert kept["artifacts"] == len(train(1).model)
    assert kept["repository"] > 1000
    shown = run("cache", "info", folder=empty).out
    assert str(server) in shown
    assert str(cache) in shown


def test_cache_clear(server: Path, live: Project, empty: Path, cache: Path, tmp_path: Path) -> None:
    assert run("cache", "clear", "--json", folder=empty).data == {"removed": [], "in_use": [], "freed": 0}
    for repo in (server, "../models.git"):
        run("get", "cancer@production", "-o", "out", "--repo", repo, folder=empty)
    ran = run("cache", "clear", "../models.git", folder=empty)
    assert (ran.code, ran.out.splitlines()[-1][:6]) == (0, "freed ")
    assert "is kept of" in run("cache", "clear", "../models.git", folder=empty).err
    ran = run("cache", "clear", "--json", folder=empty)
    check("cache-clear.json", steady(ran.out, cache, server))
    data = ran.data
    assert [kept["url"] for kept in data["removed"]] == [str(server)]
    assert data["freed"] > len(train(1).model)
    assert [path.name for path in (cache / "mreg/repositories").iterdir()] == ["locks"]
    assert run("get", "cancer@production", "-o", "out", "--repo", server, folder=empty).code == 0


def test_cache_clear_of_what_is_not_kept(server: Path, live: Project, empty: Path, tmp_path: Path) -> None:
    ran = run("cache", "clear", "/not/kept", folder=empty)
    assert (ran.code, ran.err) == (1, "mreg: nothing is kept of /not/kept\nhint: mreg cache info lists what is kept\n")
    run("ls", "--repo", "../models.git", folder=empty)
    (tmp_path / "models.git").rename(tmp_path / "gone.git")
    assert run("cache", "clear", "../models.git", folder=empty).code == 0
    with pytest.raises(NoSuchRepository) as caught:
        Registry.at("/not/there")
    assert "--repo" not in caught.value.hint


def test_cache_clear_leaves_what_is_used(server: Path, empty: Path) -> None:
    use = Shelf().use(parse_address(str(server), empty))
    ran = run("cache", "clear", folder=empty)
    assert ran.out == "nothing was removed\n"
    assert ran.err == f"note: {server} is being used at the moment, so it was left\n"
    assert use.folder.is_dir()


def test_cache_clear_removes_nothing_else(server: Path, empty: Path, cache: Path, tmp_path: Path) -> None:
    run("ls", "--repo", server, folder=empty)
    shelf = cache / "mreg/repositories"
    (kept,) = (path for path in shelf.iterdir() if path.name != "locks")
    mine = write(tmp_path / "mine/file", "mine").parent
    shutil.copy(kept / "repository.json", mine)
    (shelf / "link").symlink_to(mine)
    (kept / "inside").symlink_to(mine)
    write(shelf / "other/file", "not mreg's")
    assert len(run("cache", "clear", "--json", folder=empty).data["removed"]) == 1
    assert sorted(path.name for path in mine.iterdir()) == ["file", "repository.json"]
    assert sorted(path.name for path in shelf.iterdir()) == ["link", "locks", "other"]


def test_another_machine(live: Project, empty: Path, ssh_server: GitServer) -> None:
    live.git(
        "push", "--quiet", ssh_server.url, "refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*", "refs/notes/mreg"
    )
    for question in (("show", "cancer@production"), ("search", "validation")):
        expected = live.mreg(*question)
        assert run(*question, "--repo", ssh_server.url, folder=empty).out == expected.out
    ran = run("get", "cancer@production", "-o", "out", "--repo", ssh_server.url, folder=empty)
    assert ran.code == 1
    assert "the DVC remote store" in ran.err
    assert "a folder of another machine" in ran.err


def test_nothing_is_on_this_machine(
    live: Project, empty: Path, http_server: GitServer, webdav: DvcRemote, monkeypatch: pytest.MonkeyPatch
) -> None:
    live.write(".dvc/config", "")
    webdav.configure(live.root)
    shutil.copytree(live.root / ".dvc/cache/files", webdav.folder / "files")
    live.commit("Keep artifacts on a server")
    live.git("push", "--quiet", http_server.url, "refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*")
    ran = run("get", "cancer@production", "-o", "out", "--repo", http_server.url, folder=empty)
    assert ran.code == 3
    assert "the DVC remote store wants a password" in ran.err
    assert "/config: a line ['remote \"store\"'], and below it password = PASSWORD" in ran.err
    # The password is for this machine to know: the repository does not tell it.
    password = f"['remote \"store\"']\n    password = {webdav.secrets['password']}\n"
    monkeypatch.setenv("DVC_GLOBAL_CONFIG_DIR", str(write(empty / "../dvc/config", password).parent))
    ran = run("get", "cancer@production", "-o", "out", "--repo", http_server.url, folder=empty)
    assert (ran.code, ran.err) == (0, "")
    assert (empty / "out/model.joblib").read_bytes() == train(1).model


def test_a_password_in_the_url(live: Project, empty: Path, cache: Path, http_server: GitServer) -> None:
    url = str(http_server.url_with_credentials)
    live.git("push", "--quiet", http_server.url, "refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*")
    for question in (("resolve", "cancer@production"), ("show", "cancer@production"), ("search", "validation")):
        ran = run(*question, "--repo", url, "--json", folder=empty)
        assert ran.code == 0, ran.err
        assert http_server.password not in ran.out + ran.err
    seen = len(http_server.requests())
    assert run("resolve", "cancer@production", "--repo", url, folder=empty).code == 0
    posts = [request for request in http_server.requests()[seen:] if request.method == "POST"]
    assert len(posts) == 1  # names and ids of one model's refs
    ran = run("resolve", "cancer@production", "--repo", str(http_server.url_refused), folder=empty)
    assert ran.code == 3
    assert http_server.password not in ran.err
    wrong = url.replace(http_server.password, "not-this-one")
    ran = run("resolve", "cancer@production", "--repo", wrong, folder=empty)
    assert ran.code == 3
    assert "not-this-one" not in ran.err
    for path in cache.rglob("*"):
        assert http_server.password not in path.name
        assert not path.is_file() or http_server.password.encode() not in path.read_bytes()
    assert run("cache", "info", "--json", folder=empty).out.count(http_server.user) == 0


def test_a_server_that_is_cut_off(live: Project, empty: Path, http_server: GitServer) -> None:
    live.git("push", "--quiet", http_server.url, "refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*")
    question = ("resolve", "cancer@production", "--repo", http_server.url)
    assert run(*question, folder=empty).code == 0
    http_server.stop()
    try:
        ran = run(*question, folder=empty)
    finally:
        http_server.start()
    assert (ran.code, ran.out) == (3, "")
    assert "check the network" in ran.err
    assert run(*question, folder=empty).code == 0

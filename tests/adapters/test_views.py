"""Views of repositories that are elsewhere: what is fetched, what mends itself, what is refused."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from mreg.adapters.files import remove
from mreg.adapters.git.remote import RemoteFailed
from mreg.adapters.git.repository import NoSuchFolder
from mreg.adapters.git.transaction import lock_file
from mreg.adapters.views import Depth, NoSuchRepository, Shelf, View, Wanted, open_view, parse_address
from mreg.adapters.views.artifacts import ImportedElsewhere, RemoteDvc
from mreg.adapters.views.dvcconfig import UnreadableConfiguration, UnusableRemote, read_dvc_settings
from mreg.adapters.views.fetching import environment
from mreg.adapters.views.patience import NoAnswer, patience
from mreg.core.pointer import Pointer
from tests.gitrepos import git, new_repository, run_git, write
from tests.servers.files import served
from tests.servers.processes import HOST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@pytest.fixture(scope="session")
def first_server(environment: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bare repository with two models of three versions each. Not to be changed."""
    return build(tmp_path_factory.mktemp("first-server"))


def build(base: Path, *, object_format: str = "sha1") -> Path:
    work = new_repository(base / "work", object_format=object_format)
    for number in range(3):
        for model in ("churn", "churn-eu"):
            write(work / f"models/{model}/card.yaml", f"version: 1.{number}.0\n")
            write(work / f"{model}.bin.dvc", f"outs: [{number}]\n")
            write(work / f"src/{model}.py", f"print({number})\n")
            git(work, "add", "--all")
            git(work, "commit", "--quiet", "--message", f"{model} {number}")
            git(work, "tag", "--message", f"{model} {number}", f"{model}@v1.{number}.0")
            git(work, "update-ref", f"refs/mreg/{model}@head", f"refs/tags/{model}@v1.{number}.0")
    git(work, "notes", "--ref=mreg", "add", "--message", "a note", "churn@v1.0.0")
    server = base / "server.git"
    git(base, "clone", "--quiet", "--mirror", str(work), str(server))
    git(server, "config", "uploadpack.allowFilter", "true")
    return server


@pytest.fixture
def server(first_server: Path, tmp_path: Path) -> Path:
    """The same, this test's own."""
    return shutil.copytree(first_server, tmp_path / "server.git")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "kept")


def view_of(server: Path | str, shelf: Shelf, depth: Depth = Depth.TIPS) -> View:
    return open_view(shelf, parse_address(str(server), shelf.folder.parent), depth)


def refs(view: View, pattern: str = "refs/tags") -> list[str]:
    return git(view.git.git_dir, "for-each-ref", "--format=%(refname)", pattern).splitlines()


def objects(view: View) -> list[str]:
    """The types of all objects that have been fetched."""
    found = git(view.git.git_dir, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)")
    return sorted(found.splitlines())


def test_the_tags_of_one_model(server: Path, shelf: Shelf) -> None:
    view = view_of(server, shelf)
    view.refresh("churn")
    assert refs(view, "refs") == [
        "refs/mreg/churn@head",
        *(f"refs/tags/churn@v1.{number}.0" for number in range(3)),
        "refs/view/head",
    ]
    assert objects(view) == ["commit"] * 4 + ["tag"] * 3  # the versions' commits and HEAD, without parents or trees


def test_another_model_is_added(server: Path, shelf: Shelf) -> None:
    view_of(server, shelf).refresh("churn")
    view = view_of(server, shelf)
    view.refresh("churn-eu", notes=True)
    assert len(refs(view)) == 6
    assert refs(view, "refs/notes") == ["refs/notes/mreg"]


def test_everything(server: Path, shelf: Shelf) -> None:
    view = view_of(server, shelf, Depth.HISTORY)
    view.refresh(notes=True)
    asked = ("for-each-ref", "--format=%(objectname) %(refname)", "refs/tags", "refs/mreg", "refs/notes", "refs/heads")
    assert git(view.git.git_dir, *asked) == git(server, *asked)
    assert git(view.git.git_dir, "rev-parse", "HEAD") == git(server, "rev-parse", "HEAD")
    assert git(view.git.git_dir, "rev-list", "--all", "--objects") == git(server, "rev-list", "--all", "--objects")


@pytest.mark.parametrize("depth", Depth)
def test_what_changes_there_changes_here(server: Path, shelf: Shelf, depth: Depth) -> None:
    view_of(server, shelf, depth).refresh()
    git(server, "tag", "--delete", "churn@v1.0.0")
    git(server, "tag", "--force", "--message", "moved", "churn@v1.1.0", "churn@v1.2.0^{commit}")
    git(server, "tag", "--message", "new", "churn@v2.0.0", "HEAD~1")
    view = view_of(server, shelf, depth)
    view.refresh()
    asked = ("for-each-ref", "--format=%(objectname) %(refname)", "refs/tags", "refs/mreg")
    assert git(view.git.git_dir, *asked) == git(server, *asked)


def test_a_server_that_knows_no_filters(server: Path, shelf: Shelf) -> None:
    git(server, "config", "uploadpack.allowFilter", "false")
    view = view_of(server, shelf)
    view.refresh("churn")
    assert "blob" in objects(view)
    view.bring([Wanted(git(server, "rev-parse", "churn@v1.0.0^{commit}"), ("models/churn/card.yaml",))])
    assert len(refs(view)) == 3


@pytest.mark.parametrize("url", ["{}", "file://{}"])
def test_what_is_needed_of_a_commit_comes_level_by_level(server: Path, shelf: Shelf, tmp_path: Path, url: str) -> None:
    view = view_of(url.format(server), shelf)
    view.refresh("churn")
    commit, other = (git(server, "rev-parse", f"churn@v1.{number}.0^{{commit}}") for number in (1, 2))
    traces = tmp_path / "traces"
    traces.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_TRACE2_EVENT", str(traces))
        view = view_of(url.format(server), shelf)
        view.refresh("churn")
        for _ in range(2):
            view.bring(
                [Wanted(commit, ("models/churn/card.yaml", "no/such", "\udcff")), Wanted(other, ("src", "models"))]
            )
    # The tags; the roots, `models` and `src`, `churn`, and the card.
    assert sum("upload-pack" in file.read_text().partition("argv")[2][:40] for file in traces.iterdir()) == 5
    assert (objects(view).count("tree"), objects(view).count("blob")) == (2 + 3 + 1, 1)
    # Without the other repository's URL, git can look at nothing but what is here.
    there = git(view.git.git_dir, "show", f"{commit}:models/churn/card.yaml")
    assert there == "version: 1.1.0"
    assert run_git(view.git.git_dir, "show", f"{commit}:src/churn.py").returncode != 0
    with view.git.blobs() as blobs:
        assert blobs.read([f"{commit}:src/churn.py"]) == [b"print(1)\n"]


def test_an_empty_repository(shelf: Shelf, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "empty.git")
    for _ in range(2):
        for depth in Depth:
            view = view_of(tmp_path / "empty.git", shelf, depth)
            view.refresh()
            assert refs(view, "refs") == []
            assert view.git.head() is None


@pytest.mark.parametrize("depth", Depth)
def test_another_hash(shelf: Shelf, tmp_path: Path, depth: Depth) -> None:
    server = build(tmp_path / "other", object_format="sha256")
    view = view_of(server, shelf, depth)
    view.refresh()
    assert len(refs(view)) == 6
    assert view.git.head() == git(server, "rev-parse", "HEAD")


def packs(folder: Path) -> list[Path]:
    return sorted((folder / "objects/pack").iterdir())


def truncate(folder: Path) -> None:
    for pack in packs(folder):
        pack.chmod(0o644)
        os.truncate(pack, pack.stat().st_size // 2)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "no HEAD": lambda folder: remove(folder / "HEAD"),
    "no configuration": lambda folder: remove(folder / "config"),
    "no objects": lambda folder: remove(folder / "objects"),
    "no packs": lambda folder: list(map(remove, packs(folder))),
    "cut packs": truncate,
    "no index of a pack": lambda folder: remove(next((folder / "objects/pack").glob("*.idx"))),
    "no refs": lambda folder: remove(folder / "refs"),
    "refs to nothing": lambda folder: write(folder / "refs/tags/churn@v1.0.0", "1" * 40 + "\n"),
    "refs that are none": lambda folder: write(folder / "packed-refs", "nonsense\n"),
    "an empty ref": lambda folder: write(folder / "refs/tags/churn@v1.0.0", ""),
    "no shallow file": lambda folder: remove(folder / "shallow"),
    "no notes of our own": lambda folder: remove(folder / "mreg"),
    "an empty folder": lambda folder: list(map(remove, folder.iterdir())),
}


@pytest.mark.parametrize(
    ("depth", "damage"),
    [*((Depth.TIPS, damage) for damage in DAMAGES), *((Depth.HISTORY, damage) for damage in ("no HEAD", "cut packs"))],
)
def test_a_damaged_view_is_made_anew(server: Path, shelf: Shelf, damage: str, depth: Depth) -> None:
    view = view_of(server, shelf, depth)
    view.refresh("churn")
    DAMAGES[damage](view.git.git_dir)
    view = view_of(server, shelf, depth)
    view.refresh("churn")
    asked = ("for-each-ref", "--format=%(objectname) %(refname) %(contents)", "refs/tags/churn@*")
    assert git(view.git.git_dir, *asked) == git(server, *asked)
    assert git(view.git.git_dir, "log", "-1", "--format=%s", "HEAD") == "churn-eu 2"


def test_very_many_refs(server: Path, shelf: Shelf) -> None:
    """They are written in one file; names that are unusual are left to git."""
    commit = git(server, "rev-parse", "HEAD")
    names = [f"m{number}@v1.0.0" for number in range(1100)] + ["ünusual@v1.0.0", "a%b@v1.0.0"]
    git(server, "update-ref", "--stdin", stdin="".join(f"create refs/tags/{name} {commit}\n" for name in names))
    for depth in Depth:
        view = view_of(server, shelf, depth)
        view.refresh()
        asked = ("for-each-ref", "--format=%(objectname) %(refname)", "refs/tags")
        assert git(view.git.git_dir, *asked) == git(server, *asked)
        assert len(list((view.git.git_dir / "refs/tags").iterdir())) == 2


@pytest.mark.parametrize(("few", "brought"), [(10, 3), (2, 3), (1, 1)])
def test_files_that_may_be_needed(server: Path, shelf: Shelf, few: int, brought: int) -> None:
    """They come along, unless there are many in the folder: then git brings those that are read."""
    view = view_of(server, shelf)
    view.refresh("churn")
    commit = git(server, "rev-parse", "churn@v1.1.0^{commit}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mreg.adapters.views.descent._FEW", few)
        view.bring([Wanted(commit, ("models/churn/card.yaml",), lambda name: name.endswith(".dvc"))])
    assert objects(view).count("blob") == brought
    with view.git.blobs() as blobs:
        assert blobs.read([f"{commit}:churn.bin.dvc"]) == [b"outs: [1]\n"]


@pytest.mark.parametrize("depth", Depth)
def test_all_files_of_a_commit(server: Path, shelf: Shelf, depth: Depth) -> None:
    view = view_of(server, shelf, depth)
    view.refresh("churn")
    commit = git(server, "rev-parse", "churn@v1.0.0^{commit}")
    found = view.files(commit, lambda path: "churn" in path)
    assert found == ["churn.bin.dvc", "src/churn.py", "models/churn/card.yaml"]
    assert view.files("1" * 40, lambda path: True) == []
    assert ("blob" in objects(view)) == (depth is Depth.HISTORY)


def test_once(server: Path, shelf: Shelf) -> None:
    """What failed is still to be done."""
    view = view_of(server, shelf)
    view.refresh("churn")
    with pytest.raises(RemoteFailed), view.once("it"):
        raise RemoteFailed(remote="there", doing="fetch from", output="")
    for missing in (True, False):
        with view.once("it") as found:
            assert found is missing


@pytest.mark.parametrize("depth", Depth)
def test_what_is_nowhere(server: Path, shelf: Shelf, depth: Depth) -> None:
    """Such as the commit of a card's code that nobody pushed: that it is missing is an answer."""
    view = view_of(server, shelf, depth)
    view.refresh("churn")
    with view.git.blobs() as blobs:
        assert blobs.identify(["1" * 40, "HEAD:nothing", "1" * 40 + ":x"]) == [None, None, None]
        assert blobs.read(["HEAD:src/churn.py"]) == [b"print(2)\n"]


@pytest.mark.parametrize("depth", Depth)
def test_a_web_server_without_git(server: Path, shelf: Shelf, depth: Depth) -> None:
    git(server, "update-server-info")
    with served(server) as url, pytest.raises(RemoteFailed) as error:
        view_of(url, shelf, depth).refresh("churn")
    assert "clone the repository" in error.value.hint


def test_a_marker_that_was_removed(server: Path, shelf: Shelf) -> None:
    view = view_of(server, shelf)
    view.refresh("churn")
    remove(view.kept / "repository.json")
    assert shelf.kept() == []
    view_of(server, shelf).refresh("churn")
    assert [kept.url for kept in shelf.kept()] == [str(server)]


def test_what_a_killed_fetch_left(server: Path, shelf: Shelf) -> None:
    view = view_of(server, shelf)
    view.refresh("churn")
    folder = view.git.git_dir
    left = [folder / name for name in ("shallow.lock", "packed-refs.lock", "refs/tags/churn@v2.0.0.lock")]
    left += [folder / "objects/pack" / name for name in ("tmp_pack_abc", "pack-abc.keep")]
    for file in left:
        file.touch()
    with subprocess.Popen(["true"]) as dead:
        dead.wait()
    (lock,) = (shelf.folder / "locks").glob("*.tips")
    lock.write_text(str(dead.pid))
    git(server, "tag", "--message", "new", "churn@v2.0.0", "HEAD")
    view = view_of(server, shelf)
    view.refresh("churn")
    assert "refs/tags/churn@v2.0.0" in refs(view)
    assert not any(file.exists() for file in left)


def test_a_repository_that_went_away(server: Path, shelf: Shelf) -> None:
    view_of(server, shelf).refresh("churn")
    shutil.rmtree(server)
    server.mkdir()
    with pytest.raises(RemoteFailed) as error:
        view_of(server, shelf).refresh("churn")
    assert str(server) in str(error.value)
    with pytest.raises(NoSuchRepository):
        view_of(server / "gone", shelf)
    with pytest.raises(NoSuchFolder):
        parse_address("x", shelf.folder / "gone")


@pytest.mark.parametrize(
    ("text", "shown", "local"),
    [
        ("https://git.example.com/a/b.git", "https://git.example.com/a/b.git", False),
        ("https://ann:secret@git.example.com/a/b.git", "https://git.example.com/a/b.git", False),
        ("https://ann:se@cret@git.example.com/a/b.git", "https://git.example.com/a/b.git", False),
        ("ssh://git@example.com:22/a", "ssh://example.com:22/a", False),
        ("git@example.com:a/b.git", "git@example.com:a/b.git", False),
    ],
)
def test_addresses(tmp_path: Path, text: str, shown: str, local: bool) -> None:
    address = parse_address(text, tmp_path)
    assert (address.url, address.shown, address.folder is not None) == (text, shown, local)
    assert "secret" not in repr(address) + address.key
    assert "cret" not in address.key
    assert address.key == parse_address(shown, tmp_path).key
    assert address.key == address.key.strip("-.")


def test_local_addresses(tmp_path: Path) -> None:
    (tmp_path / "models.git").mkdir()
    (tmp_path / "link").symlink_to("models.git")
    addresses = [parse_address(text, tmp_path) for text in ("models.git", "./models.git", "link", f"{tmp_path}/link/")]
    assert {address.folder for address in addresses} == {tmp_path / "models.git"}
    assert len({address.key for address in addresses}) == 1
    assert parse_address(f"file://{tmp_path}/models.git", tmp_path).folder == tmp_path / "models.git"


def test_an_import_that_the_remote_does_not_have(tmp_path: Path) -> None:
    address = parse_address(str(tmp_path), tmp_path)
    config = b"[core]\nremote = store\n['remote \"store\"']\nurl = store\n"
    settings = read_dvc_settings(config, address, file=".dvc/config")
    write(tmp_path / "work/.dvc/config", settings.text("../../artifacts"))
    pointer = Pointer(
        path="a.bin", file="a.bin.dvc", hash_name="md5", hash="0" * 32, size=1, nfiles=None, imported=True
    )
    with pytest.raises(ImportedElsewhere) as error:
        RemoteDvc(tmp_path / "work", tmp_path / "work", address.shown).fetch(pointer)
    assert "a.bin" in str(error.value)


FAR = "https://git.example.com/models.git"


def settings_of(config: str, *, far: bool, tmp_path: Path) -> str:
    address = parse_address(FAR if far else str(tmp_path), tmp_path)
    found = read_dvc_settings(config.encode(), address, file="sub/.dvc/config")
    found.check(None)
    return found.text("../cache")


def test_only_remotes_are_taken(tmp_path: Path) -> None:
    config = """\
[core]
    remote = Store
    analytics = true
    site_cache_dir = /etc
[cache]
    dir = /etc
    type = symlink
['remote "store"']
    url = s3://bucket/path
    endpointurl = "https://minio.example.com"
[exp]
    code = x
[hydra]
    enabled = true
"""
    assert (
        settings_of(config, far=True, tmp_path=tmp_path)
        == """\
[core]
no_scm = true
remote = store
[cache]
dir = ../cache
['remote "store"']
url = "s3://bucket/path"
endpointurl = "https://minio.example.com"
"""
    )


@pytest.mark.parametrize(
    "lines",
    [
        "url = /etc",
        "url = ../../store",
        "url = ~/store",
        "url = file:///etc",
        "url = local:///etc",
        "url = FILE:///etc",
        "url = unknown://etc",
        "url = 'file:///etc'",
        "url = s3://bucket\n    configpath = /tmp/aws",
        "url = gs://bucket\n    CredentialPath = /tmp/gs",
        "url = s3://bucket\n    version_aware = true",
        "url = s3://bucket\n    worktree = True",
        "jobs = 2",
    ],
)
def test_remotes_that_a_foreign_repository_may_not_name(tmp_path: Path, lines: str) -> None:
    config = f"[core]\n    remote = store\n['remote \"store\"']\n    {lines}\n"
    with pytest.raises(UnusableRemote) as error:
        settings_of(config, far=True, tmp_path=tmp_path)
    assert "store" in str(error.value)


def test_a_relative_remote_begins_at_the_repository(tmp_path: Path) -> None:
    config = "[core]\n    remote = store\n['remote \"store\"']\n    url = ../../../store\n"
    assert f'url = "{tmp_path.parent}/store"' in settings_of(config, far=False, tmp_path=tmp_path)


@pytest.mark.parametrize("config", [b"\xff", b"remote = x", b"[core]\n  =\n", b"[core\n"])
def test_a_configuration_that_is_none(tmp_path: Path, config: bytes) -> None:
    with pytest.raises(UnreadableConfiguration):
        read_dvc_settings(config, parse_address(FAR, tmp_path), file=".dvc/config")


def children() -> set[int]:
    """The processes that come from this one; other tests' servers are among them."""
    return {child.pid for child in psutil.Process().children(recursive=True)}


@pytest.fixture
def silent() -> Iterator[str]:
    """The host and port of a server that accepts connections and says nothing."""
    with socket.create_server((HOST, 0)) as server:
        yield f"{HOST}:{server.getsockname()[1]}"


@pytest.mark.parametrize("scheme", ["http", "ssh"])
def test_a_server_that_says_nothing_is_given_up(silent: str, shelf: Shelf, scheme: str) -> None:
    before = children()
    address = parse_address(f"{scheme}://{silent}/models.git", shelf.folder.parent)
    with pytest.raises(RemoteFailed) as failed:
        View(shelf.use(address), address, Depth.TIPS, stall=1).refresh("churn")
    assert "check the network" in failed.value.hint
    assert children() == before


def configured(variables: Mapping[str, str]) -> set[str]:
    return {value for name, value in variables.items() if name.startswith("GIT_CONFIG_KEY_")}


@pytest.mark.parametrize(
    ("own", "variable", "kept"),
    [
        ("[core]\n", "NOTHING", {"http", "ssh"}),
        ("[http]\n lowSpeedTime = 7\n", "NOTHING", {"ssh"}),
        ('[http "https://example.com"]\n lowSpeedLimit = 7\n', "NOTHING", {"ssh"}),
        ("[core]\n sshCommand = ssh -v\n", "NOTHING", {"http"}),
        ("", "GIT_SSH_COMMAND", {"http"}),
        ("", "GIT_SSH", {"http"}),
        ("", "GIT_HTTP_LOW_SPEED_TIME", {"ssh"}),
    ],
)
def test_limits_of_the_user_are_kept(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: str, variable: str, kept: set[str]
) -> None:
    for name in ("GIT_SSH_COMMAND", "GIT_SSH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(write(tmp_path / "gitconfig", own)))
    monkeypatch.setenv(variable, "7")
    ours = environment(parse_address("ssh://example.com/models.git", tmp_path), wanted="tree:0")
    assert ("GIT_SSH_COMMAND" in ours) == ("ssh" in kept)
    assert ("http.lowSpeedTime" in configured(ours)) == ("http" in kept)


def test_a_folder_is_asked_without_limits(server: Path, tmp_path: Path) -> None:
    ours = environment(parse_address(str(server), tmp_path), wanted="tree:0")
    assert "GIT_SSH_COMMAND" not in ours
    assert "http.lowSpeedTime" not in configured(ours)


@pytest.fixture
def stuck(server: Path, tmp_path: Path) -> Iterator[Path]:
    """A server that stands still in the middle of its answer, until its gate is removed."""
    os.mkfifo(tmp_path / "gate")
    hook = write(tmp_path / "hook", f'#!/bin/sh\ntest ! -e "{tmp_path}/gate" || cat "{tmp_path}/gate"\nexec "$@"\n')
    hook.chmod(0o755)
    own = Path(os.environ["GIT_CONFIG_GLOBAL"]).read_text()
    with pytest.MonkeyPatch.context() as patch:
        own = f"{own}[uploadpack]\n packObjectsHook = {hook}\n"
        patch.setenv("GIT_CONFIG_GLOBAL", str(write(tmp_path / "gitconfig", own)))
        yield server


def test_patience_ends(stuck: Path, shelf: Shelf, tmp_path: Path) -> None:
    """With all that git had started; the next one is not hindered."""
    before = children()
    view = view_of(stuck, shelf)
    said = r"the server has given no answer, or not all of it, within 0\.5 s"
    with pytest.raises(NoAnswer, match=said), patience(0.5, "the server"):
        view.refresh("churn")
    assert children() == before
    (tmp_path / "gate").unlink()
    view_of(stuck, shelf).refresh("churn")


def test_patience_ends_while_another_has_the_turn(server: Path, shelf: Shelf) -> None:
    view = view_of(server, shelf)
    with lock_file(shelf.use(view.address).lock("tips")), pytest.raises(NoAnswer), patience(0.2, "the server"):
        view.refresh("churn")
    view.refresh("churn")


def test_what_is_interrupted_leaves_no_git(stuck: Path, shelf: Shelf) -> None:
    """As where SIGTERM ends a watch in the middle of a look."""

    def interrupt(*_: object) -> None:
        raise SystemExit(0)

    before, handler = children(), signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        with pytest.raises(SystemExit), patience(60, "the server"):
            view_of(stuck, shelf).refresh("churn")
    finally:
        signal.signal(signal.SIGALRM, handler)
    assert children() == before

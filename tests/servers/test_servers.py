"""Each server really serves, refuses, and comes back after it was cut off."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.adapters.dvcrepos import Work, dvc, work_fixture  # noqa: F401
from tests.gitrepos import git, run_git
from tests.servers.fixtures import (  # noqa: F401
    Servers,
    dvc_remote_fixture,
    git_server_fixture,
    http_server_fixture,
    servers_fixture,
    sftp_fixture,
    ssh_server_fixture,
    webdav_fixture,
)
from tests.servers.processes import needed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers import DvcRemote, GitServer

BIG = 3 << 20  # bytes, above http.postBuffer, so that git sends the pack in chunks


def _refs(server: GitServer) -> dict[str, str]:
    lines = git(server.folder, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    return dict(line.split(" ") for line in lines)


def test_a_push_lands_and_is_fetched(git_server: GitServer, repository: Path, tmp_path: Path) -> None:
    (repository / "big.bin").write_bytes(os.urandom(BIG))
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "large")
    git(repository, "push", "-q", "--atomic", git_server.url, "main", "main:refs/mreg/churn@head")
    head = git(repository, "rev-parse", "HEAD")
    assert _refs(git_server) == {"refs/heads/main": head, "refs/mreg/churn@head": head}
    git(tmp_path, "clone", "-q", git_server.url, "clone")
    assert (tmp_path / "clone" / "big.bin").stat().st_size == BIG


def test_each_test_has_an_empty_repository(git_server: GitServer) -> None:
    assert git(git_server.folder, "ls-remote", git_server.url) == ""


def test_partial_clones_and_single_objects(git_server: GitServer, repository: Path, tmp_path: Path) -> None:
    git(repository, "push", "-q", git_server.url, "main")
    url = f"file://{git_server.url}" if git_server.kind == "path" else git_server.url
    git(tmp_path, "clone", "-q", "--bare", "--filter=blob:none", url, "partial")
    present = ("cat-file", "--batch-check", "--batch-all-objects")
    assert " blob " not in git(tmp_path / "partial", *present)
    blob = git(repository, "rev-parse", "main:train.py")
    git(tmp_path / "partial", "fetch", "-q", "--no-tags", "--filter=blob:none", "origin", blob)
    assert f"{blob} blob" in git(tmp_path / "partial", *present)


def test_a_lease_that_does_not_hold_is_refused(git_server: GitServer, repository: Path) -> None:
    git(repository, "push", "-q", git_server.url, "main")
    git(repository, "commit", "-q", "--allow-empty", "-m", "more")
    done = run_git(repository, "push", "--atomic", "--force-with-lease=refs/heads/main:", git_server.url, "main")
    assert (done.returncode, b"stale info" in done.stderr) == (1, True)


def test_a_server_that_is_cut_off_and_comes_back(git_server: GitServer, repository: Path) -> None:
    git(repository, "push", "-q", git_server.url, "main")
    git_server.stop()
    assert run_git(repository, "ls-remote", git_server.url).returncode != 0
    git_server.start()
    assert "refs/heads/main" in git(repository, "ls-remote", git_server.url)


@pytest.mark.parametrize("kind", ["daemon", "http", "ssh"])
def test_a_push_that_is_cut_off_in_its_middle(kind: str, servers: Servers, repository: Path, tmp_path: Path) -> None:
    server = servers.git(kind)
    started = tmp_path / "started"
    os.mkfifo(started)
    # The server waits in its hook, where every object has arrived and no ref has moved, until it is killed.
    server.write_hook("pre-receive", f"echo > '{started}'; exec cat '{started}' > /dev/null")
    command = ["git", "-C", os.fspath(repository), "push", "-q", server.url, "main"]
    with subprocess.Popen(command, env=os.environ | server.env, stderr=subprocess.PIPE) as push:
        started.read_text()
        server.stop()
        assert push.stderr is not None
        assert push.stderr.read()
    assert push.returncode != 0
    server.start()
    assert _refs(server) == {}


def test_http_asks_for_a_password(http_server: GitServer, repository: Path) -> None:
    assert http_server.url_with_credentials is not None
    assert http_server.url_refused is not None
    git(repository, "push", "-q", http_server.url_with_credentials, "main")
    assert "refs/heads/main" in git(repository, "ls-remote", http_server.url)
    done = run_git(repository, "ls-remote", http_server.url_refused)
    assert (done.returncode, b"terminal prompts disabled" in done.stderr) == (128, True)
    wrong = http_server.url_with_credentials.replace(http_server.password, "guess")
    assert b"Authentication failed" in run_git(repository, "ls-remote", wrong).stderr


def test_http_tells_its_requests(http_server: GitServer, repository: Path) -> None:
    assert http_server.requests() == []
    git(repository, "ls-remote", http_server.url)
    path = f"/open/{http_server.name}"
    asked = [("GET", f"{path}/info/refs", "service=git-upload-pack", 200), ("POST", f"{path}/git-upload-pack", "", 200)]
    assert http_server.requests() == asked
    git(repository, "push", "-q", http_server.url, "main")
    pushed = http_server.requests()[len(asked) :]
    assert [request.path for request in pushed if request.method == "POST"] == [f"{path}/git-receive-pack"]


def test_ssh_knows_only_its_key(ssh_server: GitServer, repository: Path) -> None:
    command = os.environ["GIT_SSH_COMMAND"]
    assert command == ssh_server.env["GIT_SSH_COMMAND"]
    refused = {"GIT_SSH_COMMAND": f"{command} -o IdentityFile=/dev/null -o PubkeyAuthentication=no"}
    done = run_git(repository, "ls-remote", ssh_server.url, env=refused)
    assert (done.returncode, b"Permission denied" in done.stderr) == (128, True)


def test_dvc_pushes_and_pulls(dvc_remote: DvcRemote, work: Work) -> None:
    dvc_remote.configure(work.root)
    work.write("model.bin", b"weights")
    pointer = work.track("model.bin").pointer
    dvc(work.root, "push")
    assert dvc_remote.object(pointer.hash).read_bytes() == b"weights"
    work.forget()
    dvc(work.root, "fetch")
    assert work.object(pointer).read_bytes() == b"weights"


def test_a_dvc_remote_that_is_cut_off_and_comes_back(dvc_remote: DvcRemote, work: Work) -> None:
    dvc_remote.configure(work.root)
    work.write("model.bin", b"weights")
    pointer = work.track("model.bin").pointer
    dvc_remote.stop()
    with pytest.raises(AssertionError):
        dvc(work.root, "push")
    dvc_remote.start()
    dvc(work.root, "push")
    assert dvc_remote.objects() == [dvc_remote.object(pointer.hash)]


def test_a_clone_needs_only_the_password(dvc_remote: DvcRemote, work: Work, tmp_path: Path) -> None:
    dvc_remote.configure(work.root)
    work.write("model.bin", b"weights")
    work.track("model.bin")
    work.commit()
    dvc(work.root, "push")
    git(tmp_path, "clone", "-q", os.fspath(work.root), "clone")
    dvc_remote.authorise(tmp_path / "clone")
    dvc(tmp_path / "clone", "pull")
    assert (tmp_path / "clone" / "model.bin").read_bytes() == b"weights"


def test_what_is_not_installed_is_a_reason_to_skip() -> None:
    with pytest.raises(pytest.skip.Exception, match=r"no-such-sshd is not installed: apt-get install openssh-server"):
        needed("no-such-sshd", "apt-get install openssh-server")


def test_webdav_refuses_a_wrong_password(webdav: DvcRemote, work: Work) -> None:
    webdav.configure(work.root)
    local = work.root / ".dvc" / "config.local"
    local.write_text(local.read_text().replace(webdav.secrets["password"], "guess"))
    work.write("model.bin", b"weights")
    work.track("model.bin")
    with pytest.raises(AssertionError):
        dvc(work.root, "push")
    assert webdav.objects() == []


def test_sftp_refuses_another_key(sftp: DvcRemote, work: Work) -> None:
    sftp.configure(work.root)
    config = work.root / ".dvc" / "config"
    config.write_text(config.read_text().replace("user_key", "host_key"))
    work.write("model.bin", b"weights")
    work.track("model.bin")
    with pytest.raises(AssertionError):
        dvc(work.root, "push")
    assert sftp.objects() == []

"""What a DVC remote keeps open between requests: closed with it, so that a process that lives long finds no remains."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from mreg.adapters.dvc.remote import NoPassword
from tests.adapters.dvcrepos import Work, dvc, work_fixture  # noqa: F401
from tests.servers.files import served
from tests.servers.fixtures import dvc_remote_fixture, servers_fixture, webdav_fixture  # noqa: F401

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers import DvcRemote


def test_http_sessions_are_closed(work: Work, tmp_path: Path) -> None:
    import aiohttp

    work.write("model.bin", b"weights")
    work.remote(tmp_path / "store")
    pointer = work.track("model.bin").pointer
    work.dvc.push([pointer])
    gc.disable()  # which would close them sooner or later
    try:
        with served(tmp_path / "store") as url:
            dvc(work.root, "remote", "add", "--force", "store", url)
            for _ in range(2):
                work.forget()
                work.dvc.fetch(pointer)
                assert work.object(pointer).read_bytes() == b"weights"
        sessions = [thing for thing in gc.get_objects() if isinstance(thing, aiohttp.ClientSession)]
        assert len(sessions) == 2
        assert all(session.closed for session in sessions)
    finally:
        gc.enable()


def test_a_password_that_is_not_set(work: Work, webdav: DvcRemote) -> None:
    webdav.configure(work.root)
    work.write("model.bin", b"weights")
    pointer = work.track("model.bin").pointer
    work.dvc.push([pointer])
    (work.root / ".dvc/config.local").unlink()
    with pytest.raises(NoPassword, match="the DVC remote store wants a password") as caught:
        work.dvc.push([pointer])
    assert "dvc remote modify --local store password" in caught.value.hint
    work.forget()
    with pytest.raises(NoPassword, match="the DVC remote store wants a password"):
        work.dvc.fetch(pointer)
    webdav.authorise(work.root)
    work.dvc.fetch(pointer)


def test_a_server_that_was_gone_for_a_while(work: Work, dvc_remote: DvcRemote) -> None:
    dvc_remote.configure(work.root)
    work.write("model.bin", b"weights")
    pointer = work.track("model.bin").pointer
    work.dvc.push([pointer])
    dvc_remote.stop()
    dvc_remote.start()
    work.forget()
    work.dvc.fetch(pointer)
    assert work.object(pointer).read_bytes() == b"weights"

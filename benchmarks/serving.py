"""Registries on real servers on this machine, near or as if they were far away, and clones of them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Protocol, TypeVar
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest

from benchmarks.bench import say
from benchmarks.fast_import import git
from benchmarks.link import HOST, Link, Traffic
from benchmarks.repositories import VERSIONS, artifact, artifact_md5
from benchmarks.table import Row
from benchmarks.timing import mreg, run_once
from tests.servers.gitservers import Host, new_host
from tests.servers.processes import ServerProcess, free_port

FAR = 0.025
MODEL = "m0001"

_T = TypeVar("_T")
_SERVED = {
    "core.bare": "true",
    "http.receivepack": "true",
    "uploadpack.allowFilter": "true",
    "uploadpack.allowAnySHA1InWant": "true",
    "receive.autogc": "false",
}


@dataclass(frozen=True, slots=True)
class Route:
    """How clients reach a repository: `kind` is one of the servers', `delay` in seconds each way."""

    name: str
    kind: str
    delay: float = 0.0


NEAR_HTTP, FAR_HTTP = Route("HTTP", "http"), Route("HTTP, 50 ms", "http", FAR)
BY_PATH = Route("by path", "path")
ROUTES = (BY_PATH, NEAR_HTTP, FAR_HTTP, Route("SSH", "ssh"), Route("SSH, 50 ms", "ssh", FAR))


@dataclass(frozen=True, slots=True)
class Served:
    """A bare registry on a server, its URL by a route, and what leads there; by path, nothing does."""

    folder: Path
    url: str
    route: Route
    link: Link | None

    @property
    def traffic(self) -> Traffic:
        """What went to and from the server."""
        return self.link.traffic if self.link else Traffic(0, 0)


@dataclass(slots=True)
class Site:
    """Servers that are started when first needed, and what is on them.

    Attributes:
        folder: For everything; commands are run here, outside of any repository.
    """

    folder: Path
    _stack: ExitStack
    _hosts: dict[str, Host] = field(default_factory=dict)
    _links: dict[tuple[str, float], Link] = field(default_factory=dict)
    _artifacts: str = ""
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def serve(self, route: Route, root: Path) -> Served:
        """Put a registry on a server; the work tree, a copy, is used up."""
        config = root / ".dvc" / "config"
        config.write_text(f"[core]\n    remote = store\n['remote \"store\"']\n    url = {self._store()}\n")
        git(root, "commit", "--quiet", "--all", "--message=Tell where artifacts are")
        for key, value in _SERVED.items():
            git(root, "config", key, value)
        host = self._host(route.kind)
        folder = host.root / f"r{next(self._numbers)}.git"
        shutil.move(root / ".git", folder)
        shutil.rmtree(root)
        url = host.url(folder.name)
        if route.kind == "path":
            return Served(folder, url, route, None)
        link = self._link(urlsplit(url).port or 0, route)
        return Served(folder, url.replace(f":{urlsplit(url).port}/", f":{link.port}/", 1), route, link)

    def clone(self, served: Served) -> Path:
        """A clone that has seen all that the server has, as after `git clone` and `mreg pull`."""
        root = self.folder / f"clone{next(self._numbers)}"
        git(self.folder, "clone", "--quiet", str(served.folder), str(root))
        for key, value in (("remote.origin.url", served.url), ("gc.auto", "0")):
            git(root, "config", key, value)
        run_once(root, (*mreg(), "pull"))
        return root

    def fresh(self, name: str) -> Path:
        """A path below the folder at which there is nothing yet."""
        return self.folder / f"{name}{next(self._numbers)}"

    def forget(self) -> None:
        """Begin with an empty cache folder, as on a new machine."""
        os.environ["XDG_CACHE_HOME"] = str(self.fresh("cache"))

    def _store(self) -> str:
        """The URL of a web server with the artifacts of all the model's versions, as a DVC remote has them."""
        if not self._artifacts:
            store, port = self.fresh("store"), free_port()
            for number in range(VERSIONS):
                digest = artifact_md5(MODEL, number)
                file = store / "files" / "md5" / digest[:2] / digest[2:]
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(artifact(MODEL, number))
            command = (sys.executable, "-m", "http.server", str(port), "--bind", HOST, "--directory", store)
            server = ServerProcess(command, port, self.fresh("log"), os.environ)
            server.start()
            self._stack.callback(server.stop)
            self._artifacts = f"http://{HOST}:{port}"
        return self._artifacts

    def _host(self, kind: str) -> Host:
        if kind not in self._hosts:
            host = new_host(kind, self.fresh(kind))
            host.start()
            self._stack.callback(host.stop)
            self._hosts[kind] = host
            os.environ.update(host.env)
        return self._hosts[kind]

    def _link(self, port: int, route: Route) -> Link:
        key = (route.kind, route.delay)
        if key not in self._links:
            self._links[key] = self._stack.enter_context(Link(port, delay=route.delay))
            if route.kind == "ssh":  # the key is known by the server's own port
                alias = f"-o 'HostKeyAlias=[{HOST}]:{port}'"
                os.environ["GIT_SSH_COMMAND"] = f"{self._hosts[route.kind].env['GIT_SSH_COMMAND']} {alias}"
        return self._links[key]


class _Counted(Protocol):
    """How many connections something made by a route."""

    @property
    def route(self) -> Route: ...
    @property
    def connections(self) -> int: ...


def connections(command: str, found: Sequence[_Counted]) -> Row:
    """How many connections a command makes by each route; by path, there are none to count."""
    counts = {one.route.name: one.connections for one in found if one.route.kind != "path"}
    return Row(
        what=f"connections: {'; '.join(counts)}",
        command=command,
        value=", ".join(map(str, counts.values())),
        bound="at most 1",
        met=max(counts.values(), default=0) <= 1,
    )


@contextmanager
def serving(folder: Path) -> Iterator[Site]:
    """Servers, which end with the block; variables that their clients need are set until then."""
    folder.mkdir()
    with patch.dict(os.environ), ExitStack() as stack:
        site = Site(folder, stack)
        site.forget()
        yield site


def each_route(measure: Callable[[Route], _T]) -> list[_T]:
    """What is measured by every route to whose server there is what it needs."""
    found: list[_T] = []
    for route in ROUTES:
        try:
            found.append(measure(route))
        except pytest.skip.Exception as reason:
            say(f"{route.name} is not measured: {reason}")
    return found

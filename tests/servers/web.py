"""A Git server by HTTP, as a program: `git http-backend` behind a web server.

    python web.py PORT ROOT LOG USER:PASSWORD

What is below ROOT is served twice: at `/open/` to everybody, at `/private/` to who knows the password. Each request
adds a line to LOG: method, path with query, status.
"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
import tempfile
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from cheroot.wsgi import Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

_PASSED_ON = ("REQUEST_METHOD", "QUERY_STRING", "CONTENT_TYPE", "CONTENT_LENGTH", "REMOTE_ADDR", "SERVER_PROTOCOL")
_CHUNK = 1 << 16


class GitApplication:
    """WSGI to CGI."""

    def __init__(self, root: Path, log: Path, credentials: str) -> None:
        self._root, self._log = root, log
        self._user = credentials.partition(":")[0]
        self._basic = f"Basic {base64.b64encode(credentials.encode()).decode()}"

    def __call__(self, request: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        def answer(status: str, headers: list[tuple[str, str]]) -> None:
            query = request["QUERY_STRING"] and f"?{request['QUERY_STRING']}"
            with self._log.open("a") as log:
                log.write(f"{request['REQUEST_METHOD']} {request['PATH_INFO']}{query} {status[:3]}\n")
            start_response(status, headers)

        _, area, path = request["PATH_INFO"].split("/", 2)
        if area not in {"open", "private"}:
            answer("404 Not Found", [("Content-Length", "0")])
        elif area == "private" and request.get("HTTP_AUTHORIZATION") != self._basic:
            answer("401 Unauthorized", [("WWW-Authenticate", 'Basic realm="models"'), ("Content-Length", "0")])
        else:
            user = {"REMOTE_USER": self._user} if area == "private" else {}
            with self._backend(request, path, user) as backend:
                assert backend.stdout is not None
                headers = dict(line.split(": ", 1) for line in _header_lines(backend))
                answer(headers.pop("Status", f"200 {HTTPStatus.OK.phrase}"), list(headers.items()))
                while chunk := backend.stdout.read1(_CHUNK):  # type: ignore[attr-defined]
                    yield chunk

    def _backend(self, request: WSGIEnvironment, path: str, user: dict[str, str]) -> subprocess.Popen[bytes]:
        """Start CGI on the whole body: what arrives in chunks has no length before its end."""
        passed = {name: str(value) for name, value in request.items() if name in _PASSED_ON or name.startswith("HTTP_")}
        with tempfile.TemporaryFile() as body:
            shutil.copyfileobj(request["wsgi.input"], body)
            body.seek(0)
            return subprocess.Popen(
                ["git", "http-backend"],
                stdin=body,
                stdout=subprocess.PIPE,
                env=os.environ
                | passed
                | user
                | {
                    "GIT_PROJECT_ROOT": os.fspath(self._root),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "GIT_PROTOCOL": passed.get("HTTP_GIT_PROTOCOL", ""),
                    "PATH_INFO": f"/{path}",
                },
            )


def _header_lines(backend: subprocess.Popen[bytes]) -> Iterator[str]:
    assert backend.stdout is not None
    while line := backend.stdout.readline().decode("latin-1").rstrip("\r\n"):
        yield line


def main(port: str, root: str, log: str, credentials: str) -> None:
    application = GitApplication(Path(root), Path(log), credentials)
    Server(("127.0.0.1", int(port)), application, numthreads=20).start()


if __name__ == "__main__":
    main(*sys.argv[1:])

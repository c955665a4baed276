"""A wire between a client and a server on loopback, which can be cut at any byte."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from tests.servers.processes import HOST

if TYPE_CHECKING:
    from types import TracebackType

_CHUNK = 1 << 16


@dataclass
class Wire:
    """Passes everything on to a port, until it is told to be cut.

    Attributes:
        target: The server's port.
        cut_at: So many bytes of a client's arrive, and then both sides find the connection broken; None is never.
        deaf_after: Once so many bytes of a client's have arrived, it hears nothing more, and the connection breaks when
            the server ends it: the server has done all that was asked. None is never.
        sent: The bytes of the client's in the last connection that has ended.
    """

    target: int
    cut_at: int | None = None
    deaf_after: int | None = None
    sent: int = 0
    _listener: socket.socket = field(init=False)

    def __enter__(self) -> Self:
        self._listener = socket.create_server((HOST, 0))
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection((HOST, self.target))
        except OSError:
            client.close()
            return
        passed = _Passed()
        back = threading.Thread(target=self._answer, args=(server, client, passed), daemon=True)
        back.start()
        self._ask(client, server, passed)
        back.join()
        self.sent = passed.bytes
        for end in (client, server):
            end.close()

    def _ask(self, client: socket.socket, server: socket.socket, passed: _Passed) -> None:
        with suppress(OSError):
            while data := client.recv(_CHUNK):
                if self.cut_at is not None and passed.bytes + len(data) >= self.cut_at:
                    server.sendall(data[: self.cut_at - passed.bytes])
                    passed.bytes = self.cut_at
                    _break(client, server)
                    return
                passed.bytes += len(data)  # before the server can answer
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _answer(self, server: socket.socket, client: socket.socket, passed: _Passed) -> None:
        with suppress(OSError):
            while data := server.recv(_CHUNK):
                if self.deaf_after is None or passed.bytes <= self.deaf_after:
                    client.sendall(data)
        _break(client, server)


@dataclass
class _Passed:
    bytes: int = 0


def _break(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)

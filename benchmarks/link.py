"""A network between here and a server on this machine: it takes its time, and counts what goes through."""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

FORK = multiprocessing.get_context("fork")
HOST = "127.0.0.1"

_CHUNK = 1 << 18
_END = b""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What went through a link: how many connections, and how many bytes both ways."""

    connections: int
    bytes: int

    def __sub__(self, before: Traffic) -> Traffic:
        return Traffic(self.connections - before.connections, self.bytes - before.bytes)


class Link:
    """A port of loopback that leads to another one; it works in a process of its own until it is closed."""

    def __init__(self, port: int, *, delay: float = 0.0) -> None:
        """Open it.

        Args:
            port: The server's.
            delay: How long a byte is on its way, in seconds; each connection takes one way and back more to be made, as
                in a real network. What follows does not wait for what is before it.
        """
        self._counts = FORK.Array("q", 2)
        listener = socket.create_server((HOST, 0), backlog=1000)
        self.port: int = listener.getsockname()[1]
        self._process = FORK.Process(target=self._work, args=(listener, port, delay), daemon=True)
        self._process.start()
        listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()

    @property
    def traffic(self) -> Traffic:
        """What went through so far."""
        return Traffic(self._counts[0], self._counts[1])

    def _work(self, listener: socket.socket, port: int, delay: float) -> None:
        async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._counts[0] += 1
            await asyncio.sleep(2 * delay)
            there_reader, there_writer = await asyncio.open_connection(HOST, port)
            await asyncio.gather(self._carry(reader, there_writer, delay), self._carry(there_reader, writer, delay))
            for end in (writer, there_writer):
                end.close()

        async def serve() -> None:
            server = await asyncio.start_server(connect, sock=listener)
            await server.serve_forever()

        asyncio.run(serve())

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
        """One direction of one connection, to its end."""
        now = asyncio.get_running_loop().time
        on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def receive() -> None:
            chunk = b"-"
            while chunk != _END:
                chunk = _END
                with suppress(ConnectionError):
                    chunk = await reader.read(_CHUNK)
                self._counts[1] += len(chunk)
                on_the_way.put_nowait((now() + delay, chunk))

        async def deliver() -> None:
            with suppress(OSError):  # an end that has gone hears no more
                while True:
                    due, chunk = await on_the_way.get()
                    await asyncio.sleep(due - now())
                    if chunk == _END:
                        writer.write_eof()
                        return
                    writer.write(chunk)
                    await writer.drain()

        await asyncio.gather(receive(), deliver())

"""The cable between the app and PostgreSQL: slow, cut, silent, or cut in mid-commit."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from contextlib import suppress
from pathlib import Path

# So that closing sends a reset instead of a farewell.
_RESET = struct.pack("ii", 1, 0)


class Cable:
    """A proxy from a port of this machine to a socket, which can be spoiled."""

    def __init__(self, upstream: Path) -> None:
        """Lead to this socket; whole until spoiled."""
        self.latency_s = 0.0
        self.is_silent = False
        self.commits_to_cut = 0
        self.commits_cut = 0
        self._upstream = upstream
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> int:
        """Begin to forward, and return the port."""
        self._thread.start()
        opening = asyncio.start_server(self._forward, "127.0.0.1", 0)
        server = asyncio.run_coroutine_threadsafe(opening, self._loop).result(10)
        port: int = server.sockets[0].getsockname()[1]
        return port

    def stop(self) -> None:
        """Cut everything, and forward no more."""
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def cut(self) -> None:
        """Reset every connection there is."""

        async def cut_all() -> None:
            for writer in list(self._open):
                _reset(writer)

        asyncio.run_coroutine_threadsafe(cut_all(), self._loop).result(10)

    def heal(self) -> None:
        """Make it whole; what went into the silence is lost with its connection."""
        was_silent, self.is_silent = self.is_silent, False
        self.latency_s, self.commits_to_cut = 0.0, 0
        if was_silent:
            self.cut()

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._open.add(writer)
        state = _Conversation()
        with suppress(OSError):
            up_reader, up_writer = await asyncio.open_unix_connection(
                str(self._upstream)
            )
            self._open.add(up_writer)
            await asyncio.wait(
                [
                    asyncio.ensure_future(self._up(reader, up_writer, state)),
                    asyncio.ensure_future(self._down(up_reader, writer, state)),
                ],
                return_when=asyncio.FIRST_COMPLETED,
            )
            _reset(up_writer)
            self._open.discard(up_writer)
        _reset(writer)
        self._open.discard(writer)

    async def _up(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        state: _Conversation,
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                if b"COMMIT" in data and self.commits_to_cut > 0:
                    self.commits_to_cut -= 1
                    state.is_to_be_cut = True
                await self._pass(data, writer)

    async def _down(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        state: _Conversation,
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                if state.is_to_be_cut:
                    # It is committed, and the app will never know.
                    self.commits_cut += 1
                    return
                await self._pass(data, writer)

    async def _pass(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        if self.latency_s:
            await asyncio.sleep(self.latency_s)
        while self.is_silent:
            await asyncio.sleep(0.05)
        writer.write(data)
        await writer.drain()


class _Conversation:
    """What the two directions of one connection know of each other."""

    is_to_be_cut = False


def _reset(writer: asyncio.StreamWriter) -> None:
    peer = writer.get_extra_info("socket")
    if peer is not None and peer.family == socket.AF_INET:
        with suppress(OSError):
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()

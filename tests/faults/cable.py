"""The cable between the app and PostgreSQL: slow, cut, silent, or cut in mid-commit."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path

# So that closing sends a reset instead of a farewell.
_RESET = struct.pack("ii", 1, 0)
# What a commit is of, as its process says before it where it is asked to, and the name
# of the sort of commit that this is.
_NAMED = re.compile(rb"select '(\w+) commits ([a-z ]+)'")
INGEST, LEDGER, OUTBOX = "ingest", "ledger", "outbox"
_SORTS = {b"points": LEDGER, b"a reward": OUTBOX}


class Cable:
    """A proxy from a port of this machine to a socket, which can be spoiled."""

    def __init__(self, upstream: Path) -> None:
        """Lead to this socket; whole until spoiled."""
        self.latency_s = 0.0
        self.is_silent = False
        self.commits_to_cut: Counter[str] = Counter()
        # By sort, and by the part that asked for it.
        self.commits_cut: Counter[tuple[str, str]] = Counter()
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
        self.latency_s, self.commits_to_cut = 0.0, Counter()
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
                if named := _NAMED.search(data):
                    state.name = _sort(*named.groups())
                if b"COMMIT" in data:
                    sort = state.name and state.name[0]
                    if sort and self.commits_to_cut[sort] > 0:
                        self.commits_to_cut[sort] -= 1
                        state.cut = state.name
                    state.name = None
                await self._pass(data, writer)

    async def _down(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        state: _Conversation,
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                if state.cut:
                    # It is committed, and the app will never know.
                    self.commits_cut[state.cut] += 1
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

    name: tuple[str, str] | None = None
    cut: tuple[str, str] | None = None


def _sort(part: bytes, step: bytes) -> tuple[str, str] | None:
    """Return of what sort a commit is, and whose; None for claims and the like."""
    is_ingest = (part, step) == (b"web", b"a message")
    sort = INGEST if is_ingest else _SORTS.get(step)
    return (sort, part.decode()) if sort else None


def _reset(writer: asyncio.StreamWriter) -> None:
    peer = writer.get_extra_info("socket")
    if peer is not None and peer.family == socket.AF_INET:
        with suppress(OSError):
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()

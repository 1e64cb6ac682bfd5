"""Takes the body of a request within limits of length and of room."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from granian.rsgi import HTTPProtocol

# A body no longer than this always finds room, so that large ones cannot crowd it out.
SMALL_BYTES = 64 * 1024
# What the rest of all larger bodies may take together, in one process.
ROOM_BYTES = 32 * 1024 * 1024
# How much is read after a refusal, for clients that listen only when they have spoken.
DRAINED_BYTES_MAX = 32 * 1024 * 1024


class Refused(Exception):
    """The body is not taken, and the status says why."""

    def __init__(self, status: HTTPStatus) -> None:
        """Refuse with `status`."""
        super().__init__(status.phrase)
        self.status = status


class Room:
    """What is left for large bodies; all who take of it run in one event loop."""

    def __init__(self, count: int = ROOM_BYTES) -> None:
        """Have room for `count` bytes."""
        self._left = count

    def take(self, count: int) -> None:
        """Set `count` bytes aside, or refuse them for now."""
        if count > self._left:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE)
        self._left -= count

    def give_back(self, count: int) -> None:
        """Let others have `count` bytes again."""
        self._left += count


class Body:
    """The body of one request, as it arrives."""

    def __init__(self, protocol: HTTPProtocol, room: Room) -> None:
        """Read from `protocol`, and take of `room` what a large body needs."""
        self._protocol = protocol
        self._room = room
        self._taken = 0
        self._pieces: Any = None

    async def read(self, stated: int | None, most: int) -> bytes:
        """Return the whole body; `stated` is its length by its headers, if any."""
        if stated is not None and stated > most:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if stated is not None and stated <= SMALL_BYTES:
            return await self._protocol()
        pieces, count = [], 0
        while (piece := await self._next()) is not None:
            count += len(piece)
            if count > most:
                raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            self._make_room(count)
            pieces.append(piece)
            # Only of a body that broke off does Granian bring more after nothing.
            if not piece and await self._next() is not None:
                raise Refused(HTTPStatus.BAD_REQUEST)
        return b"".join(pieces)

    async def drain(self) -> None:
        """Read and forget the rest, so that the answer is not lost in a reset."""
        count = 0
        while count < DRAINED_BYTES_MAX and (piece := await self._next()):
            count += len(piece)

    def give_back(self) -> None:
        """Give the room back that the body took."""
        self._room.give_back(self._taken)
        self._taken = 0

    def _make_room(self, count: int) -> None:
        lacking = count - SMALL_BYTES - self._taken
        if lacking > 0:
            self._room.take(lacking)
            self._taken += lacking

    async def _next(self) -> bytes | None:
        if self._pieces is None:
            self._pieces = aiter(self._protocol)
        try:
            piece: bytes = await self._pieces.__anext__()
        except StopAsyncIteration:
            return None
        return piece

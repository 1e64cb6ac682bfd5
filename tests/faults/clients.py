"""Clients that speak HTTP by hand: some as they should, some slowly, some falsely."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import uuid4

from tests.builders.line import DOMAIN, sign

PATIENCE_S = 20
BODY = b'{"note": "%s"}' % (b"x" * 10_000)
HEAD = b"POST /webhooks/shopify HTTP/1.1\r\nHost: localhost\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


def headers(**fields: object) -> bytes:
    """The head of a request to the webhooks' door; `_` in names stands for `-`."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return HEAD + "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"


def a_message(body: bytes = BODY, **fields: object) -> bytes:
    """A true message of a store, 10 kB long."""
    true = {
        "X_Shopify_Topic": "orders/paid",
        "X_Shopify_Hmac_Sha256": sign(body),
        "X_Shopify_Shop_Domain": DOMAIN,
        "X_Shopify_Webhook_Id": uuid4(),
        "Content_Length": len(body),
    }
    return headers(**(true | fields)) + body


def chunked(body: bytes) -> bytes:
    """A body as it travels without a stated length."""
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


@dataclass
class Reply:
    """What came back on one connection."""

    text: bytes = b""
    is_closed: bool = False

    @property
    def statuses(self) -> list[int]:
        """The status of each answer, in order."""
        return [int(part[:3]) for part in self.text.split(b"HTTP/1.1 ")[1:]]


def say(port: int, *parts: bytes) -> Reply:
    """Send all of each part before listening, and listen until the server closes."""
    reply = Reply()
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection:
        try:
            for part in parts[:-1]:
                connection.sendall(part)
                reply.text += connection.recv(65536)
            connection.sendall(parts[-1])
            while piece := connection.recv(65536):
                reply.text += piece
        except TimeoutError:
            return reply
        except ConnectionError:
            pass
    reply.is_closed = True
    return reply


async def ask(port: int, raw: bytes) -> int:
    """Send a request, and return the status of its answer."""
    async with asyncio.timeout(PATIENCE_S), _connection(port) as (reader, writer):
        writer.write(raw)
        line = await reader.readline()
        return int(line.split()[1])


async def drip(port: int, start: bytes, every_s: float) -> None:
    """Send a byte now and then, and begin anew whenever the server ends it."""
    while True:
        with suppress(ConnectionError):
            async with _connection(port) as (reader, writer):
                writer.write(start)
                while not reader.at_eof():
                    writer.write(b"a")
                    with suppress(TimeoutError):
                        async with asyncio.timeout(every_s):
                            await reader.read(4096)
        await asyncio.sleep(0.05)


@asynccontextmanager
async def _connection(
    port: int,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()

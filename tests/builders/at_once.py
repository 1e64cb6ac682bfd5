"""Requests that come at one moment: all but the last byte of each is sent before."""

from __future__ import annotations

import json
import socket
import time
from contextlib import ExitStack
from dataclasses import dataclass

from tests.builders.line import proxy_query


def wish(customer_id: str, request_id: str, reward_id: str) -> bytes:
    """The request of a signed-in shopper for a reward, on a connection of its own."""
    body = json.dumps({"request_id": request_id, "reward_id": reward_id}).encode()
    lines = (
        f"POST /proxy/redemptions?{proxy_query(customer_id)} HTTP/1.1",
        "Host: localhost",
        "Connection: close",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass(frozen=True)
class Answered:
    """Statuses and bodies in the order of the requests, and when the last was there.

    `p99_s` is within how many seconds all but the slowest hundredth were, at most: they
    are listened to one after the other.
    """

    answers: list[tuple[int, bytes]]
    p99_s: float

    @property
    def statuses(self) -> list[int]:
        """The statuses, in order of size."""
        return sorted(status for status, _ in self.answers)


def ask_at_once(port: int, requests: list[bytes]) -> Answered:
    """Send all but the last byte of each, then all of these; return the answers."""
    with ExitStack() as opened:
        address = "127.0.0.1", port
        ways = [
            opened.enter_context(socket.create_connection(address, 120))
            for _ in requests
        ]
        for way, request in zip(ways, requests, strict=True):
            way.sendall(request[:-1])
        began = time.monotonic()
        for way, request in zip(ways, requests, strict=True):
            way.sendall(request[-1:])
        answers, took_s = [], []
        for way in ways:
            answers.append(_heard(way))
            took_s.append(time.monotonic() - began)
    return Answered(answers, took_s[-1 - len(took_s) // 100])


def _heard(way: socket.socket) -> tuple[int, bytes]:
    said = b""
    while piece := way.recv(65536):
        said += piece
    head, _, body = said.partition(b"\r\n\r\n")
    return int(head.split()[1]), body

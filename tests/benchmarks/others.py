"""Packages of others that give durable credits, each in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy.engine import make_url

from tests.benchmarks.backlog import Backlog
from tests.benchmarks.home import Home, temporary_home
from tests.benchmarks.load import load_process
from tests.benchmarks.rounds import Row, Size, compared, interleaved

_UV_PROGRAM = str(Path(sys.executable).parent / "uv")
_SCRIPTS = Path(__file__).parent / "peers"
_PEERS = {
    "hordak_transfers": (
        "django-hordak==2.0.0",
        "django-hordak, Account.transfer_to: a transaction and two legs, balanced by"
        " triggers, one commit each; no webhook, no rules, no guard against repeats",
    ),
    "credit_grants": (
        "credit-ledger==0.3.0",
        "credit-ledger, grant: a balance and one ledger row with a key against repeats,"
        " one commit each; no double entry, no webhook, no rules",
    ),
}


def measure(size: Size) -> list[Row]:
    """Settle with one worker, and have each peer give credits, in turn."""
    with ExitStack() as stack:
        home = stack.enter_context(temporary_home())
        load = stack.enter_context(load_process())
        peers = [stack.enter_context(_peer(home, name)) for name in _PEERS]
        backlog = Backlog(home.inbox, load, home.web(), [home.worker()], size.customers)
        ours, *theirs = interleaved(
            size.rounds,
            lambda: backlog.settled_per_second(size.orders),
            *(lambda peer=peer: peer.per_second(size.seconds) for peer in peers),
        )
    return [
        compared(
            f"Orders settled by one worker, beside {package}",
            "a second",
            (ours, column),
            baseline=f"{words}, by one process",
        )
        for (package, words), column in zip(_PEERS.values(), theirs, strict=True)
    ]


class _Peer:
    """A peer's script that waits to be told for how long to give credits."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin
        assert process.stdout
        self._orders: IO[str] = process.stdin
        self._answers: IO[str] = process.stdout
        assert self._answers.readline() == "ready\n"

    def per_second(self, seconds: float) -> float:
        """Have it give credits for so long; return how many a second."""
        self._orders.write(f"{seconds}\n")
        self._orders.flush()
        return float(self._answers.readline())


@contextmanager
def _peer(home: Home, name: str) -> Iterator[_Peer]:
    """Install a peer under the home, and start its script on a database of its own."""
    python = home.folder / f"{name}-venv" / "bin" / "python"
    package, _ = _PEERS[name]
    _uv("venv", "--python", sys.executable, str(python.parent.parent))
    _uv("pip", "install", "--python", str(python), package, "psycopg[binary]")
    url = make_url(home.create_database(name))
    place = {
        "PEER_DATABASE": name,
        "PEER_HOST": str(url.query["host"]),
        "PEER_PORT": str(url.query["port"]),
        "PEER_USER": url.username or "",
    }
    process = subprocess.Popen(
        [str(python), str(_SCRIPTS / f"{name}.py")],
        env=os.environ | place,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield _Peer(process)
    finally:
        process.kill()
        process.wait()


def _uv(*arguments: str) -> None:
    subprocess.run([_UV_PROGRAM, "--quiet", *arguments], check=True)

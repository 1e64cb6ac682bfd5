"""Automatic failover by Patroni and etcd, with a synchronous standby, under load."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.scaling import fleet as fleets
from tests.scaling.fleet import Fleet
from tests.scaling.patroni import Etcd, Node
from tests.scaling.traffic import Traffic

pytestmark = [pytest.mark.scaling, pytest.mark.timeout(900)]

STARTED_S = 120


class Cluster:
    """Two nodes, of which one is written to."""

    def __init__(self, folder: Path) -> None:
        self._etcd = Etcd(folder / "etcd")
        self._nodes: list[Node] = []
        for name in ("one", "other"):
            # A role and a role's port lie side by side.
            port = max((node.port for node in self._nodes), default=15430) + 2
            self._nodes.append(Node(name, folder / name, self._etcd, port))

    def start(self) -> None:
        """Start both nodes, the first as primary, the other as its sync standby."""
        for node, role in zip(self._nodes, ("primary", "sync_standby"), strict=True):
            node.start()
            _wait_for(lambda node=node, role=role: node.role == role)
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute("create database tallymark")

    @property
    def url(self) -> str:
        """Leads to whichever node can be written to."""
        return self._url("tallymark")

    @property
    def primary(self) -> Node:
        """The node that is written to."""
        [found] = [node for node in self._nodes if node.role == "primary"]
        return found

    def _url(self, database: str) -> str:
        hosts = ",".join("127.0.0.1" for _ in self._nodes)
        ports = ",".join(str(node.port) for node in self._nodes)
        return (
            f"postgresql://tallymark@/{database}?host={hosts}&port={ports}"
            "&target_session_attrs=read-write"
        )

    def end(self) -> None:
        """End everything."""
        for node in self._nodes:
            node.kill()
        self._etcd.end()


def _wait_for(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + STARTED_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster with the store in it."""
    made = Cluster(tmp_path)
    try:
        made.start()
        fleets.prepare(made.url, tmp_path / "home")
        yield made
    finally:
        made.end()


@pytest.mark.parametrize("loss", [Node.kill_postgres, Node.kill])
def test_losing_the_primary_loses_nothing_that_was_acknowledged(
    cluster: Cluster,
    new_fleet: Callable[..., Fleet],
    loss: Callable[[Node], None],
):
    fleet = new_fleet(cluster.url)
    traffic = Traffic(fleet.ports)
    first = cluster.primary

    with traffic.flowing():
        traffic.wait_for(300)
        loss(first)
        traffic.wait_for(300)

    assert cluster.primary is not first
    print(f"\n{loss.__name__}:", end="")
    fleets.judge(fleet, traffic, cluster.url)

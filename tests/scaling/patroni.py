"""Nodes of a PostgreSQL that Patroni watches over, and the etcd that they agree by."""

from __future__ import annotations

import json
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil
import requests

from app.local.account import account_for
from app.local.binaries import postgres_candidates
from app.local.ports import free_port
from app.local.processes import kill, working_in
from tests.faults.web import wait_until
from tests.scaling.conftest import program

# The same as docs/scaling.md has them; Patroni reads JSON as YAML.
CLUSTER = {
    "ttl": 20,
    "loop_wait": 5,
    "retry_timeout": 5,
    "maximum_lag_on_failover": 1048576,
    "synchronous_mode": True,
    "primary_start_timeout": 0,
    "postgresql": {
        "use_pg_rewind": True,
        "use_slots": True,
        "parameters": {"max_connections": 100, "wal_log_hints": "on"},
    },
}


class Etcd:
    """One etcd; a real cluster has three."""

    def __init__(self, folder: Path) -> None:
        path = program("etcd", "apt-get install etcd-server")
        folder.mkdir()
        self.port = free_port(12379)
        client = f"http://127.0.0.1:{self.port}"
        peer = f"http://127.0.0.1:{free_port(self.port + 1)}"
        command = [
            *(path, "--data-dir", folder / "data", "--name", "one"),
            *("--listen-client-urls", client, "--advertise-client-urls", client),
            *("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer),
            *("--initial-cluster", f"one={peer}"),
        ]
        with (folder / "etcd.log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_until(lambda: _said(self.port, "health").get("health") == "true")

    def end(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


class Node:
    """A Patroni with its PostgreSQL."""

    def __init__(self, name: str, folder: Path, etcd: Etcd, first_port: int) -> None:
        self._path = program("patroni", "pip install 'patroni[etcd3]'")
        folder.mkdir()
        self._folder, self._data = folder, folder / "data"
        self.port = free_port(first_port)
        self._api_port = free_port(self.port + 1)
        self._account = account_for(self._data)
        self._account.adopt(folder)
        settings = self._settings(name, etcd)
        (folder / "patroni.yml").write_text(json.dumps(settings))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start Patroni, which starts PostgreSQL."""
        command = [self._path, self._folder / "patroni.yml"]
        self._process = self._account.spawn(command, self._folder / "patroni.log")

    @property
    def role(self) -> str:
        """What it is just now: primary, replica, sync_standby, or nothing."""
        said = _said(self._api_port, "patroni")
        if said.get("state") != "running":
            return ""
        standing = said.get("sync_standby") and "sync_standby"
        return str(standing or said.get("role"))

    def kill_postgres(self) -> None:
        """Kill PostgreSQL alone; Patroni stays."""
        pid = int((self._data / "postmaster.pid").read_text().split()[0])
        with suppress(psutil.NoSuchProcess):
            psutil.Process(pid).kill()
        kill(working_in(self._data, {"postgres"}))

    def kill(self) -> None:
        """Kill everything at once, as losing the machine would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        kill(working_in(self._data, {"postgres"}))

    def _settings(self, name: str, etcd: Etcd) -> dict[str, object]:
        anybody = "127.0.0.1/32 trust"
        user = {"username": "tallymark"}
        return {
            "scope": "tallymark",
            "name": name,
            "restapi": {
                "listen": f"127.0.0.1:{self._api_port}",
                "connect_address": f"127.0.0.1:{self._api_port}",
            },
            "etcd3": {"hosts": f"127.0.0.1:{etcd.port}"},
            "bootstrap": {
                "dcs": CLUSTER,
                "initdb": [{"encoding": "UTF8"}, "data-checksums"],
            },
            "postgresql": {
                "listen": f"127.0.0.1:{self.port}",
                "connect_address": f"127.0.0.1:{self.port}",
                "data_dir": str(self._data),
                "bin_dir": str(postgres_candidates()[0].folder),
                "pgpass": str(self._folder / "pgpass"),
                "authentication": {
                    "superuser": user,
                    "replication": user,
                    "rewind": user,
                },
                "parameters": {"unix_socket_directories": ""},
                "pg_hba": [
                    f"host all all {anybody}",
                    f"host replication all {anybody}",
                ],
            },
        }


def _said(port: int, path: str) -> dict[str, object]:
    try:
        said = requests.get(f"http://127.0.0.1:{port}/{path}", timeout=2).json()
    except (requests.RequestException, ValueError):
        return {}
    return dict(said)

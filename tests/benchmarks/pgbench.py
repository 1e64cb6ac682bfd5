"""PostgreSQL's own TPC-B-like benchmark on the server that the app uses."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from app.local.binaries import postgres_candidates
from tests.benchmarks.home import Home

CLIENTS = 4
BASELINE = f"pgbench TPC-B, scale 10, {CLIENTS} clients, prepared, synchronous commit"


class PgBench:
    """pgbench with its tables in a database of its own."""

    def __init__(self, home: Home) -> None:
        """Fill the tables."""
        self._url = home.create_database("pgbench")
        self._run("--initialize", "--quiet", "--scale=10")

    def transactions_per_second(self, seconds: float) -> float:
        """Run for whole seconds, at least one, and return the rate it reports."""
        told = self._run(
            "--protocol=prepared",
            f"--client={CLIENTS}",
            "--jobs=2",
            f"--time={max(1, round(seconds))}",
        )
        found = re.search(r"^tps = ([\d.]+)", told, re.MULTILINE)
        assert found, told
        return float(found[1])

    def _run(self, *options: str) -> str:
        command = [str(_program()), *options, self._url]
        return subprocess.run(
            command, check=True, capture_output=True, text=True
        ).stdout


def _program() -> Path:
    for candidate in postgres_candidates():
        if (candidate.folder / "pgbench").exists():
            return candidate.folder / "pgbench"
    on_path = shutil.which("pgbench")
    assert on_path, "no pgbench, neither beside PostgreSQL nor on the PATH"
    return Path(on_path)

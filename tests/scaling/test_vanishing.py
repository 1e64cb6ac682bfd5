"""A machine that is gone without a word: nobody waits for its answer for hours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.scaling.conftest import program
from tests.scaling.fleet import ROOT

pytestmark = [pytest.mark.scaling, pytest.mark.timeout(200)]


def test_a_wait_for_a_vanished_database_ends(tmp_path: Path):
    program("ip", "apt-get install iproute2")
    own_network = ["unshare", "--net"]
    tried = subprocess.run([*own_network, "true"], capture_output=True)
    if tried.returncode != 0:
        pytest.skip("networks of one's own are forbidden here: run it as root on Linux")

    told = subprocess.run(
        [
            *own_network,
            sys.executable,
            "-m",
            "tests.scaling.vanishing",
            tmp_path / "db",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ("failed", 0) == (told.stdout.strip(), told.returncode), told.stderr

"""Ports for the servers that tests start."""

import os

from app.local.ports import free_port

_FIRST, _EACH = 18_000, 500


def own_port() -> int:
    """A free port that no other process of this run of the tests takes.

    Our web server shares its port with its like (SO_REUSEPORT), so two that find the
    same port free would both listen there, and each would answer for the other.
    """
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return free_port(_FIRST + _EACH * int(number))

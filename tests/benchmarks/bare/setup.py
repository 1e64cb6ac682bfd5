"""A database for the bare programmes, beside the app's own on the same server."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.home import Home

DATABASE = "bare"
WORKER = "python -m tests.benchmarks.bare"


def bare_database(home: Home) -> str:
    """Make the database with its tables and return its URL."""
    url = home.create_database(DATABASE)
    schema = (Path(__file__).parent / "schema.sql").read_text()
    home.connect(DATABASE).execute(schema)
    return url

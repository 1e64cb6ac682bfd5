"""Commands, run in this process on the database and the home of a line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli import tallymark
from tests.builders.line import TestLine
from tests.builders.logins import as_login
from tests.builders.restored import line_on

Run = Callable[..., None]


def environment_of(line: TestLine) -> dict[str, str]:
    """What a command finds in its environment, to work on a line."""
    url = line.settings.database_url or ""
    return {
        "DATABASE_URL": as_login(url),
        "MIGRATION_DATABASE_URL": url,
        "REDIS_URL": line.settings.redis_url or "",
        "TALLYMARK_HOME": str(line.home),
        "TALLYMARK_SECRET_KEY": line.settings.secret_key,
        "TALLYMARK_ENCRYPTION_KEY": line.settings.sealing_secrets[0],
    }


def brought_back(
    line: TestLine, run: Run, backup: Path, url: str, home: Path, **environment: str
) -> TestLine:
    """The line on an empty database, with what `restore` brought back there."""
    restored = line_on(line, url, home)
    run(restored, "restore", str(backup), **environment)
    return restored


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """A function that runs a command; `environment` has more than the line's own."""

    def run(line: TestLine, *arguments: str, **environment: str) -> None:
        for name, value in (environment_of(line) | environment).items():
            monkeypatch.setenv(name, value)
        tallymark.main(list(arguments), standalone_mode=False)

    return run

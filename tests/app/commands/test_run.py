"""Commands that run Tallymark start nothing that its login could not do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli import main
from app.commands.run import OtherDatabase, _environment
from app.config import read_settings
from app.local.supervisor import read_procfile
from tests.app.commands.conftest import Run
from tests.builders.line import TestLine
from tests.builders.logins import as_login

SECRET = {"SHOPIFY_API_SECRET": "hush"}
PROCFILE = Path(__file__).parents[3] / "Procfile"


@pytest.fixture
def poor_url(line: TestLine) -> Iterator[str]:
    """The URL of a login that may take no role."""
    with line.as_superuser() as connection:
        connection.exec_driver_sql("create role poor login")
    url = line.database.url.set(username="poor")
    yield url.render_as_string(hide_password=False)
    with line.as_superuser() as connection:
        connection.exec_driver_sql("drop role poor")


def test_a_login_that_may_take_no_role_is_told_in_a_sentence(
    line: TestLine,
    run: Run,
    poor_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    run(line, "migrate", DATABASE_URL=poor_url, **SECRET)
    monkeypatch.setattr(sys, "argv", ["tallymark", "up"])
    capsys.readouterr()

    with pytest.raises(SystemExit, match="1"):
        main()

    told = capsys.readouterr().err
    assert told.startswith("tallymark: the login lacks a right in the database: ")
    assert "tallymark_auditor" in told
    assert "docs/operations.md" in told
    assert 1 == len(told.splitlines())


def test_two_urls_of_two_databases_are_refused(line: TestLine, run: Run):
    other = line.database.url.set(database="postgres").render_as_string(False)

    with pytest.raises(OtherDatabase):
        run(line, "up", DATABASE_URL=as_login(other), **SECRET)


def test_what_is_started_is_not_told_the_owners_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    urls = {"DATABASE_URL": "postgresql:///one", "MIGRATION_DATABASE_URL": "two"}
    for name, value in (urls | SECRET | {"TALLYMARK_HOME": str(tmp_path)}).items():
        monkeypatch.setenv(name, value)

    told = _environment(read_settings(), 8000, None)

    assert "two" not in told.values()
    assert "postgresql:///one" == told["DATABASE_URL"]


@pytest.mark.parametrize(
    ("name", "is_told"),
    [("release", True), ("web", False), ("worker", False), ("clock", False)],
)
def test_of_the_procfile_only_release_is_told_the_owners_url(
    name: str, is_told: bool, tmp_path: Path
):
    """A host gives all one environment; programs are replaced by one that tells it."""
    for program in ("tallymark", "granian", "python"):
        teller = tmp_path / program
        teller.write_text("#!/bin/sh\nenv\n")
        teller.chmod(0o700)
    told = subprocess.run(
        ["sh", "-c", f"exec {read_procfile(PROCFILE)[name]}"],
        env={
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "DATABASE_URL": "postgresql:///one",
            "MIGRATION_DATABASE_URL": "postgresql:///two",
        },
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.splitlines()

    assert "DATABASE_URL=postgresql:///one" in told
    assert is_told == ("MIGRATION_DATABASE_URL=postgresql:///two" in told)


def test_both_urls_in_use_are_printed(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    owners = str(line.settings.database_url)

    run(line, "env")

    assert capsys.readouterr().out.splitlines() == [
        f"DATABASE_URL={as_login(owners)}",
        f"MIGRATION_DATABASE_URL={owners}",
        f"REDIS_URL={line.settings.redis_url}",
    ]

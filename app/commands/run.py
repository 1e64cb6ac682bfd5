"""Commands that run Tallymark."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from app.commands.context import bring_up_to_date
from app.commands.demo_program import demo_versions
from app.config import Settings, demo_secret, read_settings
from app.domain.errors import SettingsMissing, TallymarkError
from app.local.errors import AlreadyRunning
from app.local.ports import free_port, port_is_free
from app.local.supervisor import Part, Supervisor, read_procfile
from app.sandbox_token import SANDBOX_CLIENT_ID, SANDBOX_DOMAIN
from app.servers import Servers
from app.storage import stores
from app.storage.database import Database

_ROOT = Path(__file__).parent.parent.parent


class OtherDatabase(TallymarkError):
    """DATABASE_URL leads to another database than MIGRATION_DATABASE_URL does."""


@click.command()
def up() -> None:
    """Run servers, web, workers and clock in the foreground; Ctrl-C ends them.

    PostgreSQL and Redis are embedded where DATABASE_URL and REDIS_URL are not set.
    """
    settings = read_settings()
    settings.require("shopify_secrets")
    _run(settings, _port(settings.port, 8000))


@click.command()
def demo() -> None:
    """Run everything with a sandbox store to try it in."""
    settings = read_settings()
    if not settings.shopify_api_key:
        settings = replace(settings, shopify_api_key=SANDBOX_CLIENT_ID)
    if not settings.shopify_secrets:
        settings = replace(settings, shopify_secrets=(demo_secret(settings.home),))
    port = _port(settings.port, 8000)
    sandbox_port = free_port(port + 1)
    _run(settings, port, sandbox_port)


@click.command()
def migrate() -> None:
    """Bring the database's tables up to this version."""
    with Servers(read_settings()).borrowed() as settings:
        bring_up_to_date(settings)
    click.echo("the tables are up to date")


def _port(wanted: int | None, otherwise: int) -> int:
    """Return the port that was asked for, else a free one near the usual."""
    if wanted is None:
        return free_port(otherwise)
    if not port_is_free(wanted):
        raise SettingsMissing(f"port {wanted} is in use: set PORT to a free one")
    return wanted


def _run(settings: Settings, port: int, sandbox_port: int | None = None) -> None:
    servers = Servers(settings)
    settings = servers.start()
    bring_up_to_date(settings)
    assert settings.database_url
    database = Database(settings.database_url, wait_s=60)
    # By the login of what is to run, so that nothing is started which it cannot do.
    if not database.is_migrated():
        raise OtherDatabase
    if sandbox_port:
        _add_sandbox_store(database)
    database.close()
    supervisor = Supervisor(
        _parts(settings, port, sandbox_port),
        environment=_environment(settings, port, sandbox_port),
        folder=settings.home,
    )
    _say_where(port, sandbox_port)
    try:
        with servers.watched(click.echo):
            code = supervisor.run()
    except AlreadyRunning:
        raise
    except BaseException:
        servers.stop()
        raise
    servers.stop()
    sys.exit(code)


def _add_sandbox_store(database: Database) -> None:
    """Have its programme there before the store's owner first opens the app."""
    with database.auditor() as connection:
        known = stores.find_store(connection, "shopify", SANDBOX_DOMAIN)
    if not known:
        store = stores.install(database, "shopify", SANDBOX_DOMAIN, "EUR", "UTC")
        with database.program(store.program_id) as connection:
            for since, program in demo_versions(datetime.now(UTC)):
                stores.save_program(connection, store.program_id, program, since)


def _parts(settings: Settings, port: int, sandbox_port: int | None) -> list[Part]:
    """Return the Procfile's processes, and the sandbox store where it is wanted."""
    lines = read_procfile(_ROOT / "Procfile")
    counts = {"worker": settings.workers}
    parts = [
        Part(name, ["sh", "-c", f"exec {command}"], counts.get(name, 1))
        for name, command in lines.items()
        if name != "release"
    ]
    if sandbox_port:
        url = f"http://127.0.0.1:{port}"
        command = [
            "tallymark",
            "sandbox",
            "--port",
            str(sandbox_port),
            "--app-url",
            url,
        ]
        parts.append(Part("sandbox", command))
    return parts


def _environment(
    settings: Settings, port: int, sandbox_port: int | None
) -> dict[str, str]:
    """Return the environment of the parts: ours, and what we found out for them.

    Except the login that owns the tables, which no running process needs.
    """
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name != "MIGRATION_DATABASE_URL"
    }
    programs = str(Path(sys.executable).parent)
    ours = {
        "PATH": os.pathsep.join([programs, os.environ.get("PATH", "")]),
        "DATABASE_URL": settings.database_url or "",
        "REDIS_URL": settings.redis_url or "",
        "SHOPIFY_API_SECRET": settings.shopify_secrets[0],
        "SHOPIFY_API_KEY": settings.shopify_api_key or "",
        "TALLYMARK_HOME": str(settings.home),
        "TALLYMARK_SECRET_KEY": settings.secret_key,
        "TALLYMARK_ENCRYPTION_KEY": settings.sealing_secrets[0],
        "TALLYMARK_ENCRYPTION_KEY_PREVIOUS": "".join(settings.sealing_secrets[1:]),
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
    }
    if sandbox_port:
        ours["SANDBOX_URL"] = f"http://127.0.0.1:{sandbox_port}"
        # Who tries it looks at once for what came of it.
        ours["WEB_TOTALS_SECONDS"] = "1"
    return inherited | ours


def _say_where(port: int, sandbox_port: int | None) -> None:
    click.echo(f"Tallymark listens on http://127.0.0.1:{port}")
    if sandbox_port:
        click.echo(f"The sandbox store is at http://127.0.0.1:{sandbox_port}")
        click.echo(f"Its back office is at http://127.0.0.1:{sandbox_port}/admin")
    click.echo("Ctrl-C ends it; the data stays.")

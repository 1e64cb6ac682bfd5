"""The settings: read once from the environment, and passed in from there."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urlsplit

from app.domain.errors import SettingsMissing


@dataclass(frozen=True)
class Settings:
    """What the environment says; a URL that is None asks for an embedded server.

    `secret_key` makes the keyed hashes of e-mail addresses and of forgotten customers,
    so it must stay the same for as long as the data lives. The first of
    `sealing_secrets` seals what is stored; another, from before, still opens. So many
    `trusted_proxies` in front of us each add an address to `X-Forwarded-For`. Sums over
    a whole programme are told for `totals_s` before they are read anew. With a
    `migration_database_url` of its own for the owner of the tables, `database_url` may
    log in as somebody who owns nothing.
    """

    home: Path
    port: int | None
    database_url: str | None
    redis_url: str | None
    shopify_api_key: str | None
    shopify_secrets: tuple[str, ...]
    secret_key: str
    sealing_secrets: tuple[str, ...]
    sandbox_url: str | None = None
    public_url: str | None = None
    web_threads: int = 32
    request_s: int = 10
    totals_s: int = 60
    trusted_proxies: int = 0
    workers: int = 1
    migration_database_url: str | None = None

    @property
    def migrating_url(self) -> str | None:
        """The database as the login reaches it that makes and changes the tables."""
        return self.migration_database_url or self.database_url

    def require(self, *names: str) -> None:
        """Raise SettingsMissing that lists all named settings without a value."""
        missing = [_NAMES[name] for name in names if not getattr(self, name)]
        if missing:
            raise SettingsMissing(
                f"set {' and '.join(missing)} in the environment (see Settings in the "
                "README)"
            )


_NAMES = {
    "database_url": "DATABASE_URL",
    "redis_url": "REDIS_URL",
    "shopify_secrets": "SHOPIFY_API_SECRET",
}


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this process.

    Raises SettingsMissing where a value cannot be used.
    """
    values = os.environ if environment is None else environment
    home = Path(values.get("TALLYMARK_HOME") or ".tallymark").resolve()
    given = (
        values.get("SHOPIFY_API_SECRET"),
        values.get("SHOPIFY_API_SECRET_PREVIOUS"),
    )
    return Settings(
        home=home,
        port=_port(values.get("PORT")),
        database_url=values.get("DATABASE_URL") or None,
        migration_database_url=_migration_database_url(values),
        redis_url=values.get("REDIS_URL") or None,
        shopify_api_key=values.get("SHOPIFY_API_KEY") or None,
        shopify_secrets=tuple(secret for secret in given if secret),
        secret_key=values.get("TALLYMARK_SECRET_KEY")
        or _kept_secret(home, "secret_key"),
        sealing_secrets=_sealing_secrets(values, home),
        sandbox_url=values.get("SANDBOX_URL") or None,
        public_url=_public_url(values.get("TALLYMARK_URL")),
        web_threads=_number(values, "WEB_THREADS", 32, most=1000),
        # The Procfile hands the same to the web server, which takes up to 60.
        request_s=_number(values, "WEB_REQUEST_SECONDS", 10, most=60),
        totals_s=_number(values, "WEB_TOTALS_SECONDS", 60, most=60),
        trusted_proxies=_number(values, "WEB_TRUSTED_PROXIES", 0, least=0, most=9),
        workers=_number(values, "WORKER_CONCURRENCY", 1, most=64),
    )


def _migration_database_url(values: Mapping[str, str]) -> str | None:
    url = values.get("MIGRATION_DATABASE_URL") or None
    if url and not values.get("DATABASE_URL"):
        raise SettingsMissing(
            "set DATABASE_URL too: MIGRATION_DATABASE_URL is another login of the "
            "same database"
        )
    return url


def demo_secret(home: Path) -> str:
    """Return the client secret that the demo and its sandbox store share."""
    return _kept_secret(home, "sandbox_secret")


def _port(text: str | None) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise SettingsMissing(f"PORT must be a port number, not {text!r}")
    return int(text)


def _public_url(text: str | None) -> str | None:
    """Return where stores and browsers reach us, which is never without TLS."""
    if not text:
        return None
    parts = urlsplit(text.rstrip("/"))
    if parts.scheme != "https" or not parts.netloc or parts.query or parts.fragment:
        raise SettingsMissing(f"TALLYMARK_URL must begin with https://, not {text!r}")
    return parts.geturl()


def _sealing_secrets(values: Mapping[str, str], home: Path) -> tuple[str, ...]:
    """Return the current secret, then the one before where there is one."""
    name = "TALLYMARK_ENCRYPTION_KEY"
    current = values.get(name) or _kept_secret(home, "encryption_key")
    previous = values.get(f"{name}_PREVIOUS")
    return (current, previous) if previous else (current,)


def _number(
    values: Mapping[str, str], name: str, otherwise: int, *, least: int = 1, most: int
) -> int:
    text = values.get(name) or str(otherwise)
    if not text.isdecimal() or not least <= int(text) <= most:
        raise SettingsMissing(
            f"{name} must be a number from {least} to {most}, not {text!r}"
        )
    return int(text)


def _kept_secret(home: Path, name: str) -> str:
    """Return a secret kept in the home folder, made at first use, private to us."""
    path = home / name
    home.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with NamedTemporaryFile("w", dir=home) as draft:
            draft.write(secrets.token_hex(32))
            draft.flush()
            # Whoever links first wins, and nobody reads a half-written file.
            with suppress(FileExistsError):
                path.hardlink_to(draft.name)
    return path.read_text().strip()

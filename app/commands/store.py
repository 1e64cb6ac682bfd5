"""Commands about stores."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4
from zoneinfo import available_timezones

import click
import msgspec

from app.access import Access, given
from app.commands.context import asking, opened, progress
from app.commands.looks import looks
from app.config import Settings
from app.platforms.base import StoreAway
from app.platforms.shopify.about import ask_about
from app.platforms.shopify.domains import is_shop
from app.platforms.shopify.platform import normal_domain
from app.platforms.shopify.tokens import FixedToken, Tokens
from app.storage import access, stores
from app.storage.access import Refusal
from app.storage.database import Database
from app.storage.stores import Store

# So many products go into the inbox as one message.
_AT_ONCE = 100


@click.group()
def store() -> None:
    """Add and list stores."""


def _domain(_: click.Context, __: click.Parameter, value: str) -> str:
    domain = normal_domain(value)
    if not is_shop(domain):
        raise click.BadParameter(
            f"{value!r} is not a store's own domain, as in example.myshopify.com"
        )
    return domain


def _currency(_: click.Context, __: click.Parameter, value: str) -> str:
    if len(value) != 3 or not value.isascii() or not value.isalpha():
        raise click.BadParameter(f"{value!r} is not a currency, as in EUR")
    return value.upper()


def _timezone(_: click.Context, __: click.Parameter, value: str) -> str:
    if value not in available_timezones():
        raise click.BadParameter(f"{value!r} is not a time zone, as in Europe/Berlin")
    return value


@store.command()
@click.argument("domain", callback=_domain)
@click.option("--platform", type=click.Choice(["shopify"]), required=True)
@click.option(
    "--currency",
    default="USD",
    callback=_currency,
    show_default=True,
    help="Until its first order shows the store's currency.",
)
@click.option(
    "--timezone",
    default="UTC",
    callback=_timezone,
    show_default=True,
    help="Whose days a limit a day goes by.",
)
@click.option(
    "--token",
    prompt="Admin API access token",
    prompt_required=False,
    hide_input=True,
    help="Of a custom app, with which rewards are made; asked for where not given.",
)
def add(
    domain: str, platform: str, currency: str, timezone: str, token: str | None
) -> None:
    """Install the store at DOMAIN with the default programme.

    A store that was there before keeps its programme and its members. One that only
    gets another token is not installed again.
    """
    with opened() as (settings, database):
        with database.auditor() as connection:
            added = stores.find_store(connection, platform, domain)
        if added is None or added.uninstalled_at or token is None:
            added = stores.install(database, platform, domain, currency, timezone)
        if token is not None:
            _open(settings, database, added, token)
    click.echo(f"{added.domain} is installed (programme {added.program_id})")


def _open(settings: Settings, database: Database, store: Store, token: str) -> None:
    """Keep the token of a custom app, which must open the store now."""
    way = Access.of(settings, database)
    try:
        ask_about(way.url(store.domain), FixedToken(token.strip()))
    except StoreAway as error:
        raise click.ClickException(f"the token opens nothing: {error}") from error
    with database.program(store.program_id) as connection:
        access.keep(connection, way.keys, store, given(Tokens(token.strip())))


@store.command("list")
def list_stores() -> None:
    """List all stores, and which of them refuse our tokens.

    One that does so for a day and sends no message meanwhile has left without a word.
    """
    with opened() as (_, database), database.auditor() as connection:
        found = stores.all_stores(connection)
        refused = access.refusals(connection)
    for each in found:
        state = _state(each, refused.get(each.store_id))
        click.echo(f"{each.domain}\t{each.platform}\t{each.currency}\t{state}")


def _state(store: Store, refusal: Refusal | None) -> str:
    """Say whether a store is installed, and by what that is known where it left."""
    if store.uninstalled_at:
        is_told = refusal is None or refusal.since != store.uninstalled_at
        how = "" if is_told else ", since when it refuses our tokens and is silent"
        return f"uninstalled at {store.uninstalled_at:%Y-%m-%d %H:%M}{how}"
    if refusal is None:
        return "installed"
    if refusal.since is None:
        return f"installed, did not know the app at {refusal.at:%Y-%m-%d %H:%M}"
    return (
        f"installed, refuses our tokens since {refusal.since:%Y-%m-%d %H:%M}, "
        f"last at {refusal.at:%Y-%m-%d %H:%M}"
    )


class _Collections(msgspec.Struct):
    product_id: str
    collection_ids: list[str]


@store.command()
@click.argument("domain", callback=_domain)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def collections(domain: str, file: Path) -> None:
    """Say which collections products are in, where nothing opens the store.

    Of a store that is open they are read daily. FILE has a JSON object a line:
    {"product_id": "1", "collection_ids": ["2", "3"]}.
    """
    lines = [line for line in file.read_bytes().splitlines() if line.strip()]
    decoder = msgspec.json.Decoder(_Collections)
    try:
        rows = [decoder.decode(line) for line in lines]
    except msgspec.MsgspecError as error:
        raise click.ClickException(f"{file} cannot be read: {error}") from error
    at = datetime.now(UTC).isoformat()
    with asking(domain, "products/read") as ask:
        for first in progress(range(0, len(rows), _AT_ONCE), "Products"):
            some = msgspec.to_builtins(rows[first : first + _AT_ONCE])
            ask.keep(str(uuid4()), {"at": at, "products": some})
    click.echo(f"what {len(rows)} products of {domain} are in is in the inbox")


store.add_command(looks)

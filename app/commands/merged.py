"""The command that says who became whom, where the store's own word was lost."""

from __future__ import annotations

import click

from app.access import Access
from app.commands.context import opened
from app.platforms.base import StoreAway
from app.platforms.shopify.platform import normal_domain
from app.storage import stores
from workers.runtime import make_reconciling


def _number(_: click.Context, __: click.Parameter, value: str) -> str:
    if not (value.isascii() and value.isdecimal() and len(value) <= 18):
        raise click.BadParameter(f"{value!r} is not the number of a customer")
    return value


@click.command()
@click.argument("domain")
@click.argument("gone_id", callback=_number)
@click.argument("kept_id", callback=_number)
def merged(domain: str, gone_id: str, kept_id: str) -> None:
    """Say that the customer GONE_ID was merged into KEPT_ID at the store.

    The kept one has all orders and points from then on, for good. The store is asked
    first: it must have the one and must not have the other.
    """
    with opened() as (settings, database):
        with database.auditor() as connection:
            store = stores.the_store(connection, "shopify", normal_domain(domain))
        way = Access.of(settings, database)
        comparing = make_reconciling(settings, way).customers
        past = comparing.customers_of(store)
        if past is None:
            raise click.ClickException(f"nothing opens {domain}: install the app there")
        try:
            gone = past.gone([gone_id, kept_id])
        except StoreAway as error:
            raise click.ClickException(f"{error}: run the command again") from None
        if kept_id in gone:
            raise click.ClickException(f"{domain} has no customer {kept_id}")
        if gone_id not in gone:
            raise click.ClickException(f"{domain} has the customer {gone_id} still")
        comparing.tell_merge(store, past, kept_id, gone_id)
    click.echo(f"what {gone_id} had goes to {kept_id}")

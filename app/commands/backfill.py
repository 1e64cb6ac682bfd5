"""The command that brings a store's past orders in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TypeVar

import click
from rich.console import Console

from app.commands.context import opened
from app.config import Settings
from app.platforms.base import StoreAway
from app.platforms.shopify.platform import normal_domain
from app.storage import stores
from app.storage.stores import Store
from workers.archive import PastFile, past_folder
from workers.backfill import Backfilling, Prospect
from workers.runtime import make_backfilling

Step = TypeVar("Step")


@click.command()
@click.argument("domain")
@click.option(
    "--since", type=click.DateTime(), help="Orders placed since then, in UTC."
)
@click.option("--dry-run", is_flag=True, help="Only say what they would come to.")
def backfill(domain: str, since: datetime | None, *, dry_run: bool) -> None:
    """Bring in the past orders of the store at DOMAIN.

    They earn by the program that was in force when they were placed; look first, with
    --dry-run, at the points that this would give. What breaks off goes on where it was
    when the command is run again. A Shopify app sees orders of the last 60 days, unless
    it has the scope `read_all_orders`.
    """
    since = since.replace(tzinfo=UTC) if since else None
    with opened() as (settings, database):
        with database.auditor() as connection:
            store = stores.the_store(connection, "shopify", normal_domain(domain))
        backfilling = make_backfilling(settings)
        past = _past(settings, backfilling, store)
        try:
            _followed(past.make(since), "The store's file: {} orders")
            _bring_in(backfilling, store, past, dry_run=dry_run)
        except StoreAway as error:
            raise click.ClickException(f"{error}: run the command again") from None


def _bring_in(
    backfilling: Backfilling, store: Store, past: PastFile, *, dry_run: bool
) -> None:
    if dry_run:
        found = _followed(backfilling.prospect(store, past), "Looked at: {.orders}")
        _tell(found or Prospect())
        return
    told = _followed(backfilling.tell(store, past), "Told: {} orders")
    past.end()
    click.echo(
        f"{told or 0} orders of {store.domain} are in the inbox, and are being settled"
    )


def _past(settings: Settings, backfilling: Backfilling, store: Store) -> PastFile:
    archive = backfilling.archive_of(store)
    if archive is None:
        raise click.ClickException(
            f"nothing opens {store.domain}: install the app there"
        )
    return PastFile(past_folder(settings.home, store), archive)


def _followed(steps: Iterable[Step], words: str) -> Step | None:
    """Show each step while it lasts; return the last."""
    last = None
    with Console(stderr=True).status("The store's file …") as status:
        for last in steps:
            status.update(words.format(last))
    return last


def _tell(found: Prospect) -> None:
    click.echo(
        f"{found.orders} orders of {found.shoppers} shoppers are not known here.\n"
        f"They would earn {found.earned} points, of which {found.available} could be "
        f"spent at once and {found.pending} later.\n"
        "Gifts of tiers, stamp cards and challenges come on top. Nothing was done; "
        "guests' points wait until they prove their address."
    )

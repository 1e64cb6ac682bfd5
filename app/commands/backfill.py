"""The command that brings a store's past orders in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from app.commands.bar import followed
from app.commands.context import opened
from app.config import Settings
from app.domain.money import in_words, to_minor
from app.domain.valuation import Valuation
from app.platforms.base import StoreAway
from app.platforms.shopify.platform import normal_domain
from app.platforms.shopify.scopes import ALL_ORDERS
from app.storage import access, stores
from app.storage.database import Database
from app.storage.sealing import Keyring
from app.storage.stores import Store
from workers.archive import PastFile, past_folder
from workers.backfill import Backfilling
from workers.prospect import Prospect
from workers.runtime import make_backfilling
from workers.steps import Step

# Shopify shows no more without the scope for all orders.
_SHOWN = timedelta(days=60)


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
        _warn(settings, database, store, since)
        try:
            followed(past.make(since), lambda step: step)
            if dry_run:
                _tell(_prospect(backfilling, store, past), store, database)
            else:
                _bring_in(backfilling, store, past)
        except StoreAway as error:
            raise click.ClickException(f"{error}: run the command again") from None


def _warn(
    settings: Settings, database: Database, store: Store, since: datetime | None
) -> None:
    """Say where the store shows an app less than what is asked for."""
    if since and since > datetime.now(UTC) - _SHOWN:
        return
    with database.program(store.program_id) as connection:
        kept = access.find(connection, Keyring(settings.sealing_secrets), store)
    # A custom app's token does not tell its scopes.
    if kept and kept.scopes and ALL_ORDERS not in kept.scopes:
        click.echo(
            f"{store.domain} shows orders of the last {_SHOWN.days} days alone: it has "
            f"not granted `{ALL_ORDERS}` (docs/shopify.md)",
            err=True,
        )


def _prospect(backfilling: Backfilling, store: Store, past: PastFile) -> Prospect:
    total = past.total

    def step_of(found: Prospect) -> Step:
        return Step("Orders are looked at", found.looked_at, total)

    return followed(backfilling.prospect(store, past), step_of) or Prospect()


def _bring_in(backfilling: Backfilling, store: Store, past: PastFile) -> None:
    followed(backfilling.tell(store, past), lambda step: step)
    told = past.told
    past.end()
    click.echo(
        f"{told} orders of {store.domain} are in the inbox, and are being settled"
    )


def _past(settings: Settings, backfilling: Backfilling, store: Store) -> PastFile:
    archive = backfilling.archive_of(store)
    if archive is None:
        raise click.ClickException(
            f"nothing opens {store.domain}: install the app there"
        )
    return PastFile(past_folder(settings.home, store), archive)


def _tell(found: Prospect, store: Store, database: Database) -> None:
    with database.program(store.program_id) as connection:
        history = stores.program_history(connection, store.program_id)
    worth = history.at(datetime.now(UTC)).valuation
    click.echo(
        f"{found.orders} orders of {found.shoppers} shoppers are not known here.\n"
        f"They would earn {found.earned} points: {found.available} more could be spent "
        f"at once and {found.pending} later.\n"
        f"{_in_money(worth, found.available + found.pending, store.currency)}\n"
        "That is with all that is known of these shoppers, and what tiers, cards, "
        "challenges, limits and budgets make of it. Not in it: in which order shoppers "
        "draw on a budget that runs out, limits on rewards for several friends, and "
        "that a guest of the file may be a customer of the file. Nothing was done; "
        "guests' points wait until they prove their address."
    )


def _in_money(worth: Valuation, points: int, currency: str) -> str:
    cost = worth.cost(points)
    if cost is None:
        return "What that is in money, the programme does not say: it values no points."
    return (
        f"What is left of them would be a liability of "
        f"{in_words(to_minor(cost, currency), currency)}: {worth.per_100_points} for "
        f"100 points, of which {worth.spent_percent}% are expected to be spent."
    )

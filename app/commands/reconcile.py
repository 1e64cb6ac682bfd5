"""The command that asks a store for what its messages did not tell."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from app.access import Access
from app.commands.bar import followed
from app.commands.context import opened
from app.platforms.base import StoreAway
from app.platforms.shopify.platform import normal_domain
from app.storage import due_catalogues, ledger, stores
from app.storage.reconciliations import Reconciliation
from workers.reconcile import MESSAGES_TAKE
from workers.runtime import make_reconciling
from workers.steps import Step


@click.command()
@click.argument("domain")
@click.option(
    "--since", type=click.DateTime(), required=True, help="From this moment on, in UTC."
)
@click.option("--dry-run", is_flag=True, help="Only look, and say what was missed.")
def reconcile(domain: str, since: datetime, *, dry_run: bool) -> None:
    """Ask the store at DOMAIN for orders that changed and were not told.

    All its products are read again, too, with their tags and collections.

    What it tells goes the way of all messages, and workers settle it. A Shopify app
    sees orders of the last 60 days, unless it has the scope `read_all_orders`.
    """
    since = since.replace(tzinfo=UTC)
    with opened() as (settings, database):
        with database.auditor() as connection:
            store = stores.the_store(connection, "shopify", normal_domain(domain))
            until = ledger.now(connection) - MESSAGES_TAKE
        if since >= until:
            raise click.BadParameter("must be some minutes ago", param_hint="--since")
        reconciling = make_reconciling(settings, Access.of(settings, database))
        past = reconciling.pasts_of(store)
        if past is None:
            raise click.ClickException(f"nothing opens {domain}: install the app there")
        try:
            total = past.count(since, until)
            steps = reconciling.steps(store, past, since, until, only_look=dry_run)
            found = followed(
                steps, lambda far: Step("Orders are compared", far.looked_at, total)
            ) or Reconciliation(since, until)
        except StoreAway as error:
            raise click.ClickException(f"{error}: run the command again") from None
        if not dry_run:
            reconciling.keep(store, found)
            with database.program(store.program_id) as connection:
                due_catalogues.enter(connection, store.program_id, store.store_id)
    click.echo(
        f"{found.looked_at} orders changed since {since:%Y-%m-%d %H:%M} UTC: "
        f"{found.unknown} unknown here, {found.outdated} out of date"
        + (" (nothing was done)" if dry_run else "; what was missed is being settled,")
    )
    if not dry_run:
        click.echo("and the clock process reads all products again")

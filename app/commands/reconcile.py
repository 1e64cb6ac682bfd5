"""The command that asks a store for what its messages did not tell."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

import click

from app.access import Access
from app.commands.bar import followed
from app.commands.context import opened
from app.platforms.base import AccessDenied, PastOrders, StoreAway
from app.platforms.shopify.platform import normal_domain
from app.storage import due_catalogues, ledger, stores
from app.storage.reconciliations import Reconciliation
from app.storage.stores import Store
from workers.compare_customers import ComparingCustomers
from workers.compare_disputes import ComparingDisputes
from workers.deleted_orders import WEEKS, weeks_since
from workers.reconcile import MESSAGES_TAKE, Reconciling
from workers.runtime import make_reconciling
from workers.steps import Step


@click.command()
@click.argument("domain")
@click.option(
    "--since", type=click.DateTime(), required=True, help="From this moment on, in UTC."
)
@click.option("--dry-run", is_flag=True, help="Only look, and say what was missed.")
def reconcile(domain: str, since: datetime, *, dry_run: bool) -> None:
    """Ask the store at DOMAIN for what changed and was not told.

    Its orders, customers, disputes and the segments that points depend on are compared
    with what is known, and all that are known are asked after, customers and orders of
    the last seven weeks and of all since then, as a store lists nothing that was merged
    or deleted. All its products are read again, too, and by which plans orders were
    bought where tiers come with plans.

    It begins where the last look ended if that is earlier: the next one, of the clock,
    goes on from where this one ends. With --dry-run it begins where you say.

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
        unseen_from = reconciling.unseen_from(store)
        if unseen_from < since and not dry_run:
            since = unseen_from
            click.echo(
                f"It begins earlier, at {since:%Y-%m-%d %H:%M} UTC, to leave out "
                "nothing that no look has seen."
            )
        nothing = Reconciliation(since, until)
        try:
            found = _orders(reconciling, store, past, nothing, dry_run=dry_run)
            found = _customers(reconciling.customers, store, found, dry_run=dry_run)
            found = _segments(reconciling.customers, store, found, dry_run=dry_run)
            found = _disputes(reconciling.disputes, store, found, dry_run=dry_run)
        except StoreAway as error:
            raise click.ClickException(f"{error}: run the command again") from None
        if not dry_run:
            reconciling.keep(store, found)
            with database.program(store.program_id) as connection:
                due_catalogues.enter(connection, store.program_id, store.store_id)
    click.echo(_in_words(found, dry_run=dry_run))


def _in_words(found: Reconciliation, *, dry_run: bool) -> str:
    what_follows = (
        "Nothing was done."
        if dry_run
        else "What was missed is being settled, and the clock process reads all "
        "products again."
    )
    return (
        f"{found.looked_at} orders changed from {found.since:%Y-%m-%d %H:%M} to "
        f"{found.until:%Y-%m-%d %H:%M} UTC, what came later waits for its messages: "
        f"{found.unknown} unknown here, {found.outdated} out of date.\n"
        f"{found.deleted} orders were deleted without a word.\n"
        f"{found.disputes} disputes were not told as they are.\n"
        f"{found.customers} customers changed: of {found.customers_missed} something "
        f"was not told.\n"
        f"{found.segments_missed} joins and leaves of segments were not told.\n"
        f"{found.gone} of {found.looked_for} known customers were merged or deleted "
        f"without a word.\n{what_follows}"
    )


def _orders(
    reconciling: Reconciling,
    store: Store,
    past: PastOrders,
    found: Reconciliation,
    *,
    dry_run: bool,
) -> Reconciliation:
    between = found.since, found.until
    total = past.count(*between)
    steps = reconciling.steps(store, past, *between, only_look=dry_run)
    doing = "Orders are compared"
    found = followed(steps, lambda far: Step(doing, far.looked_at, total)) or found
    return _deleted(reconciling, store, past, found, dry_run=dry_run)


def _deleted(
    reconciling: Reconciling,
    store: Store,
    past: PastOrders,
    found: Reconciliation,
    *,
    dry_run: bool,
) -> Reconciliation:
    """Look for deleted orders, as far back as was asked for if the store shows them."""

    def look(weeks: range) -> Reconciliation:
        steps = reconciling.deleted.steps(store, past, found, weeks, only_look=dry_run)
        looked, doing = count(1), "Weeks are searched for deleted orders"
        total = len(weeks)
        return followed(steps, lambda _: Step(doing, next(looked), total)) or found

    found = look(range(WEEKS))
    try:
        return look(weeks_since(found.since, found.until))
    except AccessDenied as error:
        click.echo(f"Orders that were deleted before cannot be told: {error}")
        return found


def _disputes(
    comparing: ComparingDisputes, store: Store, found: Reconciliation, *, dry_run: bool
) -> Reconciliation:
    """Compare what disputes there are, in a store where there can be any."""
    steps = comparing.steps(store, found, only_look=dry_run)
    doing = "Disputes were missed"
    try:
        return followed(steps, lambda far: Step(doing, far.disputes)) or found
    except StoreAway as error:
        click.echo(f"Disputes cannot be compared: {error}")
        return found


def _segments(
    comparing: ComparingCustomers, store: Store, found: Reconciliation, *, dry_run: bool
) -> Reconciliation:
    """Compare who is in the segments that points depend on, if the store says so."""
    past = comparing.customers_of(store)
    assert past
    steps = comparing.segments(store, past, found, only_look=dry_run)
    doing = "Joins and leaves of segments were missed"
    try:
        return followed(steps, lambda far: Step(doing, far.segments_missed)) or found
    except StoreAway as error:
        click.echo(f"Segments cannot be compared: {error}")
        return found


def _customers(
    comparing: ComparingCustomers, store: Store, found: Reconciliation, *, dry_run: bool
) -> Reconciliation:
    past = comparing.customers_of(store)
    assert past
    total, known = past.count(found.since, found.until), comparing.known(store)
    steps = comparing.changed(store, past, found, only_look=dry_run)
    doing = "Customers are compared"
    found = followed(steps, lambda far: Step(doing, far.customers, total)) or found
    steps = comparing.gone(store, past, found, only_look=dry_run)
    asking = "Customers are asked after"
    return followed(steps, lambda far: Step(asking, far.looked_for, known)) or found

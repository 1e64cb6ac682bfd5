"""The command that shows what looks at a store's own lists have found."""

from __future__ import annotations

import click

from app.commands.context import in_store, opened
from app.storage import reconciliations
from app.storage.reconciliations import Reconciliation

_SHOWN = 30


@click.command()
@click.argument("domain")
def looks(domain: str) -> None:
    """Show what the last looks found that no message of the store had told."""
    with opened() as (_, database), in_store(database, domain) as (connection, store):
        found = reconciliations.latest(connection, store, _SHOWN)
    for each in found:
        click.echo(f"{each.until:%Y-%m-%d %H:%M}  {_line(each)}")
    if not found:
        click.echo("none")


def _line(found: Reconciliation) -> str:
    if not found.is_anything_missed:
        people = f"{found.customers} customers"
        return f"nothing was missed of {found.looked_at} orders and {people}"
    told = {
        "orders unknown": found.unknown,
        "orders out of date": found.outdated,
        "orders deleted": found.deleted,
        "disputes": found.disputes,
        "customers changed": found.customers_missed,
        "joins and leaves of segments": found.segments_missed,
        "customers merged or deleted": found.gone,
    }
    return ", ".join(f"{count} {what}" for what, count in told.items() if count)

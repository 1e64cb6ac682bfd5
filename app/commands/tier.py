"""The command that gives a member a tier by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import click

from app.commands.context import asking
from app.commands.look import member_of
from app.storage import stores


@click.command("give-tier")
@click.argument("domain")
@click.argument("customer_id")
@click.argument("tier")
@click.option(
    "--from",
    "since",
    type=click.DateTime(),
    help="From when on (UTC); now if not given.",
)
@click.option("--until", type=click.DateTime(), help="Before when (UTC).")
@click.option("--reason", required=True, help="Why; the member can read it.")
@click.option("--key", default=None, help="Repeat a command with its key: no effect.")
def give_tier(
    domain: str,
    customer_id: str,
    tier: str,
    since: datetime | None,
    until: datetime | None,
    reason: str,
    key: str | None,
) -> None:
    """Give a customer TIER by its name, at least, until they have a higher one.

    What is said last of a tier counts: to take it again, give it until a past day.
    """
    if key and not key.replace("-", "").replace("_", "").isalnum():
        raise click.ClickException("a key is letters, digits, - and _ only")
    body = {"customer_id": customer_id, "tier": tier, "reason": reason}
    dates = {"since": since, "until": until}
    body |= {
        name: at.replace(tzinfo=UTC).isoformat() for name, at in dates.items() if at
    }
    with asking(domain, "tiers/give") as ask:
        member_of(ask.connection, ask.store, customer_id)
        history = stores.program_history(ask.connection, ask.store.program_id)
        if not history.at(datetime.now(UTC)).tiers.level_of(tier):
            raise click.ClickException(f"the programme has no tier named {tier}")
        kept = ask.keep(key or str(uuid4()), body)
    click.echo("accepted" if kept else "this key was used before; nothing changes")

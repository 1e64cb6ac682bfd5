"""The command that says what a store called a customer before it told us so itself."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import click

from app.commands.context import asking
from app.domain.labels import LabelKind, all_compared


@click.command()
@click.argument("domain")
@click.argument("customer_id")
@click.argument("name")
@click.option("--segment", is_flag=True, help="NAME is the number of a segment.")
@click.option("--taken", is_flag=True, help="The customer lost it.")
@click.option(
    "--from",
    "since",
    type=click.DateTime(),
    help="From when on (UTC); now if not given.",
)
def label(
    domain: str,
    customer_id: str,
    name: str,
    segment: bool,
    taken: bool,
    since: datetime | None,
) -> None:
    """Say that a customer has the tag NAME, or is in a segment.

    A store only tells of what changes: this is for what was there before the app.
    """
    if not all_compared([name]) or len(name) > 255 or "\0" in name:
        raise click.ClickException("NAME must be a tag, or the number of a segment")
    at = since.replace(tzinfo=UTC) if since else datetime.now(UTC)
    body = {
        "customer_id": customer_id,
        "kind": LabelKind.SEGMENT if segment else LabelKind.TAG,
        "name": name,
        "is_given": not taken,
        "at": at.isoformat(),
    }
    with asking(domain, "customers/label") as ask:
        ask.keep(str(uuid4()), body)
    click.echo("accepted")

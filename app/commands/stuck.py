"""What people of a store say of rewards about which it may not be asked any more."""

from __future__ import annotations

from uuid import uuid4

import click

from app.commands.context import asking, in_store, opened
from app.domain.errors import UnknownRedemption
from app.domain.events import RedemptionStep
from app.domain.redemptions import code_of
from app.storage import due_redemptions, redemptions


@click.command()
@click.argument("domain")
def stuck(domain: str) -> None:
    """Show whose points wait for a store that does not let us ask it.

    With the code under which the reward would be there.
    """
    with opened() as (settings, database):
        with in_store(database, domain) as (connection, store):
            why = due_redemptions.shut(connection, store.program_id)
            found = [redemptions.find(connection, store.program_id, id_) for id_ in why]
        for kept in found:
            assert kept
            wish = kept.redemption
            code = code_of(settings.secret_key, store.program_id, wish.id)
            click.echo(
                f"{wish.id}  {wish.requested_at:%Y-%m-%d %H:%M}  {wish.state:<8}  "
                f"{wish.points:>7,} points  {code}  {wish.reward.name(store.currency)}"
                f"  ({why[wish.id]})"
            )
    if not found:
        click.echo("none")


@click.command()
@click.argument("domain")
@click.argument("redemption_id")
@click.option(
    "--made/--not-made",
    "is_made",
    required=True,
    default=None,
    help="Whether it is in the store, as you have seen there.",
)
@click.option("--reason", default="", help="What the member can read of it.")
def decide(domain: str, redemption_id: str, *, is_made: bool, reason: str) -> None:
    """Say what is there of a reward that is stuck, in the place of the store.

    What was made becomes its member's; for what was not, the points come back. It is
    refused while the store can be asked, which knows better.
    """
    step = RedemptionStep.MADE if is_made else RedemptionStep.NOT_MADE
    body = {"redemption_id": redemption_id, "step": step, "reason": reason}
    with asking(domain, "redemptions/step") as ask:
        if redemption_id not in due_redemptions.shut(
            ask.connection, ask.store.program_id
        ):
            raise UnknownRedemption(
                f"{redemption_id} is not stuck: `tallymark redemption stuck` shows "
                "what is"
            )
        ask.keep(f"{step}/{redemption_id}/{uuid4()}", body)
    click.echo("accepted")

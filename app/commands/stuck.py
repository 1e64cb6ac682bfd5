"""What people of a store say of rewards about which it may not be asked any more."""

from __future__ import annotations

from uuid import uuid4

import click

from app.commands.context import Ask, asking, in_store, opened
from app.domain.errors import UnknownRedemption
from app.domain.events import RedemptionStep
from app.domain.languages.translator import Translator
from app.domain.redemptions import State, code_of
from app.domain.rewards import name_of
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
            name = name_of(wish.reward, Translator(store.currency))
            click.echo(
                f"{wish.id}  {wish.requested_at:%Y-%m-%d %H:%M}  {wish.state:<8}  "
                f"{wish.points:>7,} points  {code}  {name}"
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

    Said by mistake that it was not made, say --made: the member has it, and the points
    are taken again. Said by mistake that it was made, cancel it.
    """
    step = RedemptionStep.MADE if is_made else RedemptionStep.NOT_MADE
    body = {
        "redemption_id": redemption_id,
        "step": step,
        "reason": reason,
        "by": "owner",
    }
    with asking(domain, "redemptions/step") as ask:
        if why_not := _why_not(ask, redemption_id, is_made=is_made):
            raise UnknownRedemption(f"{redemption_id} {why_not}")
        ask.keep(f"{step}/{redemption_id}/{uuid4()}", body)
    click.echo("accepted")


def _why_not(ask: Ask, redemption_id: str, *, is_made: bool) -> str | None:
    """Return why nobody can say that, None where somebody can."""
    here = ask.connection, ask.store.program_id
    if redemption_id in due_redemptions.shut(*here):
        return None
    kept = redemptions.find(*here, redemption_id)
    wish = kept.redemption if kept else None
    if wish and wish.was_said_gone and is_made:
        return None
    if wish and wish.state == State.GRANTED:
        return "is with its member: `tallymark redemption cancel` ends it"
    return "is not stuck: `tallymark redemption stuck` shows what is"

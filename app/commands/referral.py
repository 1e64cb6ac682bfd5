"""What people of a store do about friends whom members have brought."""

from __future__ import annotations

from uuid import uuid4

import click

from app.commands.context import asking, in_store, opened
from app.domain.errors import UnknownReferral
from app.domain.referral import Outcome, State
from app.storage import referrals
from app.storage.sealing import Keyring
from workers.refer import outcomes
from workers.terms import Terms

_SHOWN = 50
_STATES = [each.value for each in State]


@click.group()
def referral() -> None:
    """List, approve and refuse friends whom members have brought."""


@referral.command(name="list")
@click.argument("domain")
@click.option("--state", type=click.Choice(_STATES), help="Only those in this state.")
@click.option("--review", is_flag=True, help="Only those that wait for you.")
def list_(domain: str, state: str | None, *, review: bool) -> None:
    """Show the newest referrals of a store, with what speaks against each."""
    with (
        opened() as (settings, database),
        in_store(database, domain) as (connection, store),
    ):
        wanted = State(state) if state else None
        found = referrals.in_state(connection, store.program_id, wanted, _SHOWN)
        keys = Keyring(settings.sealing_secrets)
        terms = Terms(connection, store.program_id, keys)
        advocates = {each.advocate_id for each in found}
        told = {
            each.referral.id: each
            for theirs in outcomes(connection, terms, advocates).values()
            for each in theirs
        }
    shown = [told[each.id] for each in found if not review or _waits(told[each.id])]
    for each in shown:
        click.echo(_line(each))
    if not shown:
        click.echo("none")


def _waits(each: Outcome) -> bool:
    """Whether somebody of the store has to look at it."""
    claim = each.referral
    is_open = not claim.overruled_at and not claim.refused_at
    held = each.credit is not None and bool(each.reasons)
    return is_open and (claim.state == State.REVIEW or held)


def _line(each: Outcome) -> str:
    claim, credit = each.referral, each.credit
    points = f"{credit.points:,} points" if credit else "no points"
    state = "review" if _waits(each) else claim.state
    reasons = ", ".join(each.reasons)
    return (
        f"{claim.id}  {claim.claimed_at:%Y-%m-%d %H:%M}  {state:<8}  "
        f"member {claim.advocate_id} brought {claim.friend_id}  {points}"
        f"{f'  ({reasons})' if reasons else ''}"
    )


@referral.command()
@click.argument("domain")
@click.argument("referral_id")
def approve(domain: str, referral_id: str) -> None:
    """Let a referral count whatever speaks against it: they are two people."""
    _decide(domain, referral_id, approved=True)


@referral.command()
@click.argument("domain")
@click.argument("referral_id")
def refuse(domain: str, referral_id: str) -> None:
    """Let a referral not count: the gift ends if unused, points are taken back."""
    _decide(domain, referral_id, approved=False)


def _decide(domain: str, referral_id: str, *, approved: bool) -> None:
    body = {"referral_id": referral_id, "approved": approved}
    with asking(domain, "referrals/decide") as ask:
        if referrals.find(ask.connection, ask.store.program_id, referral_id) is None:
            raise UnknownReferral(f"there is no referral {referral_id}")
        ask.keep(f"referral/{referral_id}/{uuid4()}", body)
    click.echo("accepted")

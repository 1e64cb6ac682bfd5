"""What people of a store do about friends whom members have brought."""

from __future__ import annotations

import click

from app.commands.context import asking, in_store, opened, told_of
from app.domain.errors import UnknownReferral
from app.domain.referral import Outcome, State
from app.owner.decisions import on_friend
from app.owner.queue import told
from app.storage import referrals
from app.storage.sealing import Keyring
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
    """Show the newest referrals of a store, with what speaks against each.

    Those that wait for you are shown oldest first.
    """
    with (
        opened() as (settings, database),
        in_store(database, domain) as (connection, store),
    ):
        keys = Keyring(settings.sealing_secrets)
        terms = Terms(connection, store.program_id, keys)
        where, wanted = (connection, store.program_id), State(state) if state else None
        if review:
            found = referrals.doubtful(*where, _SHOWN)
            more = referrals.count_doubtful(*where) - len(found)
        else:
            found, more = referrals.in_state(*where, wanted, _SHOWN), 0
        shown = told(connection, terms, found)
    for each in shown:
        click.echo(_line(each))
    if more:
        click.echo(f"and {more:,} more")
    if not shown:
        click.echo("none")


def _line(each: Outcome) -> str:
    claim, credit = each.referral, each.credit
    points = f"{credit.points:,} points" if credit else "no points"
    state = "review" if each.waits else claim.state
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
    with asking(domain) as ask:
        if referrals.find(ask.connection, ask.store.program_id, referral_id) is None:
            raise UnknownReferral(f"there is no referral {referral_id}")
        kept = ask.decide(on_friend(referral_id, "owner", is_approved=approved))
    click.echo(told_of(kept))

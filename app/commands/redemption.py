"""What people of a store do about rewards that members have asked for."""

from __future__ import annotations

from uuid import uuid4

import click

from app.commands.context import Ask, asking, in_store, opened, told_of
from app.commands.stuck import decide, stuck
from app.counter.link import counter_path
from app.domain.errors import UnknownRedemption
from app.domain.events import RedemptionStep
from app.domain.languages.translator import Translator
from app.domain.money import in_digits
from app.domain.phrases import day
from app.domain.redemptions import State, code_key
from app.domain.rewards import name_of
from app.owner.decisions import Decision, on_reward
from app.storage import redemptions

_SHOWN = 50
_STATES = [each.value for each in State]


@click.group()
def redemption() -> None:
    """List, approve, refuse, take in and cancel redemptions."""


@redemption.command(name="list")
@click.argument("domain")
@click.option("--state", type=click.Choice(_STATES), help="Only those in this state.")
def list_(domain: str, state: str | None) -> None:
    """Show the newest redemptions of a store; `--state asked` wait for you."""
    with opened() as (_, database), in_store(database, domain) as (connection, store):
        wanted = State(state) if state else None
        found = redemptions.in_state(connection, store.program_id, wanted, _SHOWN)
    for kept in found:
        wish = kept.redemption
        name = name_of(wish.reward, Translator(store.currency))
        click.echo(
            f"{wish.id}  {wish.requested_at:%Y-%m-%d %H:%M}  {wish.state:<8}  "
            f"{wish.points:>7,} points  {name}"
            f"{f', {day(wish.slot)}' if wish.slot else ''}"
            f"{f'  ({wish.reason})' if wish.reason else ''}"
        )
    if not found:
        click.echo("none")


@redemption.command()
@click.argument("domain")
@click.argument("redemption_id")
def approve(domain: str, redemption_id: str) -> None:
    """Agree to give goods that a member has asked for; the points are spent."""
    _decide(domain, on_reward(redemption_id, "owner", is_approved=True))


@redemption.command()
@click.argument("domain")
@click.argument("redemption_id")
@click.option("--reason", required=True, help="Why not; the member can read it.")
def refuse(domain: str, redemption_id: str, reason: str) -> None:
    """Refuse goods that a member has asked for; the points come back."""
    _decide(domain, on_reward(redemption_id, "owner", reason, is_approved=False))


@redemption.command()
@click.argument("domain")
@click.argument("redemption_id")
@click.option("--reason", required=True, help="Why; the member can read it.")
def cancel(domain: str, redemption_id: str, reason: str) -> None:
    """End a reward that was not used; the points come back."""
    _take(domain, redemption_id, RedemptionStep.CANCEL, reason)


@redemption.command()
@click.argument("domain")
@click.argument("code")
def take_in(domain: str, code: str) -> None:
    """Take a voucher in at the counter; it is good once."""
    with opened() as (settings, database):
        key = code_key(settings.secret_key, code)
        with in_store(database, domain) as (connection, store):
            found = redemptions.by_codes(
                connection, store.program_id, store.store_id, [key]
            ).get(key)
    if found is None:
        raise UnknownRedemption("there is no such voucher: look at the code again")
    wish = found.redemption
    if wish.state != State.GRANTED:
        raise UnknownRedemption(f"this voucher cannot be taken in: it is {wish.state}")
    _take(domain, wish.id, RedemptionStep.TAKE_IN)
    click.echo(name_of(wish.reward, Translator(store.currency)))


@redemption.command()
@click.argument("domain")
def counter(domain: str) -> None:
    """Show where the counter page is; whoever has the link may take vouchers in."""
    with opened() as (settings, database), in_store(database, domain) as (_, store):
        path = counter_path(settings.secret_key, store.program_id, store.store_id)
    click.echo(f"{path} at the address of the web process")


@redemption.command()
@click.argument("domain")
def donations(domain: str) -> None:
    """Show what members have given to each cause so far."""
    with opened() as (_, database), in_store(database, domain) as (connection, store):
        for cause, amount in redemptions.donated(connection, store.program_id).items():
            given = in_digits(amount, store.currency)
            click.echo(f"{cause}: {given.amount} {given.currency}")


redemption.add_command(stuck)
redemption.add_command(decide)


def _decide(domain: str, decision: Decision) -> None:
    with asking(domain) as ask:
        _must_be_there(ask, decision.id)
        kept = ask.decide(decision)
    click.echo(told_of(kept))


def _take(
    domain: str, redemption_id: str, step: RedemptionStep, reason: str = ""
) -> None:
    body = {"redemption_id": redemption_id, "step": step, "reason": reason}
    with asking(domain, "redemptions/step") as ask:
        _must_be_there(ask, redemption_id)
        ask.keep(f"{step}/{redemption_id}/{uuid4()}", body)
    click.echo("accepted")


def _must_be_there(ask: Ask, redemption_id: str) -> None:
    if redemptions.find(ask.connection, ask.store.program_id, redemption_id) is None:
        raise UnknownRedemption(f"there is no redemption {redemption_id}")

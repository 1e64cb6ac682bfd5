"""Commands for actions beside orders: report them, decide on them, look at them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import uuid4

import click
from sqlalchemy import Connection

from app.commands.context import Ask, asking, in_store, opened, told_of
from app.commands.look import member_of
from app.domain.actions import Reported, State
from app.domain.birthday_gifts import BirthdayGift
from app.domain.climbing import climbed
from app.domain.engagement.engaged import judged
from app.domain.engagement.missed import Missed
from app.domain.engagement.progress import Progress, ways_of
from app.domain.engagement.versions import Versions
from app.domain.explain_actions import (
    explain_actions,
    explain_birthdays,
    explain_ways,
)
from app.domain.languages.translator import Translator
from app.owner.decisions import on_action
from app.storage import actions, budgets, ledger, orders, stores
from app.storage.sealing import Keyring
from workers.allot import allotting
from workers.beside import besides
from workers.engage import acts_of, engagements
from workers.terms import Terms

_KEY = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_BY = click.option("--by", default="owner", show_default=True, help="Who says so.")


@click.group()
def action() -> None:
    """Report, approve, refuse and list what members did beside ordering."""


@action.command()
@click.argument("domain")
@click.argument("customer_id")
@click.argument("name")
@click.option("--key", default=None, help="What makes it one action: a review's id.")
@_BY
def report(domain: str, customer_id: str, name: str, key: str | None, by: str) -> None:
    """Say that a customer did the action NAME, such as review or custom-visit."""
    key = key or str(uuid4())
    if not _KEY.fullmatch(key):
        raise click.ClickException("a key is letters, digits, -, _ and . only")
    with asking(domain, "actions/report") as ask:
        member_of(ask.connection, ask.store, customer_id)
        _must_be_reported(ask, name)
        body = {"customer_id": customer_id, "action": name, "key": key}
        kept = ask.keep(f"report/{name}/{key}", body | {"by": by})
    click.echo(f"accepted as {name} {key}" if kept else "this was reported before")


def _must_be_reported(ask: Ask, name: str) -> None:
    """Refuse an action that the programme in force does not know by reports."""
    history = stores.program_history(ask.connection, ask.store.program_id)
    rules = [
        rule.action
        for rule in history.at(datetime.now(UTC)).actions
        if isinstance(rule, Reported)
    ]
    if name not in rules:
        known = ", ".join(rules) or "none"
        raise click.ClickException(
            f"{name} is no action of the programme that is in force; there are: {known}"
        )


@action.command()
@click.argument("domain")
@click.argument("name")
@click.argument("key")
@_BY
def approve(domain: str, name: str, key: str, by: str) -> None:
    """Let an action earn that waits."""
    _decide(domain, name, key, by, is_approved=True)


@action.command()
@click.argument("domain")
@click.argument("name")
@click.argument("key")
@_BY
def refuse(domain: str, name: str, key: str, by: str) -> None:
    """Let an action earn nothing that waits."""
    _decide(domain, name, key, by, is_approved=False)


def _decide(domain: str, name: str, key: str, by: str, *, is_approved: bool) -> None:
    with asking(domain) as ask:
        found = actions.find_action(ask.connection, ask.store.program_id, name, key)
        if found is None or found.state != State.WAITING:
            state = "is not there" if found is None else f"was {found.state} before"
            raise click.ClickException(f"{name} {key} {state}")
        kept = ask.decide(on_action(name, key, by, is_approved=is_approved))
    click.echo(told_of(kept, "approved" if is_approved else "refused"))


@action.command("list")
@click.argument("domain")
@click.option("--unearned", is_flag=True, help="Those that brought nothing, and why.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
def list_(domain: str, limit: int, *, unearned: bool) -> None:
    """List the actions that wait for approval, oldest first.

    With --unearned, list those that were reported and brought no points, newest first.
    """
    found_of = actions.unearned if unearned else actions.waiting
    with opened() as (_, db), in_store(db, domain) as (connection, store):
        found = found_of(connection, store.program_id, limit)
    for row in found:
        outcome = actions.outcome_of(row)
        why = f": {outcome.unearned_because}" if unearned and outcome else ""
        click.echo(
            f"{row.at:%Y-%m-%d %H:%M:%S}  {row.action:24}{row.key:40}"
            f"member {row.member_id}, reported by {row.reported_by}{why}"
        )
    click.echo(f"{len(found)} {'without points' if unearned else 'waiting'}")


@action.command()
@click.argument("domain")
@click.argument("customer_id")
def explain(domain: str, customer_id: str) -> None:
    """Say why a customer's actions earned what they earned, and how far cards are."""
    now = datetime.now(UTC)
    with opened() as (settings, db), in_store(db, domain) as (connection, store):
        member_id = member_of(connection, store, customer_id)
        program_id = store.program_id
        history = stores.program_history(connection, program_id)
        zones = {
            id_: each.timezone
            for id_, each in stores.stores_of(connection, program_id).items()
        }
        keys, whose = Keyring(settings.sealing_secrets), (program_id, [member_id])
        terms = Terms(connection, program_id, keys)
        born, missed = _worked_out(connection, terms, member_id, now)
        acts = actions.acts_of(connection, keys, *whose, zones)[member_id]
        pins = actions.pins_of(connection, program_id, member_id)
        known = actions.progress_of(connection, program_id, [member_id])
    versions = Versions(history.at, history.version, pins)
    missed |= {"/".join(name): each.missed for name, each in acts.outcomes.items()}
    for sentence in explain_actions(judged(acts, versions, now), missed):
        click.echo(sentence)
    for sentence in explain_birthdays(born):
        click.echo(sentence)
    progress = known.get(member_id, Progress())
    say = Translator(store.currency)
    ways = ways_of(history.at(now), progress, now, store.timezone, say)
    for sentence in explain_ways(ways):
        click.echo(sentence)


def _worked_out(
    connection: Connection, terms: Terms, member_id: int, now: datetime
) -> tuple[tuple[BirthdayGift, ...], dict[str, tuple[Missed, ...]]]:
    """Return the birthdays of a member with what tiers gave, and missed surprises.

    These are by what draws know an action or a day by. They are kept with actions; days
    have no row to keep them.
    """
    whose = [member_id]
    posted = ledger.posted_effects(connection, terms.program_id, whose)
    [beside] = besides(connection, terms, whose, now, posted=posted).values()
    kept = orders.orders_of(connection, terms.program_id, whose)
    ordered = {member_id: terms.applied(kept)}
    acts = acts_of(connection, terms, whose)
    known = connection, terms, ordered, acts, posted, now
    allots = allotting(*known, budgets.used_of)(member_id)
    assessed = allots.assessed(ordered[member_id], beside)
    born = climbed(assessed, beside, terms.eras, now, *terms.place).birthdays
    engaged = engagements(terms, posted, acts, now)
    return born, dict(engaged(member_id, assessed, allots.gives).missed)

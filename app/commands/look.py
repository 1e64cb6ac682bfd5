"""Commands that look and change nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from app.commands.context import in_store, opened
from app.config import read_settings
from app.domain.credits import Assessment, MemberOrder, assess_all, credits
from app.domain.engagement.purchases import purchases
from app.domain.engagement.surprises import gift_lot
from app.domain.errors import UnknownMember, UnknownOrder
from app.domain.explain import explain as tell
from app.domain.explain_actions import explain_missed, explain_prizes
from app.domain.explain_progress import explain_challenges, explain_stamps
from app.domain.languages.translator import Translator
from app.domain.rewards import name_of
from app.servers import Servers
from app.storage import (
    actions,
    budgets,
    ledger,
    orders,
    redemptions,
    standings,
    statements,
)
from app.storage import kept_messages as messages
from app.storage.identities import Identities
from app.storage.prizes_seen import prizes_left
from app.storage.sealing import Keyring
from app.storage.stores import Store, program_history
from app.storage.tier_standings import find_tier
from workers.allot import given_by, lots_of_order, with_allotments
from workers.beside import besides
from workers.engage import acts_of, engagements
from workers.terms import Terms


@click.command()
def env() -> None:
    """Print the URLs of the servers in use, as lines NAME=value.

    MIGRATION_DATABASE_URL is that of the tables' owner, where it is another.
    """
    running = Servers(read_settings()).running()
    if running is None:
        raise click.ClickException(
            "no embedded servers are running here: start them with `tallymark up`"
        )
    click.echo(f"DATABASE_URL={_plain(running.database_url or '')}")
    if running.migration_database_url:
        click.echo(f"MIGRATION_DATABASE_URL={_plain(running.migration_database_url)}")
    click.echo(f"REDIS_URL={running.redis_url}")


def _plain(url: str) -> str:
    """Return a URL as PostgreSQL's own programs take it."""
    plain = make_url(url).set(drivername="postgresql")
    return plain.render_as_string(hide_password=False)


def member_of(connection: Connection, store: Store, customer_id: str) -> int:
    """Return the member that a customer is; raises UnknownMember."""
    people = Identities(connection, store.program_id, store.store_id)
    customer = people.customers([customer_id]).get(customer_id)
    if customer is None:
        raise UnknownMember(
            f"customer {customer_id} has not been seen in {store.domain}"
        )
    return people.following(customer).member_id


@click.command()
@click.argument("domain")
@click.argument("customer_id")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--at", "happened_by", type=click.DateTime(), help="As of this moment, in UTC."
)
@click.option(
    "--known-at",
    "known_by",
    type=click.DateTime(),
    help="As it was known then, in UTC.",
)
def member(
    domain: str,
    customer_id: str,
    as_json: bool,
    happened_by: datetime | None,
    known_by: datetime | None,
) -> None:
    """Print a customer's points, their lots and every entry of their ledger.

    Lots are told as they are now, so they are left out of the past.
    """
    with opened() as (_, db), in_store(db, domain) as (connection, store):
        member_id = member_of(connection, store, customer_id)
        whose = (connection, store.program_id, member_id)
        standing, *_ = standings.find_standing(*whose)
        tier = find_tier(*whose)
        rows = statements.entries_of(*whose)
        if happened_by or known_by:
            moments = (
                _utc(happened_by) or datetime.max.replace(tzinfo=UTC),
                _utc(known_by),
            )
            standing = standings.standing_of(statements.balances_at(*whose, *moments))
            rows = [row for row in rows if _is_by(row, *moments)]
        prizes = _prizes(connection, store, member_id)
        is_past = happened_by or known_by
        lots = [] if is_past else _lots(connection, store, member_id)
    entries = [_entry(row) for row in rows]
    if as_json:
        told = {**asdict(standing), "tier": tier and tier.tier, "prizes": prizes}
        told |= {"lots": lots, "entries": entries}
        click.echo(json.dumps(told, indent=2))
        return
    for name, value in asdict(standing).items():
        click.echo(f"{name.replace('_', ' '):16}{value:>12,}")
    if tier:
        click.echo(f"{'tier':16}{tier.tier or 'none':>12}  {tier.reason}")
    for each in prizes:
        click.echo(f"{'for nothing':16}{each['times']:>12,}  {each['told']}")
    for lot in lots:
        ends = f"{lot['ends']} {lot['at'][:16]}" if lot["at"] else "never expires"
        click.echo(f"{'lot':16}{lot['points']:>12,}  {ends:24}  {lot['lot']}")
    for entry in entries:
        click.echo(
            f"{entry['sequence']:>5}  {entry['effective_at'][:16]}  {entry['kind']:8}"
            f"{entry['account']:10}{entry['amount']:>+10,}  "
            f"= {entry['balance_after']:,}  {entry['reason']}"
        )


def _prizes(
    connection: Connection, store: Store, member_id: int
) -> list[dict[str, Any]]:
    """Return what a member has won and not taken, as of now."""
    program_id = store.program_id
    progress = actions.progress_of(connection, program_id, [member_id])
    if member_id not in progress or not progress[member_id].won:
        return []
    wishes = redemptions.of_members(connection, program_id, [member_id])[member_id]
    history = program_history(connection, program_id)
    return [
        {
            "prize": won.source,
            "reward_id": won.reward_id,
            "version": won.version,
            "times": won.times,
            "told": f"{name_of(reward, Translator(store.currency))} ({won.title})",
        }
        for won, reward in prizes_left(history, progress[member_id].won, wishes)
    ]


def _lots(connection: Connection, store: Store, member_id: int) -> list[dict[str, Any]]:
    """Return the lots that a member can spend, as of now, the first to end first.

    A lot `expires` by its date, or `lapses` where nothing is done before.
    """
    kept = standings.lots_of(connection, store.program_id, [member_id])[member_id]
    never = datetime.max.replace(tzinfo=UTC)
    return [
        {
            "lot": each.name,
            "points": each.available,
            "ends": "expires" if each.ends_at == each.expires_at else "lapses",
            "at": each.ends_at and each.ends_at.isoformat(),
        }
        for each in sorted(kept, key=lambda each: (each.ends_at or never, each.name))
        if each.available
    ]


def _utc(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(tzinfo=UTC)


def _is_by(row: Any, happened_by: datetime, known_by: datetime | None) -> bool:
    known = known_by is None or row.recorded_at <= known_by
    return bool(row.effective_at <= happened_by and known)


def _entry(row: Any) -> dict[str, Any]:
    names = (
        "sequence",
        "kind",
        "account",
        "amount",
        "balance_after",
        "cause",
        "lot",
        "reason",
        "corrects",
        "effective_at",
        "recorded_at",
    )
    found = {name: getattr(row, name) for name in names}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in found.items()
    }


@click.command()
@click.argument("domain")
@click.argument("order_id")
def explain(domain: str, order_id: str) -> None:
    """Say in plain words why an order earned what it earned.

    ORDER_ID is the order's id, or its number as in '#1001'.
    """
    with opened() as (settings, db), in_store(db, domain) as (connection, store):
        kept = orders.find_order(connection, store.program_id, store.store_id, order_id)
        if kept is None:
            raise UnknownOrder(f"order {order_id} has not been seen in {store.domain}")
        keys = Keyring(settings.sealing_secrets)
        terms = Terms(connection, store.program_id, keys)
        theirs = [kept]
        if kept.member_id is not None:
            theirs = orders.orders_of(connection, store.program_id, [kept.member_id])
        whose, now = kept.member_id or 0, ledger.now(connection)
        known = besides(connection, terms, [whose], now)
        applied = with_allotments(connection, terms, terms.applied(theirs))
        found = assess_all(applied, known[whose])
        assessed = {each.order.lot: each for each in found}
        [order] = terms.applied([kept])
        lots = lots_of_order(terms.budgets, order.lot)
        allotted = budgets.allotments_of(connection, store.program_id, lots)
        rows = _posted_of(connection, store.program_id, whose, order)
        acts = acts_of(connection, terms, [whose])
        posted = ledger.posted_effects(connection, store.program_id, [whose])
        engaged = engagements(terms, posted, acts, now)
        won = engaged(whose, found, given_by(allotted)).prizes
    given = {credit.lot: credit for credit in credits(assessed.values())}
    credit = given.get(order.lot)
    for sentence in tell(assessed[order.lot], credit, kept.unearned_because):
        click.echo(sentence)
    if kept.member_id is None and kept.facts.snapshot:
        click.echo("It has neither customer nor e-mail address, so nobody is credited.")
    for lot in lots:
        click.echo("".join(f"{each}\n" for each in allotted.get(lot, ())), nl=False)
    for sentence in explain_prizes(won, order.lot, terms.programs, store.currency):
        click.echo(sentence)
    for sentence in explain_missed(kept.missed, order.program):
        click.echo(sentence)
    if kept.member_id is not None:
        for sentence in _progress(terms, assessed[order.lot], now):
            click.echo(sentence)
    if rows:
        click.echo("In the ledger:")
    for row in reversed(rows):
        click.echo(
            f"  {row.recorded_at:%Y-%m-%d %H:%M:%S}  {row.kind:8}{row.points:>+8}  "
            f"{row.effect_key.rpartition(':')[2].replace('>', ' to ')}  {row.reason}"
        )


def _progress(terms: Terms, order: Assessment, now: datetime) -> Iterator[str]:
    """Yield what an order brought to cards and challenges, or why it brought none."""
    bought = purchases([order])
    yield from explain_stamps(bought)
    programs = order.order.program, terms.history.at(now)
    yield from explain_challenges(bought, programs, Translator(terms.currency))


def _posted_of(
    connection: Connection, program_id: int, member_id: int, order: MemberOrder
) -> list[Any]:
    """Return what was posted of an order and of surprises after it, newest first."""
    gifts = [gift_lot(each.name, order.id) for each in order.program.surprises]
    return [
        row
        for row in statements.history(connection, program_id, member_id, limit=10_000)
        if row.cause.endswith((order.lot, *gifts)) or row.lot == order.lot
    ]


@click.command()
@click.option("--quarantined", is_flag=True, help="Only messages that were set aside.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
def inbox(quarantined: bool, limit: int) -> None:
    """List the newest messages, or how many there are of each state."""
    states = ["quarantined"] if quarantined else ["waiting", "ignored", "quarantined"]
    with opened() as (_, database), database.auditor() as connection:
        backlog = messages.backlog(connection)
        found = messages.listing(connection, states, limit)
    click.echo(f"{backlog.waiting} waiting, {backlog.quarantined} quarantined")
    for each in found:
        click.echo(
            f"{each.message_id:>8}  {each.received_at:%Y-%m-%d %H:%M:%S}  "
            f"{each.state:12}{each.topic:28}{each.domain}  "
            f"tried {each.attempts}  {each.note or ''}"
        )

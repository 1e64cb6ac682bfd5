"""Commands that change or mend."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import click
from sqlalchemy import Connection

from app.commands.context import asking, opened, progress
from app.commands.look import member_of
from app.jobs import Bell, connect
from app.platforms.own import POINTS_MAX
from app.storage import (
    access,
    budgets,
    inbox,
    ledger,
    members,
    personal,
    standings,
    stores,
)
from app.storage import kept_messages as messages
from app.storage.database import Database
from app.storage.sealing import Keyring
from workers.settle import Unsettled, settle
from workers.terms import Terms


@click.command()
@click.argument("message_ids", nargs=-1, type=int)
@click.option("--ignored", is_flag=True, help="Messages that were ignored.")
@click.option("--settled", is_flag=True, help="Messages that were settled; no harm.")
def replay(message_ids: tuple[int, ...], ignored: bool, settled: bool) -> None:
    """Let messages be worked on again: those named, else all quarantined ones."""
    states = ["quarantined"]
    states += ["ignored"] if ignored else []
    states += ["settled"] if settled else []
    with opened() as (settings, database):
        chosen = list(message_ids)
        if not chosen:
            with database.auditor() as connection:
                chosen = messages.replayable(connection, states)
        done = 0
        for message_id in progress(chosen, "Replaying"):
            with database.sweeper() as connection:
                done += messages.replay(connection, message_id)
        assert settings.redis_url
        Bell(connect(settings.redis_url)).ring()
    click.echo(f"{done} of {len(chosen)} messages wait to be worked on again")
    if done < len(chosen):
        raise click.ClickException(
            "the others are not there, wait already, have lost their body, or are of a "
            "store that is not installed"
        )


@click.command()
def rebuild() -> None:
    """Make every standing anew from the ledger, and say how many were different.

    Tiers, what is used of budgets and which friends are in doubt follow from the
    orders, and lapses from what members did, so members of programmes with any of these
    are settled, too.
    """
    with opened() as (settings, database):
        keys = Keyring(settings.sealing_secrets)
        with database.auditor() as connection:
            everybody = members.all_members(connection)
            programs = stores.all_programs(connection)
            settled = {
                program_id
                for program_id in programs
                if _rests_on_more(connection, program_id)
            }
        different = 0
        for program_id, member_id in progress(everybody, "Members"):
            with database.program(program_id) as connection:
                members.lock_members(connection, program_id, [member_id])
                different += not standings.rebuild_standing(
                    connection, program_id, member_id
                )
                if program_id in settled:
                    terms = Terms(connection, program_id, keys)
                    now = ledger.now(connection)
                    settle(connection, terms, Unsettled({member_id}), now)
        for program_id in programs:
            with database.program(program_id) as connection:
                different += budgets.rebuild_sums(connection, program_id)
    click.echo(f"{len(everybody)} standings rebuilt, {different} were different")


def _rests_on_more(connection: Connection, program_id: int) -> bool:
    """Whether a standing is more than what the ledger comes to."""
    history = stores.program_history(connection, program_id)
    return (
        stores.has_tiers(connection, program_id)
        or stores.has_budgets(connection, program_id)
        or history.points_lapse
        or history.brings_friends
    )


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("domain")
@click.argument("customer_id")
@click.argument("points", type=click.IntRange(-POINTS_MAX, POINTS_MAX))
@click.option("--reason", required=True, help="Why; the member can read it.")
@click.option("--key", default=None, help="Repeat a command with its key: no effect.")
def adjust(
    domain: str, customer_id: str, points: int, reason: str, key: str | None
) -> None:
    """Give a customer POINTS, or take them where the number is negative."""
    if key and not key.replace("-", "").replace("_", "").isalnum():
        raise click.ClickException("a key is letters, digits, - and _ only")
    if points == 0:
        raise click.ClickException("0 points change nothing: give another number")
    body = {"customer_id": customer_id, "points": points, "reason": reason}
    with asking(domain, "points/adjust") as ask:
        member_of(ask.connection, ask.store, customer_id)
        kept = ask.keep(key or str(uuid4()), body)
    click.echo("accepted" if kept else "this key was used before; nothing changes")


# So many rows are locked at a time.
_RESEALED_AT_ONCE = 500

# Seals some rows again, from one id on, and returns the ids.
Resealing = Callable[[Connection, Keyring, int, int, int], list[int]]


@click.command()
def reseal() -> None:
    """Seal again, with TALLYMARK_ENCRYPTION_KEY, what an older key sealed.

    The older key must be set as TALLYMARK_ENCRYPTION_KEY_PREVIOUS; once this is done it
    is needed no longer.
    """
    with opened() as (settings, database):
        keys = Keyring(settings.sealing_secrets)
        with database.auditor() as connection:
            programs = [inbox.NOBODY, *stores.all_programs(connection)]
        bodies = members_keys = opened_stores = 0
        for program_id in progress(programs, "Programs"):
            bodies += _resealed(messages.reseal, database, keys, program_id)
            members_keys += _resealed(personal.reseal, database, keys, program_id)
            with database.program(program_id) as connection:
                opened_stores += access.reseal(connection, keys, program_id)
    click.echo(
        f"{bodies} bodies were sealed again, the keys of {members_keys} members, and "
        f"what opens {opened_stores} stores; all are of the current key"
    )


def _resealed(
    reseal: Resealing, database: Database, keys: Keyring, program_id: int
) -> int:
    """Seal again what a programme has of one sort, some at a time; return how many."""
    done, after = 0, 0
    while True:
        with database.program(program_id) as connection:
            sealed = reseal(connection, keys, program_id, after, _RESEALED_AT_ONCE)
        if not sealed:
            return done
        done, after = done + len(sealed), sealed[-1]

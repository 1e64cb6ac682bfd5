"""Commands for giveaways: promise a seed, draw, and check what somebody published."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import Connection

from app.commands.context import in_store, opened
from app.domain.dates import local
from app.domain.giveaway import Published, mistake_in, read
from app.domain.phrases import end, listed
from app.domain.rewards import GiveawayEntry
from app.storage import giveaways, stores
from app.storage.member_names import member_names
from app.storage.stores import ProgramHistory, Store


@click.group()
def giveaway() -> None:
    """Draw among the entries of a giveaway, so that anybody can check it."""


@giveaway.command()
@click.argument("domain")
@click.argument("reward_id")
def promise(domain: str, reward_id: str) -> None:
    """Promise the seed of the next draw; publish what this prints before it."""
    with (
        opened() as (settings, database),
        in_store(database, domain) as (connection, store),
    ):
        history = stores.program_history(connection, store.program_id)
        _must_be(reward_id, history)
        if giveaways.promised(connection, store.program_id, reward_id) is None:
            _must_be_open(reward_id, history, store, datetime.now(UTC))
        promised = giveaways.promise(
            connection, settings.secret_key, store.program_id, reward_id
        )
    click.echo(promised)


def _must_be(reward_id: str, history: ProgramHistory) -> None:
    """Refuse what no version of the programme has as a giveaway."""
    rewards = (reward for _, program in history.versions for reward in program.rewards)
    known = {each.id for each in rewards if isinstance(each, GiveawayEntry)}
    if reward_id not in known:
        names = f": name one of {listed(sorted(known))}" if known else ""
        raise click.ClickException(f"there is no giveaway “{reward_id}”{names}")


@giveaway.command()
@click.argument("domain")
@click.argument("reward_id")
@click.option("--winners", type=click.IntRange(1, 10_000), default=1)
@click.option(
    "--early", is_flag=True, help="Even while entries are promised for later."
)
def draw(domain: str, reward_id: str, winners: int, *, early: bool) -> None:
    """Draw, and print all that is needed to check it; publish that.

    Who won is told by `tallymark giveaway winners` alone, so it is in no file or log.
    """
    with (
        opened() as (settings, database),
        in_store(database, domain) as (connection, store),
    ):
        history = stores.program_history(connection, store.program_id)
        _must_be(reward_id, history)
        if not early:
            _must_be_over(reward_id, history, store, datetime.now(UTC))
        held = giveaways.hold(
            connection, settings.secret_key, store.program_id, reward_id, winners
        )
    if held is None:
        raise click.ClickException(
            "no seed was promised for it: run `tallymark giveaway promise` first, and "
            "publish what it prints"
        )
    if not held.draw.entries:
        raise click.ClickException("there are no entries: nothing was drawn")
    click.echo(json.dumps(held.document(), indent=2))
    click.echo(f"who won: tallymark giveaway winners {domain} {reward_id}", err=True)


@giveaway.command()
@click.argument("domain")
@click.argument("reward_id")
def winners(domain: str, reward_id: str) -> None:
    """Name who won each draw that was held, as the store knows them; publish none."""
    with (
        opened() as (_, database),
        in_store(database, domain) as (connection, store),
    ):
        _must_be(reward_id, stores.program_history(connection, store.program_id))
        draws = giveaways.held(connection, store.program_id, reward_id)
        told = [(each, _named(connection, store.program_id, each)) for each in draws]
    if not told:
        raise click.ClickException("there was no draw yet: `tallymark giveaway draw`")
    for held, who in told:
        click.echo(f"drawn {held.drawn_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
        click.echo("\n".join(who))


def _named(connection: Connection, program_id: int, held: Published) -> list[str]:
    """Return a line for each winner: the entry, and what the store knows them as."""
    whose = giveaways.who_entered(connection, program_id, held.draw.winners)
    names = member_names(connection, program_id, whose.values())
    return [
        f"{entry}  {names[whose[entry]] if entry in whose else 'somebody forgotten'}"
        for entry in held.draw.winners
    ]


def _must_be_over(
    reward_id: str, history: ProgramHistory, store: Store, now: datetime
) -> None:
    """Refuse a draw before the end that members were told of."""
    ends_at = _ends_at(reward_id, history, now)
    if ends_at and local(now, store.timezone) < ends_at:
        raise click.ClickException(
            f"members can take part until {end(ends_at)}: draw after that, or with "
            "--early, and who takes part later is in the next draw"
        )


def _must_be_open(
    reward_id: str, history: ProgramHistory, store: Store, now: datetime
) -> None:
    """Refuse a promise when all entries are known, as it would bind to nothing."""
    ends_at = _ends_at(reward_id, history, now)
    if ends_at and local(now, store.timezone) >= ends_at:
        raise click.ClickException(
            f"members could take part until {end(ends_at)}, so a promise made now "
            "proves nothing: offer it for longer, then promise and publish"
        )


def _ends_at(reward_id: str, history: ProgramHistory, now: datetime) -> datetime | None:
    reward = history.at(now).reward(reward_id)
    return reward.ends_at if reward else None


@giveaway.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(path: Path) -> None:
    """Run a published draw again; it needs nothing but the file."""
    try:
        published = read(json.loads(path.read_text()))
    except (ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f"{path} is no published draw") from error
    mistake = mistake_in(published)
    if mistake:
        raise click.ClickException(mistake)
    click.echo(f"the draw holds: {', '.join(published.draw.winners) or 'nobody'} won")
    click.echo(
        f"its promise {published.draw.commitment} is said to be of "
        f"{published.committed_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC: see that it was "
        "published before the draw"
    )

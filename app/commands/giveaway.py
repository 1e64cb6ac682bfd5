"""Commands for giveaways: promise a seed, draw, and check what somebody published."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from app.commands.context import in_store, opened
from app.domain.dates import local
from app.domain.giveaway import Draw, mistake_in
from app.domain.phrases import end, listed
from app.domain.rewards import GiveawayEntry
from app.storage import giveaways, stores
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
        _must_be(reward_id, stores.program_history(connection, store.program_id))
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
    """Draw, and print all that is needed to check it; publish that."""
    with (
        opened() as (settings, database),
        in_store(database, domain) as (connection, store),
    ):
        if not early:
            history = stores.program_history(connection, store.program_id)
            _must_be_over(reward_id, history, store, datetime.now(UTC))
        held = giveaways.hold(
            connection, settings.secret_key, store.program_id, reward_id, winners
        )
    if held is None:
        raise click.ClickException(
            "no seed was promised for it: run `tallymark giveaway promise` first, and "
            "publish what it prints"
        )
    if not held.entries:
        raise click.ClickException("there are no entries: nothing was drawn")
    click.echo(json.dumps(asdict(held), indent=2))


def _must_be_over(
    reward_id: str, history: ProgramHistory, store: Store, now: datetime
) -> None:
    """Refuse a draw before the end that members were told of."""
    reward = history.at(now).reward(reward_id)
    ends_at = reward.ends_at if reward else None
    if ends_at and local(now, store.timezone) < ends_at:
        raise click.ClickException(
            f"members can take part until {end(ends_at)}: draw after that, or with "
            "--early, and who takes part later is in the next draw"
        )


@giveaway.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(path: Path) -> None:
    """Run a published draw again; it needs nothing but the file."""
    try:
        told = json.loads(path.read_text())
        published = Draw(
            told["reward_id"],
            told["commitment"],
            told["seed"],
            tuple(told["entries"]),
            tuple(told["winners"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f"{path} is no published draw") from error
    mistake = mistake_in(published)
    if mistake:
        raise click.ClickException(mistake)
    click.echo(f"the draw holds: {', '.join(published.winners) or 'nobody'} won")

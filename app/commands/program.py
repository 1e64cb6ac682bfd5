"""Commands for a store's programme: show, check and change it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from app.commands.budgets import budgets
from app.commands.context import asking, in_store, opened, progress
from app.domain.dates import local
from app.domain.ended import what_ended
from app.domain.errors import InvalidProgram
from app.domain.languages import ENGLISH, LANGUAGES
from app.domain.languages.translator import Translator
from app.domain.program import Program
from app.domain.words import parts_in_words
from app.owner.sign_in import link_path
from app.storage import ledger, members, stores
from app.storage.draft_document import load_draft
from app.storage.member_names import member_names
from app.storage.program_document import dump_program
from app.storage.program_schema import program_schema
from app.storage.sealing import Keyring
from app.strict_json import read_json
from workers.terms import Terms
from workers.tier_moves import TierMove, in_words, tier_moves

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_LANGUAGE = click.option(
    "--language",
    type=click.Choice(sorted(LANGUAGES)),
    help="In plain words of a language.",
)


@click.group("programme")
def program() -> None:
    """Show, check and change the programme of a store."""


@program.command()
@click.argument("domain")
@click.option("--words", is_flag=True, help="In plain words, as shoppers read it.")
@_LANGUAGE
def show(domain: str, language: str | None, *, words: bool) -> None:
    """Print the programme that is in force, as JSON or in plain words."""
    with opened() as (_, db), in_store(db, domain) as (connection, store):
        history = stores.program_history(connection, store.program_id)
        now = datetime.now(UTC)
        current = history.at(now)
    if words or language:
        say = Translator(store.currency, language or ENGLISH)
        _tell(current, say, local(now, store.timezone))
    else:
        click.echo(json.dumps(dump_program(current), indent=2))


@program.command()
@click.argument("file", type=_FILE)
@click.option("--currency", default="EUR", show_default=True, help="For the words.")
@_LANGUAGE
def validate(file: Path, currency: str, language: str | None) -> None:
    """Say what is wrong with a programme, all at once, or what it promises."""
    # The store's clock is not known here: some places are twelve hours behind.
    new, anywhere = _read(file), datetime.now(UTC) - timedelta(hours=12)
    wall = anywhere.replace(tzinfo=None)
    _warn(new, wall)
    _tell(new, Translator(currency.upper(), language or ENGLISH), wall)


@program.command()
@click.argument("domain")
@click.argument("file", type=_FILE)
@click.option(
    "--from",
    "since",
    type=click.DateTime(),
    help="When it takes effect (UTC); now if not given.",
)
@click.option(
    "--dry-run", is_flag=True, help="Only say which members would change their tier."
)
@click.option("--yes", is_flag=True, help="Save it without asking, whoever moves.")
def apply(
    domain: str, file: Path, since: datetime | None, *, dry_run: bool, yes: bool
) -> None:
    """Make the programme in FILE the store's new version.

    Orders placed before it takes effect keep the terms they had, and so does what has
    earned since, where it takes effect in the past. Where it has other tiers, it first
    says who would move on that day, or now, and asks whether to save it.
    """
    new, now = _read(file), datetime.now(UTC)
    effective_at = since.replace(tzinfo=UTC) if since else now
    # A version of the past is in force now, so its moves are those of now.
    later = effective_at if effective_at > now else None
    if dry_run:
        _tell_moves(domain, new, later)
        return
    if _changes_tiers(domain, new, later):
        moves = _tell_moves(domain, new, later)
        if moves and not yes:
            click.confirm("Save it?", abort=True)
    with asking(domain) as ask:
        _warn(new, local(effective_at, ask.store.timezone))
        version = stores.save_program(
            ask.connection, ask.store.program_id, new, effective_at
        )
    click.echo(f"version {version} is in force from {effective_at:%Y-%m-%d %H:%M} UTC")
    if effective_at < now:
        click.echo(_IN_THE_PAST)


_IN_THE_PAST = (
    "Orders placed since then that have earned keep the version they earned under; "
    "others earn by this one once they are heard of again, or their member's whole "
    "history is worked out. Tiers and their gifts since then are worked out anew."
)
# So many members are worked out at a time.
_AT_ONCE = 200


def _changes_tiers(domain: str, new: Program, later: datetime | None) -> bool:
    """Whether a programme has other tiers than the version in force now, or later."""
    with opened() as (_, db), in_store(db, domain) as (connection, store):
        history = stores.program_history(connection, store.program_id)
        return history.at(later or ledger.now(connection)).tiers != new.tiers


def _tell_moves(domain: str, new: Program, later: datetime | None) -> int:
    """Print who would be in another tier by a new programme, now or later.

    Returns how many. Later is judged by what is known now, as if nobody did anything.
    """
    moves, names = list[TierMove](), dict[int, str]()
    with opened() as (settings, db):
        keys = Keyring(settings.sealing_secrets)
        with in_store(db, domain) as (connection, store):
            everybody = members.members_of(connection, store.program_id)
            moment = later or ledger.now(connection)
        for start in progress(range(0, len(everybody), _AT_ONCE), "Members"):
            with db.program(store.program_id) as connection:
                terms = Terms(connection, store.program_id, keys)
                batch = everybody[start : start + _AT_ONCE]
                found = list(tier_moves(connection, terms, batch, new, moment))
                who = (move.member_id for move in found)
                names |= member_names(connection, store.program_id, who)
                moves += found
    when = f" on {later:%Y-%m-%d %H:%M} UTC, by what is known now" if later else ""
    number = f"{len(moves)} of {len(everybody)} members"
    click.echo(f"{number} would change their tier{when}")
    click.echo("".join(f"{line}\n" for line in in_words(moves, names)), nl=False)
    return len(moves)


@program.command()
@click.argument("domain")
def page(domain: str) -> None:
    """Show where the owner can read and change the program; the link soon ends.

    Whoever opens it within a quarter of an hour can change the program of this store
    for eight hours.
    """
    with opened() as (settings, database), in_store(database, domain) as (_, store):
        now = datetime.now(UTC)
        path = link_path(settings.secret_key, store.platform, store.domain, now)
    click.echo(f"{path} at the address of the web process")


@program.command()
def schema() -> None:
    """Print the JSON Schema of programmes, which editors can check against."""
    click.echo(json.dumps(program_schema(), indent=2))


program.add_command(budgets)


def _tell(program: Program, say: Translator, now: datetime) -> None:
    for part in parts_in_words(program, say, now):
        click.echo("\n".join([part.title, *(f"  {line}" for line in part.lines)]))


def _warn(new: Program, now: datetime) -> None:
    for words in what_ended(new, now):
        click.echo(f"Note: {words}", err=True)


def _read(file: Path) -> Program:
    try:
        document = read_json(file.read_text())
    except ValueError as error:
        raise InvalidProgram(f"{file}: {error}") from error
    if not isinstance(document, dict):
        raise InvalidProgram(f"{file} must hold one JSON object")
    return load_draft(document)

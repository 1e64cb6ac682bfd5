"""The command that takes note of a restore: of what was cut, and who is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import click
from sqlalchemy import text

from app.commands.context import opened
from app.config import Settings
from app.storage.database import Database
from app.storage.redactions import file_of
from app.storage.sealing import Keyring
from workers.checkpoints import aside, set_aside_cut
from workers.redactions import Again, KeepingRedactions

# A change shows late in a store's lists.
_OVERLAP = timedelta(hours=1)


@click.command()
def restored() -> None:
    """Take note that an older copy of the database was brought back, by whatever way.

    Who was forgotten since is forgotten again, by the record of redactions in
    TALLYMARK_HOME/checkpoints, and newer seals there are set aside, with word of what
    they knew. Run it with the newest copy of that folder, before the processes start;
    again does no harm.
    """
    with opened() as (settings, database):
        take_note(database, settings)


def take_note(database: Database, settings: Settings) -> None:
    """Do so, and say what comes next; raises ClickException on what cannot be done.

    That is said at the end, since it holds up nothing else.
    """
    wrong = []
    for part in (_forget_again, _tell_cut, _tell_gap):
        try:
            part(database, settings)
        except click.ClickException as error:
            wrong.append(error.message)
    if wrong:
        raise click.ClickException("\n".join(wrong))


def _tell_cut(database: Database, settings: Settings) -> None:
    try:
        cut = set_aside_cut(database, settings.home)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    for each in cut:
        click.echo(
            f"programme {each.program_id}: by {each.sealed_at:%Y-%m-%d %H:%M} UTC, "
            f"{each.members} members had {each.transactions} transactions that the "
            f"database has not; the seals that know of them are in "
            f"{aside(settings.home)}"
        )


def _tell_gap(database: Database, _: Settings) -> None:
    """Say from when on stores are to be asked, as far as that can be known."""
    with database.auditor() as connection:
        last = connection.execute(_LAST).scalar()
    if last:
        click.echo(
            "if nothing came since the restore, the last message of a store that the "
            f"database has came at {last:%Y-%m-%d %H:%M} UTC; ask each store for what "
            "came after it, or else after the copy was made: tallymark reconcile "
            f"DOMAIN --since {last - _OVERLAP:%Y-%m-%dT%H:%M:%S}"
        )


# Not what people asked us for, nor what came of stores that nobody has added.
_LAST = text("""
    select max(received_at) from inbox
    where platform <> 'tallymark' and program_id <> 0
""")


def _forget_again(database: Database, settings: Settings) -> None:
    keys, path = Keyring(settings.sealing_secrets), file_of(settings.home)
    where = database, settings.secret_key, keys, settings.home
    try:
        again = KeepingRedactions(*where).compare()
    except OSError as error:
        raise click.ClickException(
            f"{path} cannot be read ({error.strerror}), so nobody was forgotten again. "
            "Let this user read it, and run `tallymark restored` once more"
        ) from error
    _tell_again(path, again)
    if wrong := list(_undone(path, again)):
        raise click.ClickException("\n".join(wrong))


def _tell_again(path: Path, again: Again) -> None:
    if again.is_missing:
        click.echo(
            f"tallymark: there was no {path}: whoever asked to be forgotten after the "
            "copy was made is back. Put the newest copy of that file there, and run "
            "`tallymark restored`, before the processes start",
            err=True,
        )
    for domain, count in again.stores.items():
        click.echo(f"{domain}: {count} redactions that came after were done again")


def _undone(path: Path, again: Again) -> Iterator[str]:
    """Yield what could not be done, and what to do about it."""
    if again.unread:
        lines = ", ".join(map(str, again.unread[:10]))
        yield (
            f"{len(again.unread)} lines of {path} are broken, or of another "
            f"installation or TALLYMARK_SECRET_KEY, and did nothing: {lines}. All "
            "others were taken note of. Take another copy of the file, or that key"
        )
    for domain, why in again.failed.items():
        yield (
            f"{domain}: who asked to be forgotten after the copy was made is back, for "
            f"it could not be done again ({why}). The clock tries each minute; run "
            "`tallymark restored` once more to see that it was done"
        )
    if again.unwritten:
        yield (
            f"{path} could not be written ({again.unwritten}): it lacks what the "
            "database knows of the forgotten. See to its disk and its owner"
        )

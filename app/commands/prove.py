"""The command that proves the ledger: recomputes it, and looks at what must hold."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import click

from app.commands.context import opened, progress
from app.domain.errors import BrokenLedger
from app.storage import audit, members, stores
from app.storage.data_requests import look_at_requests
from app.storage.database import Database
from app.storage.invariants import findings
from app.storage.sealing import Keyring
from workers.checkpoints import keep_checkpoint, kept_checkpoints
from workers.comparison import batches, differences
from workers.proof import lie_of
from workers.redactions import KeepingRedactions


@click.command()
@click.option("--seal", is_flag=True, help="Seal the ledger first, as once a day.")
def verify(seal: bool) -> None:
    """Recompute the whole ledger; exit 1 and name the first row that lies."""
    with opened() as (settings, database):
        if seal:
            for program_id in _programs(database):
                keep_checkpoint(database, program_id, settings.home)
        count = _verify_members(database)
        seals = _verify_seals(database, settings.home)
        keys = Keyring(settings.sealing_secrets)
        where = database, settings.secret_key, keys, settings.home
        held = _verify_invariants(database, settings.home, KeepingRedactions(*where))
        _verify_effects(database, keys)
    click.echo(
        f"the ledger holds: {count} members, {seals} seals, {held} invariants, and it "
        "says what all that is known comes to"
    )


def _verify_members(database: Database) -> int:
    with database.auditor() as connection:
        everybody = members.all_members(connection)
    for program_id, member_id in progress(everybody, "Members"):
        lie = lie_of(database, program_id, member_id)
        if lie:
            raise BrokenLedger(str(lie))
    with database.auditor() as connection:
        lie = audit.audit_strays(connection)
    if lie:
        raise BrokenLedger(str(lie))
    return len(everybody)


def _verify_seals(database: Database, home: Path) -> int:
    try:
        kept = [sealed for _, sealed in kept_checkpoints(home)]
    except ValueError as error:
        raise BrokenLedger(str(error)) from error
    with database.auditor() as connection:
        made = audit.seals(connection)
    missing = sorted(made - {(sealed.program_id, sealed.number) for sealed in kept})
    if missing:
        raise BrokenLedger(
            f"seal {missing[0][1]} of programme {missing[0][0]} has no file under "
            f"{home / 'checkpoints'}"
        )
    for sealed in progress(kept, "Seals"):
        with database.auditor() as connection:
            lie = audit.audit_checkpoint(connection, sealed)
        if lie:
            raise BrokenLedger(str(lie))
    return len(kept)


def _verify_invariants(
    database: Database, home: Path, redactions: KeepingRedactions
) -> int:
    """Look at all invariants; alerts are only told."""
    count = 0
    alerts = [look_at_requests(home, datetime.now(UTC)), redactions.look()]
    for each in progress(chain(findings(database), alerts), "Invariants"):
        count += 1
        if each.is_violated:
            raise BrokenLedger(str(each))
        if each.rows is None:
            raise click.ClickException(str(each))
        if each.rows:
            click.echo(f"tallymark: look at this: {each}", err=True)
    return count


def _verify_effects(database: Database, keys: Keyring) -> None:
    """Fold every member's history once more, and compare it with the ledger."""
    with database.auditor() as connection:
        everybody = members.all_members(connection)
    for program_id, member_ids in progress(batches(everybody), "Effects"):
        for different in differences(database, keys, program_id, member_ids):
            if not different.is_of_terms:
                raise BrokenLedger(str(different))
            click.echo(f"tallymark: by terms that changed since, {different}", err=True)


def _programs(database: Database) -> list[int]:
    with database.auditor() as connection:
        return stores.all_programs(connection)

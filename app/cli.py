"""The `tallymark` command: run it, look into it, prove it."""

from __future__ import annotations

import sys

import click
from sqlalchemy.exc import ArgumentError, OperationalError, TimeoutError

from app.commands.action import action
from app.commands.backfill import backfill
from app.commands.backup import backup, restore
from app.commands.giveaway import giveaway
from app.commands.label import label
from app.commands.look import env, explain, inbox, member
from app.commands.mend import adjust, rebuild, replay, reseal
from app.commands.program import program
from app.commands.prove import verify
from app.commands.reconcile import reconcile
from app.commands.redemption import redemption
from app.commands.referral import referral
from app.commands.run import demo, migrate, sandbox, up
from app.commands.store import store
from app.commands.tier import give_tier
from app.domain.errors import TallymarkError
from app.local.errors import LocalError


@click.group()
@click.version_option(package_name="tallymark")
def tallymark() -> None:
    """Loyalty points for Shopify-style stores, in a ledger that can be proved."""


for command in (
    up,
    demo,
    env,
    migrate,
    sandbox,
    store,
    program,
    redemption,
    referral,
    giveaway,
    member,
    adjust,
    give_tier,
    label,
    action,
    explain,
    inbox,
    replay,
    backfill,
    reconcile,
    verify,
    rebuild,
    reseal,
    backup,
    restore,
):
    tallymark.add_command(command)


def main() -> None:
    """Run the command; what goes wrong outside is one sentence and exit code 1."""
    try:
        tallymark()
    except (TallymarkError, LocalError) as error:
        _fail(str(error))
    except ArgumentError as error:
        _fail(f"DATABASE_URL cannot be read: {error}")
    except (OperationalError, TimeoutError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        _fail(f"the database does not answer: {reason}")


def _fail(sentence: str) -> None:
    click.echo(f"tallymark: {sentence}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()

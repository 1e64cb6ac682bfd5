"""The `tallymark` command: run it, look into it, prove it."""

from __future__ import annotations

import sys
from importlib import import_module

import click
from psycopg.errors import InsufficientPrivilege
from sqlalchemy.exc import (
    ArgumentError,
    OperationalError,
    ProgrammingError,
    TimeoutError,
)

from app.domain.errors import TallymarkError
from app.local.errors import LocalError

# Where each command stands in app/commands, in the order in which they are listed.
COMMANDS = {
    "up": "run",
    "demo": "run",
    "env": "look",
    "migrate": "run",
    "sandbox": "sandbox",
    "store": "store",
    "programme": "program",
    "redemption": "redemption",
    "referral": "referral",
    "giveaway": "giveaway",
    "member": "look",
    "adjust": "mend",
    "give-tier": "tier",
    "label": "label",
    "action": "action",
    "key": "key",
    "explain": "look",
    "inbox": "look",
    "data-request": "data_request",
    "replay": "mend",
    "backfill": "backfill",
    "reconcile": "reconcile",
    "merged": "merged",
    "verify": "prove",
    "rebuild": "mend",
    "reseal": "mend",
    "backup": "backup",
    "restore": "backup",
    "restored": "restored",
}


class _Commands(click.Group):
    """Commands that are imported only when one is called: all together take seconds."""

    def list_commands(self, _: click.Context) -> list[str]:
        """Return the names of all."""
        return list(COMMANDS)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        """Return one by its name."""
        if name not in COMMANDS:
            return None
        module = import_module(f"app.commands.{COMMANDS[name]}")
        found = (
            each for each in vars(module).values() if isinstance(each, click.Command)
        )
        return next(each for each in found if each.name == name)


@click.group(cls=_Commands)
@click.version_option(package_name="tallymark")
def tallymark() -> None:
    """Loyalty points for Shopify-style stores, in a ledger that can be proved."""


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
    except ProgrammingError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        reason = str(error.orig).splitlines()[0]
        _fail(
            f"the login lacks a right in the database: {reason}; "
            "docs/operations.md says what to grant it"
        )


def _fail(sentence: str) -> None:
    click.echo(f"tallymark: {sentence}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()

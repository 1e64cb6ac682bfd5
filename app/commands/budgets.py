"""The command that tells how much of each budget is used."""

from __future__ import annotations

from dataclasses import dataclass

import click

from app.commands.context import in_store, opened
from app.domain.money import in_words, to_minor
from app.domain.program import Program
from app.storage import stores
from app.storage.budgets import used_of
from app.storage.stores import ProgramHistory


@dataclass(frozen=True)
class _Row:
    """A budget as the last version that has it says, and what is used of it."""

    name: str
    program: Program
    used: int

    def told(self, currency: str) -> str:
        limit = self.program.budgets[self.name]
        cost = self.program.valuation.cost(self.used)
        told = "" if cost is None else in_words(to_minor(cost, currency), currency)
        left = max(0, limit - self.used)
        return f"{self.name:40}{limit:>14,}{self.used:>14,}{left:>14,}{told:>18}"


@click.command()
@click.argument("domain")
def budgets(domain: str) -> None:
    """Print what is used and left of each budget, in points and expected cost."""
    with opened() as (_, db), in_store(db, domain) as (connection, store):
        history = stores.program_history(connection, store.program_id)
        latest = _latest(history)
        used = used_of(connection, store.program_id, latest)
    if not latest:
        click.echo("no campaign and no surprise has a budget")
        return
    click.echo(
        f"{'budget':40}{'limit':>14}{'used':>14}{'left':>14}{'cost of used':>18}"
    )
    for name, program in sorted(latest.items()):
        click.echo(_Row(name, program, used.get(name, 0)).told(store.currency))


def _latest(history: ProgramHistory) -> dict[str, Program]:
    return {name: each for _, each in history.versions for name in each.budgets}

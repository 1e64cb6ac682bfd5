"""When points lapse because their member did nothing, asked only where they can."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import Connection

from app.domain.activity import lapsing, moments
from app.domain.credits import Assessment
from app.domain.ledger import Credit, Debit, Redemption
from app.storage import actions
from workers.terms import Terms

Lapses = Callable[
    [int, Sequence[Assessment], Iterable[Debit | Redemption], Iterable[Credit]],
    list[Credit],
]


def lapses(connection: Connection, terms: Terms, member_ids: Iterable[int]) -> Lapses:
    """Return what works out for a member when which of their credits lapse."""
    if not terms.history.points_lapse:
        return lambda _, __, ___, credits: list(credits)
    acted = actions.acted(connection, terms.program_id, member_ids)

    def work_out(
        member_id: int,
        assessed: Sequence[Assessment],
        commands: Iterable[Debit | Redemption],
        credits: Iterable[Credit],
    ) -> list[Credit]:
        orders = (each.order for each in assessed)
        active = moments(orders, commands, acted[member_id])
        return lapsing(credits, active)

    return work_out

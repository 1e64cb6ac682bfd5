"""Orders as what a member bought and kept, moment by moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.domain.credits import Assessment, MemberOrder
from app.domain.eligible import Count
from app.domain.engagement.kept import Kept
from app.domain.money import share
from app.domain.orders import Snapshot


@dataclass(frozen=True)
class Purchase:
    """What is left of a paid order from `at` on, because of `cause`.

    An order that was paid is one purchase, and one more for each thing that took some
    of it back. `whole` is the order before anything went back.
    """

    order: MemberOrder
    at: datetime
    cause: str
    reason: str
    kept: Kept
    whole: Kept
    number: int

    @property
    def id(self) -> str:
        """Return what tells its order from others."""
        return self.order.id

    @property
    def _snapshot(self) -> Snapshot:
        snapshot = self.order.facts.counted_snapshot
        assert snapshot
        return snapshot

    @property
    def currency(self) -> str:
        """Return the currency of its money."""
        return self._snapshot.currency

    @property
    def placed_at(self) -> datetime:
        """Return when the order was placed."""
        return self._snapshot.processed_at

    def moment(self) -> tuple[datetime, str, int]:
        """Return when it happened, among all that a member did."""
        return self.at, self.order.lot, self.number


def purchases(assessed: Iterable[Assessment]) -> list[Purchase]:
    """Return what a member bought and gave back, in the order in which it happened."""
    found = []
    for each in assessed:
        if each.count and each.order.is_paid:
            found += _of(each.order, each.count)
    return sorted(found, key=Purchase.moment)


def _of(order: MemberOrder, count: Count) -> list[Purchase]:
    assert order.facts.counted_snapshot and order.facts.paid_at
    lines = *(each.line for each in count.lines), None
    units = tuple(
        # What costs nothing is a gift, and what does not count no purchase.
        each.units if each.net_minor > 0 and not each.excluded_because else 0
        for each in count.lines
    )
    whole = Kept(lines, (*units, 0), count.parts_minor)
    paid_at = order.facts.paid_at
    found = [Purchase(order, paid_at, "order", "", whole, whole, 0)]
    gone: dict[str, int] = {}
    for number, back in enumerate(count.returns, start=1):
        refund = order.facts.refunds.get(back.cause.removeprefix("refund/"))
        for line in refund.lines if refund else ():
            gone[line.line_id] = gone.get(line.line_id, 0) + line.quantity
        left = tuple(
            max(0, min(had - gone.get(each.line.id, 0), share(had, money, was)))
            for each, had, money, was in zip(
                count.lines, units, back.parts_minor, count.parts_minor, strict=False
            )
        )
        kept = Kept(lines, (*left, 0), back.parts_minor)
        at = max(paid_at, back.at)
        found.append(Purchase(order, at, back.cause, back.reason, kept, whole, number))
    return found
